import { useState } from "react";
import type { CheckedClaim } from "@/ledger/types";
import { counts, judgementsOf, shownVerdict, type Shown } from "@/screens/report/facts";
import { LOOKS, Sign, useVerdictWord } from "@/screens/report/Sign";
import { useSelection } from "@/screens/report/selection";
import { reportWords } from "@/screens/report/words";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";

/** All claims with verdict and reason, to be narrowed down to one verdict. */
export function ClaimList({ claims }: { claims: readonly CheckedClaim[] }) {
  const say = useWords(reportWords);
  const word = useVerdictWord();
  const selection = useSelection();
  const [only, setOnly] = useState<Shown | null>(null);
  const shown = only === null ? claims : claims.filter((one) => shownVerdict(one) === only);
  return (
    <div>
      <VerdictBar claims={claims} />
      <div role="group" aria-label={say("filter")} className="flex flex-wrap gap-1.5 py-3 print:hidden">
        <Chip on={only === null} onClick={() => setOnly(null)}>
          {say("all")} <span className="tabular-nums">{claims.length}</span>
        </Chip>
        {counts(claims).map(([verdict, count]) => (
          <Chip key={verdict} on={only === verdict} onClick={() => setOnly(only === verdict ? null : verdict)}>
            <Sign of={verdict} size="14px" /> {word(verdict)} <span className="tabular-nums">{count}</span>
          </Chip>
        ))}
      </div>
      <ol className="divide-y divide-line border-y border-line">
        {shown.map((one) => {
          const verdict = shownVerdict(one);
          const reason = judgementsOf(one)[0];
          const chosen = selection.claim === one.claim.id;
          return (
            <li key={one.claim.id} className="[contain-intrinsic-size:auto_3.5rem] [content-visibility:auto] print:[content-visibility:visible]">
              <button
                type="button"
                aria-pressed={chosen}
                onClick={() => selection.choose({ claim: one.claim.id })}
                className={`grid w-full grid-cols-[22px_minmax(0,1fr)] gap-x-2 px-1 py-2.5 text-left -outline-offset-2 hover:bg-sunken ${chosen ? "bg-sunken" : ""}`}
              >
                <span className="pt-px">
                  <Sign of={verdict} size="19px" />
                  <span className="sr-only">{word(verdict)}</span>
                </span>
                <span className="min-w-0">
                  <bdi className="block text-[14px] leading-snug">{harmless(one.claim.text)}</bdi>
                  <span className="block truncate pt-0.5 print:whitespace-normal text-[13px] text-soft">
                    <span className={LOOKS[verdict].ink}>{word(verdict)}</span>
                    {reason !== undefined && ` · ${harmless(reason.detail)}`}
                  </span>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

/** How many claims have which verdict, as one bar. */
export function VerdictBar({ claims }: { claims: readonly CheckedClaim[] }) {
  const word = useVerdictWord();
  const told = counts(claims);
  return (
    <div role="img" aria-label={told.map(([verdict, count]) => `${count} ${word(verdict)}`).join(", ")} className="flex h-2 gap-0.5 overflow-hidden rounded-full">
      {[...told].reverse().map(([verdict, count]) => (
        <span key={verdict} className={LOOKS[verdict].fill} style={{ flex: count }} />
      ))}
    </div>
  );
}

function Chip({ on, onClick, children }: { on: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onClick}
      className={`inline-flex h-7 items-center gap-1.5 rounded-full border px-2.5 text-[13px] ${on ? "border-ink bg-raised font-medium" : "border-line text-soft hover:text-ink"}`}
    >
      {children}
    </button>
  );
}
