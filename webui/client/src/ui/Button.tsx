import type { ComponentProps, ReactNode } from "react";
import { Link } from "react-router";
import { Icon, type IconName } from "@/ui/icons";

export type ButtonKind = "primary" | "plain" | "quiet" | "danger";
type Size = "small" | "normal";

const KINDS: Record<ButtonKind, string> = {
  primary: "bg-accent text-on-accent hover:brightness-110 border-transparent",
  plain: "bg-raised text-ink border-line hover:bg-sunken",
  quiet: "bg-transparent text-soft border-transparent hover:bg-sunken hover:text-ink",
  danger: "bg-raised text-bad border-line hover:bg-bad-wash",
};
const SIZES: Record<Size, string> = { small: "h-7 px-2 text-[13px] gap-1.5", normal: "h-9 px-3.5 text-sm gap-2" };
const SQUARES: Record<Size, string> = { small: "size-7", normal: "size-9" };
const BASE =
  "inline-flex items-center justify-center rounded-md border font-medium whitespace-nowrap select-none transition-colors no-underline " +
  "disabled:opacity-50 disabled:cursor-not-allowed aria-disabled:opacity-50";

type Common = { kind?: ButtonKind; size?: Size; icon?: IconName };

/** A button; `busy` shows that its work is under way and takes no second click. */
export function Button({
  kind = "plain",
  size = "normal",
  icon,
  busy = false,
  className = "",
  children,
  ...rest
}: Common & { busy?: boolean } & ComponentProps<"button">) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || busy}
      aria-busy={busy || undefined}
      className={`${BASE} ${KINDS[kind]} ${SIZES[size]} ${className}`}
    >
      {busy ? <Spinner /> : icon !== undefined && <Icon name={icon} size={size === "small" ? 15 : 17} />}
      {children}
    </button>
  );
}

/** A button that shows an icon alone; its `label` is read out and shown as a tip. */
export function IconButton({
  icon,
  label,
  kind = "quiet",
  size = "normal",
  className = "",
  ...rest
}: { icon: IconName; label: string; kind?: ButtonKind; size?: Size } & Omit<ComponentProps<"button">, "children">) {
  return (
    <button type="button" {...rest} aria-label={label} title={label} className={`${BASE} ${KINDS[kind]} ${SQUARES[size]} ${className}`}>
      <Icon name={icon} size={size === "small" ? 16 : 18} />
    </button>
  );
}

/** A link to another screen that looks like a button. */
export function LinkButton({ to, kind = "plain", size = "normal", icon, className = "", children }: Common & { to: string; className?: string; children: ReactNode }) {
  return (
    <Link to={to} className={`${BASE} ${KINDS[kind]} ${SIZES[size]} ${className}`}>
      {icon !== undefined && <Icon name={icon} size={size === "small" ? 15 : 17} />}
      {children}
    </Link>
  );
}

/** A turning ring: something is under way. */
export function Spinner({ size = 15 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" strokeWidth={2.5} className="shrink-0 animate-spin" aria-hidden="true">
      <path d="M12 3a9 9 0 1 1-8.5 6" strokeLinecap="round" />
    </svg>
  );
}
