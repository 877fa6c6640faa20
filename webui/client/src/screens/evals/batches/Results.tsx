import { Link } from "react-router";
import { told } from "@/api/client";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Skeleton } from "@/ui/Empty";
import { Select } from "@/ui/Field";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { count, Money } from "@/ui/Money";
import { Table, type Column } from "@/ui/Table";
import { Duration } from "@/ui/Time";
import { useLanguage, useWords } from "@/ui/words";
import { StateBadge } from "./Parts";
import { PAGE, STATES, useResults, type BatchLook, type Result, type Score, type Wanted } from "./queries";
import { batchWords, failureWord } from "./words";

const STATE_WORDS = { passed: "statePassed", failed: "stateFailed", error: "stateError", open: "stateOpen" } as const;

/** What became of each attempt, with the run that shows it. */
export function Results({ batch, wanted, onWant }: { batch: BatchLook; wanted: Wanted; onWant: (change: Partial<Wanted>) => void }) {
  const say = useWords(batchWords);
  const language = useLanguage();
  const found = useResults(batch, wanted);
  const page = found.data;
  const filtered = wanted.state !== "" || wanted.failure !== "" || wanted.tag !== "";
  const columns: Column<Result>[] = [
    { key: "sample", head: say("sample"), cell: (one) => <Sample result={one} several={batch.attempts > 1} />, className: "w-56 min-w-28" },
    { key: "scores", head: say("scores"), cell: (one) => <Scores result={one} />, className: "min-w-48" },
    { key: "answer", head: say("answer"), wideOnly: true, cell: (one) => <Answer result={one} />, className: "w-2/5 min-w-48" },
    { key: "tokens", head: say("tokens"), number: true, wideOnly: true, cell: (one) => count((one.usage?.input_tokens ?? 0) + (one.usage?.output_tokens ?? 0), language) },
    { key: "cost", head: say("cost"), number: true, wideOnly: true, cell: (one) => <Money amount={one.usage?.cost ?? 0} /> },
    { key: "time", head: say("time"), number: true, wideOnly: true, cell: (one) => <Duration seconds={one.seconds ?? 0} /> },
  ];
  return (
    <section aria-label={say("results")}>
      <h2 className="mb-2 text-sm font-semibold">{say("results")}</h2>
      <div role="search" aria-label={say("filters")} className="mb-3 flex flex-wrap gap-2">
        <Choice label={say("state")} all={say("allStates")} value={wanted.state} options={STATES.map((state) => [state, say(STATE_WORDS[state])])} onChange={(state) => onWant({ state: STATES.find((one) => one === state) ?? "" })} />
        <Choice label={say("failure")} all={say("allFailures")} value={wanted.failure} options={Object.entries(page?.failures ?? {}).map(([failure, times]) => [failure, `${failureWord(failure, language)} (${times})`])} onChange={(failure) => onWant({ failure })} />
        {((page?.tags.length ?? 0) > 0 || wanted.tag !== "") && <Choice label={say("tag")} all={say("allTags")} value={wanted.tag} options={(page?.tags ?? []).map((tag) => [tag, tag])} onChange={(tag) => onWant({ tag })} />}
        {filtered && (
          <Button kind="quiet" icon="close" onClick={() => onWant({ state: "", failure: "", tag: "" })}>
            {say("clear")}
          </Button>
        )}
      </div>
      {found.isError && (
        <Banner tone="bad" action={<Button size="small" onClick={() => void found.refetch()}>{say("again")}</Button>}>
          {told(found.error)}
        </Banner>
      )}
      {page === undefined && !found.isError && <Skeleton lines={8} />}
      {page !== undefined && page.results.length === 0 && <p className="py-6 text-sm text-soft">{say("noResults")}</p>}
      {page !== undefined && page.results.length > 0 && (
        <div className={found.isPlaceholderData ? "opacity-60" : ""}>
          <Table caption={say("results")} columns={columns} rows={page.results} keyOf={(one) => one.run_id} />
          <p className="mt-3 flex flex-wrap items-center gap-3 text-[13px] text-soft tabular-nums" role="status">
            {say("shown", { from: wanted.offset + 1, to: wanted.offset + page.results.length, n: count(page.matching, language) })}
            {wanted.offset > 0 && (
              <Button size="small" icon="chevronLeft" onClick={() => onWant({ offset: Math.max(0, wanted.offset - PAGE) })}>
                {say("earlier")}
              </Button>
            )}
            {wanted.offset + page.results.length < page.matching && (
              <Button size="small" icon="chevronRight" onClick={() => onWant({ offset: wanted.offset + PAGE })}>
                {say("later")}
              </Button>
            )}
          </p>
        </div>
      )}
    </section>
  );
}

