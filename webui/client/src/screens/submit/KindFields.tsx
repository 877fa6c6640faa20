import type { Options } from "@/choices/useOptions";
import { Checkbox, Field, Select } from "@/ui/Field";
import { Segments } from "@/ui/Tabs";
import { useWords } from "@/ui/words";
import { MOST_CANDIDATES, MOST_ROUNDS, upTo, type Draft } from "./draft";
import { submitWords } from "./words";

/** What belongs to one kind of task: who browses, the way to answer, what is made. */
export function KindFields({ draft, options, onChange }: { draft: Draft; options: Options; onChange: (values: Partial<Draft>) => void }) {
  const say = useWords(submitWords);
  switch (draft.kind) {
    case "browse":
      return (
        <Row label={say("seat")}>
          <Segments
            label={say("seat")}
            options={[
              { key: "model", label: say("seatModel") },
              { key: "person", label: say("seatPerson") },
            ]}
            at={draft.seat}
            onChange={(seat) => onChange({ seat })}
          />
        </Row>
      );
    case "ask":
      return (
        <Field label={say("askMode")}>
          {(ties) => (
            <Select {...ties} value={draft.askMode} onChange={(event) => onChange({ askMode: options.ask_modes.find((mode) => mode === event.target.value) ?? "cok+f2" })}>
              {options.ask_modes.map((mode) => (
                <option key={mode} value={mode}>
                  {say(mode)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      );
    case "check":
      return <Checkbox label={say("rethink")} checked={draft.rethink} onChange={(event) => onChange({ rethink: event.target.checked })} />;
    case "build":
      return (
        <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
          <Field label={say("artefact")}>
            {(ties) => (
              <Select {...ties} value={draft.artefact} onChange={(event) => onChange({ artefact: options.artefacts.find((one) => one === event.target.value) ?? "cad" })}>
                {options.artefacts.map((one) => (
                  <option key={one} value={one}>
                    {say(one)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {(["rounds", "candidates"] as const).map((name) => (
            <Field key={name} label={say(name)}>
              {(ties) => (
                <Select {...ties} value={draft[name]} onChange={(event) => onChange({ [name]: event.target.value })}>
                  {upTo(name === "rounds" ? MOST_ROUNDS : MOST_CANDIDATES).map((number) => (
                    <option key={number}>{number}</option>
                  ))}
                </Select>
              )}
            </Field>
          ))}
        </div>
      );
    case "task":
      return null;
  }
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <p className="mb-1 text-[13px] font-medium" aria-hidden="true">
        {label}
      </p>
      {children}
    </div>
  );
}
