import type { Run } from "@/ledger/useRun";
import { count, money } from "@/ui/Money";
import { duration } from "@/ui/Time";
import { useLanguage, useWords } from "@/ui/words";
import { compareWords } from "./words";

/** What both runs took, as pairs of bars of one scale. */
export function Bars({ first, second }: { first: Run; second: Run }) {
  const say = useWords(compareWords);
  const language = useLanguage();
  const rows = [
    { name: "calls" as const, of: (run: Run) => run.edge.usage.calls, text: (value: number) => count(value, language) },
    { name: "tools" as const, of: (run: Run) => run.store.log.entries.filter((entry) => entry.kind === "tool").length, text: (value: number) => count(value, language) },
    { name: "tokens" as const, of: (run: Run) => run.edge.usage.input_tokens + run.edge.usage.output_tokens, text: (value: number) => count(value, language) },
    { name: "cost" as const, of: (run: Run) => Number(run.edge.usage.cost), text: (value: number) => money(value, language) },
    { name: "time" as const, of: elapsed, text: (value: number) => duration(value, language) },
  ];
  return (
    <dl className="space-y-3">
      {rows.map(({ name, of, text }) => {
        const values = [of(first), of(second)] as const;
        const most = Math.max(...values, Number.MIN_VALUE);
        return (
          <div key={name} className="grid grid-cols-[7rem_minmax(0,1fr)] items-center gap-x-4">
            <dt className="text-[13px] text-soft">{say(name)}</dt>
            <dd className="space-y-1">
              {values.map((value, index) => (
                <div key={index} className="flex items-center gap-2">
                  <span className="sr-only">{say(index === 0 ? "first" : "second")}</span>
                  <span aria-hidden="true" className={`h-2.5 rounded-sm ${index === 0 ? "bg-accent" : "bg-info"}`} style={{ width: `${(value / most) * 70}%`, minWidth: value > 0 ? 2 : 0 }} />
                  <span className="text-[13px] tabular-nums">{text(value)}</span>
                </div>
              ))}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** Seconds from a run's first event to its last. */
function elapsed(run: Run): number {
  return Math.max(0, (run.store.timeOf(run.last) - run.store.timeOf(1)) / 1000) || 0;
}
