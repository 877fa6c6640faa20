import { useEffect, useRef, useState, type ReactNode } from "react";
import { objectIn, textIn } from "@/ledger/json";
import type { RunStore } from "@/ledger/runStore";
import type { Plan, Question, RunView } from "@/ledger/types";
import { Button, LinkButton } from "@/ui/Button";
import { Skeleton } from "@/ui/Empty";
import { TextArea } from "@/ui/Field";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { Kbd } from "@/ui/Kbd";
import { Markdown } from "@/ui/Markdown";
import { useShortcuts } from "@/ui/shortcuts";
import { useWords } from "@/ui/words";
import { PlanOutline } from "../plan/PlanOutline";
import { CallDetail } from "../steps/ToolDetail";
import { runWords } from "../words";
import { useWholeEvent } from "../steps/useWholeEvent";

export type QuestionKind = "call" | "plan" | "report" | "other";

/** What a question is about, as its key tells. */
export function kindOf(key: string): QuestionKind {
  const [branch = "", rest = ""] = [key.slice(0, key.indexOf("/")), key.slice(key.indexOf("/") + 1)];
  if (branch === "plan" && rest.startsWith("approve/")) return "plan";
  if (branch === "report" && rest === "accept") return "report";
  return rest.startsWith("approve/") ? "call" : "other";
}

/** The question that a run waits with, first of all there is to see: what it is about, its answers, and room for words. */
export function QuestionPanel({
  run,
  view,
  question,
  others,
  store,
  seated,
  sending,
  onAnswer,
}: {
  run: string;
  view: RunView;
  question: Question;
  others: number;
  store: RunStore;
  seated: boolean;
  sending: boolean;
  onAnswer: (text: string) => void;
}) {
  const say = useWords(runWords);
  const kind = kindOf(question.key);
  const options = kind === "call" ? ["yes", "no"] : question.options;
  const answer = (text: string) => {
    if (!sending) onAnswer(text);
  };
  useShortcuts(
    say("answering"),
    seated ? [] : options.slice(0, 9).map((option, index) => ({ keys: String(index + 1), does: labelOf(kind, option, say), run: () => answer(option) })),
  );
  return (
    <section aria-labelledby="asked" className="border-b border-line bg-warn-wash/60 px-4 py-3 md:px-6 md:py-4" role="region">
      <div className="mx-auto flex max-w-5xl gap-3">
        <Icon name="person" size={20} className="mt-0.5 text-warn max-sm:hidden" />
        <div className="min-w-0 flex-1 space-y-3">
          <h2 id="asked" className="text-sm font-semibold text-warn">
            {say(`asks_${kind}`)}
            {others > 0 && <span className="ml-2 font-normal text-soft">{say("moreQuestions", { count: others })}</span>}
          </h2>
          <div className="max-h-[28dvh] min-w-0 md:max-h-[34dvh] overflow-y-auto">
            <About kind={kind} store={store} view={view} question={question} />
          </div>
          {seated ? (
            <LinkButton to={`/runs/${encodeURIComponent(run)}/seat`} kind="primary" icon="seat">
              {say("takeSeat")}
            </LinkButton>
          ) : (
            <Answers kind={kind} options={options} sending={sending} onAnswer={answer} />
          )}
        </div>
      </div>
    </section>
  );
}

function About({ kind, store, view, question }: { kind: QuestionKind; store: RunStore; view: RunView; question: Question }) {
  if (kind === "call") return <CallAsked store={store} seq={view.steps.get(question.key)?.started_seq ?? 0} question={question} />;
  if (kind === "plan") return <PlanAsked view={view} plan={view.plan} question={question} />;
  const [first = "", ...rest] = question.question.split("\n");
  if (kind === "report") {
    return (
      <Words head={first}>
        <Markdown text={rest.join("\n")} className="text-sm" />
      </Words>
    );
  }
  return (
    <p className="break-words whitespace-pre-wrap" dir="auto">
      {harmless(question.question)}
    </p>
  );
}

