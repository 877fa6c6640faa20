import { useId, useImperativeHandle, useLayoutEffect, useRef, type ComponentProps, type ReactNode } from "react";
import { Icon } from "@/ui/icons";

const BOX =
  "w-full rounded-md border border-line bg-raised px-3 text-sm text-ink placeholder:text-soft/80 disabled:opacity-60 " +
  "hover:border-soft/60 focus-visible:outline-offset-0 aria-invalid:border-bad";

/** A label, its control, a hint and an error beside it; `children` gets what ties them together. */
export function Field({
  label,
  hint,
  error,
  hideLabel = false,
  children,
}: {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  hideLabel?: boolean;
  children: (ties: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}) {
  const id = useId();
  const told = error ?? hint;
  const ties = {
    id,
    ...(told === undefined ? {} : { "aria-describedby": `${id}-told` }),
    ...(error === undefined ? {} : { "aria-invalid": true as const }),
  };
  return (
    <div className="min-w-0">
      <label htmlFor={id} className={hideLabel ? "sr-only" : "mb-1 block text-[13px] font-medium text-ink"}>
        {label}
      </label>
      {children(ties)}
      {told !== undefined && (
        <p id={`${id}-told`} className={`mt-1 text-[13px] ${error === undefined ? "text-soft" : "text-bad"}`} role={error === undefined ? undefined : "alert"}>
          {told}
        </p>
      )}
    </div>
  );
}

/** One line of text. */
export function Input({ className = "", ...rest }: ComponentProps<"input">) {
  return <input {...rest} className={`${BOX} h-9 ${className}`} />;
}

/** Text of several lines that grows with what is written, up to `most` lines. */
export function TextArea({ least = 3, most = 24, className = "", ref, ...rest }: ComponentProps<"textarea"> & { least?: number; most?: number }) {
  const box = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle<HTMLTextAreaElement | null, HTMLTextAreaElement | null>(ref, () => box.current);
  useLayoutEffect(() => {
    const area = box.current;
    if (area === null) return;
    area.style.height = "auto";
    const line = Number.parseFloat(getComputedStyle(area).lineHeight) || 22;
    area.style.height = `${Math.min(area.scrollHeight + 2, line * most + 18)}px`;
  }, [rest.value, most]);
  return <textarea ref={box} rows={least} dir="auto" {...rest} className={`${BOX} resize-y py-2 leading-[22px] ${className}`} />;
}

/** A choice out of a few that the browser's own list shows. */
export function Select({ className = "", children, ...rest }: ComponentProps<"select">) {
  return (
    <span className="relative block">
      <select {...rest} className={`${BOX} h-9 appearance-none pr-8 ${className}`}>
        {children}
      </select>
      <Icon name="chevronDown" size={16} className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-soft" />
    </span>
  );
}

/** Something that is on or off. */
export function Checkbox({ label, hint, ...rest }: { label: ReactNode; hint?: string } & Omit<ComponentProps<"input">, "type">) {
  return (
    <label className="flex cursor-pointer items-start gap-2.5 text-sm">
      <input type="checkbox" {...rest} className="mt-[3px] size-4 shrink-0 accent-accent" />
      <span className="min-w-0">
        {label}
        {hint !== undefined && <span className="block text-[13px] text-soft">{hint}</span>}
      </span>
    </label>
  );
}
