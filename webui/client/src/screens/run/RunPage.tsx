import { useEffect, useMemo, useState } from "react";
import { useNavigate } from "react-router";
import type { Failure } from "@/api/client";
import { onReturn, useConnection } from "@/api/connection";
import type { Run } from "@/ledger/useRun";
import type { Budget } from "@/ledger/types";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Scrubber } from "@/ui/Scrubber";
import { useShortcuts } from "@/ui/shortcuts";
import { Tabs } from "@/ui/Tabs";
import { toast } from "@/ui/Toasts";
import { useWords } from "@/ui/words";
import { Notices } from "./Notices";
import { isEmpty, NO_DRAFT, outlook, type Draft } from "./plan/draft";
import { PlanPanel, type Look } from "./plan/PlanPanel";
import { RunHeader } from "./RunHeader";
import { BudgetDialog } from "./steer/BudgetDialog";
import { useSteering, type Options } from "./steer/commands";
import { ForkDialog } from "./steer/ForkDialog";
import { GuideBox } from "./steer/GuideBox";
import { sentEdits, stopping, unheard } from "./steer/pending";
import { QuestionPanel } from "./steer/QuestionPanel";
import { TagsDialog } from "./steer/TagsDialog";
import { ALL, chosen, stepsBySubtask, type Wanted } from "./steps/entries";
import { StepFilters } from "./steps/StepFilters";
import { StepStream } from "./steps/StepStream";
import { useCard } from "./useCard";
import type { Moment } from "./useMoment";
import { useWide } from "./useWide";
import { runWords } from "./words";
import { WorkspaceTab } from "./workspace/WorkspaceTab";

type Tab = "plan" | "steps" | "files";
type Open = { readonly what: "fork"; readonly seq: number } | { readonly what: "budget" | "file" } | null;

/** What a draft was begun on: the plan's version, the last event that was seen, and why it was refused since, if it was. */
type Base = { readonly version: number; readonly seen: number; readonly refused: string };

