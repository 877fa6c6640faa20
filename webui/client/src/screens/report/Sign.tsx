import { kitWords } from "@/ui/kitWords";
import { useWords } from "@/ui/words";
import type { Outcome, Shown } from "@/screens/report/facts";
import { reportWords } from "@/screens/report/words";

type Look = { ink: string; wash: string; line: string; fill: string; stroke: string; dash: string };

/** How each verdict looks: a colour, and a kind of line that tells it without colour. */
export const LOOKS: Record<Shown, Look> = {
  supported: { ink: "text-good", wash: "bg-good-wash", line: "decoration-good/70 decoration-solid decoration-[1.5px]", fill: "bg-good", stroke: "var(--good)", dash: "" },
  contradicted: { ink: "text-bad", wash: "bg-bad-wash", line: "decoration-bad decoration-wavy decoration-[1.5px]", fill: "bg-bad", stroke: "var(--bad)", dash: "2 3" },
  qualified: { ink: "text-warn", wash: "bg-warn-wash", line: "decoration-warn decoration-dashed decoration-2", fill: "bg-warn", stroke: "var(--warn)", dash: "8 4" },
  not_found: { ink: "text-soft", wash: "bg-sunken", line: "decoration-soft decoration-dotted decoration-2", fill: "bg-soft", stroke: "var(--soft)", dash: "1 5" },
  unverifiable: { ink: "text-soft", wash: "bg-sunken", line: "decoration-soft decoration-dotted decoration-2", fill: "bg-soft/60", stroke: "var(--soft)", dash: "1 5" },
  error: { ink: "text-bad", wash: "bg-bad-wash", line: "decoration-bad decoration-double", fill: "bg-bad/60", stroke: "var(--bad)", dash: "6 2 1 2" },
  opinion: { ink: "text-soft", wash: "bg-sunken", line: "decoration-line decoration-solid decoration-1", fill: "bg-line", stroke: "var(--soft)", dash: "" },
};

export const OUTCOMES: Record<Outcome, Shown> = { pass: "supported", fail: "contradicted", inconclusive: "qualified", not_applicable: "opinion" };

/** Signs within a text, as in the terminal. */
export const SIGNS: Record<Shown, string> = { supported: "✓", contradicted: "✗", qualified: "~", not_found: "?", unverifiable: "?", error: "!", opinion: "–" };

const SHAPES: Record<Shown, string> = {
  supported: "m4 8.5 2.7 2.7L12 5.5",
  contradicted: "m5 5 6 6M11 5l-6 6",
  qualified: "M3.5 9c1.5-2.4 3-2.4 4.5 0s3 2.4 4.5 0",
  not_found: "M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.6-.9 1.3M8 11.6h.01",
  unverifiable: "M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.6-.9 1.3M8 11.6h.01",
  error: "M8 4v5M8 11.8h.01",
  opinion: "M5 8h6",
};

/** The sign of a verdict, drawn. */
export function Sign({ of, size = "1.05em" }: { of: Shown; size?: string }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} fill="none" stroke="currentColor" strokeWidth={1.9} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" className={`shrink-0 ${LOOKS[of].ink}`}>
      <path d={SHAPES[of]} />
    </svg>
  );
}

/** Returns what says a verdict in a word. */
export function useVerdictWord() {
  const kit = useWords(kitWords);
  const say = useWords(reportWords);
  return (verdict: Shown) => (verdict === "opinion" ? say("opinion") : kit(verdict));
}

/** A verdict with its sign and word. */
export function VerdictMark({ of }: { of: Shown }) {
  const word = useVerdictWord();
  return (
    <span className={`inline-flex items-center gap-1 text-[13px] font-medium whitespace-nowrap ${LOOKS[of].ink}`}>
      <Sign of={of} size="16px" />
      {word(of)}
    </span>
  );
}

/** What a check came to, with its sign and word. */
export function OutcomeMark({ of }: { of: Outcome }) {
  const kit = useWords(kitWords);
  return (
    <span className={`inline-flex items-center gap-1 text-[13px] font-medium whitespace-nowrap ${LOOKS[OUTCOMES[of]].ink}`}>
      <Sign of={OUTCOMES[of]} size="16px" />
      {kit(of)}
    </span>
  );
}
