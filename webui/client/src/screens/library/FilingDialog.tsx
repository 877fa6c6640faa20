import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok, told } from "@/api/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Input } from "@/ui/Field";
import { useWords } from "@/ui/words";
import type { RunCard } from "./useLibrary";
import { words } from "./words";

/** Gives a run another title and other tags. */
export function FilingDialog({ run, onClose }: { run: RunCard; onClose: () => void }) {
  const say = useWords(words);
  const queries = useQueryClient();
  const [title, setTitle] = useState(run.title);
  const [tags, setTags] = useState(run.tags.join(", "));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const save = async () => {
    setBusy(true);
    try {
      const named = [...new Set(tags.split(/[,，]/).map((tag) => tag.trim()).filter((tag) => tag !== ""))];
      await ok(api.PATCH("/api/runs/{run_id}", { params: { path: { run_id: run.id } }, body: { title: title.trim(), tags: named } }));
      await queries.invalidateQueries({ queryKey: ["runs"] });
      await queries.invalidateQueries({ queryKey: ["tags"] });
      onClose();
    } catch (problem) {
      setError(told(problem));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={say("rename")}
      onClose={onClose}
      footer={
        <>
          <Button kind="quiet" onClick={onClose}>
            {say("cancel")}
          </Button>
          <Button kind="primary" busy={busy} onClick={() => void save()}>
            {say("save")}
          </Button>
        </>
      }
    >
      <form
        className="space-y-4 pb-2"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label={say("runTitle")}>{(ties) => <Input {...ties} value={title} placeholder={run.goal.slice(0, 100)} maxLength={200} onChange={(event) => setTitle(event.target.value)} />}</Field>
        <Field label={say("tags")} hint={say("tagsHint")} error={error}>
          {(ties) => <Input {...ties} value={tags} onChange={(event) => setTags(event.target.value)} />}
        </Field>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