/** A run that is known: its header, what it asks, its plan beside what it did, and the bar that moves through time. */
export function RunPage({ run, known, moment }: { run: string; known: Run; moment: Moment }) {
  const say = useWords(runWords);
  const navigate = useNavigate();
  const wide = useWide();
  const { store, last, connection } = known;
  // where no request reaches the server the frame of all screens says so
  const online = useConnection((state) => state.online);
  useEffect(() => onReturn(store.retry), [store]);
  const history = moment.at !== null;
  const live = !history;
  const [tab, setTab] = useState<Tab>("steps");
  const [look, setLook] = useState<Look>("outline");
  const [wanted, setWanted] = useState<Wanted>(ALL);
  const [draft, setDraft] = useState<Draft>(NO_DRAFT);
  const [base, setBase] = useState<Base | null>(null);
  const [open, setOpen] = useState<Open>(null);

  const { card, status } = useCard(run, known.edge.status);
  const edge = status === known.edge.status ? known.edge : { ...known.edge, status };
  const view = history ? known.view : edge;
  const steering = useSteering(run, (what: string, failure: Failure) => {
    if (what !== "edit" || !failure.stale) return false;
    const { edge: now, last: seen } = store.snapshot();
    setBase({ version: now.plan.version, seen, refused: failure.message });
    return true;
  });

  const upTo = moment.at ?? last;
  const entries = useMemo(() => chosen(store.log, upTo, wanted), [store, upTo, wanted, store.log.entries]);
  const steps = useMemo(() => stepsBySubtask(store.log, upTo), [store, upTo, store.log.entries]);
  const talk = store.log.talk;
  const sent = useMemo(() => sentEdits(talk), [talk]);
  const said = useMemo(() => unheard(talk), [talk]);
  const halting = useMemo(() => stopping(talk), [talk]);
  const executed = [...steps].reduce((sum, [id, number]) => (id === "plan" || id === "report" || id === "" ? sum : sum + number), 0);
  const over = ["finished", "cancelled"].includes(edge.status) || (edge.status === "failed" && edge.report !== null && edge.report.outcome !== "budget_exhausted");
  const steerable = live && !over && view.plan.subtasks.length > 0;
  const mayPause = live && ["running", "queued"].includes(edge.status);
  const asked = live ? edge.question : null;

  const change = (next: Draft) => {
    setDraft(next);
    if (isEmpty(next)) setBase(null);
    else if (base === null) setBase({ version: edge.plan.version, seen: last, refused: "" });
  };
  const moved = base !== null && (base.refused !== "" || base.version !== edge.plan.version);
  const sendPlan = async () => {
    const { edits } = outlook(edge.plan, draft);
    if (edits.length === 0 || base === null) return;
    if (await steering.command("edit", { op: "edit_plan", version: edge.plan.version, edits }, base.seen)) change(NO_DRAFT);
  };
  const answer = async (text: string) => {
    if (asked !== null) await steering.command("answer", { op: "answer", question: asked.key, text });
  };
  const forked = async (seq: number, options: Options, resume: boolean) => {
    const made = await steering.fork(seq, options, resume);
    if (made === null) return;
    setOpen(null);
    toast(say("forked", { run: made.id }), { tone: "good" });
    await navigate(`/runs/${encodeURIComponent(made.id)}`);
  };
  const budgeted = async (budget: Budget) => {
    if (!(await steering.command("budget", { op: "set_budget", budget }))) return;
    setOpen(null);
    if (["failed", "paused"].includes(edge.status)) await steering.resume();
  };
  const fork = () => setOpen({ what: "fork", seq: upTo });

  useShortcuts(say("run"), [
    { keys: "p", does: say("pauseOrResume"), run: () => void (mayPause ? steering.command("pause", { op: "pause" }) : !over && live ? steering.resume() : Promise.resolve(false)) },
    { keys: "f", does: say("forkMenu"), run: fork },
    { keys: "v", does: say("switchPlan"), run: () => setLook(look === "outline" ? "graph" : "outline") },
    { keys: "/", does: say("searchSteps"), run: () => document.getElementById("search-steps")?.focus() },
    { keys: "e", does: say("toNewest"), run: () => moment.go(null) },
  ]);

  const plan = (
    <PlanPanel
      view={view}
      steps={steps}
      selected={wanted.subtask}
      onSelect={(subtask) => setWanted({ ...wanted, subtask })}
      look={look}
      onLook={setLook}
      draft={draft}
      onDraft={change}
      steerable={steerable}
      sending={steering.busy === "edit"}
      sent={sent}
      moved={moved ? say("planMoved", { version: edge.plan.version, why: base.refused }) : ""}
      onSend={() => void sendPlan()}
    />
  );
  const stream = (
    <section aria-label={say("steps")} className="flex min-h-0 flex-1 flex-col">
      <StepFilters wanted={wanted} onChange={setWanted} subtasks={[...steps.keys()].filter((id) => id !== "")} shown={entries.length} all={store.log.countUpTo(upTo)} />
      <StepStream store={store} view={view} entries={entries} sought={moment.sought} live={live} filtered={wanted !== ALL && entries.length === 0} onFork={(seq) => setOpen({ what: "fork", seq })} />
      {live && !over && (wide || asked === null) && <GuideBox unheard={said} sending={steering.busy === "guide"} onSay={(text) => steering.command("guide", { op: "guide", text })} />}
    </section>
  );
  const files = <WorkspaceTab run={run} live={live} status={edge.status} last={last} />;
  const beside = wide && view.plan.subtasks.length > 0;
  const shown = beside && tab === "plan" ? "steps" : tab;
  const tabs = [
    ...(beside ? [] : [{ key: "plan" as const, label: say("plan"), count: view.plan.subtasks.length }]),
    { key: "steps" as const, label: say("steps"), count: store.log.countUpTo(upTo) },
    { key: "files" as const, label: say("files") },
  ];
  return (
    <main className="flex h-full min-h-0 flex-col">
      <RunHeader
        run={run}
        view={view}
        card={card}
        steps={executed}
        history={history}
        stopping={halting}
        steering={live ? steering : null}
        mayPause={mayPause}
        onFork={fork}
        onBudget={() => setOpen({ what: "budget" })}
        onFile={() => setOpen({ what: "file" })}
      />
      {connection.state === "broken" && online && (
        <div className="px-4 py-2">
          <Banner tone="warn" icon="offline" action={<Button size="small" onClick={store.retry}>{say("tryNow")}</Button>}>
            {say("broken")}
          </Banner>
        </div>
      )}
      {history && (
        <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line bg-info-wash px-4 py-1.5 text-[13px] md:px-6" role="status">
          <span>
            <strong className="font-semibold text-info">{say("history")}</strong> {say("historyTold", { at: moment.at ?? 0, last })}
          </span>
          <span className="flex gap-1.5">
            <Button size="small" icon="fork" onClick={fork}>
              {say("forkHere")}
            </Button>
            <Button size="small" kind="primary" icon="skipForward" onClick={() => moment.go(null)}>
              {say("toLive")}
            </Button>
          </span>
        </div>
      )}
      {asked !== null && (
        <QuestionPanel
          key={asked.key}
          run={run}
          view={edge}
          question={asked}
          others={Object.values(edge.questions).filter((one) => !one.answered).length - 1}
          store={store}
          seated={edge.task?.browse?.seat === "person" && /\/act\/\d+$/.test(asked.key)}
          sending={steering.busy === "answer"}
          onAnswer={(text) => void answer(text)}
        />
      )}
      <Notices view={view} />
      <div className="flex min-h-0 flex-1 overflow-hidden">
        {beside && <div className="flex w-[40%] max-w-2xl min-w-80 flex-col border-r border-line">{plan}</div>}
        <Tabs label={say("parts")} tabs={tabs} at={shown} onChange={setTab} className="min-w-0 flex-1 *:first:px-4">
          {shown === "plan" ? plan : shown === "files" ? files : stream}
        </Tabs>
      </div>
      <Scrubber run={known} at={moment.at} onSeek={moment.go} live={!over} />
      {open?.what === "fork" && <ForkDialog seq={open.seq} last={last} sending={steering.busy === "fork"} onClose={() => setOpen(null)} onDone={(seq, options, resume) => void forked(seq, options, resume)} />}
      {open?.what === "budget" && edge.budget !== null && (
        <BudgetDialog
          budget={edge.budget}
          usage={edge.usage}
          used={{ steps: executed, seconds: card?.active_seconds ?? 0 }}
          resumes={["failed", "paused"].includes(edge.status)}
          sending={steering.busy !== ""}
          onClose={() => setOpen(null)}
          onDone={(budget) => void budgeted(budget)}
        />
      )}
      {open?.what === "file" && (
        <TagsDialog
          title={card?.title ?? ""}
          tags={card?.tags ?? []}
          sending={steering.busy === "file"}
          onClose={() => setOpen(null)}
          onDone={(title, tags) => void steering.file(title, tags).then((taken) => taken && setOpen(null))}
        />
      )}
    </main>
  );
}
