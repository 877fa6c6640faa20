/** A share on a line from nought to one, with its interval. */
export function Range({ value, low, high, className = "" }: { value: number; low: number; high: number; className?: string }) {
  return (
    <span aria-hidden="true" className={`relative block h-1 rounded-full bg-sunken ring-1 ring-line ring-inset ${className}`}>
      <span className="absolute inset-y-0 rounded-full bg-accent/35" style={{ left: `${low * 100}%`, right: `${(1 - high) * 100}%` }} />
      <span className="absolute -inset-y-0.5 w-[3px] -translate-x-1/2 rounded-full bg-accent" style={{ left: `${value * 100}%` }} />
    </span>
  );
}
