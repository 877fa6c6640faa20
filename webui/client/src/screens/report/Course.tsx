import type { Report } from "@/ledger/types";
import { OutcomeMark } from "@/screens/report/Sign";
import { reportWords } from "@/screens/report/words";
import { Status } from "@/ui/Badge";
import { CodeBlock } from "@/ui/CodeBlock";
import { harmless } from "@/ui/harmless";
import { Money } from "@/ui/Money";
import { Table } from "@/ui/Table";
import { useWords } from "@/ui/words";

type Checking = NonNullable<Report["checking"]>;
type Score = Checking["rounds"][number]["score"];

/** F² of the answer with what it was made of, and the rounds of rethinking. */
export function Scores({ checking, claims }: { checking: Checking; claims: number }) {
  const say = useWords(reportWords);
  const kept = checking.rounds.find((one) => one.number === checking.best) ?? checking.rounds[0];
  if (kept === undefined || claims === 0) return null;
  const { score } = kept;
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-end gap-x-8 gap-y-3">
        <div>
          <p className="text-3xl leading-none font-semibold tabular-nums">{score.checked > 0 ? score.score.toFixed(2) : "–"}</p>
          <p className="pt-1 text-xs text-soft">{score.checked > 0 ? say("scoreThreshold", { threshold: score.threshold }) : say("noScore")}</p>
        </div>
        <Bar label={say("factuality")} hint={say("factualityHint", { checked: score.checked, claims: score.claims })} value={score.checked > 0 ? score.factuality : null} />
        <Bar label={say("faithfulness")} hint={say("faithfulnessHint")} value={score.faithfulness} />
        <Bar label={say("coverage")} hint={say("coverageHint")} value={score.coverage} />
      </div>
      <Sentences title={say("uncovered", { count: score.uncovered.length })} sentences={score.uncovered} />
      <Sentences title={say("unfounded", { count: score.unfounded.length })} sentences={score.unfounded} />
      {checking.rounds.length > 1 && <Rounds checking={checking} />}
      <p className="text-[13px] text-soft">{say("stopped", { why: say(`stop_${checking.stopped.replaceAll(" ", "_") as StopKey}`) })}</p>
    </div>
  );
}

type StopKey = "accepted" | "rounds" | "no_gain" | "repeated" | "budget" | "no_evidence" | "not_rethought";

function Bar({ label, hint, value }: { label: string; hint: string; value: number | null }) {
  const say = useWords(reportWords);
  return (
    <div className="w-36" title={hint}>
      <p className="flex justify-between text-xs">
        <span>{label}</span>
        <span className="tabular-nums">{value === null ? say("notTold") : value.toFixed(2)}</span>
      </p>
      <div className="mt-1 h-1.5 overflow-hidden rounded-full bg-sunken ring-1 ring-line/60 ring-inset">
        <div className="h-full bg-accent" style={{ width: `${(value ?? 0) * 100}%` }} />
      </div>
      <p className="sr-only">{hint}</p>
    </div>
  );
}

function Sentences({ title, sentences }: { title: string; sentences: Score["uncovered"] }) {
  if (sentences.length === 0) return null;
  return (
    <details className="text-[13px]">
      <summary className="cursor-pointer text-warn">{title}</summary>
      <ul className="list-disc space-y-1 pt-1.5 pl-5">
        {sentences.map((sentence, number) => (
          <li key={number} dir="auto">
            {harmless(sentence)}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Rounds({ checking }: { checking: Checking }) {
  const say = useWords(reportWords);
  return (
    <>
      <Table
        caption={say("rethinking")}
        rows={checking.rounds}
        keyOf={(round) => String(round.number)}
        columns={[
          { key: "round", head: say("roundHead"), cell: (round) => `${round.number === 0 ? say("draft") : round.number}${round.number === checking.best ? ` (${say("kept")})` : ""}` },
          { key: "score", head: "F²", number: true, cell: (round) => round.score.score.toFixed(2) },
          { key: "contradicted", head: say("contradictedHead"), number: true, cell: (round) => round.contradicted.length },
          { key: "open", head: say("openHead"), number: true, cell: (round) => round.open.length },
          { key: "changed", head: say("changedHead"), number: true, cell: (round) => round.changed.length },
          { key: "tokens", head: say("tokens"), number: true, wideOnly: true, cell: (round) => (round.usage.input_tokens + round.usage.output_tokens).toLocaleString("en") },
          { key: "cost", head: say("cost"), number: true, wideOnly: true, cell: (round) => <Money amount={round.usage.cost} /> },
        ]}
      />
      {checking.rounds
        .filter((round) => round.changed.length > 0)
        .map((round) => (
          <Sentences key={round.number} title={say("writtenAnew", { number: round.number, count: round.changed.length })} sentences={round.changed} />
        ))}
      <details className="text-[13px]">
        <summary className="cursor-pointer text-soft">{say("draftText")}</summary>
        <div className="pt-2">
          <CodeBlock text={checking.rounds[0]?.answer ?? ""} label={say("draftText")} wrap />
        </div>
      </details>
    </>
  );
}

/** The plan as it ended, with the milestones of each subtask and what their checks said. */
export function PlanCourse({ report }: { report: Report }) {
  const say = useWords(reportWords);
  return (
    <ul className="space-y-4">
      {report.plan.subtasks.map((subtask) => (
        <li key={subtask.id} className={subtask.parent === null ? "" : "pl-6"}>
          <p className="flex flex-wrap items-baseline gap-x-2.5 text-[14px]">
            <Status of={subtask.status} />
            <bdi className="font-medium">{harmless(subtask.goal)}</bdi>
            <span className="font-mono text-xs text-soft">{subtask.id}</span>
          </p>
          <ul className="pt-1 pl-6 text-[13px]">
            {subtask.milestones.map((milestone) => {
              const check = report.checks.find((one) => one.subtask === subtask.id && one.milestone === milestone.id);
              return (
                <li key={milestone.id} className="flex flex-wrap items-baseline gap-x-2 py-0.5">
                  {check !== undefined ? <OutcomeMark of={check.outcome} /> : <span className="text-soft">{say("noCheck")}</span>}
                  <bdi>{harmless(milestone.text)}</bdi>
                </li>
              );
            })}
          </ul>
        </li>
      ))}
    </ul>
  );
}

/** A question's answer with the steps, the triples and the hints that were given for it. */
export function Reasoning({ answered, goal }: { answered: NonNullable<Report["answered"]>; goal: string }) {
  const say = useWords(reportWords);
  const { reasoning, question } = answered;
  const choice = question.choices.find((one) => one.label === reasoning.answer);
  return (
    <div className="space-y-3 text-[14px]">
      {question.text.trim() !== goal.trim() && <p className="text-soft">{harmless(question.text)}</p>}
      <p className="text-xl font-semibold">
        {harmless(reasoning.answer)}
        {choice !== undefined && `: ${harmless(choice.text)}`}
      </p>
      {[
        [say("steps"), reasoning.steps] as const,
        [say("hints"), reasoning.hints] as const,
      ].map(
        ([title, sentences]) =>
          sentences.length > 0 && (
            <div key={title}>
              <p className="pb-1 text-xs font-semibold text-soft">{title}</p>
              <ol className="list-decimal space-y-1 pl-5">
                {sentences.map((sentence, number) => (
                  <li key={number} dir="auto">
                    {harmless(sentence)}
                  </li>
                ))}
              </ol>
            </div>
          ),
      )}
    </div>
  );
}
