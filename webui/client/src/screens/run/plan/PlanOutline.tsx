import { useRef, useState, type DragEvent, type KeyboardEvent } from "react";
import { childrenOf } from "@/ledger/plan";
import type { Plan, RunView, Subtask } from "@/ledger/types";
import { Badge, Status } from "@/ui/Badge";
import { IconButton } from "@/ui/Button";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { Menu, type MenuItem } from "@/ui/Menu";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { milestoneState } from "./progress";

export type Steer = {
  readonly onEdit: (id: string) => void;
  readonly onSplit: (id: string) => void;
  readonly onRemove: (id: string) => void;
  readonly onMove: (id: string, to: string, after: boolean) => void;
  readonly onStep: (id: string, by: -1 | 1) => void;
};

type Row = { readonly subtask: Subtask; readonly level: number; readonly place: number; readonly of: number };

/** The plan as an outline: arrows move in it, Enter opens what a subtask did, Alt with arrows moves what is pending. */
export function PlanOutline({
  plan,
  view,
  steps,
  marks,
  selected,
  onSelect,
  steer,
}: {
  plan: Plan;
  view: RunView;
  steps: ReadonlyMap<string, number>;
  marks: (id: string) => "added" | "changed" | null;
  selected: string;
  onSelect: (id: string) => void;
  steer: Steer | null;
}) {
  const say = useWords(runWords);
  const rows = rowsOf(plan);
  const grid = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<string>("");
  const [over, setOver] = useState<{ id: string; after: boolean } | null>(null);
  const here = rows.some((row) => row.subtask.id === at) ? at : (rows[0]?.subtask.id ?? "");
  const go = (id: string | undefined) => {
    if (id === undefined) return;
    setAt(id);
    grid.current?.querySelector<HTMLElement>(`[data-subtask="${CSS.escape(id)}"]`)?.focus();
  };
  const press = (event: KeyboardEvent, row: Row, index: number) => {
    if (event.target !== event.currentTarget) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const pending = row.subtask.status === "pending" && steer !== null;
    if (by !== undefined && event.altKey && pending) steer.onStep(row.subtask.id, by > 0 ? 1 : -1);
    else if (by !== undefined) go(rows[index + by]?.subtask.id);
    else if (event.key === "Home") go(rows[0]?.subtask.id);
    else if (event.key === "End") go(rows.at(-1)?.subtask.id);
    else if (event.key === "ArrowLeft") go(row.subtask.parent ?? undefined);
    else if (event.key === "ArrowRight") go(rows[index + 1]?.subtask.parent === row.subtask.id ? rows[index + 1]?.subtask.id : undefined);
    else if (event.key === "Enter" || event.key === " ") onSelect(selected === row.subtask.id ? "" : row.subtask.id);
    else if (event.key === "F2" && pending) steer.onEdit(row.subtask.id);
    else if (event.key === "Delete" && pending) steer.onRemove(row.subtask.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const drag = (event: DragEvent, row: Row) => {
    const dragged = event.dataTransfer.types.includes("application/x-subtask") ? dragging : "";
    const subtask = plan.subtasks.find((one) => one.id === dragged);
    if (subtask === undefined || subtask.id === row.subtask.id || subtask.parent !== row.subtask.parent || row.subtask.status !== "pending") return;
    event.preventDefault();
    const box = event.currentTarget.getBoundingClientRect();
    setOver({ id: row.subtask.id, after: event.clientY > box.top + box.height / 2 });
  };
  const [dragging, setDragging] = useState("");
  return (
    <div ref={grid} role="treegrid" aria-label={say("plan")} className="min-w-0">
      {rows.map((row, index) => {
        const { id, goal, status, depends_on, milestones } = row.subtask;
        const mark = marks(id);
        const movable = steer !== null && status === "pending";
        const items: MenuItem[] = movable
          ? [
              { label: say("editSubtask"), icon: "pencil", onSelect: () => steer.onEdit(id) },
              { label: say("splitSubtask"), icon: "graph", onSelect: () => steer.onSplit(id) },
              { label: say("moveUp"), icon: "chevronUp", onSelect: () => steer.onStep(id, -1) },
              { label: say("moveDown"), icon: "chevronDown", onSelect: () => steer.onStep(id, 1) },
              { label: say("removeSubtask"), icon: "trash", danger: true, onSelect: () => steer.onRemove(id) },
            ]
          : [];
        return (
          <div
            key={id}
            role="row"
            aria-level={row.level + 1}
            aria-posinset={row.place}
            aria-setsize={row.of}
            aria-selected={selected === id}
            aria-label={`${id}. ${harmless(goal)}`}
            data-subtask={id}
            tabIndex={here === id ? 0 : -1}
            draggable={movable}
            onFocus={(event) => event.target === event.currentTarget && setAt(id)}
            onKeyDown={(event) => press(event, row, index)}
            onDragStart={(event) => {
              event.dataTransfer.setData("application/x-subtask", id);
              event.dataTransfer.effectAllowed = "move";
              setDragging(id);
            }}
            onDragOver={(event) => drag(event, row)}
            onDragEnd={() => {
              setDragging("");
              setOver(null);
            }}
            onDrop={(event) => {
              event.preventDefault();
              if (over !== null && dragging !== "") steer?.onMove(dragging, over.id, over.after);
              setOver(null);
            }}
            onClick={() => onSelect(selected === id ? "" : id)}
            className={`group relative flex cursor-pointer gap-2 rounded-md py-2 pr-1 -outline-offset-2 ${selected === id ? "bg-wash" : "hover:bg-sunken"} ${dragging === id ? "opacity-50" : ""}`}
            style={{ paddingLeft: `${row.level * 20 + 8}px` }}
          >
            {over?.id === id && <span aria-hidden="true" className={`absolute inset-x-0 h-0.5 bg-accent ${over.after ? "bottom-0" : "top-0"}`} />}
            <div role="gridcell" className="pt-0.5">
              <Status of={status} quiet />
            </div>
            <div role="gridcell" className="min-w-0 flex-1">
              <p className={`text-sm break-words ${status === "dropped" ? "text-soft line-through" : ""}`} dir="auto">
                {harmless(goal)}
              </p>
              <p className="mt-0.5 flex flex-wrap items-center gap-x-2.5 gap-y-0.5 text-xs text-soft">
                <span className="font-mono">{id}</span>
                {mark !== null && <Badge tone="accent">{say(mark === "added" ? "markAdded" : "markChanged")}</Badge>}
                {(steps.get(id) ?? 0) > 0 && <span className="tabular-nums">{say("stepsCount", { count: steps.get(id) ?? 0 })}</span>}
                {depends_on.length > 0 && <span className="break-all">{say("after", { ids: depends_on.join(", ") })}</span>}
              </p>
              {milestones.length > 0 && (
                <ul className="mt-1 space-y-0.5">
                  {milestones.map((milestone) => {
                    const state = milestoneState(view, id, milestone.id);
                    return (
                      <li key={milestone.id} className="flex items-baseline gap-1.5 text-xs text-soft">
                        <Icon
                          name={state === "met" ? "check" : state === "missed" ? "close" : "dot"}
                          size={12}
                          label={say(state)}
                          className={`translate-y-0.5 ${state === "met" ? "text-good" : state === "missed" ? "text-bad" : ""}`}
                        />
                        <span className="min-w-0 break-words" dir="auto">
                          {harmless(milestone.text)}
                        </span>
                      </li>
                    );
                  })}
                </ul>
              )}
            </div>
            {movable && (
              <div role="gridcell" className="flex shrink-0 items-start opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100" onClick={(event) => event.stopPropagation()}>
                <IconButton icon="pencil" size="small" label={say("editNamed", { id })} onClick={() => steer.onEdit(id)} />
                <Menu label={say("moreFor", { id })} size="small" items={items} />
              </div>
            )}
          </div>
        );
      })}
    </div>
  );
}

function rowsOf(plan: Plan): readonly Row[] {
  const children = childrenOf(plan);
  const below = (parent: string | null, level: number): Row[] =>
    (children.get(parent) ?? []).flatMap((subtask, index, all) => [{ subtask, level, place: index + 1, of: all.length }, ...(level < 8 ? below(subtask.id, level + 1) : [])]);
  return below(null, 0);
}
