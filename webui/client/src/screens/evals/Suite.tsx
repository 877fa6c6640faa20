import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import { api, ok, told } from "@/api/client";
import { Banner } from "@/ui/Banner";
import { Skeleton } from "@/ui/Empty";
import { count, Money } from "@/ui/Money";
import { Table, type Column } from "@/ui/Table";
import { Duration } from "@/ui/Time";
import { useLanguage, useWords } from "@/ui/words";
import { percent, type Measurement } from "./figures";
import { words } from "./words";

const Trend = lazy(() => import("./Trend"));

/** One suite: its trend, its measurements, and what failed in the latest of them. */
export function Suite({ name }: { name: string }) {
  const say = useWords(words);
  const language = useLanguage();
  const query = useQuery({ queryKey: ["evals", name], queryFn: ({ signal }) => ok(api.GET("/api/evals/{suite}", { params: { path: { suite: name } }, signal })) });
  if (query.error !== null) return <Banner tone="bad">{told(query.error)}</Banner>;
  const latest = query.data?.measurements.at(-1);
  if (query.data === undefined || latest === undefined) return <Skeleton lines={8} />;
  const { measurements, unreadable = 0 } = query.data;
  const shares = { share: percent(latest.mean, language), low: percent(latest.low, language), high: percent(latest.high, language) };
  return (
    <section aria-label={name} className="min-w-0 space-y-8">
      <div>
        <h2 className="text-lg font-semibold [overflow-wrap:anywhere]">{name}</h2>
        <p className="text-sm text-soft">
          <span className="font-semibold text-ink tabular-nums">{shares.share}</span> · {say("interval")} {shares.low} – {shares.high} · {say("share", { passed: latest.passed, samples: latest.samples })} · {latest.model}
        </p>
      </div>
      <figure>
        <figcaption className="mb-2 text-[13px] font-medium text-soft">{say("trend")}</figcaption>
        <div role="img" aria-label={say("trendTold", { n: measurements.length, ...shares })} className="h-[260px]">
          <Suspense fallback={<Skeleton lines={4} />}>
            <Trend measurements={measurements} />
          </Suspense>
        </div>
      </figure>
      <Failures measurement={latest} />
      <div>
        <h3 className="mb-1 text-sm font-semibold">{say("measurements")}</h3>
        <Measurements measurements={measurements} />
        {unreadable > 0 && <p className="mt-2 text-[13px] text-soft">{say("unreadable", { n: unreadable })}</p>}
      </div>
    </section>
  );
}

function Failures({ measurement }: { measurement: Measurement }) {
  const say = useWords(words);
  const language = useLanguage();
  const failed = measurement.samples - measurement.passed;
  const failures = measurement.failures ?? [];
  const when = new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(measurement.at));
  return (
    <div>
      <h3 className="text-sm font-semibold">{say("failures")}</h3>
      <p className="mb-2 text-[13px] text-soft">{failed === 0 ? say("noFailures") : say("failuresOf", { failed, samples: measurement.samples, when })}</p>
      {failures.length > 0 && (
        <ul className="divide-y divide-line border-y border-line">
          {failures.map((failure) => (
            <li key={`${failure.sample} ${failure.run_id}`} className="flex flex-wrap items-baseline gap-x-4 gap-y-1 py-2.5 text-sm">
              <span className="w-28 shrink-0 font-medium text-bad">{failure.kind}</span>
              <span className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
                <span className="text-soft">{failure.sample}</span> {failure.told}
              </span>
              {failure.run_id && (
                <Link to={`/runs/${failure.run_id}`} aria-label={`${say("run")} ${failure.sample}`} className="whitespace-nowrap text-accent underline-offset-2 hover:underline">
                  {say("run")}
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
      {failed > failures.length && failures.length > 0 && <p className="mt-2 text-[13px] text-soft">{say("moreFailures", { n: failed - failures.length })}</p>}
    </div>
  );
}

function Measurements({ measurements }: { measurements: readonly Measurement[] }) {
  const say = useWords(words);
  const language = useLanguage();
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const columns: Column<Measurement>[] = [
    { key: "at", head: say("when"), cell: (one) => <time dateTime={one.at}>{moment.format(new Date(one.at))}</time>, className: "whitespace-nowrap" },
    { key: "model", head: say("model"), cell: (one) => one.model, className: "min-w-24 [overflow-wrap:break-word]" },
    { key: "passed", head: say("passed"), number: true, cell: (one) => say("share", { passed: one.passed, samples: one.samples }), className: "whitespace-nowrap" },
    { key: "mean", head: "%", number: true, cell: (one) => percent(one.mean, language) },
    { key: "interval", head: say("interval"), number: true, cell: (one) => `${percent(one.low, language)} – ${percent(one.high, language)}`, className: "whitespace-nowrap" },
    { key: "tokens", head: say("tokens"), number: true, wideOnly: true, cell: (one) => count((one.input_tokens ?? 0) + (one.output_tokens ?? 0), language) },
    { key: "cost", head: say("cost"), number: true, wideOnly: true, cell: (one) => <Money amount={one.cost ?? 0} /> },
    { key: "seconds", head: say("seconds"), number: true, wideOnly: true, cell: (one) => <Duration seconds={one.seconds ?? 0} /> },
    { key: "version", head: say("version"), wideOnly: true, cell: (one) => one.version },
  ];
  return <Table caption={say("measurements")} columns={columns} rows={[...measurements].reverse()} keyOf={(one) => `${one.at} ${one.model}`} />;
}
