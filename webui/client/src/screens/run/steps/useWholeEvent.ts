import { useEffect, useState } from "react";
import { told } from "@/api/client";
import type { RunStore } from "@/ledger/runStore";
import type { LedgerEvent } from "@/ledger/types";

export type Whole = { readonly event: LedgerEvent | null; readonly failed: string };

/** An event whole; until it is read, as it came, if it is still known. A number of 0 asks for nothing. */
export function useWholeEvent(store: RunStore, seq: number): Whole {
  const [whole, setWhole] = useState<Whole>(() => ({ event: store.slim(seq) ?? null, failed: "" }));
  useEffect(() => {
    let current = true;
    setWhole({ event: store.slim(seq) ?? null, failed: "" });
    if (seq > 0) {
      store.event(seq).then(
        (event) => current && setWhole({ event, failed: "" }),
        (error: unknown) => current && setWhole((before) => ({ ...before, failed: told(error) })),
      );
    }
    return () => {
      current = false;
    };
  }, [store, seq]);
  return whole;
}
