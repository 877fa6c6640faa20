import { useSyncExternalStore } from "react";
import { keep, kept } from "@/ui/kept";

export type Theme = "system" | "light" | "dark";

const KEY = "plumbline.theme";
const listeners = new Set<() => void>();

/** The theme somebody chose; `system` follows what the system prefers. */
export function theme(): Theme {
  const chosen = kept(KEY);
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export function setTheme(chosen: Theme): void {
  keep(KEY, chosen);
  showTheme();
  for (const listener of listeners) listener();
}

/** Puts the chosen theme on the page; called once before the first drawing. */
export function showTheme(): void {
  const chosen = theme();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

function listen(listener: () => void): () => void {
  const preference = matchMedia("(prefers-color-scheme: dark)");
  listeners.add(listener);
  preference.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    preference.removeEventListener("change", listener);
  };
}

export function useTheme(): Theme {
  return useSyncExternalStore(listen, theme);
}

/** Whether the page is dark at the moment, for what draws its own colours. */
export function useDark(): boolean {
  return useSyncExternalStore(listen, () => {
    const chosen = theme();
    return chosen === "dark" || (chosen === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  });
}
