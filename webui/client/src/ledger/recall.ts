import { wholeEvent } from "@/api/events";
import type { LedgerEvent } from "./types";

/** Most events that are kept as they came, and most of those that were asked for whole. */
const MOST_CAME = 3_000;
const MOST_WHOLE = 200;

/** Events of a run as they came, the newest of them, and whole ones that somebody wanted to see. */
export class Recall {
  private readonly came = new Map<number, LedgerEvent>();
  private readonly whole = new Map<number, Promise<LedgerEvent>>();

  constructor(private readonly run: string) {}

  note(events: readonly LedgerEvent[]): void {
    for (const event of events.slice(-MOST_CAME)) this.came.set(event.seq, event);
    trim(this.came, MOST_CAME);
  }

  /** An event as it came, long texts cut, if it is still known. */
  known(seq: number): LedgerEvent | undefined {
    return this.came.get(seq);
  }

  /** An event whole. What came whole is not asked for again. */
  event(seq: number): Promise<LedgerEvent> {
    const known = this.came.get(seq);
    if (known !== undefined && known.cut !== true) return Promise.resolve(known);
    const asked = this.whole.get(seq);
    if (asked !== undefined) return asked;
    const asking = wholeEvent(this.run, seq);
    this.whole.set(seq, asking);
    trim(this.whole, MOST_WHOLE);
    asking.catch(() => this.whole.delete(seq));
    return asking;
  }
}

function trim(map: Map<number, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
