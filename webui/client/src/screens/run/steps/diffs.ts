import { structuredPatch } from "diff";

export type DiffLine = { readonly kind: "same" | "added" | "removed"; readonly text: string; readonly before: number | null; readonly after: number | null };
export type Hunk = { readonly lines: readonly DiffLine[] };
export type Diff = { readonly hunks: readonly Hunk[]; readonly added: number; readonly removed: number };

const MOST = 400_000;

/** What turns one text into another, line by line; null where they are too long to be compared in the page. */
export function diffOf(before: string, after: string): Diff | null {
  if (before.length + after.length > MOST) return null;
  const patch = structuredPatch("a", "b", before, after, undefined, undefined, { context: 3, timeout: 500 });
  if (patch === undefined) return null;
  let added = 0;
  let removed = 0;
  const hunks = patch.hunks.map((hunk) => {
    let from = hunk.oldStart;
    let to = hunk.newStart;
    const lines: DiffLine[] = [];
    for (const line of hunk.lines) {
      const text = line.slice(1);
      if (line.startsWith("+")) {
        added += 1;
        lines.push({ kind: "added", text, before: null, after: to++ });
      } else if (line.startsWith("-")) {
        removed += 1;
        lines.push({ kind: "removed", text, before: from++, after: null });
      } else if (line.startsWith(" ")) {
        lines.push({ kind: "same", text, before: from++, after: to++ });
      }
    }
    return { lines };
  });
  return { hunks, added, removed };
}
