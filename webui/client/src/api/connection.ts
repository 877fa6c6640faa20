import { create } from "zustand";

/** Whether the server answers. `since` is when it last stopped doing so. */
export type Connection = { online: boolean; since: number };

/** The state of the connection; screens with a stream report what they see as well. */
export const useConnection = create<Connection>(() => ({ online: true, since: 0 }));

const returned = new Set<() => void>();
let asking: ReturnType<typeof setTimeout> | undefined;

/** Calls `listener` each time the server answers again; returns how to stop. */
export function onReturn(listener: () => void): () => void {
  returned.add(listener);
  return () => returned.delete(listener);
}

/** Notes an answer. One to what was sent at a time (`began`) before the server was lost says nothing of it now. */
export function noteOnline(began = Infinity): void {
  const { online, since } = useConnection.getState();
  if (online || began < since) return;
  clearTimeout(asking);
  useConnection.setState({ online: true });
  for (const listener of [...returned]) listener();
}

export function noteOffline(): void {
  if (!useConnection.getState().online) return;
  useConnection.setState({ online: false, since: Date.now() });
  ask();
}

/** Asks now whether the server is there again. */
export function askNow(): void {
  clearTimeout(asking);
  void reach();
}

function ask(): void {
  asking = setTimeout(() => void reach(), 2_000);
}

async function reach(): Promise<void> {
  try {
    // any answer will do, also one that refuses
    await fetch("/icon.svg", { cache: "no-store" });
    noteOnline();
  } catch {
    ask();
  }
}

if (typeof window !== "undefined") {
  window.addEventListener("offline", noteOffline);
  window.addEventListener("online", askNow);
}
