import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, ok } from "@/api/client";
import type { components } from "@/api/schema";

export type BatchLook = components["schemas"]["BatchLook"];
export type Result = components["schemas"]["AttemptResult"];
export type Score = components["schemas"]["Score"];
export type Figures = components["schemas"]["Figures"];
export type Comparison = components["schemas"]["Comparison"];
export type Flip = components["schemas"]["Flip"];
export type Share = components["schemas"]["Share"];

export const STATES = ["passed", "failed", "error", "open"] as const;
export type State = (typeof STATES)[number];
export type Wanted = { state: State | ""; failure: string; tag: string; offset: number };

/** Results on one page of a batch. */
export const PAGE = 50;
/** Milliseconds after which a batch that is worked on is looked at again. */
const SOON = 8_000;

/** Batches, newest first; those of one suite where it is named. */
export function useBatches({ limit = 20, suite, watch = true }: { limit?: number; suite?: string; watch?: boolean } = {}) {
  return useQuery({
    queryKey: ["batches", suite ?? "", limit],
    queryFn: ({ signal }) => ok(api.GET("/api/batches", { params: { query: { limit, ...(suite === undefined ? {} : { suite }) } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (watch && query.state.data?.batches.some((one) => one.standing === "under way") === true ? SOON : false),
  });
}

/** How one batch stands. */
export function useBatch(batch: string) {
  return useQuery({
    queryKey: ["batch", batch],
    queryFn: ({ signal }) => ok(api.GET("/api/batches/{batch}", { params: { path: { batch } }, signal })),
    refetchInterval: (query) => (query.state.data?.standing === "under way" ? SOON : false),
  });
}

/** A page of what became of a batch's attempts; looked at again as often as the batch changes. */
export function useResults(batch: BatchLook, wanted: Wanted) {
  const query = { limit: PAGE, offset: wanted.offset, ...(wanted.state === "" ? {} : { state: wanted.state }), ...(wanted.failure === "" ? {} : { failure: wanted.failure }), ...(wanted.tag === "" ? {} : { tag: wanted.tag }) };
  return useQuery({
    queryKey: ["batch", batch.id, "results", batch.begun, batch.ended, query],
    queryFn: ({ signal }) => ok(api.GET("/api/batches/{batch}/results", { params: { path: { batch: batch.id }, query }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** What a second batch did better or worse than a first. */
export function useComparison(batch: string, other: string) {
  return useQuery({
    queryKey: ["batch", batch, "comparison", other],
    queryFn: ({ signal }) => ok(api.GET("/api/batches/{batch}/comparison/{other}", { params: { path: { batch, other } }, signal })),
  });
}

/** The chance that one of as many attempts as were made passes; null where there was one. */
export function passAt(figures: Figures): { k: string; chance: number } | null {
  const last = Object.entries(figures.pass_at ?? {}).sort(([a], [b]) => Number(a) - Number(b)).at(-1);
  return last === undefined || last[0] === "1" ? null : { k: last[0], chance: last[1] };
}
