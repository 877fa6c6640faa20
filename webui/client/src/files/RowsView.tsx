import { useMemo, useState } from "react";
import { fileWords } from "@/files/words";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { useWords } from "@/ui/words";

type Order = { column: number; down: boolean };
const NUMBER = /^\s*[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[-+]?\d+)?\s*%?\s*$/i;

/** Returns the number that a cell holds; null where it holds none. */
export function numberOf(cell: string): number | null {
  if (cell.trim() === "" || !NUMBER.test(cell)) return null;
  const value = Number(cell.replaceAll(",", "").replace("%", ""));
  return Number.isFinite(value) ? value : null;
}

/** Returns which columns hold numbers, blanks left aside. */
export function numberColumns(rows: readonly (readonly string[])[], columns: number): boolean[] {
  return Array.from({ length: columns }, (_, at) => {
    const cells = rows.map((row) => row[at] ?? "").filter((cell) => cell.trim() !== "");
    return cells.length > 0 && cells.every((cell) => numberOf(cell) !== null);
  });
}

/** Returns rows in order of a column: numbers by value, texts by the alphabet, blanks last. */
export function sorted(rows: readonly (readonly string[])[], { column, down }: Order, number: boolean): readonly (readonly string[])[] {
  const sign = down ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one[column] ?? "", other[column] ?? ""];
    if (a.trim() === "" || b.trim() === "") return Number(a.trim() === "") - Number(b.trim() === "");
    return sign * (number ? (numberOf(a) ?? 0) - (numberOf(b) ?? 0) : a.localeCompare(b, undefined, { numeric: true }));
  });
}

/** Rows of a table with their numbers from `first` on; a click on a head sorts the rows that are here. */
export function RowsView({ caption, columns, rows, first, whole }: { caption: string; columns: readonly string[]; rows: readonly (readonly string[])[]; first: number; whole: boolean }) {
  const say = useWords(fileWords);
  const [order, setOrder] = useState<Order | null>(null);
  const width = Math.max(columns.length, ...rows.map((row) => row.length));
  const heads = Array.from({ length: width }, (_, at) => columns[at] ?? say("column", { number: at + 1 }));
  const numbers = useMemo(() => numberColumns(rows, width), [rows, width]);
  const numbered = useMemo(() => rows.map((row, at) => [...row, ...Array<string>(Math.max(0, width - row.length)).fill(""), String(first + at)]), [rows, first, width]);
  const shown = useMemo(() => (order === null ? numbered : sorted(numbered, order, numbers[order.column] ?? false)), [numbered, order, numbers]);
  const turn = (column: number) => setOrder((now) => (now?.column !== column ? { column, down: false } : now.down ? null : { column, down: true }));
  return (
    <>
      {order !== null && !whole && <p className="px-3 pb-1 text-xs text-warn">{say("sortedPart")}</p>}
      <div tabIndex={0} role="region" aria-label={caption} className="max-h-[70vh] overflow-auto">
        <table className="border-collapse text-[13px]">
          <caption className="sr-only">{caption}</caption>
          <thead>
            <tr>
              <th scope="col" className="sticky top-0 bg-raised px-2.5 py-1.5 text-right text-xs font-normal text-soft">
                #
              </th>
              {heads.map((head, at) => (
                <th
                  key={at}
                  scope="col"
                  aria-sort={order?.column !== at ? "none" : order.down ? "descending" : "ascending"}
                  className={`sticky top-0 bg-raised p-0 shadow-[inset_0_-1px_0_var(--line)] ${numbers[at] === true ? "text-right" : "text-left"}`}
                >
                  <button
                    type="button"
                    onClick={() => turn(at)}
                    title={say("sortBy", { column: head })}
                    className="inline-flex max-w-72 items-center gap-1 px-2.5 py-1.5 text-xs font-medium text-soft -outline-offset-2 hover:text-ink"
                  >
                    <bdi className="truncate">{harmless(head)}</bdi>
                    {order?.column === at && <Icon name={order.down ? "chevronDown" : "chevronUp"} size={13} />}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row[width]} className="border-t border-line/60 hover:bg-sunken">
                <td className="px-2.5 py-1 text-right text-xs text-soft tabular-nums">{row[width]}</td>
                {row.slice(0, width).map((cell, at) => (
                  <td key={at} dir="auto" className={`max-w-96 truncate px-2.5 py-1 ${numbers[at] === true ? "text-right tabular-nums" : ""}`} title={cell.length > 40 ? cell : undefined}>
                    {harmless(cell)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
