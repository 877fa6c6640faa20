import type { CheckedClaim, Evidence } from "@/ledger/types";
import { shownVerdict, type Shown, type Statement } from "@/screens/report/facts";

/** A triple with its verdict and where it belongs; the verdict is null for a triple that is itself evidence. */
export type Told = { subject: string; relation: string; object: string; positive: boolean; qualifiers: Readonly<Record<string, string>>; verdict: Shown | null; claim: string; evidence: string };

/** The triples of claims; a triple that a judge decided by itself has that verdict, else that of its claim. */
export function triplesOfClaims(claims: readonly CheckedClaim[]): Told[] {
  return claims.flatMap((one) =>
    one.claim.triples.map((triple, number) => {
      const own = one.judgements.find((said) => said.triple === number);
      return of(triple, { verdict: own?.verdict ?? shownVerdict(one), claim: one.claim.id, evidence: "" });
    }),
  );
}

/** The triples among pieces of evidence. */
export function triplesOfEvidence(evidence: Iterable<Evidence>): Told[] {
  const told: Told[] = [];
  for (const item of evidence) {
    if (item.kind === "triple") told.push(of({ ...item, positive: true }, { verdict: null, claim: "", evidence: item.id }));
  }
  return told;
}

/** The triples that a model gave for its answer and that nobody looked at: all where no claim has any. */
export function triplesOfAnswer(given: readonly Statement[], claimed: readonly Told[]): Told[] {
  return claimed.length > 0 ? [] : given.map((triple) => of(triple, { verdict: null, claim: "", evidence: "" }));
}

function of(triple: Statement, rest: Pick<Told, "verdict" | "claim" | "evidence">): Told {
  const { subject, relation, object, positive, qualifiers } = triple;
  return { subject, relation, object, positive, qualifiers, ...rest };
}
