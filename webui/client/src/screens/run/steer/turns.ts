/**
 * Has what a person asks for sent one after the other, in the order it was asked for: a pause that is clicked while an
 * answer is on its way goes out after it. The same asked for twice is a double click, and goes out once.
 */
export class Turns {
  private readonly names = new Set<string>();
  private last: Promise<unknown> = Promise.resolve();

  /** What was asked for last of what is on its way; empty where nothing is. */
  get busy(): string {
    return [...this.names].at(-1) ?? "";
  }

  /** Returns what came of sending something, or null where the same is on its way already. */
  send<Data>(what: string, send: () => Promise<Data>): Promise<Data> | null {
    if (this.names.has(what)) return null;
    this.names.add(what);
    const sending = this.last.then(send).finally(() => this.names.delete(what));
    this.last = sending.catch(() => undefined);
    return sending;
  }
}
