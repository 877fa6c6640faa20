import { expect, test } from "vitest";
import { harmless } from "@/ui/harmless";

test("colours and titles of terminals are left out", () => {
  expect(harmless("\u001b[1;31mred\u001b[0m \u001b]0;title\u0007text")).toBe("red text");
});

test("an escape sequence that never ends is seen", () => {
  expect(harmless("a\u001b")).toBe("a␛");
});

test("control characters are made visible, lines and tabs stay", () => {
  expect(harmless("a\u0000b\u007fc\td\r\ne\rf")).toBe("a␀b␡c\td\ne␍f");
});

test("what turns the direction of text is named", () => {
  expect(harmless("safe\u202egpj.exe")).toBe("safe[U+202E]gpj.exe");
});

test("emoji and writing from right to left stay as they are", () => {
  expect(harmless("👩‍🚀 שלום 中文")).toBe("👩‍🚀 שלום 中文");
});
