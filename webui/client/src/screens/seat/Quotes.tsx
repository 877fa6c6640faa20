import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { Button, IconButton } from "@/ui/Button";
import { Icon } from "@/ui/icons";
import { useShortcuts } from "@/ui/shortcuts";
import { useWords } from "@/ui/words";
import { placed } from "./order";
import { may, type Act, type SeatState, type ShownQuote } from "./types";
import { words } from "./words";

/** The quotes that are held. They are moved by dragging or by the arrow keys, merged, dropped and cited. */
export function Quotes({ state, busy, act, onCite }: { state: SeatState; busy: boolean; act: Act; onCite: (id: string) => void }) {
  const say = useWords(words);
  const { quotes } = state;
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [dragged, setDragged] = useState<{ id: string; order: string[]; released?: boolean } | null>(null);
  const [said, setSaid] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const ids = quotes.map((quote) => quote.id);
  const chosen = ids.filter((id) => ticked.has(id));
  const editable = state.ended === null && state.seat === "person";
  const known = ids.join(" ");
  useEffect(() => {
    const left = new Set(known.split(" "));
    setTicked((before) => new Set([...before].filter((id) => left.has(id))));
    setDragged(null);
  }, [known]);

  const reorder = async (order: string[]) => {
    if (busy || order.join() === ids.join()) return;
    await act("reorder", { quotes: order });
  };
  const step = (event: KeyboardEvent, id: string) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const at = ids.indexOf(id);
    if (at + by < 0 || at + by >= ids.length) return;
    setSaid(say(by < 0 ? "moveUp" : "moveDown", { id }));
    void reorder(placed(ids, id, at + by));
  };
  const merge = () => {
    if (!busy && chosen.length > 1 && may(state, "merge")) void act("merge", { quotes: chosen });
  };
  const drop = async () => {
    // each drop is an action of its own, on the state that the one before left
    for (const id of chosen) if (!(await act("drop", { quote: id }))) return;
  };
  useShortcuts(say("quotes"), [
    { keys: "m", does: say("kMerge"), run: merge },
    { keys: "d", does: say("kDrop"), run: () => void drop() },
    { keys: "r", does: say("kReorder"), run: () => list.current?.querySelector<HTMLElement>("[data-handle]")?.focus() },
  ]);

  const shown = dragged === null ? quotes : dragged.order.flatMap((id) => quotes.filter((quote) => quote.id === id));
  const drag = (event: PointerEvent, id: string) => {
    if (event.button === 0 && !busy && ids.length > 1) setDragged({ id, order: ids });
  };
  const moving = dragged?.released === true ? undefined : dragged?.id;
  const current = useRef({ dragged, reorder });
  current.current = { dragged, reorder };
  useEffect(() => {
    if (moving === undefined) return;
    // the document is listened to: an element that is moved within the page loses the pointer that it has captured
    const to = (event: globalThis.PointerEvent) => {
      if (list.current === null) return;
      const order = Array.from(list.current.children, (item) => item.getAttribute("data-quote") ?? "");
      const above = Array.from(list.current.children).filter((item) => {
        const box = item.getBoundingClientRect();
        return item.getAttribute("data-quote") !== moving && box.top + box.height / 2 < event.clientY;
      });
      setDragged({ id: moving, order: placed(order, moving, above.length) });
    };
    const end = () => {
      const order = current.current.dragged?.order;
      if (order === undefined) return;
      // the new order stays in sight until the server has it
      setDragged({ id: moving, order, released: true });
      void current.current.reorder(order).finally(() => setDragged(null));
    };
    const cancel = () => setDragged(null);
    document.addEventListener("pointermove", to);
    document.addEventListener("pointerup", end);
    document.addEventListener("pointercancel", cancel);
    return () => {
      document.removeEventListener("pointermove", to);
      document.removeEventListener("pointerup", end);
      document.removeEventListener("pointercancel", cancel);
    };
  }, [moving]);

  return (
    <section data-part="quotes" aria-label={say("quotes")} className="scroll-mt-10 px-4 py-4 sm:px-5">
      <div className="flex min-h-8 items-center gap-2">
        <h2 className="mr-auto text-sm font-semibold">
          {say("quotes")} {quotes.length > 0 && <span className="font-normal text-soft tabular-nums">{quotes.length}</span>}
        </h2>
        {editable && chosen.length > 1 && (
          <Button size="small" disabled={busy} onClick={merge}>
            {say("merge", { ids: chosen.join(" + ") })}
          </Button>
        )}
      </div>
      {quotes.length === 0 && (
        <p className="mt-1 text-sm text-soft">
          {say("noQuotes")}. {say("noQuotesText")}
        </p>
      )}
      <ol ref={list} className="mt-1 divide-y divide-line">
        {shown.map((quote) => (
          <li key={quote.id} data-quote={quote.id} className={`flex gap-2 py-3 ${moving === quote.id ? "bg-wash" : ""}`}>
            {editable && (
              <div className="flex shrink-0 flex-col items-center gap-1">
                <button
                  type="button"
                  data-handle={quote.id}
                  aria-label={say("drag", { id: quote.id })}
                  title={say("drag", { id: quote.id })}
                  aria-disabled={ids.length < 2}
                  onPointerDown={(event) => drag(event, quote.id)}
                  onKeyDown={(event) => step(event, quote.id)}
                  className="grid size-6 cursor-grab touch-none place-items-center rounded text-soft hover:bg-sunken active:cursor-grabbing"
                >
                  <Icon name="drag" size={16} />
                </button>
                <input
                  type="checkbox"
                  aria-label={say("select", { id: quote.id })}
                  checked={ticked.has(quote.id)}
                  onChange={() => setTicked((before) => toggled(before, quote.id))}
                  className="size-4 accent-accent"
                />
              </div>
            )}
            <Quote quote={quote} />
            {editable && (
              <div className="flex shrink-0 flex-col">
                <IconButton size="small" icon="quote" label={`${say("cite")} ${quote.id}`} onClick={() => onCite(quote.id)} />
                <IconButton size="small" icon="trash" label={say("drop", { id: quote.id })} disabled={busy} onClick={() => void act("drop", { quote: quote.id })} />
              </div>
            )}
          </li>
        ))}
      </ol>
      <p role="status" className="sr-only">
        {said}
      </p>
    </section>
  );
}

function Quote({ quote }: { quote: ShownQuote }) {
  const say = useWords(words);
  const titles = [...new Set(quote.parts.map((part) => part.title || part.url))];
  return (
    <div className="min-w-0 flex-1 text-sm [overflow-wrap:anywhere]">
      {quote.parts.map((part) => (
        <p key={`${part.text_sha256} ${part.start}`} dir="auto" className="mb-1 line-clamp-6 whitespace-pre-wrap" title={part.text}>
          {part.text}
        </p>
      ))}
      <p className="text-[13px] text-soft">
        <span className="font-semibold text-accent tabular-nums">{quote.id}</span>
        {quote.parts.length > 1 && ` · ${say("parts", { n: quote.parts.length })}`} · {titles.join("; ")}
      </p>
    </div>
  );
}

function toggled(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(id)) after.add(id);
  return after;
}
