import type { CheckedClaim, Report } from "@/ledger/types";
import { coverage, handedOver, notesOf } from "@/screens/report/facts";
import { LOOKS, Sign } from "@/screens/report/Sign";
import type { Shown } from "@/screens/report/facts";
import { reportWords } from "@/screens/report/words";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";

const LOOK: Record<Report["outcome"], Shown> = { verified: "supported", unverified: "qualified", failed: "contradicted", budget_exhausted: "qualified", cancelled: "unverifiable" };

type Say = ReturnType<typeof useWords<keyof typeof reportWords.en>>;

/** What it came to, why, and what is open: before anything else. */
export function OutcomeBand({ report, claims }: { report: Report; claims: readonly CheckedClaim[] }) {
  const say = useWords(reportWords);
  const look = LOOK[report.outcome];
  const open = openOf(report, claims, say);
  return (
    <section aria-label={say("outcome")} className={`rounded-lg px-4 py-3.5 md:px-5 ${LOOKS[look].wash}`}>
      <h2 className={`flex items-start gap-2 text-lg leading-snug font-semibold ${LOOKS[look].ink}`}>
        <Sign of={look} size="26px" />
        <span>{headOf(report, claims, say)}</span>
      </h2>
      {report.outcome === "failed" && report.answer !== "" && (
        <p dir="auto" className="mt-1 max-w-[46rem] pl-[34px] text-[15px] break-words whitespace-pre-wrap text-ink">
          {harmless(report.answer)}
        </p>
      )}
      {open.length > 0 && (
        <ul className="mt-1.5 space-y-0.5 pl-[34px] text-[14px] text-ink">
          {open.map((line) => (
            <li key={line.text}>
              {line.href === undefined ? (
                line.text
              ) : (
                <a href={line.href} className="underline decoration-line underline-offset-3 hover:decoration-current">
                  {line.text}
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function headOf(report: Report, claims: readonly CheckedClaim[], say: Say): string {
  const { design, answered } = report;
  if (design !== null) {
    const best = handedOver(design);
    if (best === undefined) return say("designFailed", { why: say(`stop_${design.stop}`) });
    const looked = best.critiques.some((one) => one.score !== null && one.failure === "");
    return design.accepted ? say(looked ? "designLooked" : "designTried", { id: best.id }) : say("designNot", { id: best.id, why: say(`stop_${design.stop}`) });
  }
  if (answered !== null && report.outcome === "unverified") return say(answered.mode === "cok+f2" ? "answerNotAccepted" : "answerUnchecked");
  if (report.outcome === "verified") {
    if (claims.length > 0 && report.checks.length > 0) return say("verifiedBoth");
    if (claims.length > 0) return say("verifiedClaims");
    return say(report.checks.length > 0 ? "verifiedChecks" : "verifiedNothing");
  }
  return say(`outcome_${report.outcome}`);
}

type Line = { text: string; href?: string };

/** What keeps a reader from trusting it whole. */
function openOf(report: Report, claims: readonly CheckedClaim[], say: Say): Line[] {
  const lines: Line[] = [];
  const { decided, judged, opinions } = coverage(claims);
  if (judged > 0) {
    const contradicted = claims.filter((one) => one.verdict === "contradicted").length;
    const told = say("claimsChecked", { decided, judged });
    lines.push({ text: opinions > 0 ? `${told}, ${say("opinionsAside", { count: opinions })}` : told, href: "#claims" });
    if (contradicted > 0) lines.push({ text: say("contradictedCount", { count: contradicted }), href: "#claims" });
  }
  const missed = report.checks.filter((check) => check.outcome !== "pass").length;
  if (report.checks.length > 0) lines.push({ text: say("checksPassed", { passed: report.checks.length - missed, all: report.checks.length }), href: "#checks" });
  const undone = report.plan.subtasks.filter((subtask) => subtask.status === "failed" || subtask.status === "dropped" || subtask.status === "pending");
  if (undone.length > 0) lines.push({ text: say("subtasksOpen", { names: undone.map((subtask) => subtask.id).join(", ") }), href: "#plan" });
  for (const wish of report.design?.criteria.untestable ?? []) lines.push({ text: `${say("cannotBeTested")} ${harmless(wish)}` });
  if (report.design?.visual === false) lines.push({ text: say("notLookedAt") });
  if (report.design?.pragmatic === false) lines.push({ text: say("notTriedOut") });
  if (report.limited) lines.push({ text: say("limited") });
  if (report.untrusted) lines.push({ text: say("untrusted") });
  const notes = notesOf(report).length;
  if (notes > 0) lines.push({ text: say("notesCount", { count: notes }), href: "#notes" });
  return lines;
}
