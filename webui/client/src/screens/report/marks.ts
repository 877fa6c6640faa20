import type { Element, ElementContent, Root, RootContent, Text } from "hast";
import type { CheckedClaim } from "@/ledger/types";

/** Where the sentence of a claim stands in a text, in UTF-16 units as JavaScript counts. */
export type Place = { start: number; end: number; claim: string };

/** Returns where the sentences of claims stand; offsets of claims count code points. */
export function placesOf(text: string, claims: readonly CheckedClaim[]): Place[] {
  const points = /[\ud800-\udfff]/.test(text) ? unitsByPoint(text) : null;
  const unit = (point: number) => (points === null ? point : (points[point] ?? text.length));
  const places: Place[] = [];
  for (const { claim } of claims) {
    const sentence = claim.sentence || claim.text;
    if (claim.start !== null && claim.end !== null && claim.start < claim.end && unit(claim.end) <= text.length) {
      places.push({ start: unit(claim.start), end: unit(claim.end), claim: claim.id });
      continue;
    }
    const found = text.indexOf(sentence);
    if (found >= 0) places.push({ start: found, end: found + sentence.length, claim: claim.id });
  }
  return places;
}

function unitsByPoint(text: string): number[] {
  const units: number[] = [];
  let at = 0;
  for (const sign of text) {
    units.push(at);
    at += sign.length;
  }
  return [...units, at];
}

type Piece = { value: string; start: number; end: number; evidence?: string };

/**
 * Returns a plugin that wraps the sentences of claims in `mark` elements, with the ids of the claims in `dataClaims` and
 * of those that end there in `dataLast`; ids of evidence in brackets become `cite` elements.
 */
export function markClaims(source: string, places: readonly Place[], evidence: ReadonlySet<string>) {
  return () => (tree: Root) => {
    const lastOf = new Map<string, Element>();
    const marked = (node: Text): ElementContent[] => {
      const at = unitsOf(node, source);
      if (at === null) return [node];
      const [first = 0, end = 0] = [at[0], at.at(-1)];
      const near = places.filter((place) => place.start < end && place.end > first);
      return piecesOf(node.value, at, near, evidence).map((piece): ElementContent => {
        const here = near.filter((place) => place.start < piece.end && place.end > piece.start);
        const text: Text = { type: "text", value: piece.value };
        const inner: ElementContent =
          piece.evidence === undefined ? text : { type: "element", tagName: "cite", properties: { dataEvidence: piece.evidence }, children: [text] };
        if (here.length === 0) return inner;
        const mark: Element = { type: "element", tagName: "mark", properties: { dataClaims: here.map((place) => place.claim).join(" ") }, children: [inner] };
        for (const place of here) lastOf.set(place.claim, mark);
        return mark;
      });
    };
    walk(tree, marked);
    for (const [claim, mark] of lastOf) mark.properties.dataLast = [mark.properties.dataLast, claim].filter(Boolean).join(" ");
  };
}

function walk(node: Root | Element, marked: (text: Text) => ElementContent[]): void {
  if (node.type === "element" && node.tagName === "pre") return;
  const made: RootContent[] = [];
  for (const child of node.children) {
    if (child.type === "element") walk(child, marked);
    // blanks between blocks have no place in the text
    if (child.type === "text" && child.value.trim() !== "") made.push(...marked(child));
    else made.push(child);
  }
  if (node.type === "root") node.children = made;
  else node.children = made.filter((child): child is ElementContent => child.type !== "doctype");
}

/** Returns for each unit of a text node where it stands in the source; null where that is not known. */
function unitsOf(node: Text, source: string): number[] | null {
  const [start, end] = [node.position?.start.offset, node.position?.end.offset];
  if (start === undefined || end === undefined) return null;
  const units: number[] = [];
  let at = start;
  for (const sign of node.value) {
    // escapes, entities and the blanks of a broken line stand in the source alone
    const found = source.indexOf(sign, at);
    if (found >= 0 && found < end && found - at < 12) at = found;
    for (let unit = 0; unit < sign.length; unit++) units.push(Math.min(at + unit, end));
    at = Math.min(at + sign.length, end);
  }
  return [...units, end];
}

const BRACKETS = /\[([^[\]]{1,200})\]/g;

function piecesOf(value: string, at: readonly number[], places: readonly Place[], evidence: ReadonlySet<string>): Piece[] {
  const cited = new Map<number, { end: number; id: string }>();
  for (const found of value.matchAll(BRACKETS)) {
    let from = found.index + 1;
    for (const part of (found[1] ?? "").split(",")) {
      const id = part.trim();
      const start = from + part.indexOf(id);
      if (evidence.has(id)) cited.set(start, { end: start + id.length, id });
      from += part.length + 1;
    }
  }
  const borders = new Set([0, value.length]);
  for (const [start, { end }] of cited) borders.add(start).add(end);
  for (const place of places) {
    for (const border of [place.start, place.end]) {
      const unit = at.findIndex((source) => source >= border);
      if (unit > 0 && unit < value.length) borders.add(unit);
    }
  }
  const sorted = [...borders].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((start, number) => {
    const end = sorted[number + 1] ?? value.length;
    const piece: Piece = { value: value.slice(start, end), start: at[start] ?? 0, end: (at[end - 1] ?? 0) + 1 };
    const citation = cited.get(start);
    return citation !== undefined && citation.end === end ? { ...piece, evidence: citation.id } : piece;
  });
}
