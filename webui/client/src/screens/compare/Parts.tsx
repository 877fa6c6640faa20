import type { CheckedClaim, CheckResult, RunView } from "@/ledger/types";
import { Status, Verdict } from "@/ui/Badge";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";
import { Pair } from "./Pair";
import { compareWords } from "./words";

const VERDICTS = ["supported", "contradicted", "qualified", "not_found", "unverifiable", "error"] as const;
const OUTCOMES = ["pass", "fail", "inconclusive", "not_applicable"] as const;
const MOST = 60;

/** Verdicts on the claims of both, counted, then the claims themselves. */
export function Claims({ first, second }: { first: RunView; second: RunView }) {
  const say = useWords(compareWords);
  const sides = [first.report?.claims ?? [], second.report?.claims ?? []];
  if (sides.every((side) => side.length === 0)) return <p className="text-sm text-soft">{say("noClaims")}</p>;
  return (
    <Pair>
      {sides.map((claims, index) => (
        <div key={index} className="min-w-0 space-y-3">
          <p className="flex flex-wrap gap-x-3 gap-y-1 text-[13px]">
            {VERDICTS.flatMap((verdict) => {
              const number = claims.filter((one) => one.verdict === verdict).length;
              return number === 0 ? [] : [<span key={verdict} className="inline-flex items-center gap-1 tabular-nums">{number} <Verdict of={verdict} /></span>];
            })}
          </p>
          <ul className="space-y-1.5">
            {claims.slice(0, MOST).map((claim) => (
              <OneClaim key={claim.claim.id} claim={claim} />
            ))}
          </ul>
        </div>
      ))}
    </Pair>
  );
}

function OneClaim({ claim }: { claim: CheckedClaim }) {
  return (
    <li className="flex items-baseline gap-2 text-[13px]">
      <Verdict of={claim.verdict} />
      <span className="min-w-0 break-words" dir="auto">
        {harmless(claim.claim.text)}
      </span>
    </li>
  );
}

/** Executed checks of both. */
export function Checks({ first, second }: { first: RunView; second: RunView }) {
  const say = useWords(compareWords);
  const sides = [first.report?.checks ?? [], second.report?.checks ?? []];
  if (sides.every((side) => side.length === 0)) return <p className="text-sm text-soft">{say("noChecks")}</p>;
  return (
    <Pair>
      {sides.map((checks, index) => (
        <ul key={index} className="min-w-0 space-y-1.5">
          {OUTCOMES.flatMap((outcome) => checks.filter((one) => one.outcome === outcome)).slice(0, MOST).map((check, place) => (
            <OneCheck key={place} check={check} />
          ))}
        </ul>
      ))}
    </Pair>
  );
}

function OneCheck({ check }: { check: CheckResult }) {
  return (
    <li className="flex items-baseline gap-2 text-[13px]">
      <Verdict of={check.outcome} />
      <span className="min-w-0 break-words" dir="auto">
        {harmless(check.detail)}
      </span>
    </li>
  );
}

/** Plans of both as lists in order. */
export function Plans({ first, second }: { first: RunView; second: RunView }) {
  const say = useWords(compareWords);
  const sides = [first.plan.subtasks, second.plan.subtasks];
  if (sides.every((side) => side.length === 0)) return <p className="text-sm text-soft">{say("noPlans")}</p>;
  return (
    <Pair>
      {sides.map((subtasks, index) => (
        <ol key={index} className="min-w-0 space-y-2">
          {subtasks.length === 0 && <li className="text-sm text-soft">{say("noPlan")}</li>}
          {subtasks.map((one) => (
            <li key={one.id} className={`flex gap-2 text-[13px] ${one.parent === null ? "" : "pl-5"}`}>
              <span className="pt-0.5">
                <Status of={one.status} quiet />
              </span>
              <span className="min-w-0 break-words" dir="auto">
                {harmless(one.goal)}
              </span>
            </li>
          ))}
        </ol>
      ))}
    </Pair>
  );
}
