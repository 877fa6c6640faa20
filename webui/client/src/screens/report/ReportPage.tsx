import { lazy, Suspense, useEffect, useMemo, useState, type ReactNode } from "react";
import type { Report } from "@/ledger/types";
import { Answer } from "@/screens/report/Answer";
import { Checks } from "@/screens/report/Checks";
import { ClaimList } from "@/screens/report/ClaimList";
import { Cost } from "@/screens/report/Cost";
import { PlanCourse, Reasoning, Scores } from "@/screens/report/Course";
import { DesignCourse, Handed } from "@/screens/report/DesignView";
import { claimsOf, evidenceOf, notesOf } from "@/screens/report/facts";
import { FileList } from "@/screens/report/FileList";
import { OutcomeBand } from "@/screens/report/Outcome";
import { Sections, type SectionSpec } from "@/screens/report/Sections";
import { SelectionContext, useSelectionOfAddress } from "@/screens/report/selection";
import { Sending } from "@/screens/report/Sending";
import { SidePanel } from "@/screens/report/SidePanel";
import { TripleTable } from "@/screens/report/TripleTable";
import { triplesOfAnswer, triplesOfClaims, triplesOfEvidence } from "@/screens/report/triples";
import { reportWords } from "@/screens/report/words";
import { harmless } from "@/ui/harmless";
import { Skeleton } from "@/ui/Empty";
import { useShortcuts } from "@/ui/shortcuts";
import { useWords } from "@/ui/words";

const TripleGraph = lazy(() => import("@/screens/report/TripleGraph"));
const MOST_IN_GRAPH = 150;

type KnownStep = { key: string; started_seq: number; done_seq?: number | null };

/** A report with all that shows whether it is true. */
export function ReportPage({ run, report, steps, back }: { run: string; report: Report; steps: Readonly<Record<string, KnownStep>>; back: ReactNode }) {
  const say = useWords(reportWords);
  const selection = useSelectionOfAddress();
  const claims = useMemo(() => claimsOf(report), [report]);
  const evidence = useMemo(() => evidenceOf(report), [report]);
  const known = useMemo(() => new Set(evidence.keys()), [evidence]);
  const stepOf = useMemo(() => new Map(Object.values(steps).map((step) => [step.key, step.done_seq ?? step.started_seq])), [steps]);
  const triples = useMemo(() => {
    const claimed = triplesOfClaims(claims);
    return [...claimed, ...triplesOfAnswer(report.answered?.reasoning.triples ?? [], claimed), ...triplesOfEvidence(evidence.values())];
  }, [claims, evidence, report]);
  const notes = notesOf(report);
  const move = (by: number) => {
    const at = claims.findIndex((one) => one.claim.id === selection.claim);
    const next = claims[at < 0 ? 0 : Math.min(Math.max(at + by, 0), claims.length - 1)];
    if (next !== undefined) selection.choose({ claim: next.claim.id });
  };
  useShortcuts(say("reportKeys"), [
    { keys: "j", does: say("nextClaim"), run: () => move(1) },
    { keys: "k", does: say("previousClaim"), run: () => move(-1) },
    { keys: "Escape", does: say("closePanel"), run: () => selection.choose(null) },
  ]);
  const { design, answered, checking } = report;
  const beside = claims.length > 0 || selection.evidence !== "";
  const sections: SectionSpec[] = [
    // of a failed run the answer is the reason, which stands in the outcome
    ...(report.outcome === "failed" && answered === null
      ? []
      : [{ id: "answer", title: say("answer"), body: answered !== null ? <Reasoning answered={answered} goal={report.goal} /> : <Answer text={report.answer} claims={claims} evidence={known} /> }]),
    ...(design === null ? [] : [{ id: "design", title: say("design"), body: <Handed run={run} report={report} design={design} /> }]),
    ...(claims.length === 0 ? [] : [{ id: "claims", title: say("claims"), count: claims.length, body: <ClaimList claims={claims} /> }]),
    ...(report.checks.length === 0 ? [] : [{ id: "checks", title: say("checks"), count: report.checks.length, body: <Checks run={run} report={report} /> }]),
    ...(triples.length === 0 ? [] : [{ id: "triples", title: say("triples"), count: triples.length, body: <Triples triples={triples} /> }]),
    ...(checking === null || claims.length === 0 ? [] : [{ id: "scores", title: say("scores"), body: <Scores checking={checking} claims={claims.length} /> }]),
    ...(design === null ? [] : [{ id: "rounds", title: say("designCourse"), count: design.rounds.length, body: <DesignCourse run={run} design={design} /> }]),
    ...(report.artefacts.length + report.pictures.length + report.removed.length === 0 ? [] : [{ id: "files", title: say("files"), count: report.artefacts.length, body: <FileList run={run} report={report} /> }]),
    ...(report.plan.subtasks.length === 0 ? [] : [{ id: "plan", title: say("plan"), body: <PlanCourse report={report} /> }]),
    ...(notes.length === 0 ? [] : [{ id: "notes", title: say("notes"), count: notes.length, body: <Notes notes={notes} /> }]),
    { id: "cost", title: say("cost"), body: <Cost run={run} report={report} /> },
  ];
  return (
    <SelectionContext value={selection}>
      <div className={`mx-auto grid gap-x-10 px-4 wrap-break-word md:px-8 print:block ${beside ? "max-w-[84rem] lg:grid-cols-[minmax(0,1fr)_25rem]" : "max-w-[64rem] grid-cols-[minmax(0,1fr)]"}`}>
        <main className="min-w-0 pb-24">
          <header className="flex items-center justify-between gap-3 pt-4">
            {back}
            <Sending run={run} />
          </header>
          <Goal text={report.goal} />
          <OutcomeBand report={report} claims={claims} />
          <Sections sections={sections} />
        </main>
        {beside && <SidePanel run={run} claims={claims} evidence={evidence} steps={stepOf} checking={checking} />}
      </div>
    </SelectionContext>
  );
}

