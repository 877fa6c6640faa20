import { Sign, useVerdictWord, VerdictMark } from "@/screens/report/Sign";
import { useSelection } from "@/screens/report/selection";
import type { Told } from "@/screens/report/triples";
import { reportWords } from "@/screens/report/words";
import { harmless } from "@/ui/harmless";
import { Table } from "@/ui/Table";
import { useWords } from "@/ui/words";

/** Triples as a table: what the graph says, for those who read rather than look. */
export function TripleTable({ triples, compact = false }: { triples: readonly Told[]; compact?: boolean }) {
  const say = useWords(reportWords);
  const word = useVerdictWord();
  const selection = useSelection();
  return (
    <Table
      caption={say(compact ? "triplesOfClaim" : "triplesTable")}
      rows={triples.map((one, number) => ({ ...one, number }))}
      keyOf={(row) => String(row.number)}
      columns={[
        { key: "subject", head: say("subject"), cell: (row) => <bdi>{harmless(row.subject)}</bdi> },
        {
          key: "relation",
          head: say("relation"),
          cell: (row) => (
            <span className="text-soft">
              {harmless(row.relation)}
              {!row.positive && <strong className="text-bad"> {say("isNotSo")}</strong>}
            </span>
          ),
        },
        {
          key: "object",
          head: say("object"),
          cell: (row) => (
            <>
              <bdi>{harmless(row.object)}</bdi>
              {Object.entries(row.qualifiers).map(([name, value]) => (
                <span key={name} className="block text-xs text-soft">
                  {harmless(`${name} ${value}`)}
                </span>
              ))}
            </>
          ),
        },
        {
          key: "verdict",
          head: say("verdict"),
          cell: (row) =>
            row.verdict === null && row.evidence === "" ? (
              <span className="text-[13px] text-soft">{say("nobodyJudged")}</span>
            ) : row.verdict === null ? (
              <button type="button" className="text-[13px] text-accent hover:underline" onClick={() => selection.choose({ evidence: row.evidence })}>
                {say("evidence")} {row.evidence}
              </button>
            ) : compact ? (
              <span title={word(row.verdict)}>
                <Sign of={row.verdict} size="16px" />
                <span className="sr-only">{word(row.verdict)}</span>
              </span>
            ) : (
              <button type="button" className="hover:underline" onClick={() => selection.choose({ claim: row.claim })}>
                <VerdictMark of={row.verdict} />
              </button>
            ),
        },
      ]}
    />
  );
}
