import { Graph, layout } from "@dagrejs/dagre";
import { childrenOf } from "@/ledger/plan";
import type { Plan, Subtask } from "@/ledger/types";

export const NODE = { width: 232, height: 92 } as const;

export type Place = { readonly subtask: Subtask; readonly x: number; readonly y: number };
export type Line = { readonly from: string; readonly to: string; readonly kind: "waits" | "part" };

/** Places the subtasks of a plan in ranks by what waits for what; parts stand below what they were split from. */
export function placed(plan: Plan, across: boolean): { places: readonly Place[]; lines: readonly Line[] } {
  const graph = new Graph();
  graph.setGraph({ rankdir: across ? "LR" : "TB", nodesep: 18, ranksep: 44, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(plan.subtasks.map((one) => one.id));
  for (const { id } of plan.subtasks) graph.setNode(id, { ...NODE });
  const lines = linesOf(plan).filter((line) => ids.has(line.from) && ids.has(line.to));
  for (const { from, to } of lines) graph.setEdge(from, to);
  layout(graph);
  const places = plan.subtasks.map((subtask) => {
    const { x, y } = graph.node(subtask.id);
    return { subtask, x: x - NODE.width / 2, y: y - NODE.height / 2 };
  });
  return { places, lines };
}

function linesOf(plan: Plan): Line[] {
  const children = childrenOf(plan);
  const above = new Map(plan.subtasks.map((one) => [one.id, one]));
  return plan.subtasks.flatMap((subtask): Line[] => {
    const inherited = new Set(subtask.parent === null ? [] : (above.get(subtask.parent)?.depends_on ?? []));
    const waits = subtask.depends_on.filter((id) => !inherited.has(id)).map((id): Line => ({ from: id, to: subtask.id, kind: "waits" }));
    const parts = (children.get(subtask.id) ?? []).map((part): Line => ({ from: subtask.id, to: part.id, kind: "part" }));
    return [...waits, ...parts];
  });
}
