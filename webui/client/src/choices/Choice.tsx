import { Field, Select } from "@/ui/Field";

/** One of a few values, or what is taken where none is chosen. */
export function Choice({ label, value, values, fallback, hint, onChange }: { label: string; value: string; values: readonly string[]; fallback: string; hint?: string; onChange: (value: string) => void }) {
  return (
    <Field label={label} hint={hint}>
      {(ties) => (
        <Select {...ties} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{fallback}</option>
          {values.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
