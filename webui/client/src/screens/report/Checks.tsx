import { useEffect } from "react";
import type { CheckResult, Report } from "@/ledger/types";
import { CriteriaList } from "@/screens/report/Criteria";
import { checkId } from "@/screens/report/facts";
import { OutcomeMark } from "@/screens/report/Sign";
import { useSelection } from "@/screens/report/selection";
import { reportWords } from "@/screens/report/words";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";

/** The checks of a run: commands and files in short, and what was tried out with its numbers. */
export function Checks({ run, report }: { run: string; report: Report }) {
  const say = useWords(reportWords);
  const selection = useSelection();
  useEffect(() => {
    if (selection.check !== "") document.getElementById(`check-${selection.check}`)?.scrollIntoView({ block: "center" });
  }, [selection.check]);
  const all = report.checks.map((check, number) => ({ check, id: checkId(check, number) }));
  const tried = all.flatMap(({ check, id }) => (check.tried === null ? [] : [{ id, title: check.tried.criterion.wish, where: whereOf(check), result: check.tried }]));
  const simple = all.filter(({ check }) => check.tried === null);
  return (
    <div className="space-y-5">
      {simple.length > 0 && (
        <ul className="divide-y divide-line border-y border-line">
          {simple.map(({ check, id }) => (
            <li key={id} id={`check-${id}`} aria-current={id === selection.check || undefined} className="grid scroll-mt-14 px-1 aria-[current]:bg-sunken gap-x-3 gap-y-0.5 py-2.5 text-[13px] sm:grid-cols-[8rem_minmax(0,1fr)]">
              <OutcomeMark of={check.outcome} />
              <div className="min-w-0">
                <p className="font-mono break-words">{harmless(subjectOf(check))}</p>
                <p className="text-soft">
                  {whereOf(check) !== "" && `${whereOf(check)}: `}
                  {harmless(check.detail)}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
      {tried.length > 0 && <CriteriaList run={run} rows={tried} />}
      {report.plan.wishes.map((one) => (
        <p key={one.sha256} className="text-xs text-soft">
          {say("frozenTests", { count: one.criteria.criteria.length, path: one.paths[0] ?? "", hash: one.sha256.slice(0, 12) })}
        </p>
      ))}
    </div>
  );
}

function whereOf(check: CheckResult): string {
  return [check.subtask, check.milestone].filter(Boolean).join(" / ");
}

function subjectOf(check: CheckResult): string {
  switch (check.check.kind) {
    case "command":
      return `$ ${check.check.command}`;
    case "file":
      return check.check.path;
    case "artefact":
      return check.check.paths.join(", ");
  }
}
