import type { Change } from "./changes";
import type { RunView } from "./types";

/** `slip` is a call that failed, `failure` a subtask that did. */
export type MarkKind = "subtask" | "slip" | "question" | "failure" | "plan" | "stop" | "report";

/** A place in a run that is worth finding: what happened there, and with what. */
export type Mark = { readonly seq: number; readonly kind: MarkKind; readonly of: string };

const STOPPED: ReadonlySet<RunView["status"]> = new Set(["waiting", "paused", "failed", "cancelled"]);

/** Returns the mark of a change, given the state after it; null where there is nothing to find. */
export function markOf(change: Change, view: RunView): Mark | null {
  const mark = (kind: MarkKind, of: string): Mark => ({ seq: change.seq, kind, of });
  switch (change.what) {
    case "started":
      return change.question === null ? null : mark("question", change.question.question);
    case "ended":
      return change.end.ok ? null : mark("slip", view.steps.get(change.key)?.title ?? change.key);
    case "subtask":
      if (change.result !== null) return change.result.success ? null : mark("failure", change.id);
      return mark("subtask", change.id);
    case "plan":
      return mark("plan", String(change.plan.version));
    case "status":
      return STOPPED.has(change.status) ? mark("stop", change.reason || change.status) : null;
    case "report":
      return mark("report", change.report.outcome);
    default:
      return null;
  }
}
