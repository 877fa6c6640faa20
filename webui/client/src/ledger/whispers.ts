/** What passes by without being kept in the ledger: what models write at the moment, and how calls get on. */

/** Most characters of one text that are kept: its end. */
const MOST = 40_000;

export type Progress = { readonly seconds: number; readonly line: string };

export class Whispers {
  private readonly texts = new Map<string, string>();
  private readonly lines = new Map<string, Progress>();
  private readonly listeners = new Map<string, Set<() => void>>();

  textOf(key: string): string {
    return this.texts.get(key) ?? "";
  }

  progressOf(key: string): Progress | null {
    return this.lines.get(key) ?? null;
  }

  hearText(key: string, piece: string): void {
    const text = this.textOf(key) + piece;
    this.texts.set(key, text.length > MOST ? `… ${text.slice(-MOST + MOST / 4)}` : text);
    this.tell(key);
  }

  hearProgress(key: string, progress: Progress): void {
    this.lines.set(key, progress);
    this.tell(key);
  }

  /** Forgets what was heard under a key, which has ended or begins anew. */
  forget(key: string): void {
    const heard = [this.texts.delete(key), this.lines.delete(key)];
    if (heard.includes(true)) this.tell(key);
  }

  /** Forgets all: pieces were missed. */
  clear(): void {
    const keys = [...this.texts.keys(), ...this.lines.keys()];
    this.texts.clear();
    this.lines.clear();
    for (const key of keys) this.tell(key);
  }

  subscribe(key: string, listener: () => void): () => void {
    const listeners = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.listeners.get(key) === listeners) this.listeners.delete(key);
    };
  }

  private tell(key: string): void {
    for (const listener of this.listeners.get(key) ?? []) listener();
  }
}
