import { describe, expect, it } from "vitest";
import type { Plan, Subtask } from "@/ledger/types";
import { idProblem, isEmpty, markOf, mayWaitFor, moved, neighbour, NO_DRAFT, outlook, withEdit, type Written } from "@/screens/run/plan/draft";

const subtask = (id: string, more: Partial<Subtask> = {}): Subtask => ({ id, goal: `do ${id}`, depends_on: [], milestones: [], parent: null, status: "pending", ...more });
const plan = (...subtasks: Subtask[]): Plan => ({ schema_version: 1, version: 3, subtasks, wishes: [] });
const written = (id: string, more: Partial<Written> = {}): Written => ({ id, goal: `do ${id}`, depends_on: [], milestones: [], ...more });
const update = (target: string, goal: string) => ({ op: "update", target, goal, depends_on: [], milestones: [] }) as const;
const ids = (made: Plan) => made.subtasks.map((one) => one.id);

describe("a draft of changes to a plan", () => {
  it("shows what the plan would be, and sends what was meant", () => {
    const now = plan(subtask("a", { status: "done" }), subtask("b", { depends_on: ["a"] }), subtask("c", { depends_on: ["b"] }));
    let draft = withEdit(NO_DRAFT, { op: "add", subtask: written("d") });
    draft = withEdit(draft, { op: "remove", target: "b" });
    const { plan: then, edits, misfits } = outlook(now, draft);
    expect(ids(then)).toEqual(["a", "c", "d"]);
    expect(then.subtasks[1]?.depends_on).toEqual([]);
    expect(edits.map((edit) => edit.op)).toEqual(["add", "remove"]);
    expect(misfits).toEqual([]);
  });

  it("makes one wish of several for the same subtask", () => {
    let draft = withEdit(NO_DRAFT, { op: "add", subtask: written("d") });
    draft = withEdit(draft, update("d", "better"));
    draft = withEdit(draft, update("b", "first"));
    draft = withEdit(draft, update("b", "second"));
    expect(draft.edits.map((edit) => (edit.op === "add" ? edit.subtask.goal : edit.op === "update" ? edit.goal : ""))).toEqual(["better", "second"]);
    expect(isEmpty(withEdit(withEdit(NO_DRAFT, { op: "add", subtask: written("d") }), { op: "remove", target: "d" }))).toBe(true);
  });

  it("splits into parts that wait for what the whole waited for", () => {
    const now = plan(subtask("a"), subtask("b", { depends_on: ["a"] }));
    const { plan: then } = outlook(now, withEdit(NO_DRAFT, { op: "split", target: "b", into: [written("b-1"), written("b-2", { depends_on: ["b-1"] })] }));
    expect(then.subtasks.map(({ id, parent, depends_on }) => [id, parent, depends_on])).toEqual([
      ["a", null, []],
      ["b", null, ["a"]],
      ["b-1", "b", ["a"]],
      ["b-2", "b", ["a", "b-1"]],
    ]);
  });

  it("reorders what is pending alone, and names all of it", () => {
    const now = plan(subtask("a", { status: "running" }), subtask("b"), subtask("c"), subtask("d"));
    const draft = moved(now, NO_DRAFT, "d", "b", false);
    const { plan: then, edits } = outlook(now, draft);
    expect(ids(then)).toEqual(["a", "d", "b", "c"]);
    expect(edits).toEqual([{ op: "reorder", order: ["d", "b", "c"] }]);
    expect(neighbour(then, "b", -1)).toBe("d");
    expect(neighbour(then, "d", -1)).toBeUndefined();
  });

  it("keeps an order when something was added meanwhile", () => {
    const draft = moved(plan(subtask("b"), subtask("c")), NO_DRAFT, "c", "b", false);
    expect(ids(outlook(plan(subtask("b"), subtask("x"), subtask("c")), draft).plan)).toEqual(["c", "b", "x"]);
  });

  it("tells which wishes no longer fit, and sends the others", () => {
    let draft = withEdit(NO_DRAFT, update("b", "x"));
    draft = withEdit(draft, { op: "remove", target: "c" });
    draft = withEdit(draft, { op: "add", subtask: written("d") });
    draft = withEdit(draft, { op: "add", subtask: written("e") });
    const { misfits, edits } = outlook(plan(subtask("b", { status: "running" }), subtask("d")), draft);
    expect(misfits.map(({ why, id }) => [why, id])).toEqual([
      ["begun", "b"],
      ["gone", "c"],
      ["taken", "d"],
    ]);
    expect(edits.map((edit) => edit.op)).toEqual(["add"]);
  });

  it("marks what is new and what is changed", () => {
    const now = plan(subtask("b"));
    const draft = withEdit(withEdit(NO_DRAFT, update("b", "x")), { op: "add", subtask: written("d") });
    expect(["b", "d"].map((id) => markOf(now, draft, id))).toEqual(["changed", "added"]);
    expect(markOf(now, NO_DRAFT, "b")).toBeNull();
  });

  it("offers to wait only for what does not wait itself", () => {
    const now = plan(subtask("a"), subtask("b", { depends_on: ["a"] }), subtask("c", { depends_on: ["b"] }), subtask("p"), subtask("p-1", { parent: "p" }));
    expect(mayWaitFor(now, "a")).toEqual(["p", "p-1"]);
    expect(mayWaitFor(now, "p-1")).toEqual(["a", "b", "c"]);
  });

  it("refuses names that the server would refuse", () => {
    const now = plan(subtask("a"));
    expect(["ok-1", "", "A", "-a", "a", "root", "x".repeat(33)].map((id) => idProblem(id, now))).toEqual([null, "idForm", "idForm", "idForm", "idTaken", "idReserved", "idForm"]);
  });
});
