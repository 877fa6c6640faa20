import { objectIn, textIn } from "@/ledger/json";
import type { Entry } from "@/ledger/log";
import type { RunStore } from "@/ledger/runStore";
import type { Step } from "@/ledger/types";
import { Button } from "@/ui/Button";
import { CodeBlock } from "@/ui/CodeBlock";
import { Skeleton } from "@/ui/Empty";
import { harmless } from "@/ui/harmless";
import { Time } from "@/ui/Time";
import { toast } from "@/ui/Toasts";
import { useWords } from "@/ui/words";
import { runWords } from "../words";
import { FactDetail } from "./FactDetail";
import { ModelDetail } from "./ModelDetail";
import { CallDetail, OutcomeDetail } from "./ToolDetail";
import { useWholeEvent } from "./useWholeEvent";

/** Everything of one effect or happening, read whole when it is opened. */
export function StepDetail({ store, entry, step, onFork }: { store: RunStore; entry: Entry; step: Step | null; onFork: ((seq: number) => void) | null }) {
  const say = useWords(runWords);
  const started = useWholeEvent(store, entry.seq);
  const ended = useWholeEvent(store, step?.done_seq ?? 0);
  const failed = started.failed || ended.failed;
  const address = `${location.origin}/runs/${encodeURIComponent(store.run)}?at=${step?.done_seq ?? entry.seq}`;
  const copy = async () => {
    await navigator.clipboard.writeText(address);
    toast(say("linkCopied"), { tone: "good" });
  };
  return (
    <div className="min-w-0 space-y-3">
      {failed !== "" && <p className="text-[13px] text-bad">{failed}</p>}
      {started.event === null ? failed === "" && <Skeleton lines={3} /> : <Body store={store} entry={entry} started={started.event} ended={step === null || step.done_seq === null ? null : ended.event} />}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-soft">
        <Time at={entry.at} absolute />
        {entry.key !== null && <span className="min-w-0 font-mono break-all">{harmless(entry.key)}</span>}
        <span className="-ml-2 flex">
          <Button size="small" kind="quiet" icon="link" onClick={() => void copy()}>
            {say("copyLink")}
          </Button>
          {onFork !== null && (
            <Button size="small" kind="quiet" icon="fork" onClick={() => onFork(step?.done_seq ?? entry.seq)}>
              {say("forkHere")}
            </Button>
          )}
        </span>
      </div>
    </div>
  );
}

function Body({ store, entry, started, ended }: { store: RunStore; entry: Entry; started: NonNullable<ReturnType<typeof useWholeEvent>["event"]>; ended: ReturnType<typeof useWholeEvent>["event"] }) {
  const say = useWords(runWords);
  const request = objectIn(started.payload, "request");
  const result = ended === null ? null : objectIn(ended.payload, "result");
  if (entry.kind === "model") return <ModelDetail request={request} result={result} store={store} seq={entry.seq} />;
  if (entry.kind === "tool") {
    const tool = textIn(request, "tool");
    return (
      <>
        <CallDetail tool={tool} given={objectIn(request, "arguments")} store={store} seq={entry.seq} />
        {result !== null && <OutcomeDetail run={store.run} tool={tool} result={result} />}
      </>
    );
  }
  if (entry.kind === "person") {
    return (
      <div className="space-y-2 text-sm">
        <p className="break-words whitespace-pre-wrap" dir="auto">
          {harmless(textIn(request, "question"))}
        </p>
        {result !== null && (
          <p className="border-l-2 border-accent pl-3 break-words whitespace-pre-wrap" dir="auto">
            {harmless(textIn(result, "text"))}
          </p>
        )}
      </div>
    );
  }
  if (entry.effect) return <CodeBlock text={JSON.stringify(result ?? request, null, 2)} label={say("recorded")} lines={30} wrap />;
  return <FactDetail run={store.run} event={started} />;
}
