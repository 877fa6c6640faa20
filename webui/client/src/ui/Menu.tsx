import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { createPortal } from "react-dom";
import { IconButton } from "@/ui/Button";
import { Icon, type IconName } from "@/ui/icons";

export type MenuItem = { label: string; icon?: IconName; danger?: boolean; disabled?: boolean; onSelect: () => void };

/** A button that opens a list of commands; arrow keys, Enter and Escape work. */
export function Menu({ label, icon = "more", items, size = "normal" }: { label: string; icon?: IconName; items: readonly MenuItem[]; size?: "small" | "normal" }) {
  const [place, setPlace] = useState<{ top: number; right: number } | null>(null);
  const id = useId();
  const anchor = useRef<HTMLSpanElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const close = () => {
    setPlace(null);
    anchor.current?.querySelector("button")?.focus();
  };
  useEffect(() => {
    if (place === null) return;
    list.current?.querySelector<HTMLElement>("[role=menuitem]:not(:disabled)")?.focus();
    const outside = (event: Event) => {
      if (event.target instanceof Node && !list.current?.contains(event.target)) setPlace(null);
    };
    document.addEventListener("pointerdown", outside);
    window.addEventListener("scroll", outside, true);
    window.addEventListener("resize", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      window.removeEventListener("scroll", outside, true);
      window.removeEventListener("resize", outside);
    };
  }, [place]);
  const open = () => {
    const box = anchor.current?.getBoundingClientRect();
    if (box === undefined) return;
    const tall = items.length * 36 + 12;
    const below = box.bottom + tall < window.innerHeight;
    setPlace({ top: below ? box.bottom + 4 : Math.max(8, box.top - tall - 4), right: Math.max(8, window.innerWidth - box.right) });
  };
  const move = (event: KeyboardEvent) => {
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close();
      return;
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const all = [...(list.current?.querySelectorAll<HTMLElement>("[role=menuitem]:not(:disabled)") ?? [])];
    const here = all.findIndex((item) => item === document.activeElement);
    all[(here + by + all.length) % all.length]?.focus();
  };
  return (
    <span ref={anchor} className="inline-flex">
      <IconButton icon={icon} label={label} size={size} aria-haspopup="menu" aria-expanded={place !== null} aria-controls={place === null ? undefined : id} onClick={() => (place === null ? open() : close())} />
      {place !== null &&
        createPortal(
          <div ref={list} id={id} role="menu" aria-label={label} onKeyDown={move} style={place} className="fixed z-40 min-w-44 rounded-md border border-line bg-raised py-1 shadow-xl">
            {items.map((item) => (
              <button
                key={item.label}
                type="button"
                role="menuitem"
                disabled={item.disabled}
                onClick={() => {
                  close();
                  item.onSelect();
                }}
                className={`flex h-9 w-full items-center gap-2.5 px-3 text-left text-sm -outline-offset-2 hover:bg-sunken focus:bg-sunken disabled:opacity-50 ${item.danger === true ? "text-bad" : "text-ink"}`}
              >
                {item.icon !== undefined && <Icon name={item.icon} size={16} className={item.danger === true ? "" : "text-soft"} />}
                {item.label}
              </button>
            ))}
          </div>,
          document.querySelector("dialog[open]") ?? document.body,
        )}
    </span>
  );
}
