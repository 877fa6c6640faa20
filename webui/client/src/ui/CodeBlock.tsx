import { useState } from "react";
import { Button, IconButton } from "@/ui/Button";
import { harmless } from "@/ui/harmless";
import { kitWords } from "@/ui/kitWords";
import { useWords } from "@/ui/words";

/** Code or output of a program, at first no more than `lines` lines of it; can be copied. `wrap` breaks long lines. */
export function CodeBlock({ text, label, lines = 40, wrap = false }: { text: string; label: string; lines?: number; wrap?: boolean }) {
  const say = useWords(kitWords);
  const [all, setAll] = useState(false);
  const [copied, setCopied] = useState(false);
  const shown = harmless(text);
  const rows = shown.split("\n");
  const cut = !all && rows.length > lines + 5;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div className="group relative min-w-0 rounded-md bg-sunken">
      <pre tabIndex={0} role="region" aria-label={label} className={`max-h-[32rem] overflow-auto p-3 font-mono text-[12.5px] leading-[1.55] ${wrap ? "break-words whitespace-pre-wrap" : ""}`}>
        <code>{cut ? rows.slice(0, lines).join("\n") : shown}</code>
      </pre>
      {cut && (
        <div className="border-t border-line px-2 py-1">
          <Button kind="quiet" size="small" onClick={() => setAll(true)}>
            {say("showAll")} · {say("linesLeft", { count: rows.length - lines })}
          </Button>
        </div>
      )}
      <IconButton
        icon={copied ? "check" : "copy"}
        label={copied ? say("copied") : say("copy")}
        size="small"
        kind="plain"
        onClick={() => void copy()}
        className="absolute top-1.5 right-1.5 opacity-0 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100"
      />
    </div>
  );
}
