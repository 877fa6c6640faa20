import { useMemo } from "react";
import { harmless } from "@/ui/harmless";
import { CodeBlock } from "@/ui/CodeBlock";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { diffOf, type DiffLine } from "./diffs";

const LOOKS: Record<DiffLine["kind"], string> = {
  same: "",
  added: "bg-good-wash",
  removed: "bg-bad-wash",
};
const SIGNS: Record<DiffLine["kind"], string> = { same: " ", added: "+", removed: "−" };

/** What a change does to a text: lines taken out and put in, with a few around them. */
export function DiffView({ before, after, path, note }: { before: string; after: string; path: string; note?: string }) {
  const say = useWords(runWords);
  const diff = useMemo(() => diffOf(before, after), [before, after]);
  if (diff === null) return <CodeBlock text={after} label={path} />;
  return (
    <figure className="min-w-0 overflow-hidden rounded-md border border-line bg-raised" aria-label={say("changeOf", { path: harmless(path) })}>
      <figcaption className="flex flex-wrap items-baseline gap-x-3 border-b border-line px-3 py-1.5 text-xs">
        <span className="min-w-0 font-mono break-all">{harmless(path)}</span>
        <span className="tabular-nums">
          <span className="text-good">+{diff.added}</span> <span className="text-bad">−{diff.removed}</span>
        </span>
        {note !== undefined && <span className="text-soft">{note}</span>}
      </figcaption>
      <div className="max-h-[28rem] overflow-auto" tabIndex={0} role="region" aria-label={say("changeOf", { path: harmless(path) })}>
        <table className="w-full border-collapse font-mono text-[12.5px] leading-[1.55]">
          <tbody>
            {diff.hunks.map((hunk, index) =>
              hunk.lines.map((line, place) => (
                <tr key={`${index}.${place}`} className={`${LOOKS[line.kind]} ${index > 0 && place === 0 ? "border-t border-dashed border-line" : ""}`}>
                  <td className="w-10 pr-2 text-right align-top text-soft tabular-nums select-none max-sm:hidden">{line.before}</td>
                  <td className="w-10 pr-2 text-right align-top text-soft tabular-nums select-none max-sm:hidden">{line.after}</td>
                  <td className={`w-4 text-center align-top select-none ${line.kind === "added" ? "text-good" : line.kind === "removed" ? "text-bad" : ""}`} aria-hidden="true">
                    {SIGNS[line.kind]}
                  </td>
                  <td className="pr-3 break-words whitespace-pre-wrap">
                    {line.kind !== "same" && <span className="sr-only">{say(line.kind)} </span>}
                    {harmless(line.text)}
                  </td>
                </tr>
              )),
            )}
          </tbody>
        </table>
        {diff.hunks.length === 0 && <p className="px-3 py-2 text-[13px] text-soft">{say("noChange")}</p>}
      </div>
    </figure>
  );
}
