import type { RunView } from "@/ledger/types";

/** How far a subtask has come: its steps so far, and its milestones with what their checks said. */
export type Progress = { readonly steps: number; readonly met: number; readonly milestones: number };

/** Tells whether a milestone is met: by its check where it has one, else by the subtask's end. */
export function milestoneState(view: RunView, subtask: string, milestone: string): "met" | "missed" | "open" {
  const result = view.results[subtask];
  if (result === undefined) return "open";
  const check = result.checks.find((one) => one.milestone === milestone);
  if (check === undefined) return result.success ? "met" : "missed";
  return check.outcome === "pass" ? "met" : "missed";
}

export function progressOf(view: RunView, id: string, steps: ReadonlyMap<string, number>): Progress {
  const subtask = view.plan.subtasks.find((one) => one.id === id);
  const milestones = subtask?.milestones ?? [];
  return { steps: steps.get(id) ?? 0, milestones: milestones.length, met: milestones.filter((one) => milestoneState(view, id, one.id) === "met").length };
}
