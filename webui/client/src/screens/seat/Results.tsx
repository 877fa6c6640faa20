import { Empty } from "@/ui/Empty";
import { useShortcuts } from "@/ui/shortcuts";
import { useWords } from "@/ui/words";
import type { Act, ResultsShown } from "./types";
import { words } from "./words";

/** A window of a list of results. Digits open them by their number. */
export function Results({ view, busy, act }: { view: ResultsShown; busy: boolean; act: Act }) {
  const say = useWords(words);
  const open = (number: number | undefined) => {
    if (number !== undefined && !busy) void act("open", { result: number });
  };
  useShortcuts(say("search"), [
    { keys: "o", does: say("kOpen"), run: () => open(view.results.at(0)?.number) },
    ...view.results
      .filter((result) => result.number < 10)
      .map((result) => ({ keys: String(result.number), does: say("result", { n: result.number, title: result.title }), run: () => open(result.number) })),
  ]);
  if (view.results.length === 0) return <Empty icon="search" title={say("nothingFound")} />;
  return (
    <div className="mx-auto max-w-[75ch] px-4 py-5 sm:px-8">
      <h2 className="mb-3 text-[13px] font-medium text-soft [overflow-wrap:anywhere]">{say("results", { n: view.total, query: view.query })}</h2>
      <ol className="divide-y divide-line border-y border-line">
        {view.results.map((result) => (
          <li key={result.number}>
            <button
              type="button"
              disabled={busy}
              onClick={() => open(result.number)}
              className="flex w-full gap-4 rounded-sm px-1 py-4 text-left -outline-offset-2 hover:bg-sunken disabled:opacity-60"
            >
              <span className="w-6 shrink-0 pt-0.5 text-right text-sm text-soft tabular-nums">{result.number}</span>
              <span className="min-w-0 [overflow-wrap:anywhere]">
                <span className="font-semibold text-accent">{result.title || result.url}</span>
                <span className="mt-1 line-clamp-4 text-sm">{result.snippet}</span>
                <span className="mt-1 block truncate text-[13px] text-soft">{result.url}</span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}
