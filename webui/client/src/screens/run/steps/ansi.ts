import Anser from "anser";
import { harmless } from "@/ui/harmless";

/** A stretch of a terminal's text in one look. Colours are names of the theme's classes, never a program's own values. */
export type Span = { readonly text: string; readonly look: string };

const INKS: Record<string, string> = {
  "ansi-black": "text-soft",
  "ansi-red": "text-bad",
  "ansi-green": "text-good",
  "ansi-yellow": "text-warn",
  "ansi-blue": "text-info",
  "ansi-magenta": "text-info",
  "ansi-cyan": "text-accent",
  "ansi-white": "text-ink",
};
const DECORATIONS: Record<string, string> = {
  bold: "font-semibold",
  dim: "opacity-70",
  italic: "italic",
  underline: "underline",
  strikethrough: "line-through",
  reverse: "bg-ink text-paper",
};
// everything of a terminal's language but colours: titles, links, cursor movement
const OTHERS = /\u001b(?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\[[0-?]*[ -/]*[@-ln-~]|[@-Z\\^_])/g;

/** Returns a program's output in spans: colours as the theme has them, everything else a terminal obeys left out. */
export function spansOf(output: string): readonly Span[] {
  const lines = overwritten(output.replace(OTHERS, ""));
  if (!lines.includes("\u001b[")) return [{ text: harmless(lines), look: "" }];
  return Anser.ansiToJson(lines, { use_classes: true, remove_empty: true }).map(({ content, fg, decorations }) => ({
    text: harmless(content),
    look: [INKS[(fg ?? "").replace("-bright", "")] ?? "", ...decorations.map((one) => DECORATIONS[one] ?? "")].join(" ").trim(),
  }));
}

/** Returns lines as they stand after carriage returns: what was written last, as progress bars do. */
function overwritten(text: string): string {
  if (!text.includes("\r")) return text;
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => line.replace(/\r+$/, "").split("\r").at(-1) ?? "")
    .join("\n");
}
