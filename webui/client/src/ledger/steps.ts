import type { Step } from "./types";

const CHUNK = 64;

/**
 * The effects of a run by their keys, in the order in which they started.
 *
 * It never changes; what is added to or changed in shares all but one chunk with what it came from, so that thousands
 * of states of one run cost little more than the last of them.
 */
export class Steps {
  static none(): Steps {
    return new Steps([], 0, new Map());
  }

  private constructor(
    private readonly chunks: readonly (readonly Step[])[],
    readonly size: number,
    /** Places by key. It is shared by all that grew out of each other, so it may know keys that are not here yet. */
    private readonly places: Map<string, number>,
  ) {}

  /** The step at a place, counted from 0. */
  at(place: number): Step | undefined {
    return place >= 0 && place < this.size ? this.chunks[Math.floor(place / CHUNK)]?.[place % CHUNK] : undefined;
  }

  get(key: string): Step | undefined {
    const place = this.placeOf(key);
    return place === undefined ? undefined : this.at(place);
  }

  /** The place of a key, counted from 0. */
  placeOf(key: string): number | undefined {
    const place = this.places.get(key);
    return place !== undefined && this.at(place)?.key === key ? place : undefined;
  }

  /** Returns these with a step added, or changed where its key is known. */
  with(step: Step): Steps {
    const place = this.placeOf(step.key);
    return place === undefined ? this.grown(step) : this.changed(place, step);
  }

  *[Symbol.iterator](): Iterator<Step> {
    for (const chunk of this.chunks) yield* chunk;
  }

  slice(from: number, to = this.size): Step[] {
    const found: Step[] = [];
    for (let place = Math.max(0, from); place < Math.min(to, this.size); place += 1) {
      const step = this.at(place);
      if (step !== undefined) found.push(step);
    }
    return found;
  }

  /** Effects that have started and not ended. */
  running(): Step[] {
    return [...this].filter((step) => step.done_seq === null);
  }

  toJSON(): { [key: string]: Step } {
    return Object.fromEntries([...this].map((step) => [step.key, step]));
  }

  private grown(step: Step): Steps {
    const last = this.chunks.at(-1);
    const open = last !== undefined && last.length < CHUNK;
    const chunks = open ? [...this.chunks.slice(0, -1), [...last, step]] : [...this.chunks, [step]];
    // another history grew from the same state
    const branched = (this.places.get(step.key) ?? this.places.size) !== this.size;
    const places = branched ? new Map([...this].map(({ key }, place) => [key, place])) : this.places;
    places.set(step.key, this.size);
    return new Steps(chunks, this.size + 1, places);
  }

  private changed(place: number, step: Step): Steps {
    const number = Math.floor(place / CHUNK);
    const chunks = this.chunks.map((chunk, at) =>
      at === number ? chunk.map((one, index) => (index === place % CHUNK ? step : one)) : chunk,
    );
    return new Steps(chunks, this.size, this.places);
  }
}
