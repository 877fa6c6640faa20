import { memo } from "react";
import type { Mark, MarkKind } from "@/ledger/marks";

/** How the marks look, those that matter most last: where several fall together, these are seen. */
const LOOKS: readonly (readonly [MarkKind, string])[] = [
  ["subtask", "fill-soft/60"],
  ["slip", "fill-bad/60"],
  ["plan", "fill-info"],
  ["stop", "fill-warn"],
  ["question", "fill-warn"],
  ["failure", "fill-bad"],
  ["report", "fill-good"],
];
const WEIGHT = new Map(LOOKS.map(([kind], weight) => [kind, weight]));
const LOOK = new Map(LOOKS);

/** Marks of which there are many. */
const SMALL: ReadonlySet<MarkKind> = new Set(["subtask", "slip"]);

/** Places on the bar at which marks are told apart. */
const PLACES = 400;

/** The marks of a run along its bar. They are for the eye: the bar itself tells them to screen readers. */
export const ScrubberMarks = memo(function ScrubberMarks({ marks, last }: { marks: readonly Mark[]; last: number }) {
  const shown = new Map<number, Mark>();
  for (const mark of marks) {
    const place = Math.round(share(mark.seq, last) * PLACES);
    const other = shown.get(place);
    if (other === undefined || (WEIGHT.get(mark.kind) ?? 0) >= (WEIGHT.get(other.kind) ?? 0)) shown.set(place, mark);
  }
  return (
    <svg viewBox={`0 0 ${PLACES} 10`} preserveAspectRatio="none" className="absolute inset-x-2 top-0.5 h-2.5 w-[calc(100%-1rem)]" aria-hidden="true">
      {[...shown].map(([place, { kind }]) => (
        <rect key={place} x={place - 0.5} y={SMALL.has(kind) ? 6 : 0} width={1} height={SMALL.has(kind) ? 4 : 10} className={LOOK.get(kind)} />
      ))}
    </svg>
  );
});

/** Where an event stands on the bar, from 0 to 1. */
export function share(seq: number, last: number): number {
  return last <= 1 ? 1 : (seq - 1) / (last - 1);
}
