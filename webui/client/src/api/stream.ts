import type { LedgerEvent } from "@/ledger/types";

/** What is heard of a run as it goes on. */
export type StreamListener = {
  /** The stream is open. */
  open(): void;
  /** Events in order; they may be known already, and there may be a gap before them. */
  events(events: readonly LedgerEvent[]): void;
  /** The next piece of what a model writes under a key. */
  text(key: string, piece: string): void;
  /** For how many seconds a call has run, and the last line its program printed. */
  progress(key: string, seconds: number, line: string): void;
  /** The run was deleted. */
  gone(): void;
  /** The stream ended, for whatever reason. Nothing is heard after that. */
  ended(): void;
};

/** Opens the stream of a run's events after one of them; returns how to close it. It does not open itself again. */
export function openStream(run: string, after: number, listener: StreamListener): () => void {
  const source = new EventSource(`/api/runs/${encodeURIComponent(run)}/stream?after=${after}`);
  const close = () => source.close();
  source.onopen = () => listener.open();
  source.onmessage = (message: MessageEvent<string>) => listener.events(parsed<LedgerEvent[]>(message));
  source.addEventListener("text", (message: MessageEvent<string>) => {
    const { key, text } = parsed<{ key: string; text: string }>(message);
    listener.text(key, text);
  });
  source.addEventListener("progress", (message: MessageEvent<string>) => {
    const { key, seconds, line } = parsed<{ key: string; seconds: number; line: string }>(message);
    listener.progress(key, seconds, line);
  });
  source.addEventListener("gone", () => {
    close();
    listener.gone();
  });
  source.onerror = () => {
    // whoever listens opens it again from the event it knows: the browser would not say how long it waits, nor why
    close();
    listener.ended();
  };
  return close;
}

function parsed<Data>(message: MessageEvent<string>): Data {
  return JSON.parse(message.data) as Data;
}
