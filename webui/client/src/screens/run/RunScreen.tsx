import { useParams } from "react-router";
import { useRun } from "@/ledger/useRun";
import { LinkButton } from "@/ui/Button";
import { Empty, Skeleton } from "@/ui/Empty";
import { useTitle } from "@/ui/Screen";
import { useWords } from "@/ui/words";
import { RunPage } from "./RunPage";
import { useMoment } from "./useMoment";
import { runWords } from "./words";

/** Watching a run think, and stepping in. */
export default function RunScreen() {
  const { run = "" } = useParams();
  return <OneRun key={run} run={run} />;
}

function OneRun({ run }: { run: string }) {
  const say = useWords(runWords);
  const moment = useMoment();
  const known = useRun(run, moment.at);
  useTitle(known.edge.task?.goal.slice(0, 60) ?? say("run"));
  const { state } = known.connection;
  if (state === "gone") {
    return (
      <Empty title={say("gone")} icon="trash" action={<LinkButton to="/runs">{say("toRuns")}</LinkButton>}>
        {say("goneTold", { run })}
      </Empty>
    );
  }
  if (known.connection.state === "refused" && known.last === 0) {
    return (
      <Empty title={say("refusedRun")} icon="lock" action={<LinkButton to="/runs">{say("toRuns")}</LinkButton>}>
        {known.connection.why}
      </Empty>
    );
  }
  if (known.last === 0) {
    return (
      <main className="p-6" aria-busy="true" aria-label={say("loadingRun")}>
        <Skeleton lines={8} className="max-w-2xl" />
      </main>
    );
  }
  return <RunPage run={run} known={known} moment={moment} />;
}
