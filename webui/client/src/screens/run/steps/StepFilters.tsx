import { useState } from "react";
import { IconButton } from "@/ui/Button";
import { Select } from "@/ui/Field";
import { Icon } from "@/ui/icons";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { GROUPS, type Group, type Wanted } from "./entries";

/** What of the stream is shown: kinds, one subtask, and words to look for. */
export function StepFilters({ wanted, onChange, subtasks, shown, all }: { wanted: Wanted; onChange: (wanted: Wanted) => void; subtasks: readonly string[]; shown: number; all: number }) {
  const say = useWords(runWords);
  const [open, setOpen] = useState(false);
  const narrowed = wanted.groups.size > 0 || wanted.subtask !== "";
  const flip = (group: Group) => {
    const groups = new Set(wanted.groups);
    if (!groups.delete(group)) groups.add(group);
    onChange({ ...wanted, groups });
  };
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5 border-b border-line px-3 py-2">
      <div role="group" aria-label={say("filterKinds")} className={`flex flex-wrap gap-1 ${open ? "" : "max-sm:hidden"}`}>
        {GROUPS.map((group) => (
          <button
            key={group}
            type="button"
            aria-pressed={wanted.groups.has(group)}
            onClick={() => flip(group)}
            className={`h-7 rounded-full border px-2.5 text-xs font-medium ${wanted.groups.has(group) ? "border-accent bg-wash text-accent" : "border-line text-soft hover:text-ink"}`}
          >
            {say(`group_${group}`)}
          </button>
        ))}
      </div>
      <div className="ml-auto flex min-w-0 flex-1 basis-56 items-center justify-end gap-2">
        {subtasks.length > 0 && (
          <div className={`w-36 shrink-0 ${open ? "" : "max-sm:hidden"}`}>
            <Select aria-label={say("filterSubtask")} value={wanted.subtask} onChange={(event) => onChange({ ...wanted, subtask: event.target.value })} className="h-7! text-xs">
              <option value="">{say("allSubtasks")}</option>
              {subtasks.map((id) => (
                <option key={id} value={id}>
                  {id}
                </option>
              ))}
            </Select>
          </div>
        )}
        <label className="relative min-w-0 flex-1 sm:max-w-52">
          <span className="sr-only">{say("searchSteps")}</span>
          <Icon name="search" size={14} className="pointer-events-none absolute top-1/2 left-2 -translate-y-1/2 text-soft" />
          <input
            type="search"
            id="search-steps"
            value={wanted.words}
            placeholder={say("searchSteps")}
            onChange={(event) => onChange({ ...wanted, words: event.target.value })}
            className="h-7 w-full rounded-md border border-line bg-raised pr-2 pl-7 text-xs placeholder:text-soft"
          />
        </label>
        <span className="sm:hidden">
          <IconButton icon="filter" size="small" kind={narrowed ? "plain" : "quiet"} label={say("filterKinds")} aria-expanded={open} onClick={() => setOpen(!open)} />
        </span>
        {shown !== all && (
          <>
            <span className="text-xs whitespace-nowrap text-soft tabular-nums" role="status">
              {say("shownOf", { shown, all })}
            </span>
            <IconButton icon="close" size="small" label={say("showEverything")} onClick={() => onChange({ groups: new Set(), subtask: "", words: "" })} />
          </>
        )}
      </div>
    </div>
  );
}
