import { useState } from "react";
import type { CheckedClaim, Evidence } from "@/ledger/types";
import { CorrectClaim } from "@/screens/report/CorrectClaim";
import { EvidenceView } from "@/screens/report/EvidenceView";
import { evidenceIds, judgementsOf, shownVerdict, type Judgement } from "@/screens/report/facts";
import { Sign, useVerdictWord, VerdictMark } from "@/screens/report/Sign";
import { useSelection } from "@/screens/report/selection";
import { TripleTable } from "@/screens/report/TripleTable";
import { triplesOfClaims } from "@/screens/report/triples";
import { reportWords } from "@/screens/report/words";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { useWords } from "@/ui/words";

type Sources = { run: string; evidence: ReadonlyMap<string, Evidence>; steps: ReadonlyMap<string, number> };

/** A claim with its verdict: who judged it and why, what it rests on, and how to correct it. */
export function ClaimPanel({ one, mayCorrect, ...sources }: { one: CheckedClaim; mayCorrect: boolean } & Sources) {
  const say = useWords(reportWords);
  const selection = useSelection();
  const verdict = shownVerdict(one);
  const judgements = judgementsOf(one);
  const ids = evidenceIds(one);
  const opened = selection.evidence !== "" ? selection.evidence : (ids[0] ?? "");
  const triples = triplesOfClaims([one]);
  return (
    <div className="space-y-6">
      <header>
        <div className="flex items-center justify-between gap-2">
          <VerdictMark of={verdict} />
          <span className="text-xs text-soft">{say(`kind_${one.claim.kind}`)}</span>
        </div>
        {one.claim.question !== "" && <p className="pt-2 text-[13px] text-soft">{harmless(one.claim.question)}</p>}
        <p dir="auto" className="pt-1.5 text-[17px] leading-snug font-medium">
          {harmless(one.claim.text)}
        </p>
      </header>
      <Part title={say("because")}>
        {judgements.length === 0 && <Findings one={one} />}
        <ul className="space-y-3">
          {judgements.map((said, number) => (
            <Judged key={number} said={said} differs={said.verdict !== one.verdict} />
          ))}
        </ul>
      </Part>
      <Part title={say("restsOn", { count: ids.length })}>
        {ids.length === 0 && <p className="text-[13px] text-soft">{say("restsOnNothing")}</p>}
        <ul className="space-y-1">
          {ids.map((id) => (
            <EvidenceRow key={id} id={id} open={id === opened} onToggle={() => selection.choose({ evidence: id })} {...sources} />
          ))}
        </ul>
      </Part>
      {triples.length > 0 && (
        <Part title={say("triples")}>
          <TripleTable triples={triples} compact />
        </Part>
      )}
      {judgements.length > 0 && one.findings.length > 0 && (
        <details className="text-[13px]">
          <summary className="cursor-pointer text-soft">{say("findings", { count: one.findings.length })}</summary>
          <div className="pt-2">
            <Findings one={one} />
          </div>
        </details>
      )}
      {mayCorrect && verdict !== "opinion" && <CorrectClaim run={sources.run} claim={one.claim} />}
    </div>
  );
}

/** A piece of evidence alone, where no claim is open. */
export function EvidencePanel({ id, ...sources }: { id: string } & Sources) {
  const say = useWords(reportWords);
  const item = sources.evidence.get(id);
  return (
    <div className="space-y-3">
      <p className="font-mono text-xs text-soft">{id}</p>
      <h2 className="text-[17px] leading-snug font-medium">{item === undefined ? say("evidence") : headOf(item)}</h2>
      <EvidenceView run={sources.run} id={id} step={stepOf(item, sources.steps)} />
    </div>
  );
}

function EvidenceRow({ id, open, onToggle, run, evidence, steps }: { id: string; open: boolean; onToggle: () => void } & Sources) {
  const item = evidence.get(id);
  const [closed, setClosed] = useState(false);
  const shown = open && !closed;
  return (
    <li className="rounded-md border border-line">
      <button
        type="button"
        aria-expanded={shown}
        onClick={() => {
          setClosed(shown);
          if (!open) onToggle();
        }}
        className="flex w-full items-start gap-2 px-2.5 py-2 text-left text-[13px] -outline-offset-2 hover:bg-sunken"
      >
        <Icon name={shown ? "chevronDown" : "chevronRight"} size={15} className="mt-0.5 text-soft" />
        <span className="min-w-0 flex-1">
          <span className={`block ${shown ? "" : "line-clamp-2"}`} dir="auto">
            {item === undefined ? id : headOf(item)}
          </span>
        </span>
        <span className="font-mono text-xs text-soft">{id}</span>
      </button>
      {shown && (
        <div className="px-2.5 pt-1 pb-3">
          <EvidenceView run={run} id={id} step={stepOf(item, steps)} />
        </div>
      )}
    </li>
  );
}

function headOf(item: Evidence): string {
  switch (item.kind) {
    case "quote":
      return `“${harmless(item.text)}”`;
    case "tool_result":
      return harmless(`${item.tool}: ${item.output.split("\n", 1)[0] ?? ""}`);
    case "triple":
      return harmless(`${item.subject} — ${item.relation} — ${item.object}`);
  }
}

function stepOf(item: Evidence | undefined, steps: ReadonlyMap<string, number>): number | undefined {
  return item?.kind === "tool_result" ? steps.get(item.key) : undefined;
}

function Judged({ said, differs }: { said: Judgement; differs: boolean }) {
  const word = useVerdictWord();
  const say = useWords(reportWords);
  return (
    <li className="grid grid-cols-[18px_minmax(0,1fr)] gap-x-1.5 text-[13px]">
      <Sign of={said.verdict} size="17px" />
      <div className="min-w-0">
        {said.quote !== "" && (
          <p dir="auto" className="italic">
            “{harmless(said.quote)}”
          </p>
        )}
        <p className={said.quote === "" ? "" : "text-soft"}>{harmless(said.detail)}</p>
        <p className="pt-0.5 text-xs text-soft">
          {say("judge", { judge: harmless(said.judge), tier: say(`tier_${said.tier}`) })}
          {said.model !== "" && ` · ${harmless(said.model)}`}
          {differs && ` · ${word(said.verdict)}`}
        </p>
      </div>
    </li>
  );
}

function Findings({ one }: { one: CheckedClaim }) {
  const say = useWords(reportWords);
  if (one.findings.length === 0) return <p className="text-[13px] text-soft">{say("nobodyJudged")}</p>;
  return (
    <ul className="space-y-1.5 text-[13px]">
      {one.findings.map((finding, number) => (
        <li key={number} className="grid grid-cols-[18px_minmax(0,1fr)] gap-x-1.5">
          <Sign of={finding.passed === null ? "unverifiable" : finding.passed ? "supported" : "contradicted"} size="17px" />
          <span>
            {harmless(finding.detail)} <span className="text-soft">({harmless(finding.method)})</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section>
      <h3 className="pb-2 text-xs font-semibold tracking-wide text-soft uppercase">{title}</h3>
      {children}
    </section>
  );
}

