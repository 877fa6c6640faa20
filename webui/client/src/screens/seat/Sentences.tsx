import { useEffect, useMemo, useRef, type KeyboardEvent, type PointerEvent } from "react";
import { useWords } from "@/ui/words";
import { holds, moved, nativeSelection, picked, type Selection } from "./selection";
import { paragraphs, quotedIn, splitAt } from "./text";
import type { PageShown, ShownQuote } from "./types";
import { words } from "./words";

/** The text of a window. Sentences are selected by clicks and taps, by dragging over words, and by keys. */
export function Sentences({
  view,
  quotes,
  found,
  selection,
  onSelect,
  onQuote,
}: {
  view: PageShown;
  quotes: ShownQuote[];
  found: string;
  selection: Selection | null;
  onSelect: (selection: Selection | null) => void;
  onQuote: () => void;
}) {
  const say = useWords(words);
  const root = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => paragraphs(view), [view]);
  const first = view.sentences.at(0)?.number ?? 0;
  const at = selection !== null && holds(selection, selection.focus) ? selection.focus : first;

  useEffect(() => {
    // fingers select words with handles that end no pointer's way, so the document is asked
    const changed = () => {
      const chosen = root.current === null ? null : nativeSelection(root.current);
      if (chosen !== null) onSelect(chosen);
    };
    document.addEventListener("selectionchange", changed);
    return () => document.removeEventListener("selectionchange", changed);
  }, [onSelect]);

  const pick = (event: PointerEvent, number: number) => {
    if (event.button !== 0 || document.getSelection()?.isCollapsed === false) return;
    onSelect(picked(selection, number, event.shiftKey || (event.pointerType === "touch" && selection !== null)));
  };
  const press = (event: KeyboardEvent) => {
    const number = Number((event.target as HTMLElement).dataset.sentence);
    if (!number || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = moved(view, number, event.key);
    if (next !== null) {
      onSelect(picked(event.shiftKey ? (selection ?? { anchor: number, focus: number, words: "" }) : null, next, event.shiftKey));
      root.current?.querySelector<HTMLElement>(`[data-sentence="${next}"]`)?.focus();
    } else if (event.key === " ") {
      onSelect(picked(selection, number, event.shiftKey));
    } else if (event.key === "Enter") {
      if (selection === null) onSelect(picked(null, number, false));
      else onQuote();
    } else if (event.key === "Escape") {
      onSelect(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={root}
      role="listbox"
      aria-multiselectable="true"
      aria-label={say("sentences")}
      onKeyDown={press}
      dir="auto"
      className="space-y-3 text-[17px] leading-[1.7] [overflow-wrap:anywhere] selection:bg-accent/30"
    >
      {shown.map((paragraph) => (
        <div key={paragraph.sentences[0]?.sentence.number} role="presentation" className={paragraph.heading ? "pt-2 font-semibold" : ""}>
          {paragraph.sentences.map(({ sentence, text, before }) => {
            const chosen = holds(selection, sentence.number);
            const ids = quotedIn(quotes, view, sentence);
            return (
              <span key={sentence.number} role="presentation">
                {before || " "}
                <span
                  role="option"
                  aria-selected={chosen}
                  aria-description={ids.length > 0 ? say("quotedAs", { ids: ids.join(", ") }) : undefined}
                  data-sentence={sentence.number}
                  tabIndex={sentence.number === at ? 0 : -1}
                  onPointerUp={(event) => pick(event, sentence.number)}
                  className={`cursor-pointer rounded-sm whitespace-pre-wrap decoration-2 underline-offset-4 outline-offset-1 ${
                    chosen ? "bg-wash text-ink box-decoration-clone ring-2 ring-wash" : "hover:bg-sunken"
                  } ${ids.length > 0 ? "underline decoration-accent" : ""}`}
                >
                  {splitAt(text, found).map((piece, index) =>
                    index % 2 === 1 ? (
                      <mark key={index} className="rounded-sm bg-warn-wash text-ink">
                        {piece}
                      </mark>
                    ) : (
                      piece
                    ),
                  )}
                </span>
              </span>
            );
          })}
        </div>
      ))}
    </div>
  );
}
