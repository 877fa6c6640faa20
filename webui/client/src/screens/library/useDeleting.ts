import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, ok, told } from "@/api/client";
import { toast } from "@/ui/Toasts";
import { useWords } from "@/ui/words";
import { words } from "./words";

const SECONDS = 6;

/** Deletes runs a few seconds after it is asked for, so that it can be taken back; until then they are out of sight. */
export function useDeleting(): { hidden: ReadonlySet<string>; remove: (run: string) => void } {
  const say = useWords(words);
  const queries = useQueryClient();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  const show = (run: string) => setHidden((now) => new Set([...now].filter((one) => one !== run)));
  const perform = async (run: string) => {
    timers.current.delete(run);
    try {
      await ok(api.DELETE("/api/runs/{run_id}", { params: { path: { run_id: run } } }));
      await queries.invalidateQueries({ queryKey: ["runs"] });
    } catch (error) {
      toast(say("deleteFailed", { why: told(error) }), { tone: "bad" });
    }
    show(run);
  };
  const performNow = useRef(perform);
  performNow.current = perform;
  useEffect(() => {
    const waiting = timers.current;
    // leaving the screen is no taking back
    return () => {
      for (const [run, timer] of waiting) {
        clearTimeout(timer);
        void performNow.current(run);
      }
    };
  }, []);
  const remove = (run: string) => {
    setHidden((now) => new Set([...now, run]));
    timers.current.set(
      run,
      setTimeout(() => void performNow.current(run), SECONDS * 1000),
    );
    const undo = () => {
      clearTimeout(timers.current.get(run));
      timers.current.delete(run);
      show(run);
    };
    toast(say("deleted"), { seconds: SECONDS - 0.5, action: { label: say("undo"), run: undo } });
  };
  return { hidden, remove };
}
