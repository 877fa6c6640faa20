import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { Progress } from "./whispers";
import { type Connection, type Known, RunStore } from "./runStore";
import type { LedgerEvent, RunView, Step } from "./types";
import type { Mark } from "./marks";

/** Time for which a run that nobody shows any more stays open, so that going from screen to screen reads it once. */
const LINGER = 10_000;

type Open = { store: RunStore; users: number; leaving?: ReturnType<typeof setTimeout> };
const open = new Map<string, Open>();

/** A run as a screen sees it. */
export type Run = {
  readonly store: RunStore;
  /** The state after the event that is asked for, or as it stands. */
  readonly view: RunView;
  /** The state as it stands, whatever is asked for. */
  readonly edge: RunView;
  /** The number of the newest event that is known. */
  readonly last: number;
  /** Whether the whole history is known. */
  readonly complete: boolean;
  readonly marks: readonly Mark[];
  readonly connection: Connection;
};

/** Follows a run; `at` is the number of the event after which its state is wanted, null for the newest. */
export function useRun(run: string, at: number | null = null): Run {
  const store = useStore(run);
  const known: Known = useSyncExternalStore(store.subscribe, store.snapshot);
  return {
    store,
    view: at === null ? known.edge : store.at(at),
    edge: known.edge,
    last: known.last,
    complete: known.last >= known.expected && known.last > 0,
    marks: known.marks,
    connection: known.connection,
  };
}

/** What a model is writing under a key at the moment; empty where it writes nothing. */
export function useText(store: RunStore, key: string): string {
  const { whispers } = store;
  const subscribe = useCallback((listener: () => void) => whispers.subscribe(key, listener), [whispers, key]);
  return useSyncExternalStore(subscribe, () => whispers.textOf(key));
}

/** How a call gets on at the moment; null where nothing is known of it. */
export function useProgress(store: RunStore, key: string): Progress | null {
  const { whispers } = store;
  const subscribe = useCallback((listener: () => void) => whispers.subscribe(key, listener), [whispers, key]);
  return useSyncExternalStore(subscribe, () => whispers.progressOf(key));
}

/** The events of an effect, whole, as they come; nothing is asked for while `wanted` is false. */
export type StepEvents = {
  readonly started: LedgerEvent | null;
  readonly done: LedgerEvent | null;
  readonly failure: Error | null;
};

export function useEvents(store: RunStore, step: Step, wanted = true): StepEvents {
  const { started_seq, done_seq } = step;
  const [events, setEvents] = useState<StepEvents>(() => ({
    started: store.slim(started_seq) ?? null,
    done: done_seq === null ? null : (store.slim(done_seq) ?? null),
    failure: null,
  }));
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    const told = (news: Partial<StepEvents>) => current && setEvents((before) => ({ ...before, ...news }));
    const failed = (failure: Error) => told({ failure });
    store.event(started_seq).then((started) => told({ started, failure: null }), failed);
    if (done_seq === null) told({ done: null });
    else store.event(done_seq).then((done) => told({ done, failure: null }), failed);
    return () => {
      current = false;
    };
  }, [store, started_seq, done_seq, wanted]);
  return events;
}

function useStore(run: string): RunStore {
  const store = storeOf(run);
  useEffect(() => {
    const used = entryOf(run);
    clearTimeout(used.leaving);
    used.users += 1;
    return () => {
      used.users -= 1;
      if (used.users === 0) used.leaving = setTimeout(() => dismiss(run, used), LINGER);
    };
  }, [run, store]);
  return store;
}

function storeOf(run: string): RunStore {
  return entryOf(run).store;
}

function entryOf(run: string): Open {
  const known = open.get(run);
  if (known !== undefined) return known;
  const opened: Open = { store: new RunStore(run), users: 0 };
  open.set(run, opened);
  // a screen that never came to be shown leaves it behind
  opened.leaving = setTimeout(() => dismiss(run, opened), LINGER);
  return opened;
}

function dismiss(run: string, entry: Open): void {
  if (entry.users > 0 || open.get(run) !== entry) return;
  open.delete(run);
  entry.store.close();
}
