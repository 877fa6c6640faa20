import { isObject, listIn, objectIn, textIn, type JsonObject } from "@/ledger/json";
import type { RunStore } from "@/ledger/runStore";
import { CodeBlock } from "@/ui/CodeBlock";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { Arguments } from "./Arguments";
import { changeOf, endedOf, fileToKnow } from "./changes";
import { DiffView } from "./DiffView";
import { useContentBefore } from "./useContentBefore";
import { Pictures, picturesIn, viewsIn } from "./Pictures";
import { Ending, Terminal } from "./Terminal";

/** What a call asks for: a diff for what changes a file, a program as code, else its arguments. */
export function CallDetail({ tool, given, store, seq }: { tool: string; given: JsonObject; store: RunStore; seq: number }) {
  const say = useWords(runWords);
  const known = useContentBefore(store, fileToKnow(tool, given), seq);
  const change = changeOf(tool, given, known);
  if (change !== null) {
    const note = change.before === null ? say("contentUnknown") : change.since > 0 ? say("asOf", { seq: change.since }) : undefined;
    return <DiffView before={change.before ?? ""} after={change.after} path={change.path} {...(note === undefined ? {} : { note })} />;
  }
  const program = (["command", "code", "program"] as const).find((name) => typeof given[name] === "string");
  return (
    <div className="min-w-0 space-y-2">
      {program !== undefined && <CodeBlock text={textIn(given, program)} label={say("program")} lines={40} wrap />}
      <Arguments given={given} without={program === undefined ? [] : [program]} />
    </div>
  );
}

/** What a call gave: a terminal for programs, cells and tables of a notebook, pictures, findings of a search, or text. */
export function OutcomeDetail({ run, tool, result }: { run: string; tool: string; result: JsonObject }) {
  const say = useWords(runWords);
  const data = objectIn(result, "data");
  const ended = endedOf(data);
  const failed = result["ok"] === false;
  const pictures = [...picturesIn(listIn(result, "images")), ...viewsIn(listIn(result, "views"))];
  const found = listIn(result, "results").filter(isObject);
  return (
    <div className="min-w-0 space-y-2">
      {failed && (
        <p className="text-[13px] font-medium text-bad" dir="auto">
          {say("failedAs", { error: harmless(textIn(result, "error") || "error") })}
        </p>
      )}
      {ended !== null ? (
        <>
          {ended.out !== "" && <Terminal text={ended.out} label={say("output")} />}
          {ended.err !== "" && <Terminal text={ended.err} label={say("errors")} tone="err" />}
          {ended.out === "" && ended.err === "" && <p className="text-[13px] text-soft">{say("printedNothing")}</p>}
          <Ending exitCode={ended.exitCode} signal={ended.signal} seconds={ended.seconds} />
        </>
      ) : tool === "notebook" && "execution_count" in data ? (
        <Cell data={data} />
      ) : found.length > 0 ? (
        <Found results={found} />
      ) : (
        <PlainOutcome result={result} />
      )}
      <Pictures run={run} pictures={pictures} />
    </div>
  );
}

function PlainOutcome({ result }: { result: JsonObject }) {
  const say = useWords(runWords);
  const text = textIn(result, "text") || textIn(result, "message") || textIn(result, "detail");
  const page = result["page"];
  if (isObject(page)) return <Page page={page} />;
  if (text !== "") return <Terminal text={text} label={say("output")} />;
  const rest = Object.fromEntries(Object.entries(result).filter(([name, value]) => !["ok", "images", "views", "data", "text"].includes(name) && value !== null && value !== ""));
  return Object.keys(rest).length > 0 ? <CodeBlock text={JSON.stringify(rest, null, 2)} label={say("output")} lines={24} wrap /> : <p className="text-[13px] text-soft">{say("printedNothing")}</p>;
}

/** A cell of the notebook as it ran. */
function Cell({ data }: { data: JsonObject }) {
  const say = useWords(runWords);
  const count = data["execution_count"];
  const raised = objectIn(data, "raised");
  const tables = listIn(data, "tables").filter(Array.isArray);
  return (
    <div className="min-w-0 space-y-2">
      <p className="font-mono text-xs text-soft">[{typeof count === "number" ? count : " "}]</p>
      {textIn(data, "stdout") !== "" && <Terminal text={textIn(data, "stdout")} label={say("output")} />}
      {tables.map((rows, index) => (
        <Rows key={index} rows={rows} />
      ))}
      {textIn(data, "stderr") !== "" && <Terminal text={textIn(data, "stderr")} label={say("errors")} tone="err" />}
      {textIn(raised, "name") !== "" && (
        <p className="text-[13px] text-bad" dir="auto">
          {harmless(`${textIn(raised, "name")}: ${textIn(raised, "value")}`)}
        </p>
      )}
    </div>
  );
}

function Rows({ rows }: { rows: readonly unknown[] }) {
  const say = useWords(runWords);
  const [head, ...body] = rows.filter((row): row is unknown[] => Array.isArray(row));
  if (head === undefined) return null;
  return (
    <div className="max-h-80 overflow-auto rounded-md border border-line" tabIndex={0} role="region" aria-label={say("table")}>
      <table className="border-collapse text-[12.5px] tabular-nums">
        <thead>
          <tr className="bg-sunken">
            {head.map((cell, index) => (
              <th key={index} className="px-2.5 py-1 text-left font-medium whitespace-nowrap">
                {harmless(String(cell))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.slice(0, 200).map((row, place) => (
            <tr key={place} className="border-t border-line">
              {row.map((cell, index) => (
                <td key={index} className="max-w-80 truncate px-2.5 py-1">
                  {harmless(String(cell))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What a search found: title, address, and the words around what was sought. */
function Found({ results }: { results: readonly JsonObject[] }) {
  return (
    <ol className="space-y-2.5">
      {results.map((one, index) => (
        <li key={index} className="min-w-0 text-[13px]" dir="auto">
          <p className="font-medium break-words">{harmless(textIn(one, "title"))}</p>
          <p className="truncate font-mono text-xs text-soft">{harmless(textIn(one, "url"))}</p>
          <p className="mt-0.5 line-clamp-3 text-soft">{harmless(textIn(one, "snippet"))}</p>
        </li>
      ))}
    </ol>
  );
}

function Page({ page }: { page: JsonObject }) {
  const say = useWords(runWords);
  return (
    <div className="min-w-0 space-y-1.5 text-[13px]" dir="auto">
      <p className="font-medium break-words">{harmless(textIn(page, "title"))}</p>
      <p className="truncate font-mono text-xs text-soft">{harmless(textIn(page, "url"))}</p>
      <CodeBlock text={textIn(page, "text")} label={say("page")} lines={20} wrap />
    </div>
  );
}
