import { useState } from "react";
import { Link } from "react-router";
import { told } from "@/api/client";
import { Banner } from "@/ui/Banner";
import { Button, LinkButton } from "@/ui/Button";
import { Skeleton } from "@/ui/Empty";
import { count, Money } from "@/ui/Money";
import { Table, type Column } from "@/ui/Table";
import { Duration, Time } from "@/ui/Time";
import { useLanguage, useWords } from "@/ui/words";
import { percent } from "../figures";
import { NoBatches } from "./NoBatches";
import { Failures, ShareCell, Standing, useModel, useWhy } from "./Parts";
import { passAt, useBatches, type BatchLook } from "./queries";
import { batchWords } from "./words";

const STEP = 20;
const MOST = 100;

/** All batches, newest first: how each stands, and what it came to. */
export function BatchList() {
  const say = useWords(batchWords);
  const language = useLanguage();
  const [limit, setLimit] = useState(STEP);
  const found = useBatches({ limit });
  if (found.isError)
    return (
      <Banner tone="bad" action={<Button size="small" onClick={() => void found.refetch()}>{say("again")}</Button>}>
        {told(found.error)}
      </Banner>
    );
  if (found.data === undefined)
    return (
      <div role="status" aria-label={say("loading")}>
        <Skeleton lines={8} />
      </div>
    );
  const { batches, more, unreadable } = found.data;
  const columns: Column<BatchLook>[] = [
    { key: "batch", head: say("batch"), cell: (one) => <Name batch={one} />, className: "min-w-40" },
    { key: "passed", head: say("passed"), cell: (one) => <Outcome batch={one} />, className: "min-w-36" },
    { key: "pass", head: "pass@k", number: true, wideOnly: true, cell: (one) => <PassAt batch={one} /> },
    { key: "tokens", head: say("tokens"), number: true, wideOnly: true, cell: (one) => one.figures !== null && count(one.figures.input_tokens + one.figures.output_tokens, language) },
    { key: "cost", head: say("cost"), number: true, wideOnly: true, cell: (one) => one.figures !== null && <Money amount={one.figures.cost} /> },
    { key: "time", head: say("time"), number: true, wideOnly: true, cell: (one) => <Took batch={one} /> },
    { key: "wrong", head: say("wentWrong"), wideOnly: true, cell: (one) => one.figures !== null && <Failures figures={one.figures} />, className: "min-w-40" },
  ];
  return (
    <>
      {batches.length === 0 ? (
        <NoBatches />
      ) : (
        <>
          {batches.length > 1 && (
            <p className="mb-2 flex justify-end">
              <LinkButton to="/evals/compare" icon="compare" size="small">
                {say("compare")}
              </LinkButton>
            </p>
          )}
          <Table caption={say("batches")} columns={columns} rows={batches} keyOf={(one) => one.id} />
        </>
      )}
      {unreadable > 0 && <p className="mt-3 text-[13px] text-soft">{say("unreadable", { n: unreadable })}</p>}
      {more && limit < MOST && (
        <div className="flex justify-center py-5">
          <Button busy={found.isFetching} onClick={() => setLimit(limit + STEP)}>
            {say("more")}
          </Button>
        </div>
      )}
    </>
  );
}

function PassAt({ batch }: { batch: BatchLook }) {
  const language = useLanguage();
  const best = batch.figures === null ? null : passAt(batch.figures);
  if (best === null) return null;
  return (
    <span className="whitespace-nowrap">
      <span className="text-[13px] text-soft">@{best.k}</span> {percent(best.chance, language)}
    </span>
  );
}

function Name({ batch }: { batch: BatchLook }) {
  const model = useModel(batch);
  return (
    <>
      <Link to={`/evals/batches/${batch.id}`} className="font-medium text-accent underline-offset-2 [overflow-wrap:anywhere] hover:underline">
        {batch.id}
      </Link>
      <span className="mt-0.5 block text-[13px] text-soft [overflow-wrap:anywhere]">
        {batch.suite} {batch.version} · {model} · <Time at={batch.made_at} />
      </span>
    </>
  );
}

function Outcome({ batch }: { batch: BatchLook }) {
  const why = useWhy(batch);
  return (
    <>
      <ShareCell share={batch.figures?.share ?? null} />
      <span className="mt-1.5 block">
        <Standing batch={batch} />
      </span>
      {why !== "" && <span className="mt-0.5 line-clamp-2 text-[13px] text-soft">{why}</span>}
      {batch.problem !== "" && <span className="mt-0.5 line-clamp-2 text-[13px] text-warn">{batch.problem}</span>}
    </>
  );
}

function Took({ batch }: { batch: BatchLook }) {
  return batch.figures?.latency == null ? null : <Duration seconds={batch.figures.latency.total} />;
}
