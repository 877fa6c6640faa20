import { Button } from "@/ui/Button";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import type { Edit, Misfit } from "./draft";

/** Wishes that no longer fit the plan, each with the reason. They are kept until somebody lets go of them. */
export function Misfits({ misfits, onDrop }: { misfits: readonly Misfit[]; onDrop: (edit: Edit) => void }) {
  const say = useWords(runWords);
  if (misfits.length === 0) return null;
  return (
    <ul className="mt-1.5 space-y-1">
      {misfits.map(({ edit, why, id, status }, index) => (
        <li key={index} className="flex flex-wrap items-center gap-x-2 text-[13px]">
          <span className="min-w-0 break-words">{say(`misfit_${why}`, { id, status: status === "" ? "" : say(statusWord(status)), wish: say(`wish_${edit.op}`) })}</span>
          <Button size="small" kind="quiet" onClick={() => onDrop(edit)}>
            {say("letGo")}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function statusWord(status: string): "status_running" | "status_done" | "status_failed" | "status_dropped" | "status_pending" {
  return status === "running" || status === "done" || status === "failed" || status === "dropped" ? `status_${status}` : "status_pending";
}
