import { useEffect, useRef, useState, type FormEvent } from "react";
import { Button, IconButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Input } from "@/ui/Field";
import { useShortcuts } from "@/ui/shortcuts";
import { useWords } from "@/ui/words";
import { PageView } from "./PageView";
import { Results } from "./Results";
import { may, type Act, type SeatState } from "./types";
import { words } from "./words";

/** What is read: search, the way through pages and windows, and what is shown. */
export function Reader({ state, busy, act }: { state: SeatState; busy: boolean; act: Act }) {
  const say = useWords(words);
  const { view } = state;
  const top = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const find = useRef<HTMLInputElement>(null);
  const place = view.kind === "nothing" ? "" : `${view.kind} ${view.kind === "page" ? view.id : view.query} ${view.window}`;
  useEffect(() => {
    if (top.current !== null) top.current.scrollTop = 0;
  }, [place]);

  const scroll = (direction: "up" | "down" | "top") => {
    if (!busy && state.scrolls.includes(direction)) void act("scroll", { direction });
  };
  const back = () => {
    if (!busy && may(state, "back")) void act("back");
  };
  useShortcuts(say("page"), [
    { keys: "s", does: say("kSearch"), run: () => search.current?.focus() },
    { keys: "b", does: say("kBack"), run: back },
    { keys: "j", does: say("down"), run: () => scroll("down") },
    { keys: "k", does: say("up"), run: () => scroll("up") },
    { keys: "t", does: say("top"), run: () => scroll("top") },
    { keys: "f", does: say("kFind"), run: () => find.current?.focus() },
  ]);
  const frozen = state.ended !== null || state.seat === "model";

  return (
    <section data-part="page" aria-label={say("page")} className="flex scroll-mt-10 min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-2 sm:px-5">
        {!frozen && (
          <Line name="query" label={say("search")} hint={say("searchHint")} field={search} most={400} disabled={busy || !may(state, "search")} onSay={(query) => act("search", { query })} className="min-w-40 flex-[2]" />
        )}
        {view.kind === "page" && may(state, "find") && (
          <Line name="find" label={say("find")} hint={say("findHint")} field={find} most={200} disabled={busy} keep onSay={(text) => act("find", { text })} className="min-w-28 flex-1" />
        )}
        <div className="flex items-center gap-0.5">
          {!frozen && <IconButton icon="chevronLeft" label={say("back")} disabled={busy || !may(state, "back")} onClick={back} />}
          {view.kind !== "nothing" && (
            <>
              <span className="px-1 text-[13px] whitespace-nowrap text-soft tabular-nums">{say("window", { n: view.window, total: view.windows })}</span>
              {!frozen && view.windows > 1 && (
                <>
                  <IconButton icon="chevronUp" label={say("up")} disabled={busy || !state.scrolls.includes("up")} onClick={() => scroll("up")} />
                  <IconButton icon="chevronDown" label={say("down")} disabled={busy || !state.scrolls.includes("down")} onClick={() => scroll("down")} />
                  <IconButton icon="skipBack" className="rotate-90" label={say("top")} disabled={busy || !state.scrolls.includes("top")} onClick={() => scroll("top")} />
                </>
              )}
            </>
          )}
        </div>
      </div>
      <div className="h-0.5 shrink-0 overflow-hidden" role="presentation">
        {busy && <div className="h-full w-full bg-accent motion-safe:animate-pulse" />}
      </div>
      <div ref={top} tabIndex={-1} className="relative min-h-0 flex-1 bg-raised outline-none lg:overflow-y-auto">
        {view.kind === "nothing" && (
          <Empty icon="search" title={say("beginTitle")}>
            {say("beginText")}
          </Empty>
        )}
        {view.kind === "results" && <Results view={view} busy={busy || frozen} act={act} />}
        {view.kind === "page" && <PageView key={view.id} state={state} view={view} busy={busy} act={act} />}
        {view.kind === "page" && state.scrolls.includes("down") && !frozen && (
          <div className="mx-auto max-w-[70ch] px-4 pb-10 sm:px-8">
            <Button icon="chevronDown" disabled={busy} onClick={() => scroll("down")}>
              {say("down")}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}

/** A field of one line that says something when Enter is pressed. Escape leaves it, so that keys work again. */
function Line({
  name,
  label,
  hint,
  field,
  most,
  disabled,
  keep = false,
  onSay,
  className,
}: {
  name: string;
  label: string;
  hint: string;
  field: React.RefObject<HTMLInputElement | null>;
  most: number;
  disabled: boolean;
  keep?: boolean;
  onSay: (text: string) => Promise<boolean>;
  className: string;
}) {
  const [text, setText] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (disabled || text.trim() === "") return;
    const done = await onSay(text.trim());
    if (done && !keep) field.current?.blur();
  };
  return (
    <form role="search" aria-label={label} onSubmit={(event) => void submit(event)} className={className}>
      <Input
        ref={field}
        name={name}
        type="search"
        aria-label={label}
        placeholder={hint}
        maxLength={most}
        readOnly={disabled}
        enterKeyHint="search"
        value={text}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") field.current?.blur();
        }}
      />
    </form>
  );
}
