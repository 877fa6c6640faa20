import type { ReactNode } from "react";

export type Column<Row> = {
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the right, in figures of one width. */
  number?: boolean;
  /** Left out on narrow screens. */
  wideOnly?: boolean;
  className?: string;
};

/** A plain table; `caption` is read out. It scrolls sideways by itself where it is too wide. */
export function Table<Row>({ caption, columns, rows, keyOf }: { caption: string; columns: readonly Column<Row>[]; rows: readonly Row[]; keyOf: (row: Row) => string }) {
  const look = (column: Column<Row>) =>
    `${column.number === true ? "text-right tabular-nums" : "text-left"} ${column.wideOnly === true ? "max-md:hidden" : ""} ${column.className ?? ""}`;
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={caption}>
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line">
            {columns.map((column) => (
              <th key={column.key} scope="col" className={`px-2.5 py-2 text-xs font-medium whitespace-nowrap text-soft first:pl-0 last:pr-0 ${look(column)}`}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className="border-b border-line/70 last:border-0">
              {columns.map((column) => (
                <td key={column.key} className={`px-2.5 py-2 align-top first:pl-0 last:pr-0 ${look(column)}`}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
