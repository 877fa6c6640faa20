import { filled } from "./fill";
import { isObject, type JsonObject, listIn, numberIn, objectIn, textIn } from "./json";
import { lastLine, short, sorted, tenths } from "./phrases";
import type {
  Budget,
  DesignNews,
  LedgerEvent,
  Plan,
  Question,
  Report,
  Result,
  RunStatus,
  Setting,
  Step,
  Task,
  Usage,
} from "./types";

/**
 * What an event changes in a run's state. It is small where the event is large, so that all changes of a run can be
 * kept while most of its events are not.
 */
export type Change = { readonly seq: number; readonly run_id: string; readonly at: string } & (
  | { readonly what: "nothing" }
  | { readonly what: "started"; readonly step: Step; readonly question: Question | null }
  | { readonly what: "ended"; readonly key: string; readonly end: End; readonly gave: Gave }
  | { readonly what: "task"; readonly task: Task }
  | { readonly what: "status"; readonly status: RunStatus; readonly reason: string }
  | { readonly what: "plan"; readonly plan: Plan }
  | { readonly what: "subtask"; readonly id: string; readonly result: Result | null }
  | { readonly what: "told"; readonly notices: readonly string[]; readonly egress: readonly string[] }
  | { readonly what: "checking"; readonly checking: string }
  | { readonly what: "design"; readonly news: DesignNews }
  | { readonly what: "report"; readonly report: Report }
  | { readonly what: "budget"; readonly budget: Budget }
  | { readonly what: "answered"; readonly key: string }
);

type End = Pick<Step, "done_seq" | "done_at" | "ok" | "detail">;

/** What the end of an effect tells besides. */
type Gave =
  | { readonly kind: "other" | "person" }
  | { readonly kind: "model"; readonly usage: Usage }
  | { readonly kind: "setting"; readonly setting: Setting; readonly told: readonly string[] };

type Bare = Change extends infer One ? (One extends Change ? Omit<One, "seq" | "run_id" | "at"> : never) : never;

const NOTHING: Bare = { what: "nothing" };

/** Returns what an event changes, by the rules of the server's `RunView.apply`. */
export function changeOf(event: LedgerEvent): Change {
  return { seq: event.seq, run_id: event.run_id, at: event.at, ...bare(event) };
}

function bare(event: LedgerEvent): Bare {
  if (event.phase === "started") return started(event);
  if (event.phase === "done" && event.kind !== "inbox") return ended(event);
  return learnt(event.kind, event.payload);
}

function started(event: LedgerEvent): Bare {
  const key = event.key ?? "";
  const request = objectIn(event.payload, "request");
  const step: Step = {
    key,
    kind: event.kind,
    title: titleOf(event.kind, key, request),
    started_seq: event.seq,
    done_seq: null,
    ok: null,
    detail: "",
    started_at: event.at,
    done_at: null,
  };
  return { what: "started", step, question: event.kind === "person" ? questionOf(key, request) : null };
}

function questionOf(key: string, request: JsonObject): Question {
  return {
    key,
    question: textIn(request, "question"),
    options: texts(listIn(request, "options")),
    answered: false,
  };
}

function ended(event: LedgerEvent): Bare {
  const result = objectIn(event.payload, "result");
  const end = { done_seq: event.seq, done_at: event.at, ok: result.ok !== false, detail: detailOf(result) };
  return { what: "ended", key: event.key ?? "", end, gave: gaveOf(event.kind, result) };
}

function gaveOf(kind: string, result: JsonObject): Gave {
  switch (kind) {
    case "model":
      return { kind, usage: filled("Usage", result.usage) };
    case "setting":
      return { kind, setting: result, told: texts(listIn(result, "told")) };
    case "person":
      return { kind };
    default:
      return { kind: "other" };
  }
}

function learnt(kind: string, payload: JsonObject): Bare {
  switch (kind) {
    case "run":
      if ("task" in payload) return { what: "task", task: filled("Task", payload.task) };
      return { what: "status", status: textIn(payload, "status") as RunStatus, reason: textIn(payload, "reason") };
    case "plan":
      if ("plan" in payload) return { what: "plan", plan: filled("Plan", payload.plan) };
      return "refused" in payload ? notice(`an edit of the plan was refused: ${textIn(payload, "refused")}`) : NOTHING;
    case "subtask": {
      const result = "result" in payload ? filled("Result", payload.result) : null;
      return { what: "subtask", id: textIn(payload, "id"), result };
    }
    case "retry":
      return notice(`${textIn(payload, "reason")}; next try in ${tenths(numberIn(payload, "wait_seconds"))} s`);
    case "sandbox": {
      const found = textIn(payload, "found");
      return "lost" in payload
        ? notice(`the sandbox was lost and opened again: ${textIn(payload, "lost")}; ${found}`)
        : NOTHING;
    }
    case "egress": {
      const line = textIn(payload, "line");
      const refused = textIn(objectIn(payload, "request"), "decision") === "refused";
      return { what: "told", notices: refused ? [line] : [], egress: [line] };
    }
    case "check":
      return "claims" in payload ? { what: "checking", checking: checkingOf(payload) } : NOTHING;
    case "design": {
      const { stage, round, candidate, text } = payload;
      if (stage === undefined) return NOTHING;
      const told = Object.entries({ stage, round, candidate, text }).filter(([, value]) => value !== undefined);
      return { what: "design", news: filled("DesignNews", Object.fromEntries(told)) };
    }
    case "report":
      return { what: "report", report: filled("Report", payload.report) };
    case "command":
      return commanded(objectIn(payload, "command"));
    default:
      return NOTHING;
  }
}

function commanded(command: JsonObject): Bare {
  if (command.op === "set_budget") return { what: "budget", budget: filled("Budget", command.budget) };
  const key = textIn(command, "question");
  return key ? { what: "answered", key } : NOTHING;
}

function notice(text: string): Bare {
  return { what: "told", notices: [text], egress: [] };
}

function checkingOf(payload: JsonObject): string {
  const asked = numberIn(payload, "asked");
  const byModel = asked ? `, a model was asked about ${asked}` : "";
  return `${numberIn(payload, "looked")} of ${numberIn(payload, "claims")} claims${byModel}`;
}

function titleOf(kind: string, key: string, request: JsonObject): string {
  switch (kind) {
    case "tool": {
      const given = objectIn(request, "arguments");
      const told = sorted(Object.keys(given)).map((name) => `${name}=${short(telling(name, given[name]))}`);
      return `${textIn(request, "tool", key)}(${told.join(", ")})`;
    }
    case "model": {
      const after = key.includes("/") ? key.slice(key.indexOf("/") + 1) : "";
      const step = after.startsWith("model/") ? after.slice("model/".length) : after;
      return `${textIn(request, "role", "model")} ${/^[0-9]+$/.test(step) ? "thinks" : `thinks: ${step}`}`;
    }
    case "person":
      return `asks: ${short(request.question)}`;
    default:
      return key;
  }
}

function telling(name: string, value: unknown): unknown {
  return name === "code" && typeof value === "string" ? lastLine(value) : value;
}

function detailOf(result: JsonObject): string {
  const calls = listIn(result, "calls");
  if (calls.length) return calls.map((call) => (isObject(call) ? textIn(call, "name") : "")).join(", ");
  return short(result.text ?? "");
}

function texts(list: readonly unknown[]): string[] {
  return list.filter((item) => typeof item === "string");
}
