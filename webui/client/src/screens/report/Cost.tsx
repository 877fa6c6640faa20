import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok, told } from "@/api/client";
import { isObject, numberIn, objectIn, textIn } from "@/ledger/json";
import { sum } from "@/ledger/money";
import type { Report } from "@/ledger/types";
import { reportWords } from "@/screens/report/words";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { harmless } from "@/ui/harmless";
import { Money } from "@/ui/Money";
import { Table } from "@/ui/Table";
import { useWords } from "@/ui/words";

type Spent = { model: string; calls: number; input: number; output: number; cost: string };
const PAGE = 1000;

/** What the run cost: all in all, and by model as its events tell. */
export function Cost({ run, report }: { run: string; report: Report }) {
  const say = useWords(reportWords);
  const [asked, setAsked] = useState(false);
  const byModel = useQuery({ queryKey: ["cost", run], queryFn: () => costByModel(run), enabled: asked, staleTime: Number.POSITIVE_INFINITY });
  const { usage } = report;
  const total: Spent = { model: say("altogether"), calls: usage.calls, input: usage.input_tokens, output: usage.output_tokens, cost: usage.cost };
  return (
    <div className="space-y-3">
      {usage.calls > 0 && <Table
        caption={say("costTable")}
        rows={[...(byModel.data ?? []), total]}
        keyOf={(row) => row.model}
        columns={[
          { key: "model", head: say("model"), cell: (row) => (row === total ? <strong>{row.model}</strong> : row.model) },
          { key: "calls", head: say("calls"), number: true, cell: (row) => row.calls.toLocaleString("en") },
          { key: "input", head: say("tokensIn"), number: true, cell: (row) => row.input.toLocaleString("en") },
          { key: "output", head: say("tokensOut"), number: true, cell: (row) => row.output.toLocaleString("en") },
          { key: "cost", head: say("cost"), number: true, cell: (row) => <Money amount={row.cost} /> },
        ]}
      />}
      {byModel.isError && <Banner tone="bad">{told(byModel.error)}</Banner>}
      {!asked && usage.calls > 0 && (
        <Button size="small" kind="quiet" className="-ml-2 print:hidden" onClick={() => setAsked(true)}>
          {say("costByModel")}
        </Button>
      )}
      <p className="text-[13px] text-soft">{report.models.length > 0 ? say("models", { names: report.models.map(harmless).join(", ") }) : say("noModel")}</p>
    </div>
  );
}

async function costByModel(run: string): Promise<Spent[]> {
  const spent = new Map<string, Spent>();
  for (let after = 0, more = true; more; ) {
    const page = await ok(api.GET("/api/runs/{run_id}/events", { params: { path: { run_id: run }, query: { after, limit: PAGE } } }));
    for (const event of page.events) {
      if (event.kind !== "model" || event.phase !== "done" || !isObject(event.payload)) continue;
      const result = objectIn(event.payload, "result");
      const usage = objectIn(result, "usage");
      const model = textIn(result, "by") || textIn(result, "model") || "?";
      const before = spent.get(model) ?? { model, calls: 0, input: 0, output: 0, cost: "0" };
      spent.set(model, {
        model,
        calls: before.calls + numberIn(usage, "calls"),
        input: before.input + numberIn(usage, "input_tokens"),
        output: before.output + numberIn(usage, "output_tokens"),
        cost: sum(before.cost, textIn(usage, "cost", "0")),
      });
    }
    const last = page.events.at(-1);
    more = last !== undefined && last.seq < page.last_seq;
    after = last?.seq ?? after;
  }
  return [...spent.values()].sort((a, b) => Number(b.cost) - Number(a.cost) || b.input - a.input);
}
