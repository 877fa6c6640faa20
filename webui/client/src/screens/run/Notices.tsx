import { useState } from "react";
import type { RunView } from "@/ledger/types";
import { Button } from "@/ui/Button";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { useWords } from "@/ui/words";
import { runWords } from "./words";

/** What a run had to tell besides: retries, refused requests, a sandbox that was lost. The newest first. */
export function Notices({ view }: { view: RunView }) {
  const say = useWords(runWords);
  const [all, setAll] = useState(false);
  if (view.notices.length === 0) return null;
  const shown = all ? view.notices.toReversed() : view.notices.slice(-1);
  return (
    <div className="flex items-start gap-2 border-b border-line bg-raised px-4 py-1.5 text-[13px] text-soft md:px-6">
      <Icon name="info" size={14} className="mt-0.5" />
      <ul className={`min-w-0 flex-1 ${all ? "max-h-40 overflow-y-auto" : ""}`} aria-label={say("notices")}>
        {shown.map((notice, index) => (
          <li key={index} className={all ? "break-words" : "truncate"} dir="auto">
            {harmless(notice)}
          </li>
        ))}
      </ul>
      {view.notices.length > 1 && (
        <Button kind="quiet" size="small" className="-my-1" onClick={() => setAll(!all)}>
          {all ? say("fewer") : say("allNotices", { count: view.notices.length })}
        </Button>
      )}
    </div>
  );
}
