import { useEffect, useState, type RefObject } from "react";
import { Button } from "@/ui/Button";
import { Select } from "@/ui/Field";
import { Icon } from "@/ui/icons";
import { kitWords } from "@/ui/kitWords";
import { useWords } from "@/ui/words";
import { STATUSES, useMe, useTags, type Filters } from "./useLibrary";
import { words } from "./words";

/** Search and filters over the list. */
export function FilterBar({ filters, onChange, box }: { filters: Filters; onChange: (change: Partial<Filters>) => void; box: RefObject<HTMLInputElement | null> }) {
  const say = useWords(words);
  const kit = useWords(kitWords);
  const tags = useTags().data ?? [];
  const me = useMe().data;
  // the address follows a moment later than keys are pressed
  const [search, setSearch] = useState(filters.search);
  useEffect(() => {
    if (document.activeElement !== box.current) setSearch(filters.search);
  }, [filters.search, box]);
  return (
    <div role="search" aria-label={say("filters")} className="mb-3 flex flex-wrap gap-2">
      <div className="relative min-w-52 flex-1 basis-full sm:basis-52">
        <Icon name="search" size={16} className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-soft" />
        <input
          ref={box}
          type="search"
          value={search}
          aria-label={say("search")}
          placeholder={say("search")}
          maxLength={200}
          onChange={(event) => {
            setSearch(event.target.value);
            onChange({ search: event.target.value });
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
          }}
          className="h-9 w-full rounded-md border border-line bg-raised pr-3 pl-9 text-sm hover:border-soft/60"
        />
      </div>
      <div className="min-w-32 flex-1 sm:flex-none">
        <Select aria-label={say("status")} value={filters.status} onChange={(event) => onChange({ status: STATUSES.find((one) => one === event.target.value) ?? "" })}>
          <option value="">{say("allStatuses")}</option>
          {STATUSES.map((status) => (
            <option key={status} value={status}>
              {kit(status)}
            </option>
          ))}
        </Select>
      </div>
      {(tags.length > 0 || filters.tag !== "") && (
        <div className="min-w-28 flex-1 sm:flex-none">
          <Select aria-label={say("tag")} value={filters.tag} onChange={(event) => onChange({ tag: event.target.value })}>
            <option value="">{say("allTags")}</option>
            {[...new Set([...tags.map((one) => one.tag), ...(filters.tag === "" ? [] : [filters.tag])])].map((tag) => (
              <option key={tag}>{tag}</option>
            ))}
          </Select>
        </div>
      )}
      {me?.several === true && (
        <div className="min-w-28 flex-1 sm:flex-none">
          <Select aria-label={say("owner")} value={filters.owner} onChange={(event) => onChange({ owner: event.target.value })}>
            <option value="">{say("everyone")}</option>
            <option value={me.name}>{say("mine")}</option>
          </Select>
        </div>
      )}
      <Button icon="person" aria-pressed={filters.status === "waiting"} onClick={() => onChange({ status: filters.status === "waiting" ? "" : "waiting" })} className={filters.status === "waiting" ? "!bg-warn-wash !text-warn" : ""}>
        {say("needsMe")}
      </Button>
    </div>
  );
}
