import { useRef, useState } from "react";
import { Button } from "@/ui/Button";
import { TextArea } from "@/ui/Field";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import type { Unheard } from "./pending";

/** Saying something to the planner and all executors, and what was said that nobody has heard yet. */
export function GuideBox({ unheard, sending, onSay }: { unheard: readonly Unheard[]; sending: boolean; onSay: (text: string) => Promise<boolean> }) {
  const say = useWords(runWords);
  const [text, setText] = useState("");
  const form = useRef<HTMLFormElement>(null);
  return (
    <div className="border-t border-line bg-raised px-3 py-2">
      {unheard.length > 0 && (
        <ul className="mb-1.5 space-y-0.5" aria-label={say("notHeardYet")}>
          {unheard.slice(-3).map((one) => (
            <li key={one.seq} className="flex items-baseline gap-1.5 text-xs text-soft">
              <Icon name="clock" size={12} label={say("notHeardYet")} className="translate-y-0.5" />
              <span className="min-w-0 truncate" dir="auto">
                {harmless(one.text)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <form
        ref={form}
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const said = text.trim();
          if (said === "") return;
          void onSay(said).then((taken) => taken && setText(""));
        }}
      >
        <div className="min-w-0 flex-1">
          <TextArea
            aria-label={say("guide")}
            placeholder={say("guideHint")}
            least={1}
            className="block resize-none"
            most={6}
            maxLength={20_000}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
            }}
          />
        </div>
        <Button type="submit" icon="send" busy={sending} disabled={text.trim() === ""}>
          {say("sendGuide")}
        </Button>
      </form>
    </div>
  );
}
