import { useState } from "react";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Input } from "@/ui/Field";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";
import { runWords } from "../words";

/** How a run is filed: what it is called, and its tags. */
export function TagsDialog({ title, tags, sending, onDone, onClose }: { title: string; tags: readonly string[]; sending: boolean; onDone: (title: string, tags: readonly string[]) => void; onClose: () => void }) {
  const say = useWords(runWords);
  const [name, setName] = useState(title);
  const [kept, setKept] = useState(tags);
  const [fresh, setFresh] = useState("");
  const all = fresh.trim() === "" || kept.includes(fresh.trim()) ? kept : [...kept, fresh.trim()];
  return (
    <Dialog
      title={say("filing")}
      onClose={onClose}
      footer={
        <>
          <Button kind="quiet" onClick={onClose}>
            {say("cancelForm")}
          </Button>
          <Button kind="primary" busy={sending} onClick={() => onDone(name.trim(), all)}>
            {say("save")}
          </Button>
        </>
      }
    >
      <form
        className="space-y-3 pb-1"
        onSubmit={(event) => {
          event.preventDefault();
          setKept(all);
          setFresh("");
        }}
      >
        <Field label={say("titleLabel")} hint={say("titleHint")}>
          {(ties) => <Input {...ties} value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label={say("tags")} hint={say("tagsHint")}>
          {(ties) => <Input {...ties} value={fresh} maxLength={64} onChange={(event) => setFresh(event.target.value)} />}
        </Field>
        {kept.length > 0 && (
          <ul className="flex flex-wrap gap-1.5">
            {kept.map((tag) => (
              <li key={tag} className="inline-flex items-center rounded bg-sunken pl-2 text-[13px]">
                {harmless(tag)}
                <IconButton icon="close" size="small" label={say("removeTag", { tag })} onClick={() => setKept(kept.filter((one) => one !== tag))} />
              </li>
            ))}
          </ul>
        )}
      </form>
    </Dialog>
  );
}
