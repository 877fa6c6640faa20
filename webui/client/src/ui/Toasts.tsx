import { useEffect, type ReactNode } from "react";
import { create } from "zustand";
import type { Tone } from "@/ui/Badge";
import { IconButton } from "@/ui/Button";
import { Icon, type IconName } from "@/ui/icons";
import { kitWords } from "@/ui/kitWords";
import { useWords } from "@/ui/words";

type Toast = { id: number; text: ReactNode; tone: "good" | "bad" | "info"; action?: { label: string; run: () => void }; seconds: number };

const useToasts = create<{ toasts: Toast[] }>(() => ({ toasts: [] }));
let last = 0;

/** Show a message for a few seconds at the edge of the page; returns how to take it away. */
export function toast(text: ReactNode, given: Partial<Omit<Toast, "id" | "text">> = {}): () => void {
  const id = ++last;
  const shown: Toast = { id, text, tone: "info", seconds: given.tone === "bad" ? 12 : 6, ...given };
  useToasts.setState((state) => ({ toasts: [...state.toasts, shown].slice(-4) }));
  return () => dismiss(id);
}

function dismiss(id: number): void {
  useToasts.setState((state) => ({ toasts: state.toasts.filter((one) => one.id !== id) }));
}

/** Where toasts appear; the shell has one. */
export function Toasts() {
  const say = useWords(kitWords);
  const toasts = useToasts((state) => state.toasts);
  return (
    <section aria-label={say("notifications")} aria-live="polite" className="pointer-events-none fixed inset-x-3 bottom-18 z-50 flex flex-col items-center gap-2 md:right-5 md:bottom-5 md:left-auto md:items-end">
      {toasts.map((one) => (
        <One key={one.id} toast={one} />
      ))}
    </section>
  );
}

const SIGNS: Record<Toast["tone"], readonly [IconName, Tone, string]> = {
  good: ["check", "good", "text-good"],
  bad: ["warning", "bad", "text-bad"],
  info: ["info", "info", "text-info"],
};

function One({ toast: { id, text, tone, action, seconds } }: { toast: Toast }) {
  const say = useWords(kitWords);
  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), seconds * 1000);
    return () => clearTimeout(timer);
  }, [id, seconds]);
  const [icon, , ink] = SIGNS[tone];
  return (
    <div className="pointer-events-auto flex w-full max-w-sm items-center gap-2.5 rounded-md border border-line bg-raised py-2 pr-2 pl-3.5 text-sm shadow-lg">
      <Icon name={icon} size={17} className={ink} />
      <div className="min-w-0 flex-1 break-words">{text}</div>
      {action !== undefined && (
        <button
          type="button"
          className="rounded px-1.5 py-1 font-semibold text-accent hover:bg-sunken"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <IconButton icon="close" label={say("dismiss")} size="small" onClick={() => dismiss(id)} />
    </div>
  );
}
