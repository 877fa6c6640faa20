import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { told } from "@/api/client";
import { Banner } from "@/ui/Banner";
import { Button, LinkButton } from "@/ui/Button";
import { Empty, Skeleton } from "@/ui/Empty";
import { Screen } from "@/ui/Screen";
import { useShortcuts } from "@/ui/shortcuts";
import { useWords } from "@/ui/words";
import { FilingDialog } from "./FilingDialog";
import { FilterBar } from "./FilterBar";
import { RunRow } from "./RunRow";
import { useDeleting } from "./useDeleting";
import { useFilters, useMe, useRuns, type RunCard } from "./useLibrary";
import { words } from "./words";

/** The library: all runs, newest first. */
export default function LibraryScreen() {
  const say = useWords(words);
  const navigate = useNavigate();
  const [filters, change] = useFilters();
  const found = useRuns(filters);
  const { hidden, remove } = useDeleting();
  const [at, setAt] = useState<string>();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [filed, setFiled] = useState<RunCard>();
  const box = useRef<HTMLInputElement>(null);
  const owners = useMe().data?.several === true;
  const runs = (found.data?.pages ?? []).flatMap((page) => page.runs).filter((run) => !hidden.has(run.id));
  const filtered = Object.values(filters).some((value) => value !== "");

  const move = (by: number) => {
    const here = runs.findIndex((run) => run.id === at);
    setAt(runs[Math.min(runs.length - 1, Math.max(0, here === -1 ? 0 : here + by))]?.id);
  };
  const choose = (run: string) => setChosen((now) => (now.includes(run) ? now.filter((one) => one !== run) : [...now, run].slice(-2)));
  const compare = () => {
    if (chosen.length === 2) void navigate(`/compare?a=${chosen[0]}&b=${chosen[1]}`);
  };
  useEffect(() => {
    // Enter then opens it, as it does any link
    if (at !== undefined) document.querySelector<HTMLElement>(`[data-run="${CSS.escape(at)}"] a`)?.focus();
  }, [at]);
  useShortcuts(say("title"), [
    { keys: "j", does: say("keyDown"), run: () => move(1) },
    { keys: "k", does: say("keyUp"), run: () => move(-1) },
    { keys: "/", does: say("keySearch"), run: () => box.current?.focus() },
    { keys: "x", does: say("keySelect"), run: () => at !== undefined && choose(at) },
    { keys: "c", does: say("keyCompare"), run: compare },
  ]);

  return (
    <Screen
      title={say("title")}
      actions={
        <LinkButton to="/new" kind="primary" icon="plus">
          {say("new")}
        </LinkButton>
      }
    >
      {(filtered || runs.length > 0) && <FilterBar filters={filters} onChange={change} box={box} />}
      {found.isError && (
        <Banner tone="bad" action={<Button size="small" onClick={() => void found.refetch()}>{say("again")}</Button>}>
          {say("failed", { why: told(found.error) })}
        </Banner>
      )}
      {found.isPending && !found.isError && (
        <div role="status" aria-label={say("loading")}>
          <Skeleton lines={10} className="pt-4" />
        </div>
      )}
      {found.isSuccess && runs.length === 0 && (
        <Empty
          title={say(filtered ? "nothing" : "first")}
          icon={filtered ? "search" : "list"}
          action={
            filtered ? (
              <Button onClick={() => change({ search: "", status: "", tag: "", owner: "" })}>{say("clear")}</Button>
            ) : (
              <LinkButton to="/new" kind="primary" icon="plus">
                {say("new")}
              </LinkButton>
            )
          }
        >
          {say(filtered ? "nothingText" : "firstText")}
        </Empty>
      )}
      {runs.length > 0 && (
        <ol aria-label={say("list")} className="border-t border-line">
          {runs.map((run) => (
            <RunRow
              key={run.id}
              run={run}
              at={run.id === at}
              selected={chosen.includes(run.id)}
              owners={owners}
              onSelect={() => choose(run.id)}
              onFile={() => setFiled(run)}
              onDelete={() => remove(run.id)}
            />
          ))}
        </ol>
      )}
      {found.hasNextPage && (
        <div className="flex justify-center py-5">
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {say("more")}
          </Button>
        </div>
      )}
      {chosen.length > 0 && (
        <div className="sticky bottom-3 mx-auto mt-4 flex w-fit items-center gap-3 rounded-lg border border-line bg-raised py-2 pr-2 pl-4 text-sm shadow-lg">
          <span className="tabular-nums">{say("selected", { count: chosen.length })}</span>
          <Button kind="quiet" size="small" onClick={() => setChosen([])}>
            {say("unselect")}
          </Button>
          <Button kind="primary" size="small" icon="compare" disabled={chosen.length < 2} onClick={compare}>
            {say("compare")}
          </Button>
        </div>
      )}
      {filed !== undefined && <FilingDialog run={filed} onClose={() => setFiled(undefined)} />}
    </Screen>
  );
}
