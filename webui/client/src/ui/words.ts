import { useSyncExternalStore } from "react";
import { keep, kept } from "@/ui/kept";

export type Language = "en" | "zh";

/** A dictionary of one part of the application: the same names in both languages. `{name}` is filled in. */
export type Words<Name extends string> = { en: Record<Name, string>; zh: Record<Name, string> };

const KEY = "plumbline.language";
const listeners = new Set<() => void>();

/** The language somebody chose, else the one their browser prefers. */
export function language(): Language {
  const chosen = kept(KEY);
  if (chosen === "en" || chosen === "zh") return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function setLanguage(chosen: Language): void {
  keep(KEY, chosen);
  document.documentElement.lang = chosen;
  for (const listener of listeners) listener();
}

export function useLanguage(): Language {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, language);
}

/** Returns what looks words up in a dictionary, in the language of the moment. */
export function useWords<Name extends string>(words: Words<Name>) {
  const chosen = useLanguage();
  return (name: Name, values: Record<string, string | number> = {}): string =>
    words[chosen][name].replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}
