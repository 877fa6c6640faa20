import { Link, useNavigate } from "react-router";
import { Badge, Status } from "@/ui/Badge";
import { harmless } from "@/ui/harmless";
import { Menu } from "@/ui/Menu";
import { Duration, Time } from "@/ui/Time";
import { useWords } from "@/ui/words";
import { nameOf, type RunCard } from "./useLibrary";
import { words } from "./words";

/** A run in the list: how it stands, what it is for, and what can be done with it. */
export function RunRow({
  run,
  at,
  selected,
  owners,
  onSelect,
  onFile,
  onDelete,
}: {
  run: RunCard;
  at: boolean;
  selected: boolean;
  owners: boolean;
  onSelect: () => void;
  onFile: () => void;
  onDelete: () => void;
}) {
  const say = useWords(words);
  const navigate = useNavigate();
  const name = harmless(nameOf(run));
  const short = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return (
    <li data-run={run.id} className={`flex items-start gap-3 border-b border-line px-1 py-3 md:px-2 ${at ? "bg-raised shadow-[inset_2px_0_0_var(--accent)]" : "hover:bg-raised/60"}`}>
      <input type="checkbox" checked={selected} onChange={onSelect} aria-label={say("select", { name: short })} className="mt-1 size-4 shrink-0 accent-accent" />
      <div className="min-w-0 flex-1">
        <Link to={`/runs/${run.id}`} className="line-clamp-2 font-medium break-words text-ink no-underline hover:text-accent" dir="auto">
          {name}
        </Link>
        <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-[13px] text-soft">
          <span className="md:hidden">
            <Standing run={run} />
          </span>
          <Time at={run.created_at} />
          {run.active_seconds > 0 && <Duration seconds={run.active_seconds} />}
          {run.model !== null && <span className="max-w-48 truncate">{harmless(run.model)}</span>}
          {owners && <span>{run.owner ?? say("terminal")}</span>}
          {run.tags.map((tag) => (
            <Badge key={tag}>{harmless(tag)}</Badge>
          ))}
        </div>
      </div>
      <div className="hidden w-36 shrink-0 pt-0.5 md:block">
        <Standing run={run} />
      </div>
      <Menu
        label={say("actions", { name: short })}
        size="small"
        items={[
          ...(run.outcome === null ? [] : [{ label: say("report"), icon: "eye" as const, onSelect: () => void navigate(`/runs/${run.id}/report`) }]),
          { label: say("rename"), icon: "tag", onSelect: onFile },
          { label: say("delete"), icon: "trash", danger: true, onSelect: onDelete },
        ]}
      />
    </li>
  );
}

/** What a finished run came to says more than that it is finished. */
function Standing({ run }: { run: RunCard }) {
  return <Status of={run.status === "finished" && run.outcome !== null ? run.outcome : run.status} />;
}
