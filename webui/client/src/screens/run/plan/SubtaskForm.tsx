import { useState } from "react";
import type { Milestone, Plan, Subtask } from "@/ledger/types";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Checkbox, Field, Input, TextArea } from "@/ui/Field";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { idProblem, mayWaitFor, type Written } from "./draft";

/** Writing a new subtask, or changing one: its goal, what must be true at its end, and what it waits for. */
export function SubtaskForm({ plan, subtask, onDone, onClose }: { plan: Plan; subtask: Subtask | null; onDone: (written: Written) => void; onClose: () => void }) {
  const say = useWords(runWords);
  const [id, setId] = useState(subtask?.id ?? "");
  const [goal, setGoal] = useState(subtask?.goal ?? "");
  const [depends, setDepends] = useState<readonly string[]>(subtask?.depends_on ?? []);
  const [milestones, setMilestones] = useState<readonly Milestone[]>(subtask?.milestones ?? []);
  const [tried, setTried] = useState(false);
  const wrongId = subtask === null ? idProblem(id, plan) : null;
  const others = subtask === null ? plan.subtasks.filter((one) => one.status !== "dropped").map((one) => one.id) : mayWaitFor(plan, subtask.id);
  const done = () => {
    setTried(true);
    if (wrongId !== null || goal.trim() === "") return;
    const told = milestones.filter((one) => one.text.trim() !== "").map((one) => ({ ...one, text: one.text.trim() }));
    onDone({ id, goal: goal.trim(), depends_on: depends, milestones: told });
  };
  return (
    <Dialog
      title={subtask === null ? say("addSubtask") : say("editNamed", { id: subtask.id })}
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
      <div className="space-y-4 pb-1">
        {subtask === null && (
          <Field label={say("subtaskId")} hint={say("subtaskIdHint")} error={tried && wrongId !== null ? say(wrongId) : undefined}>
            {(ties) => <Input {...ties} value={id} autoFocus spellCheck={false} onChange={(event) => setId(event.target.value)} className="font-mono" />}
          </Field>
        )}
        <Field label={say("subtaskGoal")} error={tried && goal.trim() === "" ? say("goalNeeded") : undefined}>
          {(ties) => <TextArea {...ties} value={goal} maxLength={4000} autoFocus={subtask !== null} onChange={(event) => setGoal(event.target.value)} />}
        </Field>
        <Milestones milestones={milestones} onChange={setMilestones} />
        {others.length > 0 && (
          <fieldset>
            <legend className="mb-1.5 text-[13px] font-medium">{say("waitsFor")}</legend>
            <div className="max-h-44 space-y-1.5 overflow-y-auto">
              {others.map((other) => (
                <Checkbox
                  key={other}
                  label={
                    <span className="block min-w-0 truncate">
                      <span className="font-mono text-[13px]">{other}</span> <span className="text-soft">{harmless(plan.subtasks.find((one) => one.id === other)?.goal ?? "")}</span>
                    </span>
                  }
                  checked={depends.includes(other)}
                  onChange={(event) => setDepends(event.target.checked ? [...depends, other] : depends.filter((one) => one !== other))}
                />
              ))}
            </div>
          </fieldset>
        )}
      </div>
    </Dialog>
  );
}

/** What must be true when a subtask ends. A check that is tied to a milestone stays with it. */
function Milestones({ milestones, onChange }: { milestones: readonly Milestone[]; onChange: (milestones: readonly Milestone[]) => void }) {
  const say = useWords(runWords);
  const change = (index: number, text: string) => onChange(milestones.map((one, place) => (place === index ? { ...one, text } : one)));
  return (
    <fieldset>
      <legend className="mb-1.5 text-[13px] font-medium">{say("milestones")}</legend>
      <ul className="space-y-2">
        {milestones.map((milestone, index) => (
          <li key={milestone.id} className="flex items-start gap-1.5">
            <div className="min-w-0 flex-1">
              <Input aria-label={say("milestoneNumber", { number: index + 1 })} value={milestone.text} maxLength={500} onChange={(event) => change(index, event.target.value)} />
              {milestone.check !== null && <p className="mt-0.5 text-xs text-soft">{say("hasCheck")}</p>}
            </div>
            <IconButton icon="close" label={say("removeMilestone", { number: index + 1 })} onClick={() => onChange(milestones.filter((one) => one !== milestone))} />
          </li>
        ))}
      </ul>
      {milestones.length < 8 && (
        <Button kind="quiet" size="small" icon="plus" className="mt-1.5 -ml-2" onClick={() => onChange([...milestones, { id: freeId(milestones), text: "", check: null }])}>
          {say("addMilestone")}
        </Button>
      )}
    </fieldset>
  );
}

function freeId(milestones: readonly Milestone[]): string {
  for (let number = milestones.length + 1; ; number += 1) {
    if (!milestones.some((one) => one.id === `m${number}`)) return `m${number}`;
  }
}
