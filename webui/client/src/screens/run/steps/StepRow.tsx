import { memo } from "react";
import { useProgress, useText } from "@/ledger/useRun";
import { listIn, objectIn, textIn } from "@/ledger/json";
import type { Entry } from "@/ledger/log";
import type { RunStore } from "@/ledger/runStore";
import type { Step } from "@/ledger/types";
import type { EventKind } from "@/ledger/types";
import { harmless } from "@/ui/harmless";
import { Icon, type IconName } from "@/ui/icons";
import { kitWords } from "@/ui/kitWords";
import { duration } from "@/ui/Time";
import { useLanguage, useWords } from "@/ui/words";
import { runWords } from "../words";
import { StepDetail } from "./StepDetail";
import { lineOf, titleOf } from "./titles";

const ICONS: Record<EventKind, IconName> = {
  model: "activity",
  tool: "terminal",
  action: "globe",
  person: "person",
  command: "person",
  inbox: "check",
  plan: "graph",
  subtask: "list",
  check: "check",
  design: "cube",
  report: "file",
  run: "dot",
  setting: "settings",
  egress: "globe",
  retry: "refresh",
  sandbox: "cube",
};
const EFFECTS: ReadonlySet<EventKind> = new Set(["model", "tool", "person"]);

/** One line of the stream; opened, everything that is known of it. */
export const StepRow = memo(function StepRow({
  store,
  entry,
  step,
  open,
  onToggle,
  marked,
  live,
  onFork,
}: {
  store: RunStore;
  entry: Entry;
  step: Step | null;
  open: boolean;
  onToggle: (seq: number) => void;
  marked: boolean;
  live: boolean;
  onFork: ((seq: number) => void) | null;
}) {
  const say = useWords(runWords);
  const language = useLanguage();
  const running = entry.effect && step !== null && step.done_seq === null;
  const failed = step?.ok === false;
  const seconds = step?.started_at != null && step.done_at != null ? (Date.parse(step.done_at) - Date.parse(step.started_at)) / 1000 : null;
  const quiet = !EFFECTS.has(entry.kind);
  return (
    <article className={`relative border-b border-line/60 ${marked ? "bg-wash" : ""}`} aria-label={say("eventNumber", { seq: entry.seq })}>
      <button type="button" aria-expanded={open} onClick={() => onToggle(entry.seq)} className={`flex w-full items-start gap-2.5 px-3 text-left -outline-offset-2 hover:bg-sunken/70 ${quiet ? "py-1" : "py-2"}`}>
        <Icon name={failed ? "close" : ICONS[entry.kind]} size={15} className={`mt-[3px] ${failed ? "text-bad" : running ? "text-info motion-safe:animate-pulse" : "text-soft"}`} />
        <span className="min-w-0 flex-1">
          <Headline entry={entry} step={step} quiet={quiet} />
          {entry.kind === "model" && !open && <Said store={store} step={step} />}
          {step !== null && step.detail !== "" && !open && entry.kind !== "model" && (
            <span className={`line-clamp-2 text-[13px] break-words ${failed ? "text-bad" : "text-soft"}`} dir="auto">
              {harmless(step.detail)}
            </span>
          )}
          {running && live && <Whisper store={store} entry={entry} />}
        </span>
        <span className="flex shrink-0 items-baseline gap-2 text-xs text-soft tabular-nums">
          {entry.subtask !== "" && entry.subtask !== "root" && <span className="max-w-28 truncate font-mono max-sm:hidden">{entry.subtask}</span>}
          {seconds !== null && seconds >= 0.05 && <span>{duration(seconds, language)}</span>}
          <span className="w-9 text-right">{entry.seq}</span>
        </span>
      </button>
      {open && (
        <div className="px-3 pb-3 pl-[2.35rem]">
          <StepDetail store={store} entry={entry} step={step} onFork={onFork} />
        </div>
      )}
    </article>
  );
});

function Headline({ entry, step, quiet }: { entry: Entry; step: Step | null; quiet: boolean }) {
  const say = useWords(runWords);
  const kit = useWords(kitWords);
  if (step !== null && entry.kind === "tool") {
    const cut = step.title.indexOf("(");
    const [name, given] = cut < 0 ? [step.title, ""] : [step.title.slice(0, cut), step.title.slice(cut + 1, -1).replace(/^(command|code|path|query|url)=/, "")];
    return (
      <span className="line-clamp-2 text-sm break-words" dir="auto">
        <span className="font-mono text-[13px] font-medium">{harmless(name)}</span> <span className="font-mono text-[12.5px] text-soft">{harmless(given)}</span>
      </span>
    );
  }
  if (step !== null && entry.kind === "model") {
    return (
      <span className="line-clamp-3 text-sm break-words" dir="auto">
        <span className="text-soft">{harmless(titleOf(step.title, say))}</span> {harmless(step.detail)}
      </span>
    );
  }
  if (step !== null && entry.kind !== "setting") {
    return (
      <span className="line-clamp-3 text-sm break-words" dir="auto">
        {harmless(entry.kind === "person" ? titleOf(step.title, say) : step.title)}
      </span>
    );
  }
  const line = lineOf(entry, kit);
  return (
    <span className={`line-clamp-2 text-[13px] break-words ${quiet ? "text-soft" : ""}`} dir="auto">
      <span className={entry.kind === "report" ? "font-medium text-ink" : ""}>{say(`line_${entry.kind}`)}</span>
      {line !== "" && ` · ${harmless(line)}`}
    </span>
  );
}

/** What a model wrote beside the calls that it made. */
function Said({ store, step }: { store: RunStore; step: Step | null }) {
  const event = step?.done_seq == null ? undefined : store.slim(step.done_seq);
  const result = event === undefined ? {} : objectIn(event.payload, "result");
  const text = listIn(result, "calls").length > 0 ? textIn(result, "text").trim() : "";
  return text === "" ? null : (
    <span className="line-clamp-2 text-[13px] break-words" dir="auto">
      {harmless(text.slice(0, 600))}
    </span>
  );
}

/** What is being written, or how a call gets on, at this moment. */
function Whisper({ store, entry }: { store: RunStore; entry: Entry }) {
  const say = useWords(runWords);
  const text = useText(store, entry.key ?? "");
  const progress = useProgress(store, entry.key ?? "");
  if (text !== "") {
    return (
      <span className="mt-0.5 block max-h-48 overflow-hidden text-[13px] break-words whitespace-pre-wrap" dir="auto" data-live="text">
        {harmless(text.slice(-1200))}
        <span aria-hidden="true" className="ml-0.5 inline-block h-3.5 w-1.5 translate-y-0.5 bg-accent motion-safe:animate-pulse" />
      </span>
    );
  }
  if (progress !== null) {
    return (
      <span className="block truncate font-mono text-xs text-soft tabular-nums" data-live="progress">
        {say("runsFor", { seconds: Math.round(progress.seconds) })} {harmless(progress.line)}
      </span>
    );
  }
  return null;
}
