import { changeOf, type Change } from "./changes";
import { sum } from "./money";
import { withProgress, withStatus } from "./plan";
import { Steps } from "./steps";
import type { LedgerEvent, Plan, Question, Report, RunView, RunViewJson, SubtaskStatus, Usage } from "./types";

/** Returns the state of a run before its first event. */
export function emptyView(): RunView {
  return {
    run_id: "",
    seq: 0,
    status: "queued",
    reason: "",
    task: null,
    setting: {},
    plan: { schema_version: 1, version: 0, subtasks: [], wishes: [] },
    results: {},
    steps: Steps.none(),
    usage: { calls: 0, input_tokens: 0, cached_tokens: 0, output_tokens: 0, cost: "0" },
    budget: null,
    question: null,
    questions: {},
    notices: [],
    egress: [],
    checking: "",
    design: [],
    report: null,
  };
}

/** Returns the state after an event. Events up to the state's number change nothing. The same as the server's. */
export function apply(view: RunView, event: LedgerEvent): RunView {
  return event.seq <= view.seq ? view : changed(view, changeOf(event));
}

/** Returns the state after a change. */
export function changed(view: RunView, change: Change): RunView {
  if (change.seq <= view.seq) return view;
  const moved = { ...view, seq: change.seq, run_id: change.run_id };
  switch (change.what) {
    case "nothing":
      return moved;
    case "started":
      return asking({ ...moved, steps: view.steps.with(change.step) }, change.question);
    case "ended":
      return ended(moved, change);
    case "task":
      return { ...moved, task: change.task, budget: change.task.budget };
    case "status":
      return { ...moved, status: change.status, reason: change.reason };
    case "plan":
      return { ...moved, plan: withProgress(change.plan, view.plan) };
    case "subtask":
      return progressed(moved, change.id, change.result);
    case "told":
      return { ...moved, notices: joined(view.notices, change.notices), egress: joined(view.egress, change.egress) };
    case "checking":
      return { ...moved, checking: change.checking };
    case "design":
      return { ...moved, design: [...view.design, change.news] };
    case "report":
      return { ...moved, report: change.report, plan: planOf(change.report, view.plan) };
    case "budget":
      return { ...moved, budget: change.budget };
    case "answered": {
      const asked = view.questions[change.key];
      return asked === undefined ? moved : asking(moved, { ...asked, answered: true });
    }
  }
}

/** Returns a state as the server writes it. */
export function toJson(view: RunView): RunViewJson {
  return { ...view, steps: view.steps.toJSON() };
}

function ended(view: RunView, change: Extract<Change, { what: "ended" }>): RunView {
  const step = view.steps.get(change.key);
  const steps = step === undefined ? view.steps : view.steps.with({ ...step, ...change.end });
  const { gave } = change;
  switch (gave.kind) {
    case "model":
      return { ...view, steps, usage: added(view.usage, gave.usage) };
    case "setting":
      return { ...view, steps, setting: gave.setting, notices: joined(view.notices, gave.told) };
    case "person": {
      const { [change.key]: _, ...questions } = view.questions;
      return { ...view, steps, questions, question: firstOpen(questions) };
    }
    default:
      return { ...view, steps };
  }
}

function asking(view: RunView, question: Question | null): RunView {
  if (question === null) return view;
  const questions = { ...view.questions, [question.key]: question };
  return { ...view, questions, question: firstOpen(questions) };
}

function firstOpen(questions: RunView["questions"]): Question | null {
  return Object.values(questions).find((question) => !question.answered) ?? null;
}

function progressed(view: RunView, id: string, result: RunView["results"][string] | null): RunView {
  const status: SubtaskStatus = result === null ? "running" : result.success ? "done" : "failed";
  const results = result === null ? view.results : { ...view.results, [id]: result };
  return { ...view, results, plan: withStatus(view.plan, new Map([[id, status]])) };
}

function planOf(report: Report, before: Plan): Plan {
  return report.plan.subtasks.length ? report.plan : before;
}

function joined(list: readonly string[], more: readonly string[]): readonly string[] {
  return more.length ? [...list, ...more] : list;
}

function added(usage: Usage, more: Usage): Usage {
  return {
    calls: usage.calls + more.calls,
    input_tokens: usage.input_tokens + more.input_tokens,
    cached_tokens: usage.cached_tokens + more.cached_tokens,
    output_tokens: usage.output_tokens + more.output_tokens,
    cost: sum(usage.cost, more.cost),
  };
}
