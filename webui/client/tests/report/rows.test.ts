import { describe, expect, it } from "vitest";
import { numberColumns, numberOf, sorted } from "@/files/RowsView";

describe("the cells of a table", () => {
  it("are numbers with signs, thousands, fractions, exponents and percent", () => {
    expect(["12", "-1.5", "1,234", "3e4", "12 %"].map(numberOf)).toEqual([12, -1.5, 1234, 30000, 12]);
    expect(["", " ", "12 m", "1.2.3", "1,23", "-"].map(numberOf)).toEqual([null, null, null, null, null, null]);
  });

  it("make a column of numbers where all but blanks are numbers", () => {
    expect(numberColumns([["1", "a", ""], ["", "2", ""]], 3)).toEqual([true, false, false]);
  });

  it("are sorted by value or alphabet, blanks last either way", () => {
    const rows = [["10"], [""], ["9"]];

    expect(sorted(rows, { column: 0, down: false }, true)).toEqual([["9"], ["10"], [""]]);
    expect(sorted(rows, { column: 0, down: true }, true)).toEqual([["10"], ["9"], [""]]);
    expect(sorted([["b2"], ["b10"], ["a"]], { column: 0, down: false }, false)).toEqual([["a"], ["b2"], ["b10"]]);
  });
});
