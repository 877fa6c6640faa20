import type { PageShown } from "./types";

/** Sentences that are selected, by number, and the words of a narrower selection. `anchor` is where it began. */
export interface Selection {
  anchor: number;
  focus: number;
  words: string;
}

export function range(selection: Selection): [number, number] {
  return [Math.min(selection.anchor, selection.focus), Math.max(selection.anchor, selection.focus)];
}

export function holds(selection: Selection | null, number: number): boolean {
  if (selection === null) return false;
  const [first, last] = range(selection);
  return first <= number && number <= last;
}

/** What a click or a tap on a sentence makes of a selection: `extend` reaches from where it began to there. */
export function picked(selection: Selection | null, number: number, extend: boolean): Selection | null {
  if (selection !== null && extend) return { anchor: selection.anchor, focus: number, words: "" };
  if (selection !== null && selection.anchor === number && selection.focus === number) return null;
  return { anchor: number, focus: number, words: "" };
}

/** The sentence that a key leads to, within the window. */
export function moved(view: PageShown, from: number, key: string): number | null {
  const first = view.sentences.at(0)?.number ?? 0;
  const last = view.sentences.at(-1)?.number ?? 0;
  switch (key) {
    case "ArrowDown":
    case "ArrowRight":
      return Math.min(from + 1, last);
    case "ArrowUp":
    case "ArrowLeft":
      return Math.max(from - 1, first);
    case "Home":
      return first;
    case "End":
      return last;
    default:
      return null;
  }
}

/** What the browser's own selection holds of the sentences in an element; null where it is none. */
export function nativeSelection(root: HTMLElement): Selection | null {
  const chosen = document.getSelection();
  if (chosen === null || chosen.isCollapsed || chosen.rangeCount === 0) return null;
  const span = chosen.getRangeAt(0);
  if (!root.contains(span.commonAncestorContainer)) return null;
  const touched = Array.from(root.querySelectorAll<HTMLElement>("[data-sentence]")).filter((element) => {
    if (!span.intersectsNode(element)) return false;
    // a selection that only touches the edge of a sentence holds nothing of it
    const inside = document.createRange();
    inside.selectNodeContents(element);
    if (span.compareBoundaryPoints(Range.START_TO_START, inside) > 0) inside.setStart(span.startContainer, span.startOffset);
    if (span.compareBoundaryPoints(Range.END_TO_END, inside) < 0) inside.setEnd(span.endContainer, span.endOffset);
    return inside.toString().trim() !== "";
  });
  const first = touched.at(0);
  const last = touched.at(-1);
  if (first === undefined || last === undefined) return null;
  const words = wholeWords(span).toString().trim();
  const whole = touched.map((element) => element.textContent ?? "").join(" ");
  const same = (text: string) => text.replaceAll(/\s+/g, "");
  return {
    anchor: Number(first.dataset.sentence),
    focus: Number(last.dataset.sentence),
    words: same(words) === same(whole) ? "" : words,
  };
}

const LETTER = "(?![\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}])[\\p{L}\\p{N}\\p{M}_]";
const WORD = new RegExp(`(?:${LETTER})+(?:[.,'’-](?:${LETTER})+)*`, "gu");

/** Widens a selection to the words and numbers that it cuts: a part of one is no quote. */
function wholeWords(span: Range): Range {
  const wide = span.cloneRange();
  const from = wordAround(span.startContainer, span.startOffset);
  if (from !== null) wide.setStart(span.startContainer, from[0]);
  const to = wordAround(span.endContainer, span.endOffset);
  if (to !== null) wide.setEnd(span.endContainer, to[1]);
  return wide;
}

/** Where the word begins and ends that an offset lies inside of. */
function wordAround(node: Node, offset: number): [number, number] | null {
  if (!(node instanceof Text)) return null;
  for (const word of node.data.matchAll(WORD)) {
    const end = word.index + word[0].length;
    if (word.index < offset && offset < end) return [word.index, end];
  }
  return null;
}
