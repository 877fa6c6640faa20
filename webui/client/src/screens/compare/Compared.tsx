import type { ReactNode } from "react";
import { Link } from "react-router";
import { useRun, type Run } from "@/ledger/useRun";
import { Status } from "@/ui/Badge";
import { Banner } from "@/ui/Banner";
import { Skeleton } from "@/ui/Empty";
import { harmless } from "@/ui/harmless";
import { DiffView } from "@/screens/run/steps/DiffView";
import { Bars } from "./Bars";
import { Pair } from "./Pair";
import { Checks, Claims, Plans } from "./Parts";
import { compareWords } from "./words";
import { useWords } from "@/ui/words";

/** Two runs that somebody chose. */
export function Compared({ a, b }: { a: string; b: string }) {
  const say = useWords(compareWords);
  const [first, second] = [useRun(a), useRun(b)];
  const missing = [first, second].find((run) => run.connection.state === "gone" || run.connection.state === "refused");
  if (missing !== undefined) return <Banner tone="bad">{say("missing", { run: missing.store.run })}</Banner>;
  if (first.last === 0 || second.last === 0) return <Skeleton lines={8} />;
  const sameGoal = first.edge.task?.goal === second.edge.task?.goal;
  const answers = [first.edge.report?.answer ?? "", second.edge.report?.answer ?? ""] as const;
  return (
    <div className="space-y-8">
      {!sameGoal && <Banner tone="info">{say("otherGoal")}</Banner>}
      <Pair>{[first, second].map((run) => <Head key={run.store.run} run={run} />)}</Pair>
      <Section title={say("effort")}>
        <Bars first={first} second={second} />
      </Section>
      <Section title={say("answer")}>
        {answers[0] === "" && answers[1] === "" ? <p className="text-sm text-soft">{say("noAnswer")}</p> : answers[0] === answers[1] ? <p className="text-sm text-soft">{say("sameAnswer")}</p> : <DiffView before={wrapped(answers[0])} after={wrapped(answers[1])} path={say("answer")} />}
      </Section>
      <Section title={say("claims")}>
        <Claims first={first.edge} second={second.edge} />
      </Section>
      <Section title={say("checks")}>
        <Checks first={first.edge} second={second.edge} />
      </Section>
      <Section title={say("plan")}>
        <Plans first={first.edge} second={second.edge} />
      </Section>
    </div>
  );
}

function Head({ run }: { run: Run }) {
  const say = useWords(compareWords);
  const { edge, store } = run;
  const models = edge.report?.models.join(", ") ?? "";
  return (
    <div className="min-w-0">
      <p className="flex flex-wrap items-center gap-3">
        <Status of={edge.status} />
        {edge.report !== null && edge.report.outcome !== edge.status && <Status of={edge.report.outcome} />}
      </p>
      <h2 className="mt-1 line-clamp-4 text-sm font-semibold break-words" dir="auto">
        {harmless(edge.task?.goal ?? "")}
      </h2>
      <p className="mt-1 flex flex-wrap gap-x-3 text-[13px] text-soft">
        {models !== "" && <span>{harmless(models)}</span>}
        <Link to={`/runs/${encodeURIComponent(store.run)}`} className="text-accent underline">
          {say("openRun")}
        </Link>
        {edge.report !== null && (
          <Link to={`/runs/${encodeURIComponent(store.run)}/report`} className="text-accent underline">
            {say("openReport")}
          </Link>
        )}
      </p>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="min-w-0 border-t border-line pt-4">
      <h2 className="mb-3 text-sm font-semibold">{title}</h2>
      {children}
    </section>
  );
}

/** Answers have long lines; sentences of their own show better what differs. */
function wrapped(text: string): string {
  return text.replace(/([.!?])\s+(?=\S)/g, "$1\n").replace(/([。！？])/g, "$1\n");
}
