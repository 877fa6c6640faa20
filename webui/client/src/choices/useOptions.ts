import { useQuery } from "@tanstack/react-query";
import { api, ok } from "@/api/client";
import type { components } from "@/api/schema";

/** What a task can be given here: models, sandboxes, networks, documents. */
export type Options = components["schemas"]["Options"];

export function useOptions() {
  return useQuery({ queryKey: ["options"], queryFn: ({ signal }) => ok(api.GET("/api/options", { signal })), staleTime: 30_000 });
}
