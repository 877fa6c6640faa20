import { createContext, useCallback, useContext, useMemo } from "react";
import { useSearchParams } from "react-router";

export type Chosen = { claim: string } | { evidence: string } | { check: string } | null;

/** What of a report is opened; it stands in the address, so that it can be linked to. */
export type Selection = { claim: string; evidence: string; check: string; choose: (chosen: Chosen) => void };

export const SelectionContext = createContext<Selection>({ claim: "", evidence: "", check: "", choose: () => undefined });

export function useSelection(): Selection {
  return useContext(SelectionContext);
}

/** The selection of this page's address. Evidence may be opened beside a claim, which then stays. */
export function useSelectionOfAddress(): Selection {
  const [search, setSearch] = useSearchParams();
  const choose = useCallback(
    (chosen: Chosen) => {
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          for (const name of ["evidence", "check"]) next.delete(name);
          if (chosen === null || !("evidence" in chosen)) next.delete("claim");
          for (const [name, value] of Object.entries(chosen ?? {})) next.set(name, value);
          return next;
        },
        { replace: true, preventScrollReset: true },
      );
    },
    [setSearch],
  );
  const [claim, evidence, check] = ["claim", "evidence", "check"].map((name) => search.get(name) ?? "");
  return useMemo(() => ({ claim: claim ?? "", evidence: evidence ?? "", check: check ?? "", choose }), [claim, evidence, check, choose]);
}
