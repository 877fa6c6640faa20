import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { api, ok, told } from "@/api/client";
import { Banner } from "@/ui/Banner";
import { Empty, Skeleton } from "@/ui/Empty";
import { Screen } from "@/ui/Screen";
import { Time } from "@/ui/Time";
import { useLanguage, useWords } from "@/ui/words";
import { byTime, change, percent, type Measurement, type SuiteHistory } from "./figures";
import { Suite } from "./Suite";
import { words } from "./words";

/** Measurements of suites: where each stands, how it came there, and what failed. `?suite=NAME` names the one shown. */
export default function EvalsScreen() {
  const say = useWords(words);
  const [parameters, setParameters] = useSearchParams();
  const query = useQuery({ queryKey: ["evals"], queryFn: ({ signal }) => ok(api.GET("/api/evals", { signal })) });
  const suites = byTime(query.data?.suites ?? []);
  const chosen = parameters.get("suite") ?? suites[0]?.suite;
  return (
    <Screen title={say("title")} wide>
      {query.isPending && <Skeleton lines={6} />}
      {query.error !== null && <Banner tone="bad">{told(query.error)}</Banner>}
      {query.data !== undefined && suites.length === 0 && <Nothing />}
      {suites.length > 0 && (
        <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(16rem,20rem)_minmax(0,1fr)]">
          <nav aria-label={say("suites")}>
            <h2 className="mb-1 text-[13px] font-medium text-soft">{say("suites")}</h2>
            <ul className="divide-y divide-line border-y border-line">
              {suites.map((suite) => (
                <li key={suite.suite}>
                  <Row suite={suite} current={suite.suite === chosen} onChoose={() => setParameters({ suite: suite.suite }, { replace: true })} />
                </li>
              ))}
            </ul>
          </nav>
          {chosen !== undefined && <Suite key={chosen} name={chosen} />}
        </div>
      )}
    </Screen>
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
      <Range measurement={latest} />
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

/** A share on a line from nought to one, with its interval. */
function Range({ measurement }: { measurement: Measurement }) {
  return (
    <span aria-hidden="true" className="relative mt-2 block h-1 rounded-full bg-sunken ring-1 ring-line ring-inset">
      <span className="absolute inset-y-0 rounded-full bg-accent/35" style={{ left: `${measurement.low * 100}%`, right: `${(1 - measurement.high) * 100}%` }} />
      <span className="absolute -inset-y-0.5 w-[3px] -translate-x-1/2 rounded-full bg-accent" style={{ left: `${measurement.mean * 100}%` }} />
    </span>
  );
}

function signed(difference: number, language: string): string {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(difference);
}

const COMMANDS = [
  ["plumbline bench documents", "emptyDocuments"],
  ["plumbline bench reasoning --data FOLDER", "emptyReasoning"],
] as const;

function Nothing() {
  const say = useWords(words);
  return (
    <Empty icon="chart" title={say("emptyTitle")}>
      <p>{say("emptyText")}</p>
      <dl className="mt-5 space-y-3 text-left">
        {COMMANDS.map(([command, does]) => (
          <div key={command}>
            <dt>
              <code className="rounded bg-sunken px-1.5 py-0.5 font-mono text-[13px] text-ink">{command}</code>
            </dt>
            <dd className="mt-1">{say(does)}</dd>
          </div>
        ))}
      </dl>
    </Empty>
  );
}
