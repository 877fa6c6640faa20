import type { EventKind, LedgerEvent, Payload } from "@/ledger/types";

const USAGE = { calls: 1, input_tokens: 1800, cached_tokens: 0, output_tokens: 90, cost: "0.0012" };

/** Events of a run of many steps: calls that fail now and then, subtasks, questions, and a report at its end. */
export function longRun(events: number): LedgerEvent[] {
  const made: LedgerEvent[] = [];
  const add = (kind: EventKind, key: string | null, phase: LedgerEvent["phase"], payload: Payload) => {
    const seq = made.length + 1;
    made.push({ run_id: "r", seq, at: new Date(seq * 700).toISOString(), kind, key, phase, payload });
  };
  const subtasks = Array.from({ length: 40 }, (_, place) => ({ id: `s${place}`, goal: `Do part ${place}` }));
  add("run", "run/created", "fact", { task: { goal: "Do it all" }, options: {} });
  add("run", null, "fact", { status: "running", reason: "" });
  add("plan", "plan/1", "fact", { plan: { version: 1, subtasks } });
  for (let step = 0; made.length < events - 2; step += 1) {
    const name = `s${Math.floor((40 * made.length) / events)}`;
    if (step % 60 === 0) add("subtask", `${name}/began/${step}`, "fact", { id: name, goal: "" });
    add("model", `${name}/model/${step}`, "started", { request: { role: "executor" } });
    add("model", `${name}/model/${step}`, "done", { result: { text: "", calls: [{ name: "python" }], usage: USAGE } });
    const code = `import csv\n${"x = 1\n".repeat(40)}print(${step})`;
    add("tool", `${name}/tool/${step}.0`, "started", { request: { tool: "python", arguments: { code } } });
    add("tool", `${name}/tool/${step}.0`, "done", { result: { ok: step % 41 !== 7, text: "pump 14.2 m3/h at 31 m\n".repeat(60) } });
    if (step % 97 === 3) {
      add("person", `${name}/ask/${step}`, "started", { request: { question: "Go on?", options: ["yes", "no"] } });
      add("person", `${name}/ask/${step}`, "done", { result: { text: "yes" } });
    }
  }
  add("report", "report", "fact", { report: { goal: "Do it all", answer: "Done.", outcome: "verified" } });
  add("run", null, "fact", { status: "finished", reason: "verified" });
  return made;
}
