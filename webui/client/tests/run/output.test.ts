import { describe, expect, it } from "vitest";
import { spansOf } from "@/screens/run/steps/ansi";
import { diffOf } from "@/screens/run/steps/diffs";

describe("a program's output", () => {
  it("has the theme's colours and nothing else of a terminal", () => {
    const spans = spansOf("\u001b]0;title\u0007a \u001b[1;31mred\u001b[0m \u001b[2Jb\u001b]8;;http://evil/\u0007link");
    expect(spans.map((span) => span.text).join("")).toBe("a red blink");
    expect(spans.find((span) => span.text === "red")?.look).toContain("text-bad");
    expect(spans.find((span) => span.text === "red")?.look).toContain("font-semibold");
  });

  it("takes no colour of a program's own into the page", () => {
    expect(spansOf("\u001b[38;2;255;0;0mred\u001b[0m").map((span) => span.look).join("")).toBe("");
  });

  it("leaves markup as text and names what turns text around", () => {
    const [span] = spansOf("<script>alert(1)</script>\u202e");
    expect(span?.text).toBe("<script>alert(1)</script>[U+202E]");
  });

  it("shows lines as they stand after they were overwritten", () => {
    expect(spansOf("1 %\r50 %\r100 %\r\ndone").map((span) => span.text).join("")).toBe("100 %\ndone");
  });
});

describe("a change of a text", () => {
  it("is lines taken out and put in, with their numbers", () => {
    const diff = diffOf("a\nb\nc\n", "a\nx\nc\n");
    expect([diff?.added, diff?.removed]).toEqual([1, 1]);
    expect(diff?.hunks[0]?.lines.map(({ kind, text, before, after }) => [kind, text, before, after])).toEqual([
      ["same", "a", 1, 1],
      ["removed", "b", 2, null],
      ["added", "x", null, 2],
      ["same", "c", 3, 3],
    ]);
  });

  it("is left to plain text where it would take too long", () => {
    expect(diffOf("a".repeat(500_000), "b")).toBeNull();
  });
});