function Choice({ label, all, value, options, onChange }: { label: string; all: string; value: string; options: [string, string][]; onChange: (value: string) => void }) {
  return (
    <div className="min-w-28 flex-1 sm:flex-none">
      <Select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{all}</option>
        {value !== "" && !options.some(([key]) => key === value) && <option value={value}>{harmless(value)}</option>}
        {options.map(([key, word]) => (
          <option key={key} value={key}>
            {harmless(word)}
          </option>
        ))}
      </Select>
    </div>
  );
}

function Sample({ result, several }: { result: Result; several: boolean }) {
  const say = useWords(batchWords);
  const language = useLanguage();
  const failure = result.failure ?? "";
  return (
    <>
      <Link to={`/runs/${result.run_id}`} aria-label={say("openRun", { sample: result.sample, attempt: result.attempt })} className="font-medium text-accent underline-offset-2 [overflow-wrap:anywhere] hover:underline">
        {result.sample}
      </Link>
      {several && <span className="ml-1.5 text-[13px] whitespace-nowrap text-soft">{say("attempt", { n: result.attempt })}</span>}
      <span className="mt-1 block">
        <StateBadge of={result.state} />
      </span>
      {failure !== "" && <span className="mt-1 block text-[13px] text-soft">{harmless(failureWord(failure, language))}</span>}
    </>
  );
}

const SIGNS = { yes: ["check", "text-good", "statePassed"], no: ["close", "text-bad", "stateFailed"], unclear: ["question", "text-warn", "unclear"] } as const;

/** What each scorer said; where none did, why there is no result. */
function Scores({ result }: { result: Result }) {
  const say = useWords(batchWords);
  const scores = result.scores ?? [];
  return (
    <>
      {scores.length === 0 && <span className="text-[13px] text-soft [overflow-wrap:anywhere]">{harmless(result.reason ?? "")}</span>}
      <ul className="space-y-1">
        {scores.map((score, place) => (
          <ScoreLine key={`${place} ${score.scorer}`} score={score} />
        ))}
      </ul>
      <span className="mt-1.5 block text-[13px] md:hidden">
        <span className="sr-only">{say("answer")}: </span>
        <Answer result={result} />
      </span>
    </>
  );
}

function ScoreLine({ score }: { score: Score }) {
  const say = useWords(batchWords);
  const [icon, ink, word] = SIGNS[score.passed == null ? "unclear" : score.passed ? "yes" : "no"];
  return (
    <li className="flex items-start gap-1.5 text-[13px]">
      <Icon name={icon} size={15} className={`mt-[3px] shrink-0 ${ink}`} label={say(word)} />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <span className="font-medium">{score.scorer}</span>
        {score.value != null && <span className="ml-1.5 text-soft tabular-nums">{score.value.toFixed(2)}</span>}
        <span className="block text-soft">{harmless(score.detail)}</span>
      </span>
    </li>
  );
}

function Answer({ result }: { result: Result }) {
  const say = useWords(batchWords);
  const answer = harmless(result.answer ?? "");
  if (answer === "") return <span className="text-soft">{say("noAnswer")}</span>;
  return (
    <span className="line-clamp-4 whitespace-pre-line [overflow-wrap:anywhere]" dir="auto" title={answer.length > 200 ? answer.slice(0, 1000) : undefined}>
      {answer}
      {result.cut === true && "…"}
    </span>
  );
}
