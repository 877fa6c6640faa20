import { Icon, type IconName } from "@/ui/icons";
import { useWords } from "@/ui/words";
import { KINDS, type Kind } from "./draft";
import { submitWords } from "./words";

const ICONS: Record<Kind, IconName> = { task: "activity", browse: "globe", check: "check", ask: "question", build: "cube" };

/** The sorts of tasks, side by side; what the chosen one does stands below. */
export function KindPicker({ at, limited, onChange }: { at: Kind; limited: boolean; onChange: (kind: Kind) => void }) {
  const say = useWords(submitWords);
  return (
    <fieldset>
      <legend className="sr-only">{say("kind")}</legend>
      <div className="flex flex-wrap gap-1.5">
        {KINDS.map((kind) => (
          <label
            key={kind}
            className={`inline-flex h-9 cursor-pointer items-center gap-2 rounded-md border px-3 text-sm font-medium has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent ${
              kind === at ? "border-accent bg-wash text-accent" : "border-line bg-raised text-soft hover:text-ink"
            }`}
          >
            <input type="radio" name="kind" value={kind} checked={kind === at} onChange={() => onChange(kind)} className="sr-only" />
            <Icon name={ICONS[kind]} size={16} />
            {say(kind)}
          </label>
        ))}
      </div>
      <p className="mt-2 text-[13px] text-soft">{say(`${at}Tells`)}</p>
      {limited && <p className="mt-1 text-[13px] text-warn">{say("limited")}</p>}
    </fieldset>
  );
}
