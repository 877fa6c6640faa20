import { useState } from "react";
import { fileWords } from "@/files/words";
import { Button } from "@/ui/Button";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
const MOST = 200;
/** Longer lists begin closed. */
const FEW = 40;

/** Returns a text as JSON; undefined where it is none. */
export function jsonOf(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** JSON as a tree that opens and closes; of long lists the first 200 are shown until the rest is asked for. */
export function JsonTree({ value }: { value: Json }) {
  const say = useWords(fileWords);
  const [all, setAll] = useState<{ open: boolean; turn: number } | null>(null);
  return (
    <div>
      <div className="flex gap-1 px-2 pb-1">
        <Button size="small" kind="quiet" onClick={() => setAll({ open: true, turn: (all?.turn ?? 0) + 1 })}>
          {say("openAll")}
        </Button>
        <Button size="small" kind="quiet" onClick={() => setAll({ open: false, turn: (all?.turn ?? 0) + 1 })}>
          {say("closeAll")}
        </Button>
      </div>
      <div className="max-h-[70vh] overflow-auto px-3 pb-3 font-mono text-[12.5px] leading-[1.7]" tabIndex={0} role="region" aria-label="JSON">
        <Node key={all?.turn ?? 0} value={value} depth={0} opened={all?.open} />
      </div>
    </div>
  );
}

function Node({ name, value, depth, opened }: { name?: string; value: Json; depth: number; opened: boolean | undefined }) {
  const say = useWords(fileWords);
  const many = value !== null && typeof value === "object" && Object.keys(value).length > FEW;
  const [open, setOpen] = useState(opened === undefined ? depth < 4 && (depth === 0 || !many) : opened && depth < 12);
  const [shown, setShown] = useState(MOST);
  const head = name !== undefined && <span className="text-info">{harmless(name)}: </span>;
  if (value === null || typeof value !== "object") {
    return (
      <div className="break-all whitespace-pre-wrap">
        {head}
        <Leaf value={value} />
      </div>
    );
  }
  const entries: [string, Json][] = Array.isArray(value) ? value.map((one, at) => [String(at), one]) : Object.entries(value);
  if (entries.length === 0) {
    return (
      <div>
        {head}
        <span className="text-soft">{Array.isArray(value) ? "[]" : "{}"}</span>
      </div>
    );
  }
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer marker:text-soft">
        {head}
        <span className="text-soft">{Array.isArray(value) ? `[ ${entries.length} ]` : `{ ${entries.length} }`}</span>
      </summary>
      {open && (
        <div className="ml-1.5 border-l border-line pl-3.5">
          {entries.slice(0, shown).map(([key, one]) => (
            <Node key={key} name={key} value={one} depth={depth + 1} opened={opened} />
          ))}
          {entries.length > shown && (
            <button type="button" className="text-accent underline" onClick={() => setShown(shown + 1000)}>
              {say("more", { count: entries.length - shown })}
            </button>
          )}
        </div>
      )}
    </details>
  );
}

function Leaf({ value }: { value: string | number | boolean | null }) {
  if (typeof value === "string") return <span className="text-good">"{harmless(value)}"</span>;
  return <span className="text-warn">{String(value)}</span>;
}
