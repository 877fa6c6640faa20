import { failure, Failure } from "@/api/client";
import { noteOffline, noteOnline } from "@/api/connection";
import type { LedgerEvent } from "@/ledger/types";

/** A page of a run's events in order; there are more where the last one's number is below `last_seq`. */
export type EventPage = { events: LedgerEvent[]; last_seq: number };

/** Returns events after one; the server may end a page early. */
export function eventPage(run: string, after: number, limit: number, signal: AbortSignal): Promise<EventPage> {
  return get<EventPage>(`/api/runs/${encodeURIComponent(run)}/events?after=${after}&limit=${limit}`, signal);
}

/** Returns an event whole. */
export function wholeEvent(run: string, seq: number, signal?: AbortSignal): Promise<LedgerEvent> {
  return get<LedgerEvent>(`/api/runs/${encodeURIComponent(run)}/events/${seq}`, signal);
}

async function get<Data>(path: string, signal?: AbortSignal): Promise<Data> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "same-origin", signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    noteOffline();
    throw new Failure("Offline", 0, "the server cannot be reached");
  }
  noteOnline();
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw failure(answer, response.status);
  return answer as Data;
}

