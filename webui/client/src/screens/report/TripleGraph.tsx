import dagre from "@dagrejs/dagre";
import { BaseEdge, Controls, EdgeLabelRenderer, Handle, MarkerType, Position, ReactFlow, type Edge, type EdgeProps, type Node, type NodeProps } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import "@/screens/report/graph.css";
import { useMemo } from "react";
import { LOOKS, Sign } from "@/screens/report/Sign";
import { useSelection, type Chosen } from "@/screens/report/selection";
import type { Told } from "@/screens/report/triples";
import { reportWords } from "@/screens/report/words";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";

type Entity = Node<{ label: string }, "entity">;
type Point = { x: number; y: number };
type Relation = Edge<{ told: Told; points: readonly Point[]; label: Point }, "relation">;
const WIDTH = 170;
const HEIGHT = 40;

/** Triples as a graph: entities are nodes, relations edges in the colour and line of their verdict. */
export default function TripleGraph({ triples }: { triples: readonly Told[] }) {
  const say = useWords(reportWords);
  const selection = useSelection();
  const { nodes, edges, height } = useMemo(() => placed(triples), [triples]);
  return (
    <div className="triple-graph rounded-md bg-sunken" style={{ height: Math.min(Math.max(height + 60, 220), 620) }} role="figure" aria-label={say("graphOf", { count: triples.length })}>
      <ReactFlow
        proOptions={{ hideAttribution: true }}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODES}
        edgeTypes={EDGES}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
        minZoom={0.1}
        maxZoom={2}
        nodesConnectable={false}
        nodesDraggable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        onEdgeClick={(_, edge) => selection.choose(chosenBy(edge.data?.told))}
      >
        <Controls showInteractive={false} position="bottom-right" />
      </ReactFlow>
    </div>
  );
}

function placed(triples: readonly Told[]): { nodes: Entity[]; edges: Relation[]; height: number } {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 22, ranksep: 60 });
  graph.setDefaultEdgeLabel(() => ({}));
  const key = (name: string) => name.trim().toLocaleLowerCase();
  const names = new Map<string, string>();
  for (const one of triples) for (const name of [one.subject, one.object]) if (!names.has(key(name))) names.set(key(name), name);
  for (const id of names.keys()) graph.setNode(id, { width: WIDTH, height: HEIGHT });
  triples.forEach((one, number) => graph.setEdge(key(one.subject), key(one.object), { width: Math.min(one.relation.length, 20) * 7 + 24, height: 22, labelpos: "c" }, String(number)));
  dagre.layout(graph);
  const nodes = [...names].map(([id, label]): Entity => {
    const { x, y } = graph.node(id);
    return { id, type: "entity", position: { x: x - WIDTH / 2, y: y - HEIGHT / 2 }, data: { label }, width: WIDTH, height: HEIGHT };
  });
  const edges = triples.map((told, number): Relation => {
    const edge = graph.edge(key(told.subject), key(told.object), String(number));
    const look = LOOKS[told.verdict ?? "opinion"];
    const colour = told.verdict === null ? "var(--info)" : look.stroke;
    return {
      id: String(number),
      type: "relation",
      source: key(told.subject),
      target: key(told.object),
      data: { told, points: edge.points, label: { x: edge.x, y: edge.y } },
      style: { stroke: colour, strokeWidth: 1.75, strokeDasharray: look.dash },
      markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 16, height: 16 },
    };
  });
  return { nodes, edges, height: Number(graph.graph().height ?? 200) };
}

function EntityNode({ data }: NodeProps<Entity>) {
  const label = harmless(data.label);
  return (
    <div title={label} className="flex h-10 w-[170px] items-center justify-center rounded-md border border-line bg-raised px-2.5 text-center text-[13px] leading-tight text-ink">
      <Handle type="target" position={Position.Left} className="opacity-0" />
      <bdi className="line-clamp-2 break-words">{label}</bdi>
      <Handle type="source" position={Position.Right} className="opacity-0" />
    </div>
  );
}

/** What a triple leads to: its claim, else the evidence that it is. */
function chosenBy(told: Told | undefined): Chosen {
  if (told === undefined) return null;
  return told.claim !== "" ? { claim: told.claim } : told.evidence !== "" ? { evidence: told.evidence } : null;
}

/** A soft line through points. */
function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return "";
  const bends = rest.slice(0, -1).map((point, at) => {
    const next = rest[at + 1] ?? last;
    const end = at === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q ${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return `M ${first.x} ${first.y} ${bends.length > 0 ? bends.join(" ") : `L ${last.x} ${last.y}`}`;
}

function RelationEdge({ style, markerEnd, data }: EdgeProps<Relation>) {
  const told = data?.told;
  const selection = useSelection();
  const say = useWords(reportWords);
  return (
    <>
      <BaseEdge path={pathThrough(data?.points ?? [])} style={style} markerEnd={markerEnd} />
      {data !== undefined && told !== undefined && (
        <EdgeLabelRenderer>
          <button
            type="button"
            onClick={() => selection.choose(chosenBy(told))}
            style={{ transform: `translate(-50%, -50%) translate(${data.label.x}px, ${data.label.y}px)` }}
            className="nodrag nopan pointer-events-auto absolute inline-flex max-w-40 items-center gap-0.5 rounded bg-sunken px-1 text-xs text-ink hover:underline"
          >
            {told.verdict !== null && <Sign of={told.verdict} size="13px" />}
            <span className="truncate">
              {told.positive ? "" : `${say("not")} `}
              {harmless(told.relation)}
            </span>
          </button>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

const NODES = { entity: EntityNode };
const EDGES = { relation: RelationEdge };
