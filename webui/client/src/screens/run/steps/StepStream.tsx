import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Entry } from "@/ledger/log";
import type { RunStore } from "@/ledger/runStore";
import type { RunView } from "@/ledger/types";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { StepRow } from "./StepRow";

const NEAR = 60;

/** The run's log as a list that draws only what is in sight. It follows the newest line unless somebody scrolled away. */
export function StepStream({
  store,
  view,
  entries,
  sought,
  live,
  filtered,
  onFork,
}: {
  store: RunStore;
  view: RunView;
  entries: readonly Entry[];
  /** The event that an address names; it is scrolled to and opened. */
  sought: number | null;
  live: boolean;
  filtered: boolean;
  onFork: ((seq: number) => void) | null;
}) {
  const say = useWords(runWords);
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [following, setFollowing] = useState(sought === null);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (["model", "tool", "person"].includes(entries[index]?.kind ?? "") ? 54 : 28),
    getItemKey: (index) => entries[index]?.seq ?? index,
    overscan: 8,
  });
  const toggle = useCallback((seq: number) => {
    setOpen((now) => {
      const next = new Set(now);
      if (!next.delete(seq)) next.add(seq);
      return next;
    });
  }, []);
  const place = sought === null ? -1 : placeOf(entries, view, sought);
  const found = entries[place]?.seq ?? null;
  useEffect(() => {
    if (place < 0 || found === null) return;
    setFollowing(false);
    setOpen((now) => new Set([...now, found]));
    rows.scrollToIndex(place, { align: "center" });
    // the place moves when lines are filtered, which is no reason to scroll
  }, [found]);
  useEffect(() => {
    if (sought === null) setFollowing(true);
  }, [sought]);
  const last = entries.length - 1;
  const height = rows.getTotalSize();
  useLayoutEffect(() => {
    // the virtualizer's own way of scrolling measures the page several times, which is felt while a run is played
    if (following && box.current !== null) box.current.scrollTop = height;
  }, [following, last, height]);
  const follow = () => setFollowing(true);
  const scrolled = () => {
    const area = box.current;
    if (area === null) return;
    const atEnd = area.scrollHeight - area.scrollTop - area.clientHeight < NEAR;
    if (atEnd && !following && sought === null) setFollowing(true);
  };
  if (entries.length === 0) {
    return (
      <Empty title={say(filtered ? "nothingFound" : "nothingYet")} icon={filtered ? "search" : "clock"}>
        {say(filtered ? "nothingFoundTold" : "nothingYetTold")}
      </Empty>
    );
  }
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={box}
        role="feed"
        aria-label={say("steps")}
        aria-busy={view.status === "running"}
        tabIndex={0}
        onScroll={scrolled}
        onWheel={(event) => event.deltaY < 0 && setFollowing(false)}
        onTouchMove={() => setFollowing(false)}
        onKeyDown={(event) => ["PageUp", "ArrowUp", "Home"].includes(event.key) && setFollowing(false)}
        className="min-h-0 flex-1 overflow-y-auto -outline-offset-2"
      >
        <div style={{ height }} className="relative">
          {rows.getVirtualItems().map((item) => {
            const entry = entries[item.index];
            if (entry === undefined) return null;
            return (
              <div key={item.key} data-index={item.index} data-seq={entry.seq} ref={rows.measureElement} className="absolute inset-x-0 top-0" style={{ transform: `translateY(${item.start}px)` }}>
                <StepRow
                  store={store}
                  entry={entry}
                  step={entry.effect && entry.key !== null ? (view.steps.get(entry.key) ?? null) : null}
                  open={open.has(entry.seq)}
                  onToggle={toggle}
                  marked={entry.seq === found}
                  live={live}
                  onFork={onFork}
                />
              </div>
            );
          })}
        </div>
      </div>
      {!following && live && (
        <div className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
          <Button size="small" icon="chevronDown" onClick={follow} className="pointer-events-auto shadow-md">
            {say("toNewest")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** The place of the line that an event belongs to: its own, or that of the effect it ended. */
function placeOf(entries: readonly Entry[], view: RunView, seq: number): number {
  const exact = entries.findIndex((entry) => entry.seq === seq);
  if (exact >= 0) return exact;
  const ended = entries.findIndex((entry) => entry.effect && entry.key !== null && view.steps.get(entry.key)?.done_seq === seq);
  return ended >= 0 ? ended : entries.findLastIndex((entry) => entry.seq <= seq);
}