function Words({ head, children }: { head: string; children: ReactNode }) {
  return (
    <div className="space-y-2">
      <p className="break-words" dir="auto">
        {harmless(head)}
      </p>
      {children}
    </div>
  );
}

/** The call that is asked about, whole: its arguments, or what it changes. */
function CallAsked({ store, seq, question }: { store: RunStore; seq: number; question: Question }) {
  const say = useWords(runWords);
  const { event, failed } = useWholeEvent(store, seq);
  const about = event === null ? null : objectIn(objectIn(event.payload, "request"), "about");
  // the branch of a run without a plan is called root, which says nothing to people
  const whoRuns = question.key.split("/")[0];
  if (failed !== "" || (about !== null && textIn(about, "tool") === "")) return <p className="font-mono text-[13px] break-words whitespace-pre-wrap">{harmless(question.question)}</p>;
  if (about === null) return <Skeleton lines={2} />;
  return (
    <div className="space-y-2">
      <p className="text-sm">
        <span className="font-mono font-medium">{harmless(textIn(about, "tool"))}</span> <span className="text-soft">{whoRuns === undefined || whoRuns === "root" ? say("wantsToRunAlone") : say("wantsToRun", { subtask: whoRuns })}</span>
      </p>
      <CallDetail tool={textIn(about, "tool")} given={objectIn(about, "arguments")} store={store} seq={seq} />
    </div>
  );
}

function PlanAsked({ view, plan, question }: { view: RunView; plan: Plan; question: Question }) {
  if (plan.subtasks.length === 0) return <p className="text-sm whitespace-pre-wrap">{harmless(question.question)}</p>;
  return <PlanOutline plan={plan} view={view} steps={new Map()} marks={() => null} selected="" onSelect={() => undefined} steer={null} />;
}

type Say = ReturnType<typeof useWords<keyof (typeof runWords)["en"]>>;

function labelOf(kind: QuestionKind, option: string, say: Say): string {
  if (kind === "call" && option === "yes") return say("allow");
  if (kind === "call" && option === "no") return say("veto");
  if (kind === "plan" && option === "yes") return say("approvePlan");
  if (kind === "report" && option === "yes") return say("acceptReport");
  return harmless(option);
}

function Answers({ kind, options, sending, onAnswer }: { kind: QuestionKind; options: readonly string[]; sending: boolean; onAnswer: (text: string) => void }) {
  const say = useWords(runWords);
  const [text, setText] = useState("");
  const said = text.trim();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => setText(""), [kind, options.join("\n")]);
  return (
    <div className="space-y-3">
      {options.length > 0 && (
        <div className="flex flex-wrap gap-2">
          {options.map((option, index) => (
            <Button key={option} kind={index === 0 && kind !== "other" ? "primary" : kind === "call" ? "danger" : "plain"} disabled={sending} onClick={() => onAnswer(option)} className="h-auto min-h-9 py-1.5 whitespace-normal">
              {labelOf(kind, option, say)}
              {index < 9 && (
                <span className="max-sm:hidden" aria-hidden="true">
                  <Kbd keys={String(index + 1)} />
                </span>
              )}
            </Button>
          ))}
        </div>
      )}
      <form
        ref={form}
        className="flex max-w-2xl items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (said !== "") onAnswer(said);
        }}
      >
        <div className="min-w-0 flex-1">
          <TextArea
            aria-label={say(`say_${kind}`)}
            placeholder={say(`say_${kind}`)}
            least={1}
            most={8}
            className="block resize-none"
            value={text}
            disabled={sending}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
            }}
          />
        </div>
        <Button type="submit" busy={sending} disabled={said === ""} kind={options.length === 0 ? "primary" : "plain"}>
          {say(kind === "call" ? "vetoWithReason" : "sendAnswer")}
        </Button>
      </form>
    </div>
  );
}
