import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, ok } from "@/api/client";
import type { CheckedClaim, Evidence, Report } from "@/ledger/types";
import { ClaimPanel, EvidencePanel } from "@/screens/report/ClaimPanel";
import { VerdictBar } from "@/screens/report/ClaimList";
import { counts } from "@/screens/report/facts";
import { LOOKS, Sign, useVerdictWord } from "@/screens/report/Sign";
import { useSelection } from "@/screens/report/selection";
import { reportWords } from "@/screens/report/words";
import { IconButton } from "@/ui/Button";
import { Kbd } from "@/ui/Kbd";
import { useWords } from "@/ui/words";

type Props = { run: string; claims: readonly CheckedClaim[]; evidence: ReadonlyMap<string, Evidence>; steps: ReadonlyMap<string, number>; checking: Report["checking"] };

/** Beside the report what is opened of it; on narrow screens a sheet from below. */
export function SidePanel({ run, claims, evidence, steps, checking }: Props) {
  const say = useWords(reportWords);
  const selection = useSelection();
  const panel = useRef<HTMLElement>(null);
  const at = claims.findIndex((one) => one.claim.id === selection.claim);
  const one = claims[at];
  const me = useQuery({ queryKey: ["me"], queryFn: () => ok(api.GET("/api/me")), staleTime: 300_000 });
  // what one person corrects, the runs of all go by
  const mayCorrect = me.data?.role === "admin";
  const open = one !== undefined || selection.evidence !== "";
  useEffect(() => {
    panel.current?.scrollTo({ top: 0 });
  }, [selection.claim]);
  const step = (by: number) => {
    const next = claims[at + by];
    if (next !== undefined) selection.choose({ claim: next.claim.id });
  };
  return (
    <aside
      ref={panel}
      aria-label={say(one !== undefined ? "claim" : selection.evidence !== "" ? "evidence" : "howToRead")}
      className={`lg:sticky lg:top-0 lg:h-dvh lg:overflow-y-auto lg:border-l lg:border-line lg:py-4 lg:pl-7 print:hidden ${
        open ? "max-lg:fixed max-lg:inset-x-0 max-lg:bottom-0 max-lg:z-30 max-lg:max-h-[78dvh] max-lg:overflow-y-auto max-lg:rounded-t-xl max-lg:border-t max-lg:border-line max-lg:bg-raised max-lg:px-4 max-lg:pb-20 max-lg:shadow-[0_-8px_30px_rgb(0_0_0/0.25)]" : "max-lg:hidden"
      }`}
    >
      {open && (
        <div className="sticky top-0 z-10 flex items-center gap-1 bg-raised py-2 text-[13px] text-soft lg:-top-4 lg:-mt-4 lg:bg-paper lg:pt-4">
          {one !== undefined && (
            <>
              <span className="tabular-nums">{say("claimOf", { number: at + 1, all: claims.length })}</span>
              <span className="ml-auto" />
              <IconButton size="small" icon="chevronLeft" label={say("previousClaim")} disabled={at === 0} onClick={() => step(-1)} />
              <IconButton size="small" icon="chevronRight" label={say("nextClaim")} disabled={at === claims.length - 1} onClick={() => step(1)} />
            </>
          )}
          {one === undefined && <span className="mr-auto">{say("evidence")}</span>}
          <IconButton size="small" icon="close" label={say("closePanel")} onClick={() => selection.choose(null)} />
        </div>
      )}
      {one !== undefined ? (
        <ClaimPanel key={one.claim.id} one={one} mayCorrect={mayCorrect} run={run} evidence={evidence} steps={steps} />
      ) : selection.evidence !== "" ? (
        <EvidencePanel id={selection.evidence} run={run} evidence={evidence} steps={steps} />
      ) : (
        <Legend claims={claims} checking={checking} />
      )}
    </aside>
  );
}

/** How the marks are to be read, while nothing is opened. */
function Legend({ claims, checking }: { claims: readonly CheckedClaim[]; checking: Report["checking"] }) {
  const say = useWords(reportWords);
  const word = useVerdictWord();
  const kept = checking?.rounds.find((round) => round.number === checking.best);
  return (
    <div className="space-y-5 pt-11 text-[13px]">
      <VerdictBar claims={claims} />
      <dl className="space-y-3">
        {counts(claims).map(([verdict, count]) => (
          <div key={verdict} className="grid grid-cols-[22px_minmax(0,1fr)_auto] gap-x-2">
            <Sign of={verdict} size="19px" />
            <dt>
              <span className={`font-medium underline underline-offset-4 ${LOOKS[verdict].line}`}>{word(verdict)}</span>
              <span className="block pt-0.5 text-soft">{say(`means_${verdict}`)}</span>
            </dt>
            <dd className="font-medium tabular-nums">{count}</dd>
          </div>
        ))}
      </dl>
      {kept !== undefined && kept.score.checked > 0 && (
        <p className="border-t border-line pt-4">
          <strong className="tabular-nums">F² {kept.score.score.toFixed(2)}</strong> <span className="text-soft">{say("threshold", { threshold: kept.score.threshold })}</span>
        </p>
      )}
      <p className="text-soft">
        {say("openHint")} <Kbd keys="j" /> <Kbd keys="k" />
      </p>
    </div>
  );
}
