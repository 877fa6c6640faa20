import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { Link, useParams } from "react-router";
import { api, Failure, ok, told } from "@/api/client";
import { filled } from "@/ledger/fill";
import { ReportPage } from "@/screens/report/ReportPage";
import { reportWords } from "@/screens/report/words";
import { Button, LinkButton } from "@/ui/Button";
import { Empty, Skeleton } from "@/ui/Empty";
import { useWords } from "@/ui/words";

const ENDED: ReadonlySet<string> = new Set(["finished", "failed", "cancelled"]);

/** The page by which a person decides whether to trust what a run gave. */
export default function ReportScreen() {
  const { run = "" } = useParams();
  const say = useWords(reportWords);
  const view = useQuery({
    queryKey: ["report", run],
    queryFn: () => ok(api.GET("/api/runs/{run_id}/view", { params: { path: { run_id: run } } })),
    staleTime: 60_000,
    refetchInterval: ({ state }) => (state.data?.report != null || ENDED.has(state.data?.status ?? "") || state.error !== null ? false : 4_000),
    retry: (count, error) => count < 2 && !(error instanceof Failure && error.status < 500 && !error.offline),
  });
  const report = useMemo(() => (view.data?.report == null ? null : filled("Report", view.data.report)), [view.data?.report]);
  const goal = report?.goal ?? view.data?.task?.goal ?? "";
  useEffect(() => {
    if (goal !== "") document.title = `${goal.slice(0, 80)} · Plumbline`;
  }, [goal]);
  if (view.isPending) {
    return (
      <main className="mx-auto max-w-3xl px-4 py-10" aria-busy="true">
        <p role="status" className="sr-only">
          {say("loadingReport")}
        </p>
        <Skeleton lines={2} className="pb-8" />
        <Skeleton lines={8} />
      </main>
    );
  }
  if (view.isError) {
    const missing = view.error instanceof Failure && view.error.status === 404;
    return (
      <main>
        <Empty title={say(missing ? "noRun" : "notLoaded")} icon="warning" action={missing ? <LinkButton to="/runs">{say("toRuns")}</LinkButton> : <Button onClick={() => void view.refetch()}>{say("again")}</Button>}>
          {told(view.error)}
        </Empty>
      </main>
    );
  }
  const { steps, status, reason } = view.data;
  if (report === null) {
    const ended = ENDED.has(status);
    return (
      <main>
        <Empty
          title={say(ended ? "noReport" : "notYet")}
          icon={ended ? "warning" : "clock"}
          action={
            <LinkButton kind="primary" to={`/runs/${encodeURIComponent(run)}`}>
              {say("openRun")}
            </LinkButton>
          }
        >
          {ended ? reason : <span role="status">{say("notYetHint")}</span>}
        </Empty>
      </main>
    );
  }
  return <ReportPage run={run} report={report} steps={steps ?? {}} back={<Back run={run} />} />;
}

function Back({ run }: { run: string }) {
  const say = useWords(reportWords);
  return (
    <Link to={`/runs/${encodeURIComponent(run)}`} className="text-[13px] text-soft underline-offset-2 hover:text-ink hover:underline">
      ← {say("toRun")}
    </Link>
  );
}
