import type { PageShown, ShownQuote, ShownSentence } from "./types";

/** A sentence as it is shown: `before` is what stands between it and the one before, on the same line. */
export interface Shown {
  sentence: ShownSentence;
  text: string;
  before: string;
}

export interface Paragraph {
  heading: boolean;
  sentences: Shown[];
}

/** Cuts a window into paragraphs of sentences. Offsets count code points, as the server's do. */
export function paragraphs(view: PageShown): Paragraph[] {
  const points = Array.from(view.text);
  const cut = (start: number, end: number) => points.slice(start - view.start, end - view.start).join("");
  const found: Paragraph[] = [];
  let at = view.start;
  for (const sentence of view.sentences) {
    const before = cut(at, sentence.start);
    const text = cut(sentence.start, sentence.end);
    const last = found.at(-1);
    if (last === undefined || before.includes("\n")) found.push({ heading: false, sentences: [] });
    found.at(-1)?.sentences.push({ sentence, text, before: before.includes("\n") ? "" : before });
    at = sentence.end;
  }
  for (const one of found) one.heading = /^#{1,6} /.test(one.sentences[0]?.text ?? "");
  return found;
}

/** The ids of the quotes that hold a sentence of a page. */
export function quotedIn(quotes: ShownQuote[], view: PageShown, sentence: ShownSentence): string[] {
  return quotes
    .filter((quote) =>
      quote.parts.some(
        (part) => part.text_sha256 === view.text_sha256 && part.start < sentence.end && sentence.start < part.end,
      ),
    )
    .map((quote) => quote.id);
}

/** Splits a text at every place where something stands in it, whatever its case: odd entries are the finds. */
export function splitAt(text: string, wanted: string): string[] {
  const words = wanted.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [text];
  const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s+");
  return text.split(new RegExp(`(${pattern})`, "giu"));
}

/** Sentences of an answer that cite nothing. */
export function uncited(answer: string): string[] {
  return sentencesOf(answer).filter((sentence) => !/\[E\d+\]/.test(sentence));
}

/** Ids that an answer cites, in order and once each. */
export function cited(answer: string): string[] {
  return [...new Set(Array.from(answer.matchAll(/\[(E\d+)\]/g), (match) => match[1] ?? ""))];
}

export function sentencesOf(answer: string): string[] {
  // citations may stand behind the full stop and belong to the sentence before them
  return Array.from(answer.matchAll(/[^\n.!?。！？]+(?:[.!?。！？]+(?!\d)|\n|$)(?:\s*\[E\d+\])*[.。]?/gu), (match) => match[0].trim()).filter(
    (sentence) => /[\p{L}\p{N}]/u.test(sentence.replaceAll(/\[E\d+\]/g, "")),
  );
}

/** Inserts a citation where the cursor is; returns the new text and where the cursor stands then. */
export function withCitation(text: string, id: string, from: number, to: number): { text: string; at: number } {
  const before = text.slice(0, from);
  const mark = `${/\S$/.test(before) ? " " : ""}[${id}]`;
  return { text: before + mark + text.slice(to), at: from + mark.length };
}
