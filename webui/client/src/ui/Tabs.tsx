import { useId, useRef, type KeyboardEvent, type ReactNode } from "react";

export type Tab<Key extends string> = { key: Key; label: ReactNode; count?: number; disabled?: boolean };

/** Tabs over one panel; arrow keys move between them. The panel is `children`. */
export function Tabs<Key extends string>({
  label,
  tabs,
  at,
  onChange,
  children,
  className = "",
}: {
  label: string;
  tabs: readonly Tab<Key>[];
  at: Key;
  onChange: (key: Key) => void;
  children?: ReactNode;
  className?: string;
}) {
  const id = useId();
  const strip = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const open = tabs.filter((tab) => tab.disabled !== true);
    const here = open.findIndex((tab) => tab.key === at);
    const by = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: open.length - 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = open[(by + open.length) % open.length];
    if (next === undefined) return;
    onChange(next.key);
    strip.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(next.key)}"]`)?.focus();
  };
  return (
    <div className={`flex min-h-0 flex-col ${className}`}>
      <div ref={strip} role="tablist" aria-label={label} onKeyDown={move} className="flex shrink-0 gap-5 overflow-x-auto overflow-y-hidden border-b border-line px-0.5">
        {tabs.map((tab) => (
          <button
            key={tab.key}
            type="button"
            role="tab"
            id={`${id}-${tab.key}`}
            data-key={tab.key}
            aria-selected={tab.key === at}
            aria-controls={children === undefined ? undefined : `${id}-panel`}
            tabIndex={tab.key === at ? 0 : -1}
            disabled={tab.disabled}
            onClick={() => onChange(tab.key)}
            className={`-mb-px flex h-10 items-center gap-1.5 border-b-2 text-sm font-medium whitespace-nowrap -outline-offset-2 disabled:opacity-50 ${
              tab.key === at ? "border-accent text-ink" : "border-transparent text-soft hover:text-ink"
            }`}
          >
            {tab.label}
            {tab.count !== undefined && <span className="text-xs font-normal text-soft tabular-nums">{tab.count}</span>}
          </button>
        ))}
      </div>
      {children !== undefined && (
        <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${at}`} tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          {children}
        </div>
      )}
    </div>
  );
}

/** A choice out of two to five words, side by side. */
export function Segments<Key extends string>({
  label,
  options,
  at,
  onChange,
}: {
  label: string;
  options: readonly { key: Key; label: string; disabled?: boolean }[];
  at: Key;
  onChange: (key: Key) => void;
}) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className="inline-flex max-w-full flex-wrap rounded-md border border-line bg-sunken p-0.5">
      {options.map((option) => (
        <label
          key={option.key}
          className={`cursor-pointer rounded-[5px] px-3 py-1 text-[13px] font-medium has-focus-visible:outline-2 has-focus-visible:outline-accent has-disabled:cursor-not-allowed has-disabled:opacity-50 ${
            option.key === at ? "bg-raised text-ink shadow-xs ring-1 ring-line" : "text-soft hover:text-ink"
          }`}
        >
          <input
            type="radio"
            name={name}
            value={option.key}
            checked={option.key === at}
            disabled={option.disabled}
            onChange={() => onChange(option.key)}
            className="sr-only"
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
