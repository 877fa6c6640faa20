import { childrenOf } from "@/ledger/plan";
import type { Milestone, Plan, Subtask } from "@/ledger/types";

/** A subtask as somebody writes it. */
export type Written = { readonly id: string; readonly goal: string; readonly depends_on: readonly string[]; readonly milestones: readonly Milestone[] };

/** One wish for the plan. They are in the words of the plan's edits, so that they can be sent as they are. */
export type Edit =
  | { readonly op: "add"; readonly subtask: Written }
  | { readonly op: "update"; readonly target: string; readonly goal: string; readonly depends_on: readonly string[]; readonly milestones: readonly Milestone[] }
  | { readonly op: "remove"; readonly target: string }
  | { readonly op: "split"; readonly target: string; readonly into: readonly Written[] }
  | { readonly op: "reorder"; readonly order: readonly string[] };

/** What somebody wants changed, on top of a plan; `order` is the order wanted for what is pending, if any. */
export type Draft = { readonly edits: readonly Edit[]; readonly order: readonly string[] | null };

export const NO_DRAFT: Draft = { edits: [], order: null };

export function isEmpty(draft: Draft): boolean {
  return draft.edits.length === 0 && draft.order === null;
}

/** Why an edit does not fit the plan as it is now. */
export type Misfit = { readonly edit: Edit; readonly why: "gone" | "begun" | "taken"; readonly id: string; readonly status: string };

/** The plan as it would be, and the wishes that no longer fit it. */
export type Outlook = { readonly plan: Plan; readonly misfits: readonly Misfit[]; readonly edits: readonly Edit[] };

/** Returns what a draft makes of a plan. Edits that do not fit are left out and named. */
export function outlook(plan: Plan, draft: Draft): Outlook {
  let subtasks: readonly Subtask[] = plan.subtasks;
  const misfits: Misfit[] = [];
  const edits: Edit[] = [];
  for (const edit of draft.edits) {
    const misfit = misfitOf(subtasks, edit);
    if (misfit !== null) {
      misfits.push(misfit);
      continue;
    }
    subtasks = applied(subtasks, edit);
    edits.push(edit);
  }
  if (draft.order !== null) {
    const order = completed(subtasks, draft.order);
    const now = pendingIds(subtasks);
    if (order.some((id, index) => id !== now[index])) {
      subtasks = reordered(subtasks, order);
      edits.push({ op: "reorder", order });
    }
  }
  return { plan: { ...plan, subtasks }, misfits, edits };
}

function misfitOf(subtasks: readonly Subtask[], edit: Edit): Misfit | null {
  const taken = (id: string) => subtasks.some((one) => one.id === id);
  if (edit.op === "add") return taken(edit.subtask.id) ? { edit, why: "taken", id: edit.subtask.id, status: "" } : null;
  if (edit.op === "reorder") return null;
  const found = subtasks.find((one) => one.id === edit.target);
  if (found === undefined) return { edit, why: "gone", id: edit.target, status: "" };
  if (found.status !== "pending") return { edit, why: "begun", id: edit.target, status: found.status };
  const twice = edit.op === "split" ? edit.into.find((part) => taken(part.id)) : undefined;
  return twice === undefined ? null : { edit, why: "taken", id: twice.id, status: "" };
}

function applied(subtasks: readonly Subtask[], edit: Edit): readonly Subtask[] {
  switch (edit.op) {
    case "add":
      return [...subtasks, made(edit.subtask, null)];
    case "update":
      return subtasks.map((one) => (one.id === edit.target ? { ...one, goal: edit.goal, depends_on: edit.depends_on, milestones: edit.milestones } : one));
    case "remove":
      return subtasks.filter((one) => one.id !== edit.target).map((one) => ({ ...one, depends_on: one.depends_on.filter((id) => id !== edit.target) }));
    case "split": {
      const place = subtasks.findIndex((one) => one.id === edit.target);
      const target = subtasks[place];
      if (target === undefined) return subtasks;
      const parts = edit.into.map((part) => ({ ...made(part, target.id), depends_on: [...new Set([...target.depends_on, ...part.depends_on])] }));
      return [...subtasks.slice(0, place + 1), ...parts, ...subtasks.slice(place + 1)];
    }
    case "reorder":
      return reordered(subtasks, edit.order);
  }
}

function made({ id, goal, depends_on, milestones }: Written, parent: string | null): Subtask {
  return { id, goal, depends_on, milestones, parent, status: "pending" };
}

function pendingIds(subtasks: readonly Subtask[]): string[] {
  return subtasks.filter((one) => one.status === "pending").map((one) => one.id);
}

