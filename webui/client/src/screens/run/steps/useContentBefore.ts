import { useEffect, useState } from "react";
import type { RunStore } from "@/ledger/runStore";
import { contentBefore } from "./changes";

/** What a file held before an event, as the run's ledger tells; null while it is read, and where nothing tells it. */
export function useContentBefore(store: RunStore, path: string, seq: number): { text: string; seq: number } | null {
  const [known, setKnown] = useState<{ text: string; seq: number } | null>(null);
  useEffect(() => {
    let current = true;
    setKnown(null);
    if (path !== "") {
      const ended = (key: string) => store.snapshot().edge.steps.get(key)?.done_seq ?? null;
      contentBefore(path, seq, store.log, (number) => store.event(number), ended).then(
        (found) => current && setKnown(found),
        // the change is then shown against nothing, which its note says
        () => current && setKnown(null),
      );
    }
    return () => {
      current = false;
    };
  }, [store, path, seq]);
  return known;
}
