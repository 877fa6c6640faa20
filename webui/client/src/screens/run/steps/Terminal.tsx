import { useMemo, useState } from "react";
import { Button } from "@/ui/Button";
import { kitWords } from "@/ui/kitWords";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { spansOf } from "./ansi";

const FIRST = 60;
const MOST = 200_000;

/** Output of a program, as a terminal would show it. Long output is cut, and the middle of very long output left out. */
export function Terminal({ text, label, tone = "out" }: { text: string; label: string; tone?: "out" | "err" }) {
  const say = useWords(kitWords);
  const [all, setAll] = useState(false);
  const rows = useMemo(() => bounded(text).split("\n"), [text]);
  const cut = !all && rows.length > FIRST + 5;
  const shown = cut ? rows.slice(0, FIRST).join("\n") : rows.join("\n");
  const spans = useMemo(() => spansOf(shown), [shown]);
  return (
    <div className={`min-w-0 rounded-md bg-sunken ${tone === "err" ? "border-l-2 border-bad" : ""}`}>
      <pre tabIndex={0} role="region" aria-label={label} dir="ltr" className="max-h-[28rem] overflow-auto px-3 py-2.5 font-mono text-[12.5px] leading-[1.55] break-words whitespace-pre-wrap">
        {spans.map((span, index) => (
          <span key={index} className={span.look}>
            {span.text}
          </span>
        ))}
      </pre>
      {cut && (
        <div className="border-t border-line px-2 py-1">
          <Button kind="quiet" size="small" onClick={() => setAll(true)}>
            {say("showAll")} · {say("linesLeft", { count: rows.length - FIRST })}
          </Button>
        </div>
      )}
    </div>
  );
}

function bounded(text: string): string {
  if (text.length <= MOST) return text;
  const left = text.length - MOST;
  return `${text.slice(0, MOST * 0.8)}\n[... ${left.toLocaleString()} characters left out ...]\n${text.slice(-MOST * 0.2)}`;
}

/** How a program ended, in one line. */
export function Ending({ exitCode, signal, seconds }: { exitCode: number | null; signal: string; seconds: number | null }) {
  const say = useWords(runWords);
  const bad = exitCode !== 0;
  return (
    <p className={`text-xs tabular-nums ${bad ? "text-bad" : "text-soft"}`}>
      {signal !== "" ? say("endedBy", { signal }) : say("exitCode", { code: exitCode ?? "?" })}
      {seconds !== null && ` · ${seconds.toFixed(seconds < 10 ? 1 : 0)} s`}
    </p>
  );
}
