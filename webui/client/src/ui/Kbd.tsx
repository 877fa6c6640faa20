/** Keys as they are printed on a keyboard; `keys` such as "Ctrl+Enter". */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="inline-flex gap-0.5">
      {keys.split("+").map((key) => (
        <kbd key={key} className="inline-flex h-5 min-w-5 items-center justify-center rounded border border-line bg-sunken px-1 font-sans text-[11px] text-soft">
          {key}
        </kbd>
      ))}
    </span>
  );
}
