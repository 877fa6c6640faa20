import { useState } from "react";
import { Choice } from "@/choices/Choice";
import { ModelField } from "@/choices/ModelField";
import { useOptions } from "@/choices/useOptions";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Checkbox, Field, Input } from "@/ui/Field";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import type { Options } from "./commands";

/** Branching off: another run that has this one's events up to one of them, and goes on from there. */
export function ForkDialog({ seq, last, sending, onDone, onClose }: { seq: number; last: number; sending: boolean; onDone: (seq: number, options: Options, resume: boolean) => void; onClose: () => void }) {
  const say = useWords(runWords);
  const [at, setAt] = useState(String(seq));
  const [model, setModel] = useState("");
  const [sandbox, setSandbox] = useState("");
  const given = useOptions().data;
  const [resume, setResume] = useState(true);
  const number = Number(at);
  const wrong = !(Number.isInteger(number) && number >= 1 && number <= last);
  return (
    <Dialog
      title={say("forkTitle")}
      onClose={onClose}
      footer={
        <>
          <Button kind="quiet" onClick={onClose}>
            {say("cancelForm")}
          </Button>
          <Button
            kind="primary"
            icon="fork"
            busy={sending}
            disabled={wrong}
            onClick={() => onDone(number, { model: model.trim() || null, sandbox: sandbox || null, egress: null, roles: {} }, resume)}
          >
            {say("fork")}
          </Button>
        </>
      }
    >
      <div className="space-y-3 pb-1">
        <p className="text-sm text-soft">{say("forkTold")}</p>
        <Field label={say("forkAt")} hint={say("forkRange", { last })} error={wrong ? say("forkRange", { last }) : undefined}>
          {(ties) => <Input {...ties} inputMode="numeric" value={at} onChange={(event) => setAt(event.target.value)} className="w-32 tabular-nums" />}
        </Field>
        <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
          {given === undefined ? (
            <Choice label={say("forkModel")} value="" values={[]} fallback={say("asBefore")} onChange={setModel} />
          ) : (
            <ModelField label={say("forkModel")} fallback={say("asBefore")} value={model} options={given} onChange={setModel} />
          )}
          <Choice label={say("forkSandbox")} value={sandbox} values={given?.sandboxes ?? []} fallback={say("asBefore")} onChange={setSandbox} />
        </div>
        <Checkbox label={say("forkResume")} checked={resume} onChange={(event) => setResume(event.target.checked)} />
      </div>
    </Dialog>
  );
}
