import { api, ok } from "@/api/client";
import type { LedgerEvent } from "@/ledger/types";

/** A page of a run's events in order; there are more where the last one's number is below `last_seq`. */
export type EventPage = { readonly events: readonly LedgerEvent[]; readonly last_seq: number };

/** Returns events after one, long texts cut; the server may end a page early. */
export function eventPage(run: string, after: number, limit: number, signal: AbortSignal): Promise<EventPage> {
  const params = { path: { run_id: run }, query: { after, limit } };
  return ok(api.GET("/api/runs/{run_id}/events", { params, signal }));
}

/** Returns an event whole. */
export function wholeEvent(run: string, seq: number): Promise<LedgerEvent> {
  return ok(api.GET("/api/runs/{run_id}/events/{seq}", { params: { path: { run_id: run, seq } } }));
}
