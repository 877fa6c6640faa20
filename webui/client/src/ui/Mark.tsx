/** The mark of the product: a plumb bob on its line. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" className="shrink-0">
      <path d="M16 3v14" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <path d="M10.5 16.5h11l-1.6 7.4L16 29.5l-3.9-5.6z" fill="currentColor" />
    </svg>
  );
}
