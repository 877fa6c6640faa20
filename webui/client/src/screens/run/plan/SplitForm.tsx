import { useState } from "react";
import type { Plan, Subtask } from "@/ledger/types";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Input, TextArea } from "@/ui/Field";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { idProblem, type Written } from "./draft";

type Part = { readonly number: number; readonly id: string; readonly goal: string; readonly afterLast: boolean };

/** Replacing a pending subtask by several smaller ones. */
export function SplitForm({ plan, subtask, onDone, onClose }: { plan: Plan; subtask: Subtask; onDone: (into: readonly Written[]) => void; onClose: () => void }) {
  const say = useWords(runWords);
  const [parts, setParts] = useState<readonly Part[]>(() => [1, 2].map((number) => fresh(subtask.id, number)));
  const [tried, setTried] = useState(false);
  const change = (part: Part, now: Partial<Part>) => setParts(parts.map((one) => (one === part ? { ...one, ...now } : one)));
  const wrong = (part: Part) => idProblem(part.id, plan) ?? (parts.some((one) => one !== part && one.id === part.id) ? "idTaken" : null);
  const done = () => {
    setTried(true);
    if (parts.some((part) => wrong(part) !== null || part.goal.trim() === "")) return;
    onDone(
      parts.map((part, index) => {
        const before = parts[index - 1];
        return { id: part.id, goal: part.goal.trim(), depends_on: part.afterLast && before !== undefined ? [before.id] : [], milestones: [] };
      }),
    );
  };
  return (
    <Dialog
      title={say("splitNamed", { id: subtask.id })}
      onClose={onClose}
      footer={
        <>
          <Button kind="quiet" onClick={onClose}>
            {say("cancelForm")}
          </Button>
          <Button kind="primary" onClick={done}>
            {say("keepChange")}
          </Button>
        </>
      }
    >
      <p className="mb-3 text-sm text-soft" dir="auto">
        {harmless(subtask.goal)}
      </p>
      <ol className="space-y-4">
        {parts.map((part, index) => {
          const problem = wrong(part);
          return (
            <li key={part.number} className="flex gap-2">
              <div className="min-w-0 flex-1 space-y-2">
                <Field label={say("partGoal", { number: index + 1 })} error={tried && part.goal.trim() === "" ? say("goalNeeded") : undefined}>
                  {(ties) => <TextArea {...ties} least={2} value={part.goal} maxLength={4000} autoFocus={index === 0} onChange={(event) => change(part, { goal: event.target.value })} />}
                </Field>
                <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
                  <div className="w-48">
                    <Field label={say("subtaskId")} hideLabel error={tried && problem !== null ? say(problem) : undefined}>
                      {(ties) => <Input {...ties} value={part.id} spellCheck={false} onChange={(event) => change(part, { id: event.target.value })} className="font-mono" />}
                    </Field>
                  </div>
                  {index > 0 && (
                    <label className="flex items-center gap-2 text-[13px]">
                      <input type="checkbox" className="size-4 accent-accent" checked={part.afterLast} onChange={(event) => change(part, { afterLast: event.target.checked })} />
                      {say("afterPartBefore")}
                    </label>
                  )}
                </div>
              </div>
              {parts.length > 2 && <IconButton icon="close" label={say("removePart", { number: index + 1 })} onClick={() => setParts(parts.filter((one) => one !== part))} />}
            </li>
          );
        })}
      </ol>
      {parts.length < 8 && (
        <Button kind="quiet" size="small" icon="plus" className="my-2 -ml-2" onClick={() => setParts([...parts, fresh(subtask.id, (parts.at(-1)?.number ?? 0) + 1)])}>
          {say("addPart")}
        </Button>
      )}
    </Dialog>
  );
}

function fresh(id: string, number: number): Part {
  return { number, id: `${id.slice(0, 28)}-${number}`, goal: "", afterLast: false };
}
