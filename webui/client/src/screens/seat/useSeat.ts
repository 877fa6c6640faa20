import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { api, Failure, ok, told } from "@/api/client";
import type { Act, SeatState } from "./types";

/** Milliseconds between looks at a session that others may act in, and at one whose action is still under way. */
const LOOK = 2_000;
const LOOK_SOON = 500;

export interface Seat {
  state: SeatState | undefined;
  /** Why there is no session to show. */
  problem: Failure | Error | null;
  busy: boolean;
  /** What came of the last action where it was refused; "stale" where somebody else was faster. */
  refused: { stale: boolean; message: string } | null;
  act: Act;
  dismiss: () => void;
}

/** A browsing run as its seat shows it, and what has actions done. Others may act in it, too. */
export function useSeat(run: string): Seat {
  const queries = useQueryClient();
  const key = ["seat", run];
  const [sent, setSent] = useState<number | null>(null);
  const [refused, setRefused] = useState<Seat["refused"]>(null);
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => ok(api.GET("/api/runs/{run_id}/seat", { params: { path: { run_id: run } }, signal })),
    refetchInterval: ({ state }) => (state.data?.ended && state.data.status === "finished" ? false : sent === null ? LOOK : LOOK_SOON),
    staleTime: 0,
  });
  const state = query.data;
  // an action is under way until the session is past the step that it was sent at
  const busy = sent !== null && (state === undefined || state.step <= sent);

  const act = useCallback<Act>(
    async (name, args = {}) => {
      const seen = queries.getQueryData<SeatState>(key);
      if (seen === undefined) return false;
      setRefused(null);
      setSent(seen.step);
      try {
        await queries.cancelQueries({ queryKey: key });
        const after = await ok(
          api.POST("/api/runs/{run_id}/seat/actions", {
            params: { path: { run_id: run } },
            body: { action: { name, arguments: args }, step: seen.step },
          }),
        );
        // a look that began before the action was done would put the session back to what it was
        await queries.cancelQueries({ queryKey: key });
        queries.setQueryData(key, after);
        if (after.step > seen.step) setSent(null);
        return after.history.at(-1)?.ok ?? true;
      } catch (error) {
        setSent(null);
        const stale = error instanceof Failure && error.stale;
        setRefused({ stale, message: told(error) });
        if (stale) await queries.invalidateQueries({ queryKey: key });
        return false;
      }
    },
    [queries, run],
  );
  return { state, problem: query.error, busy, refused, act, dismiss: () => setRefused(null) };
}
