import type { RunView } from "@/ledger/types";
import { Meter } from "@/ui/Meter";
import { count, money } from "@/ui/Money";
import { duration } from "@/ui/Time";
import { useLanguage, useWords } from "@/ui/words";
import { runWords } from "./words";

/** What a run has used of its budget: as meters where there is a limit, as figures where there is none. */
export function Meters({ view, steps, seconds }: { view: RunView; steps: number; seconds: number | null }) {
  const say = useWords(runWords);
  const language = useLanguage();
  const { usage, budget } = view;
  const tokens = usage.input_tokens + usage.output_tokens;
  const soft = budget?.soft ?? 0.8;
  const rows = [
    { name: "steps" as const, value: steps, most: budget?.steps ?? null, text: (value: number) => count(value, language) },
    { name: "tokens" as const, value: tokens, most: budget?.tokens ?? null, text: (value: number) => new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }).format(value) },
    ...(seconds === null ? [] : [{ name: "time" as const, value: seconds, most: budget?.seconds ?? null, text: (value: number) => duration(value, language) }]),
    { name: "cost" as const, value: Number(usage.cost), most: budget?.money == null ? null : Number(budget.money), text: (value: number) => money(value, language) },
  ];
  return (
    <div className="mt-2.5 flex flex-wrap items-end gap-x-6 gap-y-1.5 max-sm:gap-x-4" role="group" aria-label={say("usage")}>
      {rows.map(({ name, value, most, text }) =>
        most === null ? (
          <div key={name} className="shrink-0 text-[13px] whitespace-nowrap">
            <span className="text-soft">{say(`used_${name}`)}</span> <span className="tabular-nums">{text(value)}</span>
          </div>
        ) : (
          <div key={name} className="w-36 shrink-0">
            <Meter label={say(`used_${name}`)} value={value} most={most} text={`${text(value)} / ${text(most)}`} warnFrom={soft} />
          </div>
        ),
      )}
    </div>
  );
}
