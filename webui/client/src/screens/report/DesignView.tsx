import { lazy, Suspense, useState } from "react";
import { Preview } from "@/files/Preview";
import type { Design, Report } from "@/ledger/types";
import { CriteriaList } from "@/screens/report/Criteria";
import { handedOver, type Candidate, type Critique, type DesignRound, type Inspection } from "@/screens/report/facts";
import { measureText, spaced } from "@/screens/report/figures";
import { BeforeAfter } from "@/screens/report/BeforeAfter";
import { Gallery } from "@/screens/report/Gallery";
import { Sign } from "@/screens/report/Sign";
import { reportWords } from "@/screens/report/words";
import { CodeBlock } from "@/ui/CodeBlock";
import { Skeleton } from "@/ui/Empty";
import { harmless } from "@/ui/harmless";
import { Table } from "@/ui/Table";
import { useWords } from "@/ui/words";

const CodeView = lazy(() => import("@/files/CodeView"));

/** What is handed over: the solid to turn, its pictures, the verdicts on it, and what it is made of. */
export function Handed({ run, report, design }: { run: string; report: Report; design: Design }) {
  const say = useWords(reportWords);
  const best = handedOver(design);
  const model = report.artefacts.find((one) => one.media_type === "model/gltf-binary" || one.path.endsWith(".glb"));
  if (best === undefined) return <p className="text-sm text-soft">{say("nothingBuilt")}</p>;
  const pictures = <Gallery run={run} views={best.views} large />;
  return (
    <div className="space-y-6">
      {model !== undefined && (
        <div className="overflow-hidden rounded-lg border border-line">
          <Preview run={run} path={model.path} version={model.sha256} size={model.size} instead={pictures} />
        </div>
      )}
      {pictures}
      <CriteriaList run={run} rows={best.results.map((result) => ({ id: result.criterion.id, title: result.criterion.wish, where: result.criterion.id, result }))} />
      {design.criteria.untestable.map((wish) => (
        <p key={wish} className="flex gap-1.5 text-[13px] text-warn">
          <Sign of="qualified" size="17px" />
          <span>
            {say("cannotBeTested")} <bdi>{harmless(wish)}</bdi>
          </span>
        </p>
      ))}
      <p className="text-xs text-soft">
        {say("frozenCriteria")} <code className="font-mono break-all">{design.criteria_sha256}</code>
      </p>
      {best.inspection !== null && <Inspected inspection={best.inspection} />}
    </div>
  );
}