/** Returns an order with what is pending and not in it put where it stands now. */
function completed(subtasks: readonly Subtask[], order: readonly string[]): string[] {
  const now = pendingIds(subtasks);
  const known = order.filter((id) => now.includes(id));
  for (const [place, id] of now.entries()) {
    if (known.includes(id)) continue;
    const before = now.slice(0, place).reverse().find((other) => known.includes(other));
    known.splice(before === undefined ? 0 : known.indexOf(before) + 1, 0, id);
  }
  return known;
}

function reordered(subtasks: readonly Subtask[], order: readonly string[]): readonly Subtask[] {
  const byId = new Map(subtasks.map((one) => [one.id, one]));
  const next = order.map((id) => byId.get(id)).filter((one) => one !== undefined);
  let place = 0;
  return subtasks.map((one) => (one.status === "pending" ? (next[place++] ?? one) : one));
}

/** Returns a draft with one more wish. Wishes for what the draft itself adds, or changes again, become one. */
export function withEdit(draft: Draft, edit: Edit): Draft {
  if (edit.op === "update") {
    const { goal, depends_on, milestones } = edit;
    let merged = false;
    const edits = draft.edits.map((known) => {
      if (known.op === "add" && known.subtask.id === edit.target) {
        merged = true;
        return { ...known, subtask: { ...known.subtask, goal, depends_on, milestones } };
      }
      if (known.op === "update" && known.target === edit.target) {
        merged = true;
        return edit;
      }
      return known;
    });
    return { ...draft, edits: merged ? edits : [...draft.edits, edit] };
  }
  if (edit.op === "remove") {
    const added = draft.edits.some((known) => known.op === "add" && known.subtask.id === edit.target);
    const left = draft.edits.filter((known) => !(known.op === "add" && known.subtask.id === edit.target) && !(known.op === "update" && known.target === edit.target));
    return { ...draft, edits: added ? left.map((known) => forgetting(known, edit.target)) : [...left, edit] };
  }
  return { ...draft, edits: [...draft.edits, edit] };
}

function forgetting(edit: Edit, id: string): Edit {
  if (edit.op === "add") return { ...edit, subtask: { ...edit.subtask, depends_on: edit.subtask.depends_on.filter((other) => other !== id) } };
  if (edit.op === "update") return { ...edit, depends_on: edit.depends_on.filter((other) => other !== id) };
  return edit;
}

/** Returns a draft that takes a pending subtask to the place of another one of the same parent. */
export function moved(plan: Plan, draft: Draft, id: string, to: string, after: boolean): Draft {
  const now = outlook(plan, draft).plan;
  const order = pendingIds(now.subtasks).filter((other) => other !== id);
  const place = order.indexOf(to);
  if (place < 0) return draft;
  order.splice(place + (after ? 1 : 0), 0, id);
  return { ...draft, order };
}

/** The pending subtask of the same parent before (-1) or after (1) one; undefined at the end. */
export function neighbour(plan: Plan, id: string, by: -1 | 1): string | undefined {
  const subtask = plan.subtasks.find((one) => one.id === id);
  if (subtask === undefined) return undefined;
  const siblings = (childrenOf(plan).get(subtask.parent) ?? []).filter((one) => one.status === "pending");
  return siblings[siblings.findIndex((one) => one.id === id) + by]?.id;
}

/** What a subtask of the outlook is to the plan as it stands. */
export function markOf(plan: Plan, draft: Draft, id: string): "added" | "changed" | null {
  const before = plan.subtasks.find((one) => one.id === id);
  if (before === undefined) return "added";
  return draft.edits.some((edit) => (edit.op === "update" || edit.op === "split") && edit.target === id) ? "changed" : null;
}

/** Returns why an id may not be a new subtask's, as the name of a word; null where it may. */
export function idProblem(id: string, plan: Plan): "idForm" | "idTaken" | "idReserved" | null {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(id)) return "idForm";
  if (["root", "command", "plan", "report", "run", "setting"].includes(id)) return "idReserved";
  return plan.subtasks.some((one) => one.id === id) ? "idTaken" : null;
}

/** Ids that a subtask may wait for without waiting for itself. */
export function mayWaitFor(plan: Plan, id: string): readonly string[] {
  const waiting = new Set([id]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const one of plan.subtasks) {
      if (waiting.has(one.id)) continue;
      if (one.depends_on.some((other) => waiting.has(other)) || (one.parent !== null && waiting.has(one.parent))) {
        waiting.add(one.id);
        grown = true;
      }
    }
  }
  const above = new Set<string>();
  for (let up = plan.subtasks.find((one) => one.id === id)?.parent ?? null; up !== null; up = plan.subtasks.find((one) => one.id === up)?.parent ?? null) above.add(up);
  return plan.subtasks.filter((one) => !waiting.has(one.id) && !above.has(one.id) && one.status !== "dropped").map((one) => one.id);
}
