import { lazy, Suspense, useState } from "react";
import type { RunView } from "@/ledger/types";
import { Banner } from "@/ui/Banner";
import { Button, IconButton } from "@/ui/Button";
import { Empty, Skeleton } from "@/ui/Empty";
import { Segments } from "@/ui/Tabs";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { isEmpty, markOf, moved, neighbour, NO_DRAFT, outlook, withEdit, type Draft } from "./draft";
import { Misfits } from "./Misfits";
import { PlanOutline, type Steer } from "./PlanOutline";
import { SplitForm } from "./SplitForm";
import { SubtaskForm } from "./SubtaskForm";
import type { SentEdits } from "../steer/pending";

const PlanGraph = lazy(async () => ({ default: (await import("./PlanGraph")).PlanGraph }));

export type Look = "outline" | "graph";

type Open = { readonly form: "add" } | { readonly form: "edit" | "split"; readonly id: string } | null;

/** The plan, to look at and to change. Changes are collected and go out together. */
export function PlanPanel({
  view,
  steps,
  selected,
  onSelect,
  look,
  onLook,
  draft,
  onDraft,
  steerable,
  sending,
  sent,
  moved: movedOn,
  onSend,
}: {
  view: RunView;
  steps: ReadonlyMap<string, number>;
  selected: string;
  onSelect: (id: string) => void;
  look: Look;
  onLook: (look: Look) => void;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  steerable: boolean;
  sending: boolean;
  sent: SentEdits;
  /** What to say where the plan has moved on since the changes were begun; empty where it has not. */
  moved: string;
  onSend: () => void;
}) {
  const say = useWords(runWords);
  const [open, setOpen] = useState<Open>(null);
  const shown = outlook(view.plan, steerable ? draft : NO_DRAFT);
  const subtask = open !== null && open.form !== "add" ? shown.plan.subtasks.find((one) => one.id === open.id) : undefined;
  const steer: Steer | null = steerable
    ? {
        onEdit: (id) => setOpen({ form: "edit", id }),
        onSplit: (id) => setOpen({ form: "split", id }),
        onRemove: (id) => onDraft(withEdit(draft, { op: "remove", target: id })),
        onMove: (id, to, after) => onDraft(moved(view.plan, draft, id, to, after)),
        onStep: (id, by) => {
          const to = neighbour(shown.plan, id, by);
          if (to !== undefined) onDraft(moved(view.plan, draft, id, to, by > 0));
        },
      }
    : null;
  const marks = (id: string) => (steerable ? markOf(view.plan, draft, id) : null);
  const close = () => setOpen(null);
  if (shown.plan.subtasks.length === 0) {
    return (
      <Empty title={say(view.task === null ? "planLoading" : "planNone")} icon="graph">
        {say(view.report === null ? "planNoneYet" : "planNoneEver")}
      </Empty>
    );
  }
  return (
    <section aria-label={say("plan")} className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center justify-between gap-2 px-3 py-2">
        <Segments
          label={say("planLook")}
          options={[
            { key: "outline", label: say("outline") },
            { key: "graph", label: say("graph") },
          ]}
          at={look}
          onChange={onLook}
        />
        <div className="flex items-center gap-2">
          <span className="text-xs text-soft tabular-nums">{say("planVersion", { version: view.plan.version })}</span>
          {steerable && <IconButton icon="plus" size="small" label={say("addSubtask")} onClick={() => setOpen({ form: "add" })} />}
        </div>
      </div>
      {(!isEmpty(draft) || sent.waiting.length > 0 || sent.refused !== "") && steerable && (
        <div className="space-y-2 px-3 pb-2">
          {!isEmpty(draft) && (
            <Banner
              tone={movedOn === "" ? "info" : "warn"}
              icon="pencil"
              action={
                <span className="flex gap-2">
                  <Button size="small" kind="quiet" onClick={() => onDraft(NO_DRAFT)}>
                    {say("discard")}
                  </Button>
                  <Button size="small" kind="primary" busy={sending} disabled={shown.edits.length === 0} onClick={onSend}>
                    {say(movedOn === "" ? "sendChanges" : "sendAgain")}
                  </Button>
                </span>
              }
            >
              {say("changesKept", { count: shown.edits.length })}
              {movedOn !== "" && <p className="text-[13px] text-soft">{movedOn}</p>}
              <Misfits misfits={shown.misfits} onDrop={(edit) => onDraft({ ...draft, edits: draft.edits.filter((one) => one !== edit) })} />
            </Banner>
          )}
          {sent.waiting.length > 0 && (
            <Banner tone="info" icon="clock">
              {say("editsOnTheirWay", { count: sent.waiting.length })}
            </Banner>
          )}
          {sent.refused !== "" && <Banner tone="warn">{say("editsRefused", { why: sent.refused })}</Banner>}
        </div>
      )}
      {look === "outline" ? (
        <div className="min-h-0 flex-1 overflow-y-auto px-1 pb-4">
          <PlanOutline plan={shown.plan} view={view} steps={steps} marks={marks} selected={selected} onSelect={onSelect} steer={steer} />
        </div>
      ) : (
        <div className="min-h-72 flex-1">
          <Suspense fallback={<Skeleton className="p-4" />}>
            <PlanGraph plan={shown.plan} view={view} steps={steps} marks={marks} selected={selected} onSelect={onSelect} onEdit={steer?.onEdit ?? null} />
          </Suspense>
        </div>
      )}
      {open?.form === "add" && (
        <SubtaskForm
          plan={shown.plan}
          subtask={null}
          onClose={close}
          onDone={(written) => {
            onDraft(withEdit(draft, { op: "add", subtask: written }));
            close();
          }}
        />
      )}
      {open?.form === "edit" && subtask !== undefined && (
        <SubtaskForm
          plan={shown.plan}
          subtask={subtask}
          onClose={close}
          onDone={({ id, goal, depends_on, milestones }) => {
            onDraft(withEdit(draft, { op: "update", target: id, goal, depends_on, milestones }));
            close();
          }}
        />
      )}
      {open?.form === "split" && subtask !== undefined && (
        <SplitForm
          plan={shown.plan}
          subtask={subtask}
          onClose={close}
          onDone={(into) => {
            onDraft(withEdit(draft, { op: "split", target: subtask.id, into }));
            close();
          }}
        />
      )}
    </section>
  );
}
