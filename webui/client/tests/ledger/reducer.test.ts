import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { apply, emptyView, toJson } from "@/ledger/reducer";
import { readGolden, statesOf } from "./golden";

vi.setConfig({ testTimeout: 30_000 });

const FOLDER = process.env.PLUMBLINE_GOLDEN ?? join(import.meta.dirname, "../golden");
const GOLDEN = readGolden(FOLDER);

describe("the state after each event is that of the server's reader", () => {
  it("has runs to look at", () => {
    expect(GOLDEN.length).toBeGreaterThan(0);
  });

  it.each(GOLDEN.map((golden) => [golden.name, golden] as const))("%s", (_, golden) => {
    let view = emptyView();
    let seen = 0;
    for (const expected of statesOf(golden)) {
      const event = golden.events[seen];
      if (event === undefined) break;
      view = apply(view, event);
      expect(toJson(view), `after event ${event.seq}`).toStrictEqual(expected);
      seen += 1;
    }
    expect(seen).toBe(golden.events.length);
  });
});
