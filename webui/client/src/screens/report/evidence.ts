import { useQuery } from "@tanstack/react-query";
import { api, ok } from "@/api/client";
import type { components } from "@/api/schema";

/** The text of a page or document around a quote, as it was read. */
export type EvidencePage = components["schemas"]["EvidencePage"];

/** A piece of evidence with the page around it, checked once more against what is kept. */
export function useEvidence(run: string, id: string) {
  return useQuery({
    queryKey: ["evidence", run, id],
    queryFn: ({ signal }) => ok(api.GET("/api/runs/{run_id}/evidence/{eid}", { params: { path: { run_id: run, eid: id } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}
