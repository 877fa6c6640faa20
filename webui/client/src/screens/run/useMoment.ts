import { useCallback, useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";

/** Which moment of a run is shown. */
export type Moment = {
  /** The event after which the run is shown; null as it stands. */
  readonly at: number | null;
  /** The event that the address named when it was opened, to be scrolled to. */
  readonly sought: number | null;
  readonly go: (at: number | null) => void;
};

const SETTLED = 250;

/** The moment that the address names with `?at=` (as the run stood then) or `?step=` (as it stands now). */
export function useMoment(): Moment {
  const [params, setParams] = useSearchParams();
  const named = numberOf(params.get("at"));
  const step = numberOf(params.get("step"));
  const [at, setAt] = useState(named);
  const [sought, setSought] = useState(named ?? step);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const written = useRef(named);
  useEffect(() => {
    if (named === written.current) return;
    written.current = named;
    setAt(named);
    setSought(named ?? step);
  }, [named, step]);
  const go = useCallback(
    (next: number | null) => {
      setAt(next);
      setSought(null);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        written.current = next;
        setParams(
          (before) => {
            const after = new URLSearchParams(before);
            after.delete("step");
            if (next === null) after.delete("at");
            else after.set("at", String(next));
            return after;
          },
          { replace: true },
        );
      }, SETTLED);
    },
    [setParams],
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  return { at, sought, go };
}

function numberOf(text: string | null): number | null {
  const number = Number(text);
  return text !== null && Number.isInteger(number) && number > 0 ? number : null;
}
