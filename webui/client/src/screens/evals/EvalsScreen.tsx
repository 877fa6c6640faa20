import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { api, ok, told } from "@/api/client";
import { Banner } from "@/ui/Banner";
import { Empty, Skeleton } from "@/ui/Empty";
import { Screen } from "@/ui/Screen";
import { Tabs } from "@/ui/Tabs";
import { useWords } from "@/ui/words";
import { BatchList } from "./batches/BatchList";
import { useBatches } from "./batches/queries";
import { batchWords } from "./batches/words";
import { byTime } from "./figures";
import { Measurements } from "./Measurements";
import { words } from "./words";

/**
 * Batches of suites, and measurements over time. `?show=batches` or `?show=measurements` names what is shown,
 * `?suite=NAME` the suite whose measurements are.
 */
export default function EvalsScreen() {
  const say = useWords(words);
  const sayBatch = useWords(batchWords);
  const [parameters, setParameters] = useSearchParams();
  const query = useQuery({ queryKey: ["evals"], queryFn: ({ signal }) => ok(api.GET("/api/evals", { signal })) });
  const batches = useBatches();
  const suites = byTime(query.data?.suites ?? []);
  const chosen = parameters.get("suite") ?? suites[0]?.suite;
  const named = parameters.get("show");
  const first = batches.data?.batches.length === 0 ? "measurements" : "batches";
  const shown = parameters.has("suite") || named === "measurements" ? "measurements" : named === "batches" ? "batches" : first;
  const ready = query.data !== undefined && (batches.data !== undefined || batches.isError);
  if (!ready) return <Screen title={say("title")} wide>{query.error === null ? <Skeleton lines={6} /> : <Banner tone="bad">{told(query.error)}</Banner>}</Screen>;
  if (chosen === undefined && batches.data?.batches.length === 0) return <Screen title={say("title")} wide><Nothing /></Screen>;
  return (
    <Screen title={say("title")} wide>
      <Tabs
        label={say("title")}
        tabs={[
          { key: "batches", label: sayBatch("batches") },
          { key: "measurements", label: say("measurements") },
        ]}
        at={shown}
        onChange={(key) => setParameters({ show: key }, { replace: true })}
      >
        <div className="pt-5">
          {shown === "batches" && <BatchList />}
          {shown === "measurements" && (chosen === undefined ? <Nothing /> : <Measurements suites={suites} chosen={chosen} onChoose={(suite) => setParameters({ suite }, { replace: true })} />)}
        </div>
      </Tabs>
    </Screen>
  );
}

const COMMANDS = [
  ["plumbline eval run smoke", "emptyBatch"],
  ["plumbline bench documents", "emptyDocuments"],
  ["plumbline bench reasoning --data FOLDER", "emptyReasoning"],
] as const;

function Nothing() {
  const say = useWords(words);
  return (
    <Empty icon="chart" title={say("emptyTitle")}>
      <p>{say("emptyText")}</p>
      <dl className="mt-5 space-y-3 text-left">
        {COMMANDS.map(([command, does]) => (
          <div key={command}>
            <dt>
              <code className="rounded bg-sunken px-1.5 py-0.5 font-mono text-[13px] text-ink">{command}</code>
            </dt>
            <dd className="mt-1">{say(does)}</dd>
          </div>
        ))}
      </dl>
    </Empty>
  );
}
