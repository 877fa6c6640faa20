import { useEffect, useRef } from "react";
import { asked, controlName, measured } from "@/screens/report/figures";
import { controlFails, type CriterionResult, type Trial } from "@/screens/report/facts";
import { Gallery } from "@/screens/report/Gallery";
import { OutcomeMark, Sign } from "@/screens/report/Sign";
import { useSelection } from "@/screens/report/selection";
import { reportWords } from "@/screens/report/words";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";

/** One line of a list of checks: what came of it, what was asked for and measured, and whether its control failed. */
export type CheckRow = { id: string; title: string; where: string; result: CriterionResult };

/** Checks that tried something out; each opens to its trials with gates, pictures, seed and versions. */
export function CriteriaList({ run, rows }: { run: string; rows: readonly CheckRow[] }) {
  const say = useWords(reportWords);
  return (
    <div className="border-t border-line">
      <div aria-hidden="true" className="hidden border-b border-line grid-cols-[7.5rem_minmax(0,2.2fr)_minmax(0,1.3fr)_minmax(0,1fr)_minmax(0,1.4fr)] gap-x-3 py-1.5 pl-6 text-xs text-soft lg:grid">
        <span>{say("verdict")}</span>
        <span>{say("criterion")}</span>
        <span>{say("askedFor")}</span>
        <span>{say("measured")}</span>
        <span>{say("control")}</span>
      </div>
      <ul aria-label={say("checks")} className="divide-y divide-line border-b border-line">
        {rows.map((row) => (
          <li key={row.id}>
            <Row run={run} row={row} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Row({ run, row: { id, title, where, result } }: { run: string; row: CheckRow }) {
  const say = useWords(reportWords);
  const selection = useSelection();
  const place = useRef<HTMLDetailsElement>(null);
  const open = selection.check === id;
  useEffect(() => {
    if (open) place.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  const { criterion } = result;
  const name = controlName(result);
  return (
    <details ref={place} id={`check-${id}`} open={open} className="group">
      <summary
        onClick={(event) => {
          event.preventDefault();
          selection.choose(open ? null : { check: id });
        }}
        className="grid cursor-pointer list-none items-baseline gap-x-3 gap-y-0.5 py-2.5 pl-6 text-[13px] -outline-offset-2 hover:bg-sunken max-lg:grid-cols-2 lg:grid-cols-[7.5rem_minmax(0,2.2fr)_minmax(0,1.3fr)_minmax(0,1fr)_minmax(0,1.4fr)] [&::-webkit-details-marker]:hidden before:absolute before:-ml-5 before:text-soft before:content-['›'] group-open:before:rotate-90"
      >
        <span className="max-lg:col-span-2">
          <OutcomeMark of={result.outcome} />
        </span>
        <span className="min-w-0 max-lg:col-span-2">
          <bdi className="font-medium">{harmless(title)}</bdi>
          {!criterion.must && <span className="text-soft"> {say("wishedOnly")}</span>}
          {where !== "" && <span className="block font-mono text-xs text-soft">{harmless(where)}</span>}
        </span>
        <Fact label={say("askedFor")}>{asked(criterion)}</Fact>
        <Fact label={say("measured")} strong>
          {measured(result.trials, criterion.unit) ?? say(result.trials.length > 0 ? "nothing" : "notTried")}
        </Fact>
        <Fact label={say("control")}>
          {name === null ? (
            say("noControl")
          ) : (
            <>
              {harmless(name)}: {measured(result.control, criterion.unit) ?? say("notTried")}
              {result.control.length > 0 && (
                <span className={`block text-xs ${controlFails(result) ? "text-soft" : "text-warn"}`}>{say(controlFails(result) ? "failsAsItMust" : "doesNotFail")}</span>
              )}
            </>
          )}
        </Fact>
      </summary>
      {open && (
        <div className="space-y-4 pt-1 pb-5 pl-6">
          <p className="max-w-[46rem] text-[13px]">{harmless(result.detail)}</p>
          <Trials run={run} title={say("trials")} trials={result.trials} unit={criterion.unit} />
          {result.control.length > 0 && <Trials run={run} title={say("trialsOfControl", { name: name ?? "" })} trials={result.control} unit={criterion.unit} />}
        </div>
      )}
    </details>
  );
}

function Fact({ label, strong = false, children }: { label: string; strong?: boolean; children: React.ReactNode }) {
  return (
    <span className={`min-w-0 tabular-nums ${strong ? "font-semibold" : ""}`}>
      <span className="block text-xs font-normal text-soft lg:hidden">{label}</span>
      {children}
    </span>
  );
}

function Trials({ run, title, trials, unit }: { run: string; title: string; trials: readonly Trial[]; unit: string }) {
  const say = useWords(reportWords);
  return (
    <section>
      <h3 className="pb-1.5 text-xs font-semibold text-soft">{title}</h3>
      <ul className="space-y-3">
        {trials.map((trial) => (
          <li key={trial.seed} className="space-y-2 text-[13px]">
            <p>
              <strong className="tabular-nums">{measured([trial], unit) ?? say("nothing")}</strong> <span>{harmless(trial.detail)}</span>
            </p>
            {trial.gates.length > 0 && (
              <ul className="flex flex-wrap gap-x-4 gap-y-1">
                {trial.gates.map((gate) => (
                  <li key={gate.name} className="inline-flex items-center gap-1">
                    <Sign of={gate.holds ? "supported" : "contradicted"} size="15px" />
                    <span>
                      {harmless(gate.name.replaceAll("_", " "))}
                      {gate.holds ? "" : ` (${say("gateBroken")})`} <span className="text-soft">{harmless(gate.detail)}</span>
                    </span>
                  </li>
                ))}
              </ul>
            )}
            <Gallery run={run} views={trial.views} />
            <p className="font-mono text-xs text-soft">
              {say("seed", { seed: trial.seed })}
              {Object.entries(trial.versions).map(([name, version]) => ` · ${name} ${version}`)}
              {trial.seconds > 0 && ` · ${trial.seconds.toFixed(1)} s`}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
