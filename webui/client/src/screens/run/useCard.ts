import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, ok } from "@/api/client";
import type { RunStatus } from "@/ledger/types";
import type { RunCard } from "./steer/commands";

const OFTEN = 5_000;
const SELDOM = 60_000;

/**
 * A run's card, and how the run stands: as its events tell, unless they say that it runs and nobody works on it, as in
 * a fork that has not begun, or where a process ended.
 */
export function useCard(run: string, told: RunStatus): { card: RunCard | undefined; status: RunStatus } {
  const fetched = useQuery({
    queryKey: ["run", run, told],
    queryFn: async () => ok(api.GET("/api/runs/{run_id}", { params: { path: { run_id: run } } })),
    refetchInterval: told === "running" ? OFTEN : SELDOM,
    placeholderData: keepPreviousData,
  });
  const card = fetched.data;
  const left = card !== undefined && !fetched.isPlaceholderData && !card.alive && !card.worked_here && told === "running";
  return { card, status: !left ? told : card.status === "running" ? "paused" : card.status };
}
