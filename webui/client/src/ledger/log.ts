import { isObject, listIn, objectIn, textIn } from "./json";
import { short } from "./phrases";
import type { EventKind, LedgerEvent } from "./types";

/** One line of a run's log: an effect that started, or something that happened. What is in it is read on demand. */
export type Entry = {
  readonly seq: number;
  readonly at: string;
  readonly kind: EventKind;
  readonly key: string | null;
  readonly effect: boolean;
  /** The subtask it belongs to; `root` is the task itself, empty for what belongs to none. */
  readonly subtask: string;
  /** What happened, in one line; empty for effects, whose steps say it. */
  readonly line: string;
  /** The file that a call of a tool writes; empty for others. */
  readonly file: string;
};

/** Kinds whose events are kept, since they tell what became of a person's commands. */
const KEPT: ReadonlySet<EventKind> = new Set(["command", "inbox", "run"]);
const WORDS = 1_500;

/** The log of a run: a line for each effect and happening, few of them with their events. */
export class Log {
  private rows: Entry[] = [];
  private heard: LedgerEvent[] = [];
  private readonly words = new Map<number, string>();
  private readonly starts = new Map<string, number>();

  /** All lines, in order. It is another list whenever there are more. */
  get entries(): readonly Entry[] {
    return this.rows;
  }

  /** What persons sent, what the run took in of it, and how its status changed, in order. */
  get talk(): readonly LedgerEvent[] {
    return this.heard;
  }

  take(events: readonly LedgerEvent[]): void {
    const rows: Entry[] = [];
    const heard: LedgerEvent[] = [];
    for (const event of events) {
      if (KEPT.has(event.kind) || (event.kind === "plan" && "refused" in event.payload)) heard.push(event);
      const begun = event.phase === "done" && event.key !== null ? this.starts.get(event.key) : undefined;
      if (begun !== undefined) {
        this.words.set(begun, (this.words.get(begun) ?? "") + wordsOf(event));
        continue;
      }
      if (!worthALine(event)) continue;
      if (event.phase === "started" && event.key !== null) this.starts.set(event.key, event.seq);
      this.words.set(event.seq, wordsOf(event));
      rows.push(entryOf(event));
    }
    if (rows.length > 0) this.rows = [...this.rows, ...rows];
    if (heard.length > 0) this.heard = [...this.heard, ...heard];
  }

  /** Whether a line has a text in it, in lower case. Of very long texts only the beginning is looked at. */
  has(entry: Entry, sought: string): boolean {
    return (this.words.get(entry.seq) ?? "").includes(sought);
  }

  /** The number of lines up to an event. */
  countUpTo(seq: number): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.rows[middle]?.seq ?? Infinity) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The subtask that a key begins with. */
export function subtaskOf(key: string | null): string {
  if (key === null || !key.includes("/")) return "";
  const branch = key.slice(0, key.indexOf("/"));
  return ["command", "run", "setting"].includes(branch) ? "" : (branch.split(".")[0] ?? "").replace(/\?$/, "");
}

function entryOf(event: LedgerEvent): Entry {
  const effect = event.phase === "started";
  const request = objectIn(event.payload, "request");
  const writes = event.kind === "tool" && ["write_file", "edit_file"].includes(textIn(request, "tool"));
  return {
    seq: event.seq,
    at: event.at,
    kind: event.kind,
    key: event.key,
    effect,
    subtask: subtaskOf(event.key),
    line: effect ? "" : lineOf(event),
    file: writes ? textIn(objectIn(request, "arguments"), "path") : "",
  };
}

/** Whether an event tells something that no other line tells. */
function worthALine(event: LedgerEvent): boolean {
  const has = (name: string) => name in event.payload;
  switch (event.kind) {
    case "plan":
      return has("plan") || has("refused");
    case "sandbox":
      return has("lost") || has("snapshot");
    case "run":
      return has("task") || has("status");
    case "inbox":
      return listIn(event.payload, "items").length > 0;
    default:
      return true;
  }
}

function lineOf({ kind, payload }: LedgerEvent): string {
  switch (kind) {
    case "run":
      return "task" in payload ? short(textIn(objectIn(payload, "task"), "goal")) : [textIn(payload, "status"), textIn(payload, "reason")].filter(Boolean).join(": ");
    case "command": {
      const command = objectIn(payload, "command");
      return [textIn(command, "op"), short(textIn(command, "text"))].filter(Boolean).join(": ");
    }
    case "inbox":
      return short(listIn(payload, "items").filter(isObject).map((item) => textIn(item, "text") || `${listIn(item, "edits").length} edits`).join("; "));
    case "plan":
      return "refused" in payload ? short(textIn(payload, "refused")) : String(objectIn(payload, "plan")["version"] ?? "");
    case "subtask":
      return short("result" in payload ? textIn(objectIn(payload, "result"), "answer") : textIn(payload, "goal"));
    case "retry":
      return short(textIn(payload, "reason"));
    case "egress":
      return short(textIn(payload, "line"), 300);
    case "sandbox":
      return short(textIn(payload, "lost"));
    case "design":
      return short(textIn(payload, "text"), 200);
    case "check":
      return `${String(payload["looked"] ?? 0)} / ${String(payload["claims"] ?? 0)}`;
    case "action":
      return [textIn(payload, "name"), short(Object.values(objectIn(payload, "arguments")).join(", "))].filter(Boolean).join(": ");
    case "report":
      return textIn(objectIn(payload, "report"), "outcome");
    default:
      return "";
  }
}

function wordsOf(event: LedgerEvent): string {
  return `${event.seq} ${event.key ?? ""} ${JSON.stringify(event.payload).slice(0, WORDS)}`.toLowerCase();
}
