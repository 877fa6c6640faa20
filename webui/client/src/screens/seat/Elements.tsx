import { useState } from "react";
import { Button } from "@/ui/Button";
import { Input, Select } from "@/ui/Field";
import { useWords } from "@/ui/words";
import type { Act, PageElement } from "./types";
import { words } from "./words";

const FIELDS = new Set(["textbox", "searchbox", "spinbutton"]);

/** The buttons and fields of a page that a real browser has open. */
export function Elements({ elements, busy, act }: { elements: PageElement[]; busy: boolean; act: Act }) {
  const say = useWords(words);
  return (
    <section data-seat-elements aria-label={say("elements")} className="mt-8 border-t border-line pt-4">
      <h3 className="mb-2 text-[13px] font-medium text-soft">{say("elements")}</h3>
      <ul className="space-y-2">
        {elements.map((element) => (
          <li key={element.ref} className="text-sm">
            <Handled element={element} busy={busy} act={act} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Handled({ element, busy, act }: { element: PageElement; busy: boolean; act: Act }) {
  const say = useWords(words);
  const [text, setText] = useState(element.value ?? "");
  const name = `${element.role} ${element.name ?? ""}`.trim();
  const { ref, options = [] } = element;
  if (options.length > 0 || element.role === "combobox") {
    return (
      <div className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 text-soft">{name}</span>
        <Select aria-label={name} disabled={busy} value={element.value} onChange={(event) => void act("select", { ref, value: event.target.value })}>
          {[...new Set([element.value ?? "", ...options])].map((option) => (
            <option key={option}>{option}</option>
          ))}
        </Select>
      </div>
    );
  }
  if (FIELDS.has(element.role)) {
    return (
      <form
        className="flex flex-wrap items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void act("type_text", { ref, text, submit: true });
        }}
      >
        <Input aria-label={name} placeholder={name} value={text} onChange={(event) => setText(event.target.value)} className="max-w-72 flex-1" />
        <Button size="small" disabled={busy} onClick={() => void act("type_text", { ref, text })}>
          {say("type")}
        </Button>
        <Button size="small" type="submit" disabled={busy}>
          {say("enter")}
        </Button>
      </form>
    );
  }
  return (
    <Button size="small" disabled={busy} onClick={() => void act("click", { ref })}>
      {element.name || name}
    </Button>
  );
}
