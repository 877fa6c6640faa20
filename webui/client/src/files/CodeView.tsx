import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { EditorState, EditorView, lineNumbers, type Extension } from "@uiw/react-codemirror";
import { useEffect, useRef } from "react";
import { tags } from "@lezer/highlight";
import { syntaxOf } from "@/files/languages";
import { harmless } from "@/ui/harmless";

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword, tags.modifier], color: "var(--info)" },
  { tag: [tags.string, tags.special(tags.string), tags.inserted], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--warn)" },
  { tag: [tags.comment, tags.meta], color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.definition(tags.variableName), tags.function(tags.variableName), tags.typeName, tags.tagName, tags.className], color: "var(--accent)" },
  { tag: [tags.deleted, tags.invalid], color: "var(--bad)" },
  { tag: [tags.heading, tags.strong], fontWeight: "600" },
]);

const LOOK = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--raised)", fontSize: "12.5px", maxHeight: "var(--code-height, 70vh)" },
  ".cm-scroller": { fontFamily: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace", lineHeight: "1.6", overflow: "auto" },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--soft)", border: "none", paddingRight: "6px" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "3em" },
  ".cm-content": { padding: "10px 0" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
});

/**
 * Text with line numbers and the syntax of its file, read-only. It stands in a shadow root, where styles need no
 * permission of the page's policy.
 */
export default function CodeView({ text, path, label, firstLine = 1, wrap = false }: { text: string; path: string; label: string; firstLine?: number; wrap?: boolean }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (host.current === null) return;
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" });
    const extensions = (syntax: Extension[]) => [
      lineNumbers({ formatNumber: (line) => String(line + firstLine - 1) }),
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, role: "textbox", "aria-readonly": "true", "aria-multiline": "true" }),
      syntaxHighlighting(COLOURS),
      LOOK,
      ...(wrap ? [EditorView.lineWrapping] : []),
      ...syntax,
    ];
    const shown = harmless(text);
    const view = new EditorView({ root, parent: root, state: EditorState.create({ doc: shown, extensions: extensions([]) }) });
    let gone = false;
    syntaxOf(path)
      .then((mode) => {
        if (mode !== null && !gone) view.setState(EditorState.create({ doc: shown, extensions: extensions([StreamLanguage.define(mode)]) }));
      })
      .catch((error: unknown) => console.warn("no syntax for", path, error));
    return () => {
      gone = true;
      view.destroy();
    };
  }, [text, path, label, firstLine, wrap]);
  return <div ref={host} className="overflow-hidden" />;
}
