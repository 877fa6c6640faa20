import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunStore } from "@/ledger/runStore";
import { FakeServer } from "./fakeServer";
import { longRun } from "./longRun";

const EVENTS = longRun(1_000);
let server: FakeServer;
let store: RunStore;

// the client takes hold of `fetch` when it is loaded
vi.stubGlobal("fetch", (request: Request) => server.fetch(request));
const { RunStore: Store } = await import("@/ledger/runStore");

beforeEach(() => {
  server = new FakeServer();
  vi.stubGlobal("EventSource", server.source);
});

afterEach(() => store.close());

// what is waited for comes at once; a machine that is busy may take its time
vi.setConfig({ testTimeout: 30_000 });
const PATIENT = { timeout: 10_000 };

/** Waits until the server was not reached so many times one after the other. */
async function broken(tries: number): Promise<void> {
  await vi.waitFor(() => {
    const { connection } = store.snapshot();
    expect(connection.state === "broken" ? connection.tries : 0).toBeGreaterThanOrEqual(tries);
  }, PATIENT);
}

function follow(): RunStore {
  store = new Store("r");
  return store;
}

async function live(): Promise<void> {
  await vi.waitFor(() => expect(store.snapshot().connection.state).toBe("live"), PATIENT);
}

async function knows(last: number): Promise<void> {
  await vi.waitFor(() => expect(store.snapshot().last).toBe(last), PATIENT);
}

describe("following a run", () => {
  it("reads a small page first, then the rest, then listens from there", async () => {
    server.events = EVENTS;
    follow();
    await live();

    expect(store.snapshot().last).toBe(1_000);
    expect(store.snapshot().edge.status).toBe("finished");
    expect(server.asked).toStrictEqual(["/api/runs/r/events?after=0&limit=300", "/api/runs/r/events?after=300&limit=10000"]);
    expect(server.stream.url).toBe("/api/runs/r/stream?after=1000");
  });

  it("shows what comes, and tells those who listen once for what comes together", async () => {
    server.events = EVENTS.slice(0, 500);
    follow();
    await live();
    let told = 0;
    store.subscribe(() => (told += 1));

    for (const event of EVENTS.slice(500, 600)) server.stream.send([event]);
    await knows(600);

    expect(told).toBeLessThan(10);
    expect(store.at(550).seq).toBe(550);
  });

  it("drops what it knows, and reads again what the stream left out", async () => {
    server.events = EVENTS.slice(0, 500);
    follow();
    await live();
    server.events = EVENTS.slice(0, 700);

    server.stream.send(EVENTS.slice(490, 510));
    await knows(510);
    server.stream.send(EVENTS.slice(650, 700));
    await knows(700);

    expect(server.asked.at(-1)).toBe("/api/runs/r/events?after=510&limit=10000");
    await live();
    expect(server.stream.url).toBe("/api/runs/r/stream?after=700");
    expect(server.streams.filter((stream) => !stream.closed)).toHaveLength(1);
  });
});

describe("a connection that is lost", () => {
  it("says so, asks again less and less often, and goes on without a gap", async () => {
    server.events = EVENTS.slice(0, 500);
    follow();
    await live();
    server.events = EVENTS;
    server.refuses = 0;

    server.stream.breakOff();
    await broken(2);
    expect(store.snapshot().last).toBe(500);

    server.refuses = null;
    store.retry();
    await live();
    expect(store.snapshot().last).toBe(1_000);
  });

  it("is tried again at once when the machine is back in the network", async () => {
    server.refuses = 0;
    follow();
    await broken(4);
    const { connection } = store.snapshot();
    const waited = connection.state === "broken" ? connection.retryAt : 0;
    server.refuses = null;
    server.events = EVENTS.slice(0, 10);

    window.dispatchEvent(new Event("online"));
    await knows(10);
    expect(Date.now()).toBeLessThan(waited);
  });

  it("forgets what was being written, of which pieces are missing", async () => {
    server.events = EVENTS.slice(0, 10);
    follow();
    await live();
    server.stream.whisper("text", { key: "s0/model/9", text: "Half a sen" });
    expect(store.whispers.textOf("s0/model/9")).toBe("Half a sen");

    server.stream.breakOff();
    await vi.waitFor(() => expect(store.whispers.textOf("s0/model/9")).toBe(""), PATIENT);
  });
});

describe("a run that is not to be had", () => {
  it.each([
    [404, "gone"],
    [403, "refused"],
  ])("is told from one that is not reached: %i", async (status, state) => {
    server.refuses = status;
    follow();

    await vi.waitFor(() => expect(store.snapshot().connection.state).toBe(state), PATIENT);
    expect(server.asked).toHaveLength(1);
  });

  it("is gone when it is deleted while it is shown", async () => {
    server.events = EVENTS.slice(0, 10);
    follow();
    await live();

    server.stream.whisper("gone", {});
    await vi.waitFor(() => expect(store.snapshot().connection.state).toBe("gone"), PATIENT);
    expect(server.streams.every((stream) => stream.closed)).toBe(true);
  });
});

describe("what is said and not stored", () => {
  it("is kept under its key until the effect ends", async () => {
    server.events = EVENTS.slice(0, 5);
    follow();
    await live();
    const key = EVENTS[4]?.key ?? "";
    let told = 0;
    store.whispers.subscribe(key, () => (told += 1));

    server.stream.whisper("text", { key, text: "I " });
    server.stream.whisper("text", { key, text: "think" });
    server.stream.whisper("progress", { key, seconds: 2.5, line: "half way" });

    expect([store.whispers.textOf(key), store.whispers.progressOf(key)]).toStrictEqual(["I think", { seconds: 2.5, line: "half way" }]);
    expect(told).toBe(3);
    server.stream.send(EVENTS.slice(5, 6));
    await knows(6);
    expect([store.whispers.textOf(key), store.whispers.progressOf(key)]).toStrictEqual(["", null]);
  });
});

describe("events with their long texts cut", () => {
  it("are read whole where they are part of the state, and others when somebody wants them", async () => {
    server.events = EVENTS;
    server.cut = (event) =>
      event.kind === "report" || event.kind === "tool" ? { ...event, cut: true, payload: { report: { goal: "g", answer: "…", outcome: "verified" } } } : event;
    follow();

    await vi.waitFor(() => expect(store.snapshot().edge.report?.answer).toBe("Done."), PATIENT);
    const step = store.snapshot().edge.steps.at(1);
    if (step === undefined) throw new Error("the run has a second step");
    const asked = server.asked.length;
    const { started, done } = await store.eventsOf(step);
    await store.eventsOf(step);

    expect([started.payload, done?.payload]).toStrictEqual([EVENTS[step.started_seq - 1]?.payload, EVENTS[(step.done_seq ?? 0) - 1]?.payload]);
    expect(server.asked.slice(asked)).toStrictEqual([`/api/runs/r/events/${step.started_seq}`, `/api/runs/r/events/${step.done_seq}`]);
  });
});
