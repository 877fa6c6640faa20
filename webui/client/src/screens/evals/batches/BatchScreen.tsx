import type { ReactNode } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { told } from "@/api/client";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Skeleton } from "@/ui/Empty";
import { Select } from "@/ui/Field";
import { harmless } from "@/ui/harmless";
import { Screen } from "@/ui/Screen";
import { Time } from "@/ui/Time";
import { useWords } from "@/ui/words";
import { BatchFigures } from "./BatchFigures";
import { Standing, useModel, useWhy } from "./Parts";
import { STATES, useBatch, useBatches, type BatchLook, type Wanted } from "./queries";
import { Results } from "./Results";
import { batchWords } from "./words";

/** One batch: what it came to, and what became of each attempt. `?state`, `?failure` and `?tag` say which are shown. */
export default function BatchScreen() {
  const say = useWords(batchWords);
  const { batch = "" } = useParams();
  const found = useBatch(batch);
  return (
    <Screen title={batch} wide actions={found.data !== undefined && <CompareWith batch={found.data} />}>
      {found.data !== undefined ? (
        <Batch key={batch} batch={found.data} />
      ) : found.isError ? (
        <Banner tone="bad" action={<Button size="small" onClick={() => void found.refetch()}>{say("again")}</Button>}>
          {told(found.error)}{" "}
          <Link to="/evals?show=batches" className="text-accent underline">
            {say("toBatches")}
          </Link>
        </Banner>
      ) : (
        <div role="status" aria-label={say("loading")}>
          <Skeleton lines={10} />
        </div>
      )}
    </Screen>
  );
}

function Batch({ batch }: { batch: BatchLook }) {
  const say = useWords(batchWords);
  const why = useWhy(batch);
  const model = useModel(batch);
  const [parameters, setParameters] = useSearchParams();
  const named = parameters.get("state");
  const wanted: Wanted = {
    state: STATES.find((state) => state === named) ?? "",
    failure: parameters.get("failure") ?? "",
    tag: parameters.get("tag") ?? "",
    offset: Math.max(0, Math.trunc(Number(parameters.get("from") ?? "1")) - 1 || 0),
  };
  const want = (change: Partial<Wanted>) => {
    const { state, failure, tag, offset } = { ...wanted, offset: 0, ...change };
    setParameters({ ...(state === "" ? {} : { state }), ...(failure === "" ? {} : { failure }), ...(tag === "" ? {} : { tag }), ...(offset === 0 ? {} : { from: String(offset + 1) }) }, { replace: true });
  };
  return (
    <div className="space-y-8">
      <div className="space-y-3">
        <p className="-mt-3 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-soft">
          <Standing batch={batch} />
          <span>
            {batch.suite} {batch.version}
          </span>
          <span className="[overflow-wrap:anywhere]">{model}</span>
          <span>{say(batch.attempts > 1 ? "attempts" : "lone", { samples: batch.sample_count, attempts: batch.attempts })}</span>
          <span>
            {say("begun")} <Time at={batch.made_at} />
          </span>
          {batch.judge !== "" && <span>{say("judgedBy", { model: batch.judge })}</span>}
          {batch.corrects !== "" && (
            <span>
              {say("corrects")}{" "}
              <Link to={`/evals/batches/${batch.corrects}`} className="text-accent underline">
                {batch.corrects}
              </Link>
            </span>
          )}
        </p>
        {why !== "" && (
          <Banner tone="warn" icon="pause">
            {why}. <GoOn batch={batch} />
          </Banner>
        )}
        {batch.problem !== "" && <Banner tone="warn">{harmless(batch.problem)}</Banner>}
      </div>
      {batch.figures !== null && <BatchFigures figures={batch.figures} onFailure={(failure) => want({ failure, state: "" })} onTag={(tag) => want({ tag })} />}
      <Results batch={batch} wanted={wanted} onWant={want} />
    </div>
  );
}

function GoOn({ batch }: { batch: BatchLook }): ReactNode {
  const say = useWords(batchWords);
  const [before, after] = say("goOn", { command: "\n" }).split("\n");
  return (
    <>
      {before}
      <code className="rounded bg-paper/60 px-1 font-mono text-[13px]">
        plumbline eval {batch.corrects === "" ? "run" : "reflect"} --resume {batch.id}
      </code>
      {after}
    </>
  );
}

/** Leads to the comparison with another batch of the same suite. */
function CompareWith({ batch }: { batch: BatchLook }) {
  const say = useWords(batchWords);
  const navigate = useNavigate();
  const others = useBatches({ limit: 50, suite: batch.suite, watch: false }).data?.batches.filter((one) => one.id !== batch.id && one.digest === batch.digest) ?? [];
  if (others.length === 0) return null;
  return (
    <label className="flex min-w-0 items-center gap-2 text-[13px] text-soft">
      <span className="whitespace-nowrap">{say("compareWith")}</span>
      <Select value="" onChange={(event) => void navigate(`/evals/compare?a=${encodeURIComponent(event.target.value)}&b=${encodeURIComponent(batch.id)}`)} className="max-w-64">
        <option value="">{say("chooseBatch")}</option>
        {others.map((one) => (
          <option key={one.id} value={one.id}>
            {one.id} · {harmless(one.model)}
          </option>
        ))}
      </Select>
    </label>
  );
}
