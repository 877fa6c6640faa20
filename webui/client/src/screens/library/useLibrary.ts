import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { api, ok } from "@/api/client";
import type { components } from "@/api/schema";

export type RunCard = components["schemas"]["RunCard"];
type RunStatus = RunCard["status"];

export const STATUSES: readonly RunStatus[] = ["queued", "running", "waiting", "paused", "finished", "failed", "cancelled"];

/** What the library is narrowed down to. It stands in the address, so that a list can be kept and handed on. */
export type Filters = { search: string; status: RunStatus | ""; tag: string; owner: string };

export function useFilters(): [Filters, (change: Partial<Filters>) => void] {
  const [address, setAddress] = useSearchParams();
  const filters: Filters = {
    search: address.get("search") ?? "",
    status: STATUSES.find((status) => status === address.get("status")) ?? "",
    tag: address.get("tag") ?? "",
    owner: address.get("owner") ?? "",
  };
  const change = (given: Partial<Filters>) => {
    const kept = Object.entries({ ...filters, ...given }).filter(([, value]) => value !== "");
    setAddress(Object.fromEntries(kept), { replace: true });
  };
  return [filters, change];
}

/** Runs page by page, asked for again every few seconds, so that new ones appear by themselves. */
export function useRuns(filters: Filters) {
  return useInfiniteQuery({
    queryKey: ["runs", filters],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      ok(
        api.GET("/api/runs", {
          params: {
            query: {
              search: filters.search,
              limit: 50,
              ...(filters.status === "" ? {} : { status: filters.status }),
              ...(filters.tag === "" ? {} : { tag: filters.tag }),
              ...(filters.owner === "" ? {} : { owner: filters.owner }),
              ...(pageParam === "" ? {} : { before: pageParam }),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.more ?? undefined,
    refetchInterval: 4_000,
    placeholderData: (before) => before,
  });
}

export function useTags() {
  return useQuery({ queryKey: ["tags"], queryFn: ({ signal }) => ok(api.GET("/api/tags", { signal })) });
}

export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: ({ signal }) => ok(api.GET("/api/me", { signal })), staleTime: 60_000 });
}

export const nameOf = (run: RunCard): string => (run.title === "" ? run.goal : run.title);
