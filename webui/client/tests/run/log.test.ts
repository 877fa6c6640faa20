import { describe, expect, it } from "vitest";
import { Log } from "@/ledger/log";
import type { EventKind, LedgerEvent } from "@/ledger/types";
import { chosen } from "@/screens/run/steps/entries";
import { sentEdits, stopping, unheard } from "@/screens/run/steer/pending";

let seq = 0;
const event = (kind: EventKind, key: string | null, phase: LedgerEvent["phase"], payload: LedgerEvent["payload"]): LedgerEvent => ({ run_id: "r", seq: ++seq, at: "2026-11-22T00:00:00Z", kind, key, phase, payload });
const logOf = (...events: LedgerEvent[]) => {
  const log = new Log();
  log.take(events);
  return log;
};

describe("the log of a run", () => {
  it("has one line for an effect, and finds words of its result by it", () => {
    seq = 0;
    const log = logOf(
      event("tool", "read/tool/0.0", "started", { request: { tool: "shell", arguments: { command: "ls" } } }),
      event("tool", "read/tool/0.0", "done", { result: { text: "Needle.txt" } }),
      event("run", null, "fact", { status: "paused", reason: "paused" }),
    );
    expect(log.entries.map((entry) => [entry.seq, entry.subtask, entry.line])).toEqual([
      [1, "read", ""],
      [3, "", "paused: paused"],
    ]);
    expect(chosen(log, 3, { groups: new Set(), subtask: "", words: "needle" }).map((entry) => entry.seq)).toEqual([1]);
    expect(chosen(log, 3, { groups: new Set(["system"]), subtask: "", words: "" }).map((entry) => entry.seq)).toEqual([3]);
    expect(chosen(log, 2, { groups: new Set(), subtask: "", words: "" }).map((entry) => entry.seq)).toEqual([1]);
  });

  it("remembers which file a call writes", () => {
    seq = 0;
    const log = logOf(event("tool", "root/tool/0.0", "started", { request: { tool: "write_file", arguments: { path: "a.txt", content: "x" } } }));
    expect(log.entries[0]?.file).toBe("a.txt");
  });
});

describe("what became of a person's commands", () => {
  it("is on its way until the run took it in", () => {
    seq = 0;
    const guide = event("command", "command/1", "fact", { command: { op: "guide", text: "be brief" } });
    const edit = event("command", "command/2", "fact", { command: { op: "edit_plan", version: 1, edits: [] } });
    expect(unheard(logOf(guide, edit).talk)).toEqual([{ seq: 1, text: "be brief" }]);
    expect(sentEdits(logOf(guide, edit).talk).waiting).toEqual([2]);
    const taken = event("inbox", "plan/inbox/1", "done", { items: [{ seq: 1, from: "person", text: "be brief", edits: [] }, { seq: 2, from: "person", text: "", edits: [{}] }] });
    const after = logOf(guide, edit, taken).talk;
    expect([unheard(after), sentEdits(after)]).toEqual([[], { waiting: [], refused: "" }]);
    const refused = event("plan", "plan/refused/edit/2", "fact", { refused: "subtask b is running" });
    expect(sentEdits(logOf(guide, edit, taken, refused).talk).refused).toBe("subtask b is running");
  });

  it("is a stop that has not come yet until the status says so", () => {
    seq = 0;
    const pause = event("command", "command/1", "fact", { command: { op: "pause" } });
    expect(stopping(logOf(pause).talk)).toBe("pause");
    expect(stopping(logOf(pause, event("run", null, "fact", { status: "paused" })).talk)).toBeNull();
  });
});
