import type { ReactNode } from "react";
import { Link } from "react-router";
import { told } from "@/api/client";
import { Banner } from "@/ui/Banner";
import { Skeleton } from "@/ui/Empty";
import { count, Money } from "@/ui/Money";
import { Table, type Column } from "@/ui/Table";
import { Duration } from "@/ui/Time";
import { useLanguage, useWords } from "@/ui/words";
import { percent, signed } from "../figures";
import { Failures, ShareCell, useModel } from "./Parts";
import { useComparison, type BatchLook, type Comparison, type Figures, type Flip } from "./queries";
import { batchWords } from "./words";

const SURE = 0.05;

/** What a second batch did better or worse than a first. */
export function ComparedBatches({ a, b }: { a: string; b: string }) {
  const say = useWords(batchWords);
  const found = useComparison(a, b);
  if (found.isError) return <Banner tone="bad">{told(found.error)}</Banner>;
  if (found.data === undefined)
    return (
      <div role="status" aria-label={say("loading")}>
        <Skeleton lines={8} />
      </div>
    );
  const { first, second, comparison } = found.data;
  return (
    <div className="space-y-8">
      <Difference comparison={comparison} />
      <Sides first={first} second={second} comparison={comparison} />
      <div className="grid gap-x-10 gap-y-8 lg:grid-cols-2">
        <Flips title={say("better")} flips={comparison.better} />
        <Flips title={say("worse")} flips={comparison.worse} />
      </div>
      {comparison.left_out.length > 0 && <p className="text-[13px] text-soft">{say("leftOut", { n: comparison.left_out.length })}</p>}
    </div>
  );
}

function Difference({ comparison }: { comparison: Comparison }) {
  const say = useWords(batchWords);
  const language = useLanguage();
  const { difference, low, high, p } = comparison;
  const ink = difference > 0 && p < SURE ? "text-good" : difference < 0 && p < SURE ? "text-bad" : "";
  return (
    <section aria-label={say("difference")}>
      <h2 className="text-[13px] text-soft">{say("difference")}</h2>
      <p className="mt-1 flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <span className={`text-3xl font-semibold tabular-nums ${ink}`}>{signed(difference, language)}</span>
        <span className="text-sm text-soft tabular-nums">
          {say("interval")} {signed(low, language)} – {signed(high, language)} · {say("differenceTold", { n: comparison.samples })}
        </span>
      </p>
      <Axis difference={difference} low={low} high={high} />
      <p className="mt-2 text-sm tabular-nums">
        {say("p")} = {p < 0.0001 ? "< 0.0001" : p.toFixed(4)} <span className="text-soft">({say("test", { how: say(comparison.test) })})</span> · {say(p < SURE ? "sure" : "unsure")}
      </p>
    </section>
  );
}

/** A difference with its interval on a line from minus to plus one; a mark stands at nought. */
function Axis({ difference, low, high }: { difference: number; low: number; high: number }) {
  const place = (value: number) => `${50 + value * 50}%`;
  return (
    <div aria-hidden="true" className="relative mt-3 h-2 max-w-xl rounded-full bg-sunken ring-1 ring-line ring-inset">
      <span className="absolute -inset-y-1 left-1/2 w-px bg-soft" />
      <span className="absolute inset-y-0 rounded-full bg-accent/35" style={{ left: place(low), right: `${50 - high * 50}%` }} />
      <span className="absolute -inset-y-0.5 w-1 -translate-x-1/2 rounded-full bg-accent" style={{ left: place(difference) }} />
    </div>
  );
}

type Row = { name: string; cell: (figures: Figures) => ReactNode };

function Sides({ first, second, comparison }: { first: BatchLook; second: BatchLook; comparison: Comparison }) {
  const say = useWords(batchWords);
  const language = useLanguage();
  const rows: Row[] = [
    { name: say("passed"), cell: (one) => <ShareCell share={one.share} /> },
    { name: say("tokens"), cell: (one) => count(one.input_tokens + one.output_tokens, language) },
    { name: say("cost"), cell: (one) => <Money amount={one.cost} /> },
    { name: say("time"), cell: (one) => one.latency != null && <Duration seconds={one.latency.total} /> },
    { name: say("wentWrong"), cell: (one) => <Failures figures={one} /> },
  ];
  const columns: Column<Row>[] = [
    { key: "name", head: "", cell: (row) => <span className="text-[13px] text-soft">{row.name}</span>, className: "w-24" },
    { key: "first", head: first.id, cell: (row) => row.cell(comparison.first), className: "tabular-nums" },
    { key: "second", head: second.id, cell: (row) => row.cell(comparison.second), className: "tabular-nums" },
  ];
  return (
    <div>
      <div className="mb-2 flex flex-wrap gap-x-8 gap-y-1 text-sm">
        <Named word={say("first")} batch={first} />
        <Named word={say("second")} batch={second} />
      </div>
      <Table caption={say("compare")} columns={columns} rows={rows} keyOf={(row) => row.name} />
    </div>
  );
}

function Named({ word, batch }: { word: string; batch: BatchLook }) {
  const model = useModel(batch);
  return (
    <span className="text-soft">
      {word}:{" "}
      <Link to={`/evals/batches/${batch.id}`} className="text-accent underline underline-offset-2">
        {batch.id}
      </Link>{" "}
      · {model}
    </span>
  );
}

function Flips({ title, flips }: { title: string; flips: readonly Flip[] }) {
  const say = useWords(batchWords);
  const language = useLanguage();
  const link = "text-accent underline-offset-2 hover:underline";
  return (
    <section aria-label={title}>
      <h2 className="mb-1 text-sm font-semibold">
        {title} <span className="font-normal text-soft tabular-nums">{flips.length}</span>
      </h2>
      {flips.length === 0 ? (
        <p className="text-[13px] text-soft">{say("noFlips")}</p>
      ) : (
        <ul className="max-h-[32rem] divide-y divide-line overflow-y-auto border-y border-line" tabIndex={0}>
          {flips.map((flip) => (
            <li key={flip.sample} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 py-2 text-sm">
              <span className="min-w-0 flex-1 basis-32 font-medium [overflow-wrap:anywhere]">{flip.sample}</span>
              <span className="whitespace-nowrap tabular-nums">
                {percent(flip.first, language)} → {percent(flip.second, language)}
              </span>
              <span className="flex gap-x-3 text-[13px] whitespace-nowrap">
                <Link to={`/runs/${flip.first_run}`} aria-label={`${flip.sample}: ${say("firstRun")}`} className={link}>
                  {say("firstRun")}
                </Link>
                <Link to={`/runs/${flip.second_run}`} aria-label={`${flip.sample}: ${say("secondRun")}`} className={link}>
                  {say("secondRun")}
                </Link>
                <Link to={`/compare?a=${flip.first_run}&b=${flip.second_run}`} aria-label={`${flip.sample}: ${say("sideBySide")}`} className={link}>
                  {say("sideBySide")}
                </Link>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
