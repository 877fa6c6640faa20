import { isObject, listIn, numberIn, objectIn, textIn } from "@/ledger/json";
import type { LedgerEvent } from "@/ledger/types";

/** Edits that were sent and what became of them: numbers of those the run has not taken in, and why the last was refused. */
export type SentEdits = { readonly waiting: readonly number[]; readonly refused: string };

/** Guidance that a run has not taken in yet. */
export type Unheard = { readonly seq: number; readonly text: string };

/** Tells from a run's events which edits of its plan the run has not taken in yet. */
export function sentEdits(events: readonly LedgerEvent[]): SentEdits {
  const waiting = new Set<number>();
  let last = 0;
  let refused = "";
  for (const event of events) {
    if (event.kind === "command" && opOf(event) === "edit_plan") {
      waiting.add(event.seq);
      last = event.seq;
      refused = "";
    } else if (event.kind === "inbox" && event.key?.startsWith("plan/") === true) {
      for (const seq of takenIn(event)) waiting.delete(seq);
    } else if (event.kind === "plan" && event.key === `plan/refused/edit/${last}`) {
      refused = textIn(event.payload, "refused");
    }
  }
  return { waiting: [...waiting], refused };
}

/** Returns what a person has said that nobody has heard yet. */
export function unheard(events: readonly LedgerEvent[]): readonly Unheard[] {
  const waiting = new Map<number, string>();
  for (const event of events) {
    if (event.kind === "command" && opOf(event) === "guide") waiting.set(event.seq, textIn(objectIn(event.payload, "command"), "text"));
    else if (event.kind === "inbox") for (const seq of takenIn(event)) waiting.delete(seq);
  }
  return [...waiting].map(([seq, text]) => ({ seq, text }));
}

/** Whether a person has asked a run to pause or to end and it goes on until its next safe point. */
export function stopping(events: readonly LedgerEvent[]): "pause" | "cancel" | null {
  for (const event of events.toReversed()) {
    if (event.kind === "run" && "status" in event.payload) return null;
    const op = event.kind === "command" ? opOf(event) : "";
    if (op === "pause" || op === "cancel") return op;
  }
  return null;
}

function opOf(event: LedgerEvent): string {
  return textIn(objectIn(event.payload, "command"), "op");
}

function takenIn(event: LedgerEvent): readonly number[] {
  return listIn(event.payload, "items").filter(isObject).map((item) => numberIn(item, "seq"));
}
