import { type Change, changeOf } from "./changes";
import { type Mark, markOf } from "./marks";
import { changed, emptyView } from "./reducer";
import type { LedgerEvent, RunView } from "./types";

/** Events between two states that are kept. Reducing so many takes well under a millisecond. */
const STRIDE = 64;

/**
 * All that a run's events change, and the state after any of them.
 *
 * Of most events only what they change is kept, which is little. States share what did not change between them.
 */
export class Timeline {
  private readonly changes: Change[] = [];
  private readonly kept: RunView[] = [emptyView()];
  private readonly found: Mark[] = [];
  private newest: RunView = emptyView();
  private latest: RunView = this.newest;

  /** The number of the newest event that is known. */
  get last(): number {
    return this.changes.length;
  }

  /** The state after the newest event that is known. */
  get edge(): RunView {
    return this.newest;
  }

  /** What is worth finding in the run, in order. */
  get marks(): readonly Mark[] {
    return this.found;
  }

  /** Takes events in. Those that are known change nothing. Returns whether all fitted on: false tells of a gap. */
  add(events: readonly LedgerEvent[]): boolean {
    for (const event of events) {
      if (event.seq <= this.last) continue;
      if (event.seq !== this.last + 1) return false;
      this.take(changeOf(event));
    }
    return true;
  }

  /** Puts whole events in the place of those that came with their long texts cut. */
  mend(events: readonly LedgerEvent[]): void {
    const known = events.filter((event) => event.seq <= this.last);
    if (known.length === 0) return;
    for (const event of known) this.changes[event.seq - 1] = changeOf(event);
    const first = Math.min(...known.map((event) => event.seq));
    const redone = this.changes.splice(first - 1);
    this.kept.length = Math.floor((first - 1) / STRIDE) + 1;
    while (this.found.length && (this.found.at(-1)?.seq ?? 0) >= first) this.found.pop();
    this.newest = this.at(first - 1);
    for (const change of redone) this.take(change);
    this.latest = this.newest;
  }

  /** The state after an event, by its number; 0 is before the first. Numbers that are not known yet give the newest. */
  at(seq: number): RunView {
    if (seq >= this.newest.seq) return this.newest;
    const wanted = Math.max(0, Math.floor(seq));
    const near = this.kept[Math.floor(wanted / STRIDE)] ?? emptyView();
    let view = this.latest.seq <= wanted && this.latest.seq > near.seq ? this.latest : near;
    for (let next = view.seq; next < wanted; next += 1) {
      const change = this.changes[next];
      if (change !== undefined) view = changed(view, change);
    }
    this.latest = view;
    return view;
  }

  /** When an event was written, in milliseconds since 1970. */
  timeOf(seq: number): number {
    return Date.parse(this.changes[seq - 1]?.at ?? "");
  }

  private take(change: Change): void {
    this.changes.push(change);
    this.newest = changed(this.newest, change);
    if (this.newest.seq % STRIDE === 0) this.kept[this.newest.seq / STRIDE] = this.newest;
    const mark = markOf(change, this.newest);
    if (mark !== null) this.found.push(mark);
  }
}
