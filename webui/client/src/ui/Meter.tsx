/** How much of something is used: `value` of `most`, in words beside it. Amber from `warnFrom` on, red when full. */
export function Meter({ label, value, most, text, warnFrom = 0.8 }: { label: string; value: number; most: number; text?: string; warnFrom?: number }) {
  const share = most > 0 ? Math.min(1, Math.max(0, value / most)) : 0;
  const tone = share >= 1 ? "bg-bad" : share >= warnFrom ? "bg-warn" : "bg-accent";
  return (
    <div className="min-w-0">
      <div className="mb-1 flex justify-between gap-3 text-[13px]">
        <span className="truncate text-soft">{label}</span>
        {text !== undefined && <span className="whitespace-nowrap tabular-nums">{text}</span>}
      </div>
      <div role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={most} aria-valuenow={Math.min(value, most)} aria-valuetext={text} className="h-1.5 overflow-hidden rounded-full bg-sunken ring-1 ring-line ring-inset">
        <div className={`h-full rounded-full ${tone}`} style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
