import { createContext, Fragment, useContext, useMemo, useState } from "react";
import type { Components } from "react-markdown";
import type { CheckedClaim } from "@/ledger/types";
import { shownVerdict, WORST_FIRST, type Shown } from "@/screens/report/facts";
import { markClaims, placesOf } from "@/screens/report/marks";
import { LOOKS, SIGNS, useVerdictWord } from "@/screens/report/Sign";
import { useSelection, type Selection } from "@/screens/report/selection";
import { reportWords } from "@/screens/report/words";
import { harmless } from "@/ui/harmless";
import { Markdown } from "@/ui/Markdown";
import { useWords } from "@/ui/words";

type Marked = { claims: ReadonlyMap<string, CheckedClaim>; selection: Selection; hovered: string; hover: (claim: string) => void };
const MarkedContext = createContext<Marked | null>(null);

/** The answer as Markdown; each sentence that a claim was taken from carries its verdict and opens that claim. */
export function Answer({ text, claims, evidence }: { text: string; claims: readonly CheckedClaim[]; evidence: ReadonlySet<string> }) {
  const selection = useSelection();
  const [hovered, hover] = useState("");
  const shown = useMemo(() => harmless(text), [text]);
  const plugins = useMemo(() => [markClaims(shown, placesOf(shown, claims), evidence)], [shown, claims, evidence]);
  const byId = useMemo(() => new Map(claims.map((one) => [one.claim.id, one])), [claims]);
  return (
    <MarkedContext value={{ claims: byId, selection, hovered, hover }}>
      <Markdown text={shown} plugins={plugins} parts={PARTS} className="max-w-[46rem] text-base!" />
    </MarkedContext>
  );
}

const PARTS: Components = {
  mark: ({ node, children }) => (
    <Sentence claims={words(node?.properties.dataClaims)} last={words(node?.properties.dataLast)}>
      {children}
    </Sentence>
  ),
  cite: ({ node, children }) => <Citation id={String(node?.properties.dataEvidence ?? "")}>{children}</Citation>,
};

function words(value: unknown): string[] {
  return typeof value === "string" && value !== "" ? value.split(" ") : [];
}

/** Returns those of some claims that are known, the worst first. */
function worstFirst(ids: readonly string[], claims: ReadonlyMap<string, CheckedClaim>): { id: string; verdict: Shown; text: string }[] {
  return ids
    .map((id) => claims.get(id))
    .filter((one) => one !== undefined)
    .map((one) => ({ id: one.claim.id, verdict: shownVerdict(one), text: one.claim.text }))
    .sort((a, b) => WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict));
}

function Sentence({ claims, last, children }: { claims: readonly string[]; last: readonly string[]; children?: React.ReactNode }) {
  const marked = useContext(MarkedContext);
  const word = useVerdictWord();
  const say = useWords(reportWords);
  if (marked === null) return <>{children}</>;
  const here = worstFirst(claims, marked.claims);
  const worst = here[0];
  if (worst === undefined) return <>{children}</>;
  const chosen = here.some((one) => one.id === marked.selection.claim);
  const near = here.some((one) => one.id === marked.hovered);
  return (
    <>
      <mark
        data-verdict={worst.verdict}
        onClick={() => marked.selection.choose({ claim: worst.id })}
        onPointerEnter={() => marked.hover(worst.id)}
        onPointerLeave={() => marked.hover("")}
        className={`cursor-pointer rounded-[3px] bg-transparent box-decoration-clone text-ink underline underline-offset-[5px] ${LOOKS[worst.verdict].line} ${chosen ? LOOKS[worst.verdict].wash : near ? "bg-sunken" : ""} ${worst.verdict === "contradicted" || worst.verdict === "error" ? LOOKS[worst.verdict].wash : ""}`}
      >
        {children}
      </mark>
      {worstFirst(last, marked.claims).map((one) => (
        <Fragment key={one.id}>
          {"\u00a0"}
          <a
            href={`?claim=${encodeURIComponent(one.id)}`}
            aria-current={one.id === marked.selection.claim || undefined}
            aria-label={say("openClaim", { verdict: word(one.verdict), text: one.text })}
            title={word(one.verdict)}
            onClick={(event) => {
              event.preventDefault();
              marked.selection.choose({ claim: one.id });
            }}
            style={{ color: LOOKS[one.verdict].stroke }}
            className="rounded px-0.5 text-[0.9em] font-bold no-underline! hover:bg-sunken"
          >
            {SIGNS[one.verdict]}
          </a>
        </Fragment>
      ))}
    </>
  );
}

function Citation({ id, children }: { id: string; children?: React.ReactNode }) {
  const marked = useContext(MarkedContext);
  const say = useWords(reportWords);
  return (
    <a
      href={`?evidence=${encodeURIComponent(id)}`}
      aria-label={say("openEvidence", { id })}
      onClick={(event) => {
        event.preventDefault();
        event.stopPropagation();
        marked?.selection.choose({ evidence: id });
      }}
      className="font-mono text-[0.85em] no-underline! hover:underline!"
    >
      {children}
    </a>
  );
}