function Goal({ text }: { text: string }) {
  const say = useWords(reportWords);
  const [whole, setWhole] = useState(false);
  const long = text.length > 260;
  return (
    <div className="pt-2 pb-5">
      <h1 dir="auto" className={`max-w-[50rem] text-[22px] leading-snug font-semibold tracking-tight ${long && !whole ? "line-clamp-3 print:line-clamp-none" : ""}`}>
        {harmless(text)}
      </h1>
      {long && (
        <button type="button" className="pt-1 text-[13px] text-accent print:hidden" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {say(whole ? "less" : "wholeGoal")}
        </button>
      )}
    </div>
  );
}

function Triples({ triples }: { triples: ReturnType<typeof triplesOfClaims> }) {
  const say = useWords(reportWords);
  const [table, setTable] = useState(triples.length > MOST_IN_GRAPH || matchMedia("(max-width: 640px)").matches);
  useEffect(() => {
    const print = matchMedia("print");
    const turn = () => {
      if (print.matches) setTable(true);
    };
    print.addEventListener("change", turn);
    return () => print.removeEventListener("change", turn);
  }, []);
  return (
    <div>
      <div role="group" aria-label={say("triples")} className="flex gap-1 pb-3 print:hidden">
        {[false, true].map((one) => (
          <button
            key={String(one)}
            type="button"
            aria-pressed={table === one}
            onClick={() => setTable(one)}
            className="h-7 rounded-md px-2.5 text-[13px] text-soft hover:text-ink aria-pressed:bg-wash aria-pressed:text-accent"
          >
            {say(one ? "asTable" : "asGraph")}
          </button>
        ))}
      </div>
      {table ? (
        <TripleTable triples={triples} />
      ) : (
        <Suspense fallback={<Skeleton lines={5} />}>
          <TripleGraph triples={triples.slice(0, MOST_IN_GRAPH)} />
        </Suspense>
      )}
    </div>
  );
}

function Notes({ notes }: { notes: readonly string[] }) {
  return (
    <ul className="max-w-[46rem] list-disc space-y-1.5 pl-5 text-[14px]">
      {notes.map((note) => (
        <li key={note} dir="auto">
          {harmless(note)}
        </li>
      ))}
    </ul>
  );
}
