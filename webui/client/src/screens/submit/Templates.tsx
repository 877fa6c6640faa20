import { useState } from "react";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Input } from "@/ui/Field";
import { harmless } from "@/ui/harmless";
import { useLanguage, useWords } from "@/ui/words";
import type { Draft } from "./draft";
import { forgetTemplate, keepTemplate, ownTemplates, shippedTemplates, type Template } from "./templates";
import { submitWords } from "./words";

const CHIP = "h-8 max-w-full truncate rounded-full border border-line bg-raised px-3 text-[13px] text-soft hover:border-soft/60 hover:text-ink";

/** Beginnings to take up, and keeping what is written as one. */
export function Templates({ draft, onTake }: { draft: Draft; onTake: (template: Template) => void }) {
  const say = useWords(submitWords);
  const language = useLanguage();
  const [own, setOwn] = useState(ownTemplates);
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState("");
  const keep = () => {
    setOwn(keepTemplate({ name: name.trim(), kind: draft.kind, goal: draft.goal }));
    setNaming(false);
    setName("");
  };
  return (
    <section aria-label={say("templates")} className="flex flex-wrap items-center gap-1.5">
      <span className="mr-1 text-[13px] text-soft">{say("templates")}</span>
      {own.map((template) => (
        <span key={template.name} className="inline-flex max-w-full items-center">
          <button type="button" className={CHIP} onClick={() => onTake(template)}>
            {harmless(template.name)}
          </button>
          <IconButton icon="close" size="small" label={say("dropTemplate", { name: template.name })} onClick={() => setOwn(forgetTemplate(template.name))} />
        </span>
      ))}
      {shippedTemplates(language).map((template) => (
        <button key={template.name} type="button" className={CHIP} onClick={() => onTake(template)}>
          {template.name}
        </button>
      ))}
      {draft.goal.trim() !== "" && (
        <Button kind="quiet" size="small" icon="plus" onClick={() => setNaming(true)}>
          {say("saveTemplate")}
        </Button>
      )}
      {naming && (
        <Dialog
          title={say("saveTemplate")}
          onClose={() => setNaming(false)}
          footer={
            <Button kind="primary" disabled={name.trim() === ""} onClick={keep}>
              {say("keep")}
            </Button>
          }
        >
          <Field label={say("templateName")}>
            {(ties) => (
              <Input
                {...ties}
                autoFocus
                value={name}
                maxLength={60}
                onChange={(event) => setName(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
                  // the form around it would take it for its own, and start the task
                  event.preventDefault();
                  event.stopPropagation();
                  if (name.trim() !== "") keep();
                }}
              />
            )}
          </Field>
        </Dialog>
      )}
    </section>
  );
}
