import { describe, expect, it } from "vitest";
import { apply, emptyView, toJson } from "@/ledger/reducer";
import { Timeline } from "@/ledger/timeline";
import type { LedgerEvent } from "@/ledger/types";
import { longRun } from "./longRun";

const EVENTS = longRun(700);

function timelineOf(events: readonly LedgerEvent[]): Timeline {
  const timeline = new Timeline();
  timeline.add(events);
  return timeline;
}

describe("the state after any event", () => {
  it("is what the events up to it give, in whatever order moments are asked for", () => {
    const events = EVENTS.slice(0, 200);
    const timeline = timelineOf(events);
    const expected = [emptyView()];
    for (const event of events) expected.push(apply(expected.at(-1) ?? emptyView(), event));

    const scattered = events.map((_, place) => (place * 71) % expected.length);
    for (const seq of [...scattered, ...expected.keys(), ...[...expected.keys()].reverse()]) {
      expect(JSON.stringify(timeline.at(seq)), `after event ${seq}`).toBe(JSON.stringify(expected[seq]));
    }
  });

  it("is empty before the first, and the newest after the last", () => {
    const timeline = timelineOf(EVENTS);

    expect(timeline.at(0).seq).toBe(0);
    expect(timeline.at(9_999)).toBe(timeline.edge);
    expect(timeline.edge.status).toBe("finished");
  });

  it("shares what did not change with the state before it", () => {
    const timeline = timelineOf(EVENTS);
    const [before, after] = [timeline.at(300), timeline.at(301)];

    expect(after.plan).toBe(before.plan);
    expect(after.steps.at(7)).toBe(before.steps.at(7));
    expect(before.steps.size).toBeGreaterThan(100);
  });

  it("stays what it was while the run goes on", () => {
    const timeline = timelineOf(EVENTS.slice(0, 300));
    const [held, written] = [timeline.edge, JSON.stringify(timeline.edge)];

    timeline.add(EVENTS.slice(300));

    expect(JSON.stringify(held)).toBe(written);
    expect(held.steps.get(timeline.edge.steps.at(timeline.edge.steps.size - 1)?.key ?? "")).toBeUndefined();
  });
});

describe("taking events in", () => {
  it("drops those that are known, wherever a page begins", () => {
    const timeline = timelineOf(EVENTS.slice(0, 400));

    expect(timeline.add(EVENTS.slice(200, 700))).toBe(true);
    expect(timeline.last).toBe(700);
    expect(toJson(timeline.edge)).toStrictEqual(toJson(timelineOf(EVENTS).edge));
  });

  it("takes nothing after a gap, and says that there is one", () => {
    const timeline = timelineOf(EVENTS.slice(0, 10));

    expect(timeline.add(EVENTS.slice(12))).toBe(false);
    expect(timeline.last).toBe(10);
  });

  it("puts whole events in the place of cut ones, from there to the newest state", () => {
    const cut = EVENTS.map((event) => (event.kind === "report" ? { ...event, cut: true, payload: { report: { goal: "Do", answer: "D…", outcome: "verified" } } } : event));
    const timeline = timelineOf(cut);
    expect(timeline.edge.report?.answer).toBe("D…");

    timeline.mend(EVENTS.filter((event) => event.kind === "report" || event.kind === "plan"));

    expect(toJson(timeline.edge)).toStrictEqual(toJson(timelineOf(EVENTS).edge));
    expect(timeline.marks).toStrictEqual(timelineOf(EVENTS).marks);
    expect(timeline.at(100).seq).toBe(100);
  });
});

it("marks where subtasks begin, where calls fail, what is asked, and how it ends", () => {
  const { marks } = timelineOf(EVENTS);
  const kinds = new Map(marks.map((mark) => [mark.kind, mark]));

  expect([...kinds.keys()].sort()).toStrictEqual(["plan", "question", "report", "slip", "subtask"]);
  expect(kinds.get("question")?.of).toBe("Go on?");
  expect(kinds.get("slip")?.of).toMatch(/^python\(code=… print/);
  expect(marks.map(({ seq }) => seq)).toStrictEqual(marks.map(({ seq }) => seq).sort((one, other) => one - other));
});

it("grows two histories out of one state without mixing them", () => {
  const begun = EVENTS.slice(0, 100).reduce(apply, emptyView());
  const call = (key: string): LedgerEvent => ({ run_id: "r", seq: 101, at: "2026-01-01T00:00:00Z", kind: "tool", key, phase: "started", payload: { request: { tool: key } } });

  const [one, other] = [apply(begun, call("a")), apply(begun, call("b"))];

  expect([one.steps.get("a")?.title, one.steps.get("b")]).toStrictEqual(["a()", undefined]);
  expect([other.steps.get("b")?.title, other.steps.get("a")]).toStrictEqual(["b()", undefined]);
  expect(begun.steps.get("a")).toBeUndefined();
});
