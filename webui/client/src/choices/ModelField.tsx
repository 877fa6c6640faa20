import { Field, Input, Select } from "@/ui/Field";
import { useWords } from "@/ui/words";
import type { Options } from "./useOptions";
import { choiceWords } from "./words";

const OTHER = " ";

/** A model: that of the settings, a known one, or any other where the user may name one. */
export function ModelField({ label, fallback, value, options, onChange }: { label: string; fallback: string; value: string; options: Options; onChange: (model: string) => void }) {
  const say = useWords(choiceWords);
  const known = value === "" || options.models.some((model) => model.name === value);
  return (
    <div className="space-y-2">
      <Field label={label}>
        {(ties) => (
          <Select {...ties} value={known ? value : OTHER} onChange={(event) => onChange(event.target.value)}>
            <option value="">{fallback}</option>
            {options.models.map((model) => (
              <option key={model.name} value={model.name}>
                {model.name}
              </option>
            ))}
            {options.free_models && <option value={OTHER}>{say("modelOther")}</option>}
          </Select>
        )}
      </Field>
      {!known && (
        <Field label={say("modelName")} hint={say("modelNameHint")}>
          {(ties) => <Input {...ties} value={value.trim()} onChange={(event) => onChange(event.target.value === "" ? OTHER : event.target.value)} />}
        </Field>
      )}
    </div>
  );
}
