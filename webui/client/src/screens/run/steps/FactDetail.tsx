import { isObject, listIn, numberIn, objectIn, textIn } from "@/ledger/json";
import type { LedgerEvent } from "@/ledger/types";
import { Verdict, type VerdictName, VERDICTS } from "@/ui/Badge";
import { CodeBlock } from "@/ui/CodeBlock";
import { harmless } from "@/ui/harmless";
import { Markdown } from "@/ui/Markdown";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { Pictures, undrawn, viewsIn } from "./Pictures";

/** What happened, in full: results of subtasks, rounds of a design with their pictures, and else what was recorded. */
export function FactDetail({ run, event }: { run: string; event: LedgerEvent }) {
  const say = useWords(runWords);
  if (event.kind === "subtask" && "result" in event.payload) return <ResultDetail event={event} />;
  if (event.kind === "design") return <DesignDetail run={run} event={event} />;
  if (event.kind === "egress") return <CodeBlock text={textIn(event.payload, "line")} label={say("egress")} wrap />;
  return <CodeBlock text={JSON.stringify(event.payload, null, 2)} label={say("recorded")} lines={30} wrap />;
}

function ResultDetail({ event }: { event: LedgerEvent }) {
  const say = useWords(runWords);
  const result = objectIn(event.payload, "result");
  const checks = listIn(result, "checks").filter(isObject);
  return (
    <div className="min-w-0 space-y-3">
      <Markdown text={textIn(result, "answer")} className="text-sm" />
      {textIn(result, "surprise") !== "" && (
        <p className="text-[13px]" dir="auto">
          <span className="text-soft">{say("surprise")}</span> {harmless(textIn(result, "surprise"))}
        </p>
      )}
      {checks.length > 0 && (
        <ul className="space-y-1">
          {checks.map((check, index) => (
            <li key={index} className="flex items-baseline gap-2 text-[13px]">
              {isVerdict(check["outcome"]) && <Verdict of={check["outcome"]} />}
              <span className="min-w-0 break-words">{harmless(textIn(check, "detail"))}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function DesignDetail({ run, event }: { run: string; event: LedgerEvent }) {
  const say = useWords(runWords);
  const data = objectIn(event.payload, "data");
  const made = objectIn(data, "made");
  const views = [...listIn(made, "views"), ...listIn(data, "views")];
  const results = listIn(data, "results").filter(isObject);
  const program = textIn(made, "program");
  const failure = textIn(made, "failure");
  const words = ["reflection", "change"].map((name) => [name, textIn(data, name)] as const).filter(([, text]) => text !== "");
  return (
    <div className="min-w-0 space-y-3">
      <Pictures run={run} pictures={viewsIn(views)} />
      {undrawn(views).map((view, index) => (
        <CodeBlock key={index} text={textIn(view, "description")} label={textIn(view, "name")} lines={12} wrap />
      ))}
      {failure !== "" && <p className="text-[13px] text-bad">{harmless(failure)}</p>}
      {results.length > 0 && (
        <ul className="space-y-1 text-[13px]">
          {results.map((one, index) => {
            const criterion = objectIn(one, "criterion");
            const [trial] = listIn(one, "trials").filter(isObject);
            return (
              <li key={index} className="flex flex-wrap items-baseline gap-x-2">
                {isVerdict(one["outcome"]) && <Verdict of={one["outcome"]} />}
                <span className="min-w-0 break-words">{harmless(textIn(criterion, "wish") || textIn(criterion, "id"))}</span>
                {trial !== undefined && typeof trial["value"] === "number" && (
                  <span className="text-soft tabular-nums">
                    {numberIn(trial, "value").toPrecision(4)} {textIn(criterion, "unit")} ({textIn(criterion, "relation")} {numberIn(criterion, "threshold")})
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {words.map(([name, text]) => (
        <CodeBlock key={name} text={text} label={name} lines={20} wrap />
      ))}
      {program !== "" && (
        <details>
          <summary className="cursor-pointer text-[13px] text-soft hover:text-ink">{say("program")}</summary>
          <div className="mt-2">
            <CodeBlock text={program} label={say("program")} />
          </div>
        </details>
      )}
      {program === "" && results.length === 0 && words.length === 0 && views.length === 0 && <CodeBlock text={JSON.stringify(data, null, 2)} label={say("recorded")} lines={30} wrap />}
    </div>
  );
}

function isVerdict(value: unknown): value is VerdictName {
  return typeof value === "string" && value in VERDICTS;
}
