import { useCallback, useEffect, useState } from "react";
import { Button, IconButton } from "@/ui/Button";
import { useShortcuts } from "@/ui/shortcuts";
import { Time } from "@/ui/Time";
import { useWords } from "@/ui/words";
import { Elements } from "./Elements";
import { range, type Selection } from "./selection";
import { Sentences } from "./Sentences";
import { may, type Act, type PageShown, type SeatState } from "./types";
import { words } from "./words";

/** A window of a page with its links and fields, and what is selected in it. */
export function PageView({ state, view, busy, act }: { state: SeatState; view: PageShown; busy: boolean; act: Act }) {
  const say = useWords(words);
  const [selection, setSelection] = useState<Selection | null>(null);
  const select = useCallback((next: Selection | null) => {
    setSelection(next);
    // keys and clicks replace what the browser itself has selected
    if (next === null || next.words === "") {
      const own = document.getSelection();
      if (own?.isCollapsed === false && next === null) own.removeAllRanges();
    }
  }, []);
  useEffect(() => select(null), [select, view.id, view.window]);

  const quote = async (literal: boolean) => {
    if (selection === null || busy || !may(state, "quote")) return;
    const [first, last] = range(selection);
    const done = await act("quote", literal ? { text: selection.words } : { first, last });
    if (done) select(null);
  };
  useShortcuts(say("page"), [
    { keys: "q", does: say("kQuote"), run: () => void quote(false) },
    { keys: "l", does: say("kLink"), run: () => document.querySelector<HTMLElement>("[data-seat-links] button")?.focus() },
    { keys: "c", does: say("kElement"), run: () => document.querySelector<HTMLElement>("[data-seat-elements] button")?.focus() },
  ]);
  const find = [...state.history].reverse().find((step) => step.name !== "scroll" && step.name !== "quote");
  const found = find?.name === "find" && find.ok ? String(find.arguments.text ?? "") : "";

  return (
    <>
      <article className="mx-auto max-w-[70ch] px-4 pt-5 pb-8 sm:px-8">
        <h2 className="text-xl leading-snug font-semibold [overflow-wrap:anywhere]">{view.title || view.url}</h2>
        <p className="mt-1 mb-5 text-[13px] text-soft [overflow-wrap:anywhere]">
          {view.url} · <Time at={view.fetched_at} />
        </p>
        {state.quotes.length === 0 && may(state, "quote") && <p className="mb-4 text-[13px] text-soft">{say("selectHint")}</p>}
        {view.sentences.length > 0 ? (
          <Sentences view={view} quotes={state.quotes} found={found} selection={selection} onSelect={select} onQuote={() => void quote(selection?.words !== "")} />
        ) : (
          <p className="text-soft">{view.text || say("noText")}</p>
        )}
        {view.links.length > 0 && may(state, "open") && (
          <section data-seat-links aria-label={say("links")} className="mt-8 border-t border-line pt-4">
            <h3 className="mb-2 text-[13px] font-medium text-soft">{say("links")}</h3>
            <ul className="space-y-1">
              {view.links.map((link) => (
                <li key={link.number} className="flex gap-3 text-sm">
                  <span className="w-6 shrink-0 text-right text-soft tabular-nums">{link.number}</span>
                  <button
                    type="button"
                    disabled={busy}
                    onClick={() => void act("open", { link: link.number })}
                    className="min-w-0 text-left text-accent underline-offset-2 [overflow-wrap:anywhere] hover:underline disabled:opacity-60"
                  >
                    {link.text || link.url}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        {view.elements.length > 0 && <Elements elements={view.elements} busy={busy} act={act} />}
      </article>
      {selection !== null && may(state, "quote") && (
        <Chosen selection={selection} busy={busy} onQuote={(literal) => void quote(literal)} onClear={() => select(null)} />
      )}
    </>
  );
}

/** What is selected and what can be done with it; stays in sight at the foot of the page. */
function Chosen({
  selection,
  busy,
  onQuote,
  onClear,
}: {
  selection: Selection;
  busy: boolean;
  onQuote: (literal: boolean) => void;
  onClear: () => void;
}) {
  const say = useWords(words);
  const [first, last] = range(selection);
  return (
    <div role="toolbar" aria-label={say("sentences")} className="sticky bottom-3 z-10 mx-auto mb-3 flex w-fit max-w-[calc(100%-1.5rem)] flex-wrap items-center gap-2 rounded-lg border border-line bg-raised p-1.5 shadow-lg">
      {/* the browser's own selection must outlive the press of a button */}
      <Button kind="primary" size="small" icon="quote" busy={busy} onPointerDown={(event) => event.preventDefault()} onClick={() => onQuote(false)}>
        {first === last ? say("quoteOne", { n: first }) : say("quoteMany", { first, last })}
      </Button>
      {selection.words !== "" && (
        <Button size="small" busy={busy} onPointerDown={(event) => event.preventDefault()} onClick={() => onQuote(true)}>
          {say("quoteWords")}
        </Button>
      )}
      <IconButton icon="close" size="small" label={say("clear")} onClick={onClear} />
    </div>
  );
}
