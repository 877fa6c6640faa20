import { Failure, told } from "@/api/client";
import { eventPage } from "@/api/events";
import { openStream } from "@/api/stream";
import { Log } from "./log";
import { Recall } from "./recall";
import { Timeline } from "./timeline";
import type { Mark } from "./marks";
import type { LedgerEvent, RunView, Step } from "./types";
import { Whispers } from "./whispers";

/**
 * How what is shown relates to the run. `loading`: its history is being read. `live`: all is known, and what comes is
 * shown at once. `broken`: the server is not reached, and asked again at `retryAt`. `gone`: the run was deleted, or
 * there is none. `refused`: the server does not give it.
 */
export type Connection =
  | { readonly state: "loading" | "live" | "gone" }
  | { readonly state: "broken"; readonly retryAt: number; readonly tries: number; readonly why: string }
  | { readonly state: "refused"; readonly why: string };

/** What is known of a run at the moment. It is another object whenever something is different. */
export type Known = {
  readonly edge: RunView;
  readonly last: number;
  /** The number of the newest event that the server told of. */
  readonly expected: number;
  readonly marks: readonly Mark[];
  readonly connection: Connection;
};

const FIRST_PAGE = 300;
const PAGE = 10_000;

/** Times in milliseconds: between tries to reach the server, and for which a stream must have held to be a good one. */
const SHORTEST_WAIT = 300;
const LONGEST_WAIT = 15_000;
const STEADY = 5_000;

/** Answers after which asking again would change nothing. */
const REFUSED: ReadonlySet<number> = new Set([400, 401, 403, 422]);

/** Kinds whose events hold what is part of the state, so that they are read whole where they came cut. */
const STATE: ReadonlySet<LedgerEvent["kind"]> = new Set(["run", "setting", "plan", "subtask", "design", "report", "command"]);

/** Follows one run: reads its history, hears what comes, and finds its way back after the connection was lost. */
export class RunStore {
  readonly whispers = new Whispers();
  readonly log = new Log();
  private readonly timeline = new Timeline();
  private readonly recall: Recall;
  private readonly listeners = new Set<() => void>();
  private readonly ending = new AbortController();
  private known: Known;
  private arrived: LedgerEvent[] = [];
  private scheduled = false;
  private wake: () => void = () => {};
  private missed: () => void = () => {};

  constructor(readonly run: string) {
    this.recall = new Recall(run);
    this.known = {
      edge: this.timeline.edge,
      last: 0,
      expected: 0,
      marks: [],
      connection: { state: "loading" },
    };
    window.addEventListener("online", this.retry);
    document.addEventListener("visibilitychange", this.retry);
    void this.follow();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): Known => this.known;

  /** The state after an event; the newest where the number is not known yet. */
  at(seq: number): RunView {
    return this.timeline.at(seq);
  }

  /** When an event was written, in milliseconds since 1970; NaN where it is not known. */
  timeOf(seq: number): number {
    return this.timeline.timeOf(seq);
  }

  /** An event whole, by its number. */
  event(seq: number): Promise<LedgerEvent> {
    return this.recall.event(seq);
  }

  /** An event as it came, long texts cut, if it is still known. */
  slim(seq: number): LedgerEvent | undefined {
    return this.recall.known(seq);
  }

  /** The events in which an effect started and ended, whole. */
  async eventsOf(step: Step): Promise<{ started: LedgerEvent; done: LedgerEvent | null }> {
    const [started, done] = await Promise.all([
      this.event(step.started_seq),
      step.done_seq === null ? null : this.event(step.done_seq),
    ]);
    return { started, done };
  }

  /** Asks a server that was not reached now instead of later. */
  readonly retry = (): void => {
    if (!document.hidden) this.wake();
  };

  close(): void {
    this.ending.abort();
    this.wake();
    window.removeEventListener("online", this.retry);
    document.removeEventListener("visibilitychange", this.retry);
  }

