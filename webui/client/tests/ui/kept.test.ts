import { afterEach, expect, it, vi } from "vitest";
import { keep, kept } from "@/ui/kept";

afterEach(() => vi.unstubAllGlobals());

function refusing(): never {
  throw new DOMException("no room", "QuotaExceededError");
}

it("keeps texts as long as the page where the browser refuses to, and for good where it takes them again", () => {
  vi.stubGlobal("localStorage", { getItem: refusing, setItem: refusing, removeItem: refusing });
  expect(kept("draft")).toBeNull();
  expect(keep("draft", "half a thought")).toBe(false);
  expect(kept("draft")).toBe("half a thought");
  expect(keep("draft", null)).toBe(false);
  expect(kept("draft")).toBeNull();

  const held = new Map<string, string>();
  vi.stubGlobal("localStorage", { getItem: (name: string) => held.get(name) ?? null, setItem: (name: string, text: string) => held.set(name, text) });
  expect(keep("draft", "a whole one")).toBe(true);
  expect([kept("draft"), held.get("draft")]).toEqual(["a whole one", "a whole one"]);
});