/** The course of a design: before and after, then each round with its candidates. */
export function DesignCourse({ run, design }: { run: string; design: Design }) {
  const say = useWords(reportWords);
  const first = design.rounds[0]?.candidates.find((one) => one.id === design.rounds[0]?.best);
  const best = handedOver(design);
  return (
    <div className="space-y-8">
      {first !== undefined && best !== undefined && first.id !== best.id && <BeforeAfter run={run} before={first} after={best} />}
      {design.parts.length > 0 && (
        <details>
          <summary className="cursor-pointer text-[13px] font-medium">{say("plannedParts", { count: design.parts.length })}</summary>
          <dl className="grid gap-x-4 gap-y-1.5 pt-2 text-[13px] sm:grid-cols-[10rem_minmax(0,1fr)]">
            {design.parts.map((part) => (
              <div key={part.name} className="contents">
                <dt className="font-mono">{harmless(part.name)}</dt>
                <dd className="max-sm:pb-1.5">
                  <bdi>{harmless(part.purpose)}</bdi> <span className="text-soft">{harmless(part.shape)}</span>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {design.repairs.map((repair, number) => (
        <p key={number} className="text-[13px] text-soft">
          {say("repaired", { criterion: repair.criterion })} {harmless(repair.reason)}
        </p>
      ))}
      {design.rounds.map((round) => (
        <Round key={round.number} run={run} round={round} design={design} />
      ))}
    </div>
  );
}

function Round({ run, round, design }: { run: string; round: DesignRound; design: Design }) {
  const say = useWords(reportWords);
  return (
    <section>
      <h3 className="pb-2 text-[15px] font-semibold">{say("round", { number: round.number })}</h3>
      <ul className="divide-y divide-line border-y border-line">
        {round.candidates.map((candidate) => (
          <CandidateRow key={candidate.id} run={run} candidate={candidate} best={candidate.id === design.best} />
        ))}
      </ul>
      {round.change !== "" && (
        <details className="pt-2 text-[13px]">
          <summary className="cursor-pointer text-soft">{say("programChange")}</summary>
          <div className="mt-2 overflow-hidden rounded-md border border-line [--code-height:26rem]">
            <Suspense fallback={<Skeleton className="p-3" />}>
              <CodeView text={round.change} path="change.diff" label={say("programChange")} />
            </Suspense>
          </div>
        </details>
      )}
      {round.reflection !== "" && (
        <div className="pt-3">
          <p className="text-xs font-semibold text-soft">{say("toChange")}</p>
          <p dir="auto" className="max-w-[46rem] text-[13px] whitespace-pre-wrap">
            {harmless(round.reflection)}
          </p>
        </div>
      )}
    </section>
  );
}

function CandidateRow({ run, candidate, best }: { run: string; candidate: Candidate; best: boolean }) {
  const say = useWords(reportWords);
  const [open, setOpen] = useState(false);
  const passed = candidate.results.filter((one) => one.outcome === "pass").length;
  return (
    <li>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-3 gap-y-0.5 py-2.5 text-[13px]">
          <strong className="font-mono">{candidate.id}</strong>
          {best && <span className="text-accent">{say("handedOver")}</span>}
          {candidate.failure !== "" ? (
            <span className="text-bad">{say("madeNothing", { reason: harmless(candidate.failure) })}</span>
          ) : (
            <span className="text-soft">
              {[
                candidate.attempts.length > 0 ? say("repairedTimes", { count: candidate.attempts.length }) : "",
                candidate.inspection !== null ? say("partCount", { count: candidate.inspection.parts.length }) : "",
                candidate.results.length > 0 ? say("passedOf", { passed, all: candidate.results.length }) : "",
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          )}
        </summary>
        {open && (
          <div className="space-y-4 pb-5">
            {candidate.critiques.map((one, number) => (
              <Looked key={number} one={one} />
            ))}
            {candidate.inspection?.problems.map((problem) => (
              <p key={problem} className="text-[13px] text-bad">
                {harmless(problem)}
              </p>
            ))}
            <Gallery run={run} views={candidate.views} large />
            {candidate.results.length > 0 && (
              <CriteriaList run={run} rows={candidate.results.map((result) => ({ id: `${candidate.id}.${result.criterion.id}`, title: result.criterion.wish, where: result.criterion.id, result }))} />
            )}
            {candidate.attempts.map((attempt, number) => (
              <p key={number} className="text-[13px] text-soft">
                {say("attemptFailed", { number: number + 1 })} {harmless(attempt.error)}
              </p>
            ))}
            {candidate.program !== "" && <CodeBlock text={candidate.program} label={say("program")} lines={20} />}
          </div>
        )}
      </details>
    </li>
  );
}

function Looked({ one }: { one: Critique }) {
  const say = useWords(reportWords);
  return (
    <div className="text-[13px]">
      <p>
        <strong className="font-medium">{say(`by_${one.by}`)}</strong>
        {one.score !== null && <span className="tabular-nums"> {one.score.toFixed(2)}</span>}
        {one.failure !== "" ? <span className="text-warn"> {say("cameToNothing", { reason: harmless(one.failure) })}</span> : one.findings.length === 0 && <span className="text-soft"> {say("nothingFound")}</span>}
      </p>
      <ul className="list-disc pl-5">
        {one.findings.map((finding, number) => (
          <li key={number}>
            <span className="font-mono">{finding.part === null ? say("theWhole") : harmless(finding.part)}</span>, {say(`aspect_${finding.aspect}`)}: <bdi>{harmless(finding.problem)}</bdi>
            {finding.suggestion !== "" && <span className="text-soft"> {harmless(finding.suggestion)}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Inspected({ inspection }: { inspection: Inspection }) {
  const say = useWords(reportWords);
  const text = (value: number | string | boolean) => harmless(measureText(value, say("yes"), say("no")));
  const names = [...new Set(inspection.parts.flatMap((part) => Object.keys(part.measures)))];
  return (
    <details>
      <summary className="cursor-pointer text-[13px] font-medium">{say("madeOf", { count: inspection.parts.length })}</summary>
      <dl className="flex flex-wrap gap-x-5 gap-y-1 py-2 text-[13px]">
        {Object.entries(inspection.measures).map(([name, value]) => (
          <div key={name}>
            <dt className="inline text-soft">{harmless(spaced(name))} </dt>
            <dd className="inline tabular-nums">{text(value)}</dd>
          </div>
        ))}
      </dl>
      <Table
        caption={say("madeOf", { count: inspection.parts.length })}
        rows={inspection.parts.slice(0, 300)}
        keyOf={(part) => part.name}
        columns={[
          { key: "part", head: say("part"), cell: (part) => <span className="font-mono whitespace-nowrap">{harmless(part.name)}</span> },
          ...names.map((name) => ({
            key: name,
            head: harmless(spaced(name)),
            number: inspection.parts.every((part) => typeof part.measures[name] !== "string"),
            cell: (part: Inspection["parts"][number]) => {
              const value = part.measures[name];
              return value === undefined ? "" : text(value);
            },
          })),
        ]}
      />
    </details>
  );
}
