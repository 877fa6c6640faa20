import { Choice } from "@/choices/Choice";
import { ModelField } from "@/choices/ModelField";
import type { Options } from "@/choices/useOptions";
import { Checkbox, Field, Input, TextArea } from "@/ui/Field";
import { useWords } from "@/ui/words";
import { isLimit, LIMITS, ROLES, type Draft } from "./draft";
import { submitWords } from "./words";

type Change = (values: Partial<Draft>) => void;

/** What few tasks need: budget, checks, rules, sandbox, a model for each role. */
export function Details({ draft, options, onChange }: { draft: Draft; options: Options; onChange: Change }) {
  const say = useWords(submitWords);
  const runsPrograms = draft.kind === "task" || draft.kind === "build";
  return (
    <div className="space-y-5 pt-4">
      <fieldset>
        <legend className="mb-2 text-[13px] font-semibold">{say("budget")}</legend>
        <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
          {LIMITS.map((limit) => (
            <Field key={limit} label={say(limit)} error={isLimit(limit, draft.budget[limit]) ? undefined : say(limit === "tokens" || limit === "steps" ? "positiveWhole" : "positive")}>
              {(ties) => (
                <Input
                  {...ties}
                  inputMode="decimal"
                  value={draft.budget[limit]}
                  placeholder={options.budget[limit] == null ? say("noLimit") : String(options.budget[limit])}
                  onChange={(event) => onChange({ budget: { ...draft.budget, [limit]: event.target.value } })}
                />
              )}
            </Field>
          ))}
        </div>
      </fieldset>
      {draft.kind === "task" && (
        <Field label={say("checks")} hint={say("checksHint")}>
          {(ties) => <TextArea {...ties} least={2} value={draft.checks} className="font-mono text-[13px]" onChange={(event) => onChange({ checks: event.target.value })} />}
        </Field>
      )}
      {runsPrograms && (
        <Field label={say("constraints")} hint={say("constraintsHint")}>
          {(ties) => <TextArea {...ties} least={2} value={draft.constraints} onChange={(event) => onChange({ constraints: event.target.value })} />}
        </Field>
      )}
      <div className="grid gap-3 sm:grid-cols-2">
        {draft.kind === "task" && (
          <>
            <Choice label={say("sandbox")} value={draft.sandbox} values={options.sandboxes} fallback={say("asSettings", { name: options.sandbox })} hint={say(options.confinement.place)} onChange={(sandbox) => onChange({ sandbox })} />
            <Choice label={say("egress")} value={draft.egress} values={options.egress_profiles} fallback={say("asSettings", { name: options.egress })} onChange={(egress) => onChange({ egress })} />
          </>
        )}
        <Field label={say("tags")} hint={say("tagsHint")}>
          {(ties) => <Input {...ties} value={draft.tags} onChange={(event) => onChange({ tags: event.target.value })} />}
        </Field>
      </div>
      {(draft.kind === "task" || draft.kind === "build") && (
        <fieldset>
          <legend className="mb-2 text-[13px] font-semibold">{say("roles")}</legend>
          <div className="grid gap-3 sm:grid-cols-3">
            {ROLES.map((role) => (
              <ModelField key={role} label={say(role)} fallback={say("sameModel")} value={draft.roles[role] ?? ""} options={options} onChange={(model) => onChange({ roles: { ...draft.roles, [role]: model } })} />
            ))}
          </div>
        </fieldset>
      )}
      {(draft.kind === "check" || draft.kind === "ask") && options.knowledge.length > 0 && (
        <fieldset className="space-y-1.5">
          <legend className="mb-1 text-[13px] font-semibold">{say("knowledge")}</legend>
          {options.knowledge.map((name) => (
            <Checkbox
              key={name}
              label={name}
              checked={draft.knowledge.includes(name)}
              onChange={(event) => onChange({ knowledge: event.target.checked ? [...draft.knowledge, name] : draft.knowledge.filter((one) => one !== name) })}
            />
          ))}
        </fieldset>
      )}
    </div>
  );
}
