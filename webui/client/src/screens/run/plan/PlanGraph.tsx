import "@xyflow/react/dist/base.css";
import "./graph.css";
import { Background, Controls, Handle, Position, ReactFlow, ReactFlowProvider, useReactFlow, type Edge, type Node, type NodeProps } from "@xyflow/react";
import { memo, useEffect, useMemo } from "react";
import type { Plan, RunView, SubtaskStatus } from "@/ledger/types";
import { Status } from "@/ui/Badge";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { NODE, placed } from "./layout";
import { progressOf } from "./progress";

type Data = { goal: string; status: SubtaskStatus; steps: string; met: number; milestones: number; mark: "added" | "changed" | null; across: boolean };
type SubtaskNode = Node<Data, "subtask">;

const EDGES: Record<SubtaskStatus, string> = {
  pending: "border-line",
  running: "border-info",
  done: "border-good/60",
  failed: "border-bad",
  dropped: "border-line border-dashed opacity-60",
};

const Box = memo(function Box({ id, data, selected }: NodeProps<SubtaskNode>) {
  return (
    <div
      style={{ width: NODE.width, height: NODE.height }}
      className={`flex flex-col rounded-lg border bg-raised px-3 py-2 text-left ${EDGES[data.status]} ${selected ? "ring-2 ring-accent" : ""} ${data.mark !== null ? "border-dashed border-accent" : ""}`}
    >
      <Handle type="target" position={data.across ? Position.Left : Position.Top} className="invisible size-px! min-h-0! min-w-0!" />
      <div className="min-h-0 flex-1">
        <p className="line-clamp-2 text-[13px] leading-snug break-words" dir="auto">
          {data.goal}
        </p>
      </div>
      <p className="flex items-center gap-2 text-xs text-soft">
        <Status of={data.status} quiet />
        <span className="min-w-0 flex-1 truncate font-mono">{id}</span>
        <span className="tabular-nums">{data.steps}</span>
      </p>
      {data.milestones > 0 && (
        <div className="mt-1 flex gap-0.5" aria-hidden="true">
          {Array.from({ length: data.milestones }, (_, index) => (
            <span key={index} className={`h-1 flex-1 rounded-full ${index < data.met ? "bg-good" : data.status === "failed" ? "bg-bad" : "bg-line"}`} />
          ))}
        </div>
      )}
      <Handle type="source" position={data.across ? Position.Right : Position.Bottom} className="invisible size-px! min-h-0! min-w-0!" />
    </div>
  );
});

const KINDS = { subtask: Box };

type Given = {
  plan: Plan;
  view: RunView;
  steps: ReadonlyMap<string, number>;
  marks: (id: string) => "added" | "changed" | null;
  selected: string;
  onSelect: (id: string) => void;
  onEdit: ((id: string) => void) | null;
};

/** The plan as a graph of what waits for what. It can be moved, zoomed and walked through with Tab; the outline is its text. */
export function PlanGraph(given: Given) {
  return (
    <ReactFlowProvider>
      <Drawn {...given} />
    </ReactFlowProvider>
  );
}

function Drawn({ plan, view, steps, marks, selected, onSelect, onEdit }: Given) {
  const say = useWords(runWords);
  const flow = useReactFlow();
  const shape = plan.subtasks.map(({ id, depends_on, parent }) => `${id}<${depends_on.join("+")}^${parent ?? ""}`).join(" ");
  const across = plan.subtasks.length < 4;
  const { places, lines } = useMemo(() => placed(plan, across), [shape, across]);
  useEffect(() => {
    const later = requestAnimationFrame(() => void flow.fitView({ padding: 0.12, maxZoom: 1 }));
    return () => cancelAnimationFrame(later);
  }, [flow, shape]);
  const known = new Map(plan.subtasks.map((one) => [one.id, one]));
  const nodes = places.flatMap(({ subtask: { id }, x, y }): SubtaskNode[] => {
    const subtask = known.get(id);
    if (subtask === undefined) return [];
    const progress = progressOf(view, id, steps);
    return [
      {
        id,
        type: "subtask",
        position: { x, y },
        width: NODE.width,
        height: NODE.height,
        selected: selected === id,
        ariaLabel: `${id}: ${harmless(subtask.goal)} (${say(`status_${subtask.status}`)})`,
        data: {
          goal: harmless(subtask.goal),
          status: subtask.status,
          steps: progress.steps > 0 ? say("stepsShort", { count: progress.steps }) : "",
          met: progress.met,
          milestones: progress.milestones,
          mark: marks(id),
          across,
        },
      },
    ];
  });
  const edges = lines.map(
    ({ from, to, kind }): Edge => ({
      id: `${from}>${to}`,
      source: from,
      target: to,
      focusable: false,
      type: "smoothstep",
      className: kind === "part" ? "plan-part" : "plan-waits",
      ...(known.get(to)?.status === "running" ? { animated: true } : {}),
    }),
  );
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={KINDS}
      nodesDraggable={false}
      nodesConnectable={false}
      deleteKeyCode={null}
      minZoom={0.15}
      maxZoom={1.5}
      fitView
      fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
      proOptions={{ hideAttribution: true }}
      onNodeClick={(_, node) => onSelect(node.id === selected ? "" : node.id)}
      onNodeDoubleClick={(_, node) => known.get(node.id)?.status === "pending" && onEdit?.(node.id)}
      onNodesChange={(changes) => {
        for (const change of changes) if (change.type === "select" && change.selected) onSelect(change.id);
      }}
      aria-label={say("planGraph")}
      className="plan-graph"
    >
      <Background gap={22} size={1} color="var(--line)" />
      <Controls showInteractive={false} position="top-right" orientation="horizontal" aria-label={say("zoom")} />
    </ReactFlow>
  );
}
