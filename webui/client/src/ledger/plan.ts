import type { Plan, Subtask, SubtaskStatus } from "./types";

/** Returns a plan with new statuses. A parent is done when its children are, and fails when one of them did. */
export function withStatus(plan: Plan, statuses: ReadonlyMap<string, SubtaskStatus>): Plan {
  const now = new Map(plan.subtasks.map((subtask) => [subtask.id, statuses.get(subtask.id) ?? subtask.status]));
  const children = childrenOf(plan);
  const depths = depthsOf(plan);
  const parents = plan.subtasks.filter((subtask) => children.has(subtask.id));
  for (const parent of parents.sort((one, other) => (depths.get(other.id) ?? 0) - (depths.get(one.id) ?? 0))) {
    now.set(parent.id, rolledUp((children.get(parent.id) ?? []).map((child) => now.get(child.id) ?? child.status)));
  }
  const subtasks = plan.subtasks.map((subtask) => changed(subtask, now.get(subtask.id) ?? subtask.status));
  return subtasks.every((subtask, index) => subtask === plan.subtasks[index]) ? plan : { ...plan, subtasks };
}

/** Returns a new version of a plan with what is known of the subtasks that had begun before it. */
export function withProgress(plan: Plan, before: Plan): Plan {
  const ids = new Set(leaves(plan).map((subtask) => subtask.id));
  const began = before.subtasks.filter(({ id, status }) => ids.has(id) && BEGUN.has(status));
  return withStatus(plan, new Map(began.map(({ id, status }) => [id, status])));
}

/** The subtasks that are worked on themselves, in order. */
export function leaves(plan: Plan): Subtask[] {
  const parents = new Set(plan.subtasks.map((subtask) => subtask.parent));
  return plan.subtasks.filter((subtask) => !parents.has(subtask.id));
}

/** The subtasks that each was split into; under null those at the top of the tree. */
export function childrenOf(plan: Plan): Map<string | null, Subtask[]> {
  const children = new Map<string | null, Subtask[]>();
  for (const subtask of plan.subtasks) {
    const siblings = children.get(subtask.parent);
    if (siblings === undefined) children.set(subtask.parent, [subtask]);
    else siblings.push(subtask);
  }
  return children;
}

/** How many subtasks stand above each; 0 at the top of the tree. */
export function depthsOf(plan: Plan): Map<string, number> {
  const parents = new Map(plan.subtasks.map((subtask) => [subtask.id, subtask.parent]));
  const depths = new Map<string, number>();
  for (const { id } of plan.subtasks) {
    let depth = 0;
    let above = parents.get(id);
    while (above !== null && above !== undefined && parents.has(above) && depth < plan.subtasks.length) {
      depth += 1;
      above = parents.get(above);
    }
    depths.set(id, depth);
  }
  return depths;
}

const BEGUN: ReadonlySet<SubtaskStatus> = new Set(["running", "done", "failed"]);

function rolledUp(children: readonly SubtaskStatus[]): SubtaskStatus {
  const kept = new Set(children.filter((status) => status !== "dropped"));
  if (kept.size === 0) return "dropped";
  if (kept.has("failed")) return "failed";
  if (kept.has("running")) return "running";
  if (kept.has("pending")) return kept.has("done") ? "running" : "pending";
  return "done";
}

function changed(subtask: Subtask, status: SubtaskStatus): Subtask {
  return subtask.status === status ? subtask : { ...subtask, status };
}
