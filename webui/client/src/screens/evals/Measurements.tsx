import { Time } from "@/ui/Time";
import { useLanguage, useWords } from "@/ui/words";
import { change, percent, signed, type SuiteHistory } from "./figures";
import { Range } from "./Range";
import { Suite } from "./Suite";
import { words } from "./words";

/** Suites that were measured, and one of them over time. */
export function Measurements({ suites, chosen, onChoose }: { suites: readonly SuiteHistory[]; chosen: string | undefined; onChoose: (suite: string) => void }) {
  const say = useWords(words);
  return (
    <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(16rem,20rem)_minmax(0,1fr)]">
      <nav aria-label={say("suites")}>
        <h2 className="mb-1 text-[13px] font-medium text-soft">{say("suites")}</h2>
        <ul className="divide-y divide-line border-y border-line">
          {suites.map((suite) => (
            <li key={suite.suite}>
              <Row suite={suite} current={suite.suite === chosen} onChoose={() => onChoose(suite.suite)} />
            </li>
          ))}
        </ul>
      </nav>
      {chosen !== undefined && <Suite key={chosen} name={chosen} />}
    </div>
  );
}

/** A suite in the list: its latest share with its interval, and the change since the measurement before. */
function Row({ suite, current, onChoose }: { suite: SuiteHistory; current: boolean; onChoose: () => void }) {
  const say = useWords(words);
  const language = useLanguage();
  const latest = suite.measurements.at(-1);
  if (latest === undefined) return null;
  const difference = change(suite);
  return (
    <button type="button" aria-current={current ? "true" : undefined} onClick={onChoose} className={`w-full px-3 py-3 text-left -outline-offset-2 ${current ? "bg-wash" : "hover:bg-sunken"}`}>
      <span className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 truncate font-medium">{suite.suite}</span>
        <span className="font-semibold tabular-nums">{percent(latest.mean, language)}</span>
      </span>
      <Range value={latest.mean} low={latest.low} high={latest.high} className="mt-2" />
      <span className="mt-1.5 flex justify-between gap-3 text-[13px] text-soft">
        <span className="min-w-0 truncate">
          {latest.model} · <Time at={latest.at} />
        </span>
        <span className={`whitespace-nowrap tabular-nums ${typeof difference === "number" && difference < 0 ? "text-bad" : typeof difference === "number" && difference > 0 ? "text-good" : ""}`}>
          {difference === null ? say("first") : difference === "other version" ? say("otherVersion") : signed(difference, language)}
        </span>
      </span>
    </button>
  );
}
