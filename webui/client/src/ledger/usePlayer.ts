import { useCallback, useEffect, useRef, useState } from "react";
import type { Run } from "./useRun";

export const SPEEDS = [1, 2, 4, 8, 16, 32, 64] as const;
export type Speed = (typeof SPEEDS)[number];

/** Longest time between two events that is waited out, in milliseconds: nobody watches a night of waiting. */
const LONGEST = 2_000;

export type Player = {
  readonly playing: boolean;
  readonly speed: Speed;
  readonly setSpeed: (speed: Speed) => void;
  /** Plays from the moment that is shown, or from the beginning where that is the end; stops where it plays. */
  readonly toggle: () => void;
  readonly stop: () => void;
};

/** Plays a run as it happened, or faster. `seek` shows a moment; null is the run as it stands. */
export function usePlayer(run: Run, at: number | null, seek: (at: number | null) => void): Player {
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<Speed>(4);
  const now = useRef({ at, run, speed, seek });
  now.current = { at, run, speed, seek };

  useEffect(() => {
    if (!playing) return;
    let shown = now.current.at ?? 0;
    let spare = 0;
    let before = performance.now();
    let frame = requestAnimationFrame(function step(time: number) {
      const { run, speed, seek, at } = now.current;
      // somebody else moved it
      if (at !== null && at !== shown) [shown, spare] = [at, 0];
      spare += Math.min(time - before, 250) * speed;
      before = time;
      const begin = shown;
      while (shown < run.last) {
        const gap = gapAfter(run, shown);
        if (gap > spare) break;
        spare -= gap;
        shown += 1;
      }
      if (shown >= run.last) {
        seek(null);
        setPlaying(false);
        return;
      }
      if (shown !== begin) seek(shown);
      frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing]);

  const toggle = useCallback(() => {
    const { at, run, seek } = now.current;
    if (run.last === 0) return;
    if (at === null || at >= run.last) seek(1);
    setPlaying((before) => !before);
  }, []);
  const stop = useCallback(() => setPlaying(false), []);
  return { playing, speed, setSpeed, toggle, stop };
}

function gapAfter(run: Run, seq: number): number {
  const gap = run.store.timeOf(seq + 1) - run.store.timeOf(seq);
  return Number.isFinite(gap) ? Math.min(Math.max(gap, 0), LONGEST) : 0;
}