  private async follow(): Promise<void> {
    for (let tries = 1; !this.ending.signal.aborted; tries += 1) {
      let why = "";
      try {
        await this.catchUp();
        const began = Date.now();
        if ((await this.listen()) === "gap") continue;
        if (Date.now() - began > STEADY) tries = 1;
      } catch (error) {
        if (this.ending.signal.aborted) return;
        if (error instanceof Failure && error.status === 404) return this.say({ connection: { state: "gone" } });
        if (error instanceof Failure && REFUSED.has(error.status)) {
          return this.say({ connection: { state: "refused", why: error.message } });
        }
        why = told(error);
      }
      if (this.known.connection.state === "gone" || this.ending.signal.aborted) return;
      await this.pause(tries, why);
    }
  }

  /** Reads all events up to the newest that there is. */
  private async catchUp(): Promise<void> {
    let limit = this.timeline.last === 0 ? FIRST_PAGE : PAGE;
    for (;;) {
      const page = await eventPage(this.run, this.timeline.last, limit, this.ending.signal);
      this.take(page.events);
      this.say({ expected: Math.max(page.last_seq, this.timeline.last) });
      if (this.timeline.last >= page.last_seq || page.events.length === 0) return;
      limit = PAGE;
    }
  }

  /** Hears what comes until the stream ends, or something is missing in it. */
  private listen(): Promise<"ended" | "gap"> {
    return new Promise((resolve) => {
      const { signal } = this.ending;
      const end = (how: "ended" | "gap") => {
        signal.removeEventListener("abort", abort);
        close();
        if (how === "ended") this.flush();
        resolve(how);
      };
      const abort = () => end("ended");
      const close = openStream(this.run, this.timeline.last, {
        open: () => {
          // pieces of what is being written were missed
          this.whispers.clear();
          this.say({ connection: { state: "live" } });
        },
        events: (events) => {
          this.arrived.push(...events);
          this.schedule();
        },
        text: (key, piece) => this.whispers.hearText(key, piece),
        progress: (key, seconds, line) => this.whispers.hearProgress(key, { seconds, line }),
        gone: () => {
          this.say({ connection: { state: "gone" } });
          end("ended");
        },
        ended: abort,
      });
      this.missed = () => end("gap");
      signal.addEventListener("abort", abort);
    });
  }

  /** Takes in what arrived with the next frame, or soon where nothing is drawn. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    if (document.hidden) setTimeout(this.flush, 200);
    else requestAnimationFrame(this.flush);
  }

  private readonly flush = (): void => {
    this.scheduled = false;
    const events = this.arrived;
    this.arrived = [];
    if (events.length && !this.take(events)) this.missed();
  };

  private take(events: readonly LedgerEvent[]): boolean {
    const before = this.timeline.last;
    const fitted = this.timeline.add(events);
    const fresh = events.filter((event) => event.seq > before && event.seq <= this.timeline.last);
    if (fresh.length === 0) return fitted;
    this.recall.note(fresh);
    this.log.take(fresh);
    for (const event of fresh) {
      if (event.phase === "done" && event.key !== null) this.whispers.forget(event.key);
      if (event.kind === "retry" && typeof event.payload.of === "string") this.whispers.forget(event.payload.of);
    }
    this.say({ expected: Math.max(this.known.expected, this.timeline.last) });
    void this.mend(fresh.filter((event) => event.cut === true && holdsState(event)));
    return fitted;
  }

  /** Reads events whole that came cut and are part of the state. */
  private async mend(events: readonly LedgerEvent[]): Promise<void> {
    if (events.length === 0) return;
    const read = await Promise.allSettled(events.map((event) => this.recall.event(event.seq)));
    if (this.ending.signal.aborted) return;
    this.timeline.mend(read.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
    this.say({});
  }

  private pause(tries: number, why: string): Promise<void> {
    const wait = Math.min(SHORTEST_WAIT * 2 ** (tries - 1), LONGEST_WAIT) * (0.75 + Math.random() / 2);
    this.say({ connection: { state: "broken", retryAt: Date.now() + wait, tries, why } });
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private say(news: Partial<Pick<Known, "connection" | "expected">>): void {
    const { edge, last, marks } = this.timeline;
    this.known = { ...this.known, ...news, edge, last, marks };
    for (const listener of [...this.listeners]) listener();
  }
}

function holdsState(event: LedgerEvent): boolean {
  return STATE.has(event.kind) || (event.kind === "person" && event.phase === "started");
}
