import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { create } from "zustand";
import { api, ok } from "@/api/client";
import type { components } from "@/api/schema";
import { harmless } from "@/ui/harmless";
import { keep, kept } from "@/ui/kept";
import { shellWords } from "@/ui/shellWords";
import { toast } from "@/ui/Toasts";
import { useWords } from "@/ui/words";

type RunCard = components["schemas"]["RunCard"];

const KEY = "plumbline.notify";
const ENDED: readonly RunCard["status"][] = ["finished", "failed", "cancelled"];

/** How many runs wait for a person. */
export const useWaiting = create<{ count: number }>(() => ({ count: 0 }));

export type Notifying = "on" | "off" | "refused" | "impossible";

/** Whether messages of the system are shown. */
export const useNotifying = create<{ state: Notifying }>(() => ({ state: standing() }));

function standing(): Notifying {
  if (!("Notification" in globalThis) || !globalThis.isSecureContext) return "impossible";
  if (Notification.permission === "denied") return "refused";
  return Notification.permission === "granted" && kept(KEY) === "on" ? "on" : "off";
}

/** Turns messages of the system on or off; to be called by a click, since the browser may ask the person then. */
export async function setNotifying(on: boolean): Promise<void> {
  if (on && "Notification" in globalThis) await Notification.requestPermission();
  keep(KEY, on ? "on" : "off");
  useNotifying.setState({ state: standing() });
}

/** Watches the newest runs: counts those that wait, and tells when one begins to wait or ends. */
export function useRunWatch(open: (run: string) => void): void {
  const say = useWords(shellWords);
  const waiting = useQuery({
    queryKey: ["runs", "waiting"],
    queryFn: ({ signal }) => ok(api.GET("/api/runs", { params: { query: { status: "waiting", limit: 200 } }, signal })),
    refetchInterval: 5_000,
    refetchIntervalInBackground: true,
  });
  const newest = useQuery({
    queryKey: ["runs", "newest"],
    queryFn: ({ signal }) => ok(api.GET("/api/runs", { params: { query: { limit: 50 } }, signal })),
    refetchInterval: 5_000,
    refetchIntervalInBackground: true,
  });
  const before = useRef<Map<string, RunCard["status"]>>(undefined);
  const count = waiting.data?.runs.length ?? 0;
  useEffect(() => useWaiting.setState({ count }), [count]);
  useEffect(() => {
    if (newest.data === undefined) return;
    const seen = before.current;
    before.current = new Map(newest.data.runs.map((run) => [run.id, run.status]));
    for (const run of newest.data.runs) {
      const was = seen?.get(run.id);
      if (seen === undefined || was === run.status || location.pathname.startsWith(`/runs/${run.id}`)) continue;
      const waits = run.status === "waiting";
      // of runs that were not there before, only those that need somebody are worth a word
      if (!waits && (was === undefined || !ENDED.includes(run.status))) continue;
      const name = harmless(run.title === "" ? run.goal : run.title).slice(0, 120);
      const title = say(waits ? "runWaits" : "runEnded");
      if (document.hidden && standing() === "on") {
        const message = new Notification(title, { body: name, tag: run.id });
        message.onclick = () => {
          window.focus();
          open(run.id);
        };
      } else {
        toast(`${title}: ${name}`, { action: { label: say("open"), run: () => open(run.id) } });
      }
    }
  }, [newest.data, open, say]);
}
