import { useEffect, useRef } from "react";
import { create } from "zustand";

/** A key and what it does. `keys` as in `KeyboardEvent.key`, with `Ctrl+` in front where it needs that (or ⌘). */
export type Shortcut = { keys: string; does: string; run: () => void; group?: string };

type Group = { id: number; title: string; shortcuts: readonly Shortcut[] };

/** All shortcuts that work at the moment, for the sheet that lists them. */
export const useShortcutGroups = create<{ groups: readonly Group[] }>(() => ({ groups: [] }));
let last = 0;

/** Makes keys work while a component is shown, but not while somebody types (unless with Ctrl) or a dialog is open. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]): void {
  const current = useRef(shortcuts);
  current.current = shortcuts;
  const listed = shortcuts.map((one) => `${one.keys}=${one.does}`).join("\n");
  useEffect(() => {
    const id = ++last;
    useShortcutGroups.setState(({ groups }) => ({ groups: [...groups, { id, title, shortcuts: current.current }] }));
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.altKey) return;
      const held = event.ctrlKey || event.metaKey;
      if (!held && (typing(event.target) || document.querySelector("dialog[open]") !== null)) return;
      const name = held ? `Ctrl+${event.key}` : event.key;
      const found = current.current.find((one) => one.keys === name || one.keys.toLowerCase() === name.toLowerCase());
      if (found === undefined || (event.repeat && found.keys.length > 1)) return;
      event.preventDefault();
      found.run();
    };
    document.addEventListener("keydown", pressed);
    return () => {
      document.removeEventListener("keydown", pressed);
      useShortcutGroups.setState(({ groups }) => ({ groups: groups.filter((group) => group.id !== id) }));
    };
  }, [title, listed]);
}

function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(target.type);
  return target instanceof HTMLElement && (target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName));
}
