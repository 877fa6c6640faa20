import type { CheckedClaim, CheckResult, Claim, ClaimVerdict, Design, Evidence, Report } from "@/ledger/types";

export type Judgement = CheckedClaim["judgements"][number];
export type Statement = Claim["triples"][number];
export type CriterionResult = NonNullable<CheckResult["tried"]>;
export type Criterion = CriterionResult["criterion"];
export type Trial = CriterionResult["trials"][number];
export type View = Trial["views"][number];
export type Outcome = CheckResult["outcome"];
export type DesignRound = Design["rounds"][number];
export type Candidate = DesignRound["candidates"][number];
export type Critique = Candidate["critiques"][number];
export type Inspection = NonNullable<Candidate["inspection"]>;
export type Shown = ClaimVerdict | "opinion";

/** Which verdict colours a sentence with several claims; an opinion is judged by nobody. */
export const WORST_FIRST: readonly Shown[] = ["contradicted", "error", "qualified", "not_found", "unverifiable", "supported", "opinion"];

const DECIDED: ReadonlySet<string> = new Set(["supported", "contradicted", "qualified"]);

export function shownVerdict(one: CheckedClaim): Shown {
  return one.claim.kind === "opinion" ? "opinion" : one.verdict;
}

/** The claims of a report; of a question those that were looked at of its evidence and hints. */
export function claimsOf(report: Report): readonly CheckedClaim[] {
  return report.claims.length > 0 ? report.claims : (report.answered?.claims ?? []);
}

/** All evidence of a report, by its id. */
export function evidenceOf(report: Report): ReadonlyMap<string, Evidence> {
  return new Map([...(report.answered?.evidence ?? []), ...report.evidence].map((item) => [item.id, item]));
}

/** How many claims have each verdict, the worst first. */
export function counts(claims: readonly CheckedClaim[]): readonly (readonly [Shown, number])[] {
  const said = claims.map(shownVerdict);
  return WORST_FIRST.map((verdict) => [verdict, said.filter((one) => one === verdict).length] as const).filter(([, count]) => count > 0);
}

/** How many claims something decided, of how many that are no opinions. */
export function coverage(claims: readonly CheckedClaim[]): { decided: number; judged: number; opinions: number } {
  const judged = claims.filter((one) => one.claim.kind !== "opinion");
  return { decided: judged.filter((one) => DECIDED.has(one.verdict)).length, judged: judged.length, opinions: claims.length - judged.length };
}

/** The judgements of a claim: first those that have its own verdict, cheaper tiers before others. */
export function judgementsOf(one: CheckedClaim): readonly Judgement[] {
  const rank = (said: Judgement) => `${said.verdict === one.verdict ? 0 : 1}${said.tier}`;
  return [...one.judgements].sort((a, b) => rank(a).localeCompare(rank(b)));
}

/** Ids of the evidence that a claim names, or that its judges rest on. */
export function evidenceIds(one: CheckedClaim): readonly string[] {
  return [...new Set([...one.claim.evidence, ...one.judgements.flatMap((said) => said.evidence)])];
}

/** The results of trials in a report: those of the design that is handed over, else those of its checks. */
export function handedOver(design: Design): Candidate | undefined {
  return design.rounds.flatMap((round) => round.candidates).find((one) => one.id === design.best);
}

/** Name of a check in the addresses of this page. */
export function checkId(check: CheckResult, number: number): string {
  return [check.subtask, check.milestone].filter(Boolean).join(".") || check.tried?.criterion.id || `check-${number + 1}`;
}

/** What the reader should know: what was not checked, and the report's own notes. */
export function notesOf(report: Report): readonly string[] {
  return [...new Set([...(report.checking?.unchecked ?? []), ...report.notes])];
}

/** Whether a criterion's control fails, as it has to. */
export function controlFails({ criterion, control }: CriterionResult): boolean {
  const holds = (value: number) => {
    switch (criterion.relation) {
      case "<":
        return value < criterion.threshold;
      case "<=":
        return value <= criterion.threshold;
      case ">":
        return value > criterion.threshold;
      case ">=":
        return value >= criterion.threshold;
      case "==":
        return Math.abs(value - criterion.threshold) <= criterion.tolerance;
    }
  };
  return control.some((trial) => trial.value !== null && !holds(trial.value));
}
