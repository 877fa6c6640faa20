import type { ReactNode } from "react";
import { harmless } from "@/ui/harmless";
import { count, Money } from "@/ui/Money";
import { Table, type Column } from "@/ui/Table";
import { Duration, duration } from "@/ui/Time";
import { useLanguage, useWords } from "@/ui/words";
import { percent } from "../figures";
import { ShareCell } from "./Parts";
import type { Figures } from "./queries";
import { batchWords, failureWord } from "./words";

/** What a batch came to: its share with its interval, pass@k, cost, time, what went wrong, by tag and by scorer. */
export function BatchFigures({ figures, onFailure, onTag }: { figures: Figures; onFailure: (failure: string) => void; onTag: (tag: string) => void }) {
  const say = useWords(batchWords);
  const language = useLanguage();
  const chances = Object.entries(figures.pass_at ?? {});
  const failures = Object.entries(figures.failures ?? {});
  const { latency, judging } = figures;
  const states = [
    [figures.passed, "statePassed"],
    [figures.failed, "stateFailed"],
    [figures.errors, "stateError"],
    [figures.open, "stateOpen"],
  ] as const;
  return (
    <div className="grid gap-x-10 gap-y-8 lg:grid-cols-2">
      <dl className="grid grid-cols-2 content-start gap-x-6 gap-y-5 sm:grid-cols-3">
        <Fact name={`${say("passed")} · ${say("interval")}`} wide>
          <ShareCell share={figures.share} />
        </Fact>
        <Fact name={say("states")}>
          {states
            .filter(([times]) => times > 0)
            .map(([times, word]) => (
              <span key={word} className="block">
                {count(times, language)} <span className="text-[13px] font-normal text-soft">{say(word)}</span>
              </span>
            ))}
        </Fact>
        {chances.length > 0 && (
          <Fact name="pass@k">
            {chances.map(([k, chance]) => (
              <span key={k} className="block">
                <span className="text-[13px] font-normal text-soft">@{k}</span> {percent(chance, language)}
              </span>
            ))}
          </Fact>
        )}
        <Fact name={say("tokens")}>{count(figures.input_tokens + figures.output_tokens, language)}</Fact>
        <Fact name={say("modelCalls")}>{count(figures.model_calls, language)}</Fact>
        <Fact name={say("cost")}>
          <Money amount={figures.cost} />
        </Fact>
        {judging !== undefined && (judging.calls ?? 0) > 0 && (
          <Fact name={say("judges")}>
            {count((judging.input_tokens ?? 0) + (judging.output_tokens ?? 0), language)} <span className="text-[13px] font-normal text-soft">{say("tokens")}</span>
            <span className="block text-[13px] font-normal text-soft">
              {say("cost")} <Money amount={judging.cost ?? 0} />
            </span>
          </Fact>
        )}
        {latency != null && (
          <>
            <Fact name={say("time")}>
              <Duration seconds={latency.total} />
            </Fact>
            <Fact name={say("aRun")}>
              <Duration seconds={latency.median} />
              <span className="block text-[13px] font-normal text-soft">{say("p95", { time: duration(latency.p95, language) })}</span>
            </Fact>
          </>
        )}
        {figures.steady != null && (
          <p className="col-span-full text-[13px] text-soft">{say("steady", { steady: figures.steady, samples: figures.samples })}</p>
        )}
      </dl>
      <div>
        <h2 className="mb-1 text-sm font-semibold">{say("wentWrong")}</h2>
        {failures.length === 0 ? (
          <p className="text-[13px] text-soft">{say("nothingWrong")}</p>
        ) : (
          <ul>
            {failures.map(([failure, times]) => (
              <li key={failure}>
                <button type="button" onClick={() => onFailure(failure)} className="flex w-full items-center gap-3 rounded py-1 text-left text-sm hover:bg-sunken">
                  <span className="min-w-8 text-right font-medium tabular-nums">{count(times, language)}</span>
                  <span className="w-44 shrink-0">{harmless(failureWord(failure, language))}</span>
                  <span aria-hidden="true" className="min-w-0 flex-1 pr-2">
                    <span className="block h-1.5 rounded-full bg-bad/60" style={{ width: `${(100 * times) / figures.attempts}%`, minWidth: 3 }} />
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      <Tags figures={figures} onTag={onTag} />
      <Scorers figures={figures} />
    </div>
  );
}

function Fact({ name, wide = false, children }: { name: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={`min-w-0 ${wide ? "col-span-2 sm:col-span-1" : ""}`}>
      <dt className="mb-0.5 text-[13px] text-soft">{name}</dt>
      <dd className="font-medium tabular-nums">{children}</dd>
    </div>
  );
}

type TagRow = [string, NonNullable<Figures["tags"]>[string]];

function Tags({ figures, onTag }: { figures: Figures; onTag: (tag: string) => void }) {
  const say = useWords(batchWords);
  const rows = Object.entries(figures.tags ?? {});
  if (rows.length === 0) return null;
  const columns: Column<TagRow>[] = [
    {
      key: "tag",
      head: say("tag"),
      cell: ([tag]) => (
        <button type="button" onClick={() => onTag(tag)} className="text-left text-accent underline-offset-2 [overflow-wrap:anywhere] hover:underline">
          {harmless(tag)}
        </button>
      ),
    },
    { key: "share", head: `${say("passed")} · ${say("interval")}`, cell: ([, share]) => <ShareCell share={share} />, className: "w-1/2" },
    { key: "samples", head: say("samples"), number: true, cell: ([, share]) => share.samples },
  ];
  return (
    <div>
      <h2 className="mb-1 text-sm font-semibold">{say("byTag")}</h2>
      <Table caption={say("byTag")} columns={columns} rows={rows} keyOf={([tag]) => tag} />
    </div>
  );
}

type ScorerRow = [string, NonNullable<Figures["scorers"]>[string]];

function Scorers({ figures }: { figures: Figures }) {
  const say = useWords(batchWords);
  const language = useLanguage();
  const rows = Object.entries(figures.scorers ?? {});
  if (rows.length === 0) return null;
  const columns: Column<ScorerRow>[] = [
    { key: "scorer", head: say("scorer"), cell: ([kind]) => kind },
    { key: "passed", head: say("passed"), number: true, cell: ([, one]) => say("of", { a: count(one.passed, language), b: count(one.told, language) }) },
    { key: "mean", head: say("mean"), number: true, cell: ([, one]) => (one.mean === null ? "" : one.mean.toFixed(2)) },
    { key: "unclear", head: say("unclear"), number: true, cell: ([, one]) => count(one.unclear, language) },
  ];
  return (
    <div>
      <h2 className="mb-1 text-sm font-semibold">{say("scorers")}</h2>
      <Table caption={say("scorers")} columns={columns} rows={rows} keyOf={([kind]) => kind} />
    </div>
  );
}
