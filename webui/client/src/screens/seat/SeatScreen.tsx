import { useRef } from "react";
import { flushSync } from "react-dom";
import { Link, useParams } from "react-router";
import { Banner } from "@/ui/Banner";
import { Button, LinkButton } from "@/ui/Button";
import { Empty, Skeleton } from "@/ui/Empty";
import { Meter } from "@/ui/Meter";
import { useTitle } from "@/ui/Screen";
import { useShortcuts } from "@/ui/shortcuts";
import { useWords } from "@/ui/words";
import { Answer, useDraft } from "./Answer";
import { Quotes } from "./Quotes";
import { Reader } from "./Reader";
import { withCitation } from "./text";
import { Trail } from "./Trail";
import { may, type SeatState } from "./types";
import { useSeat, type Seat } from "./useSeat";
import { words } from "./words";

/** The annotation seat: a person browses for the answer to a question, quotes what they find, and writes it down. */
export default function SeatScreen() {
  const say = useWords(words);
  const { run = "" } = useParams();
  const seat = useSeat(run);
  useTitle(seat.state?.question ?? say("title"));
  if (seat.state === undefined) {
    return (
      <main aria-busy={seat.problem === null} className="mx-auto max-w-3xl p-6">
        <h1 className="sr-only">{say("title")}</h1>
        {seat.problem === null ? (
          <Skeleton lines={8} />
        ) : (
          <Empty icon="seat" title={say("notSeat")} action={<LinkButton to={`/runs/${run}`}>{say("toRun")}</LinkButton>}>
            {seat.problem.message}
          </Empty>
        )}
      </main>
    );
  }
  return <Seated key={run} seat={seat} state={seat.state} />;
}

function Seated({ seat, state }: { seat: Seat; state: SeatState }) {
  const say = useWords(words);
  const { busy, act } = seat;
  const [draft, setDraft] = useDraft(state.run_id);
  const field = useRef<HTMLTextAreaElement>(null);
  const last = state.history.at(-1);
  const undo = () => {
    if (!busy && may(state, "undo")) void act("undo");
  };
  useShortcuts(say("title"), [{ keys: "u", does: say("kUndo"), run: undo }]);
  const cite = (id: string) => {
    const from = field.current?.selectionStart ?? draft.length;
    const next = withCitation(draft, id, from, field.current?.selectionEnd ?? from);
    // at once, so that whoever types on right after the click types behind the citation
    flushSync(() => setDraft(next.text));
    field.current?.focus();
    field.current?.setSelectionRange(next.at, next.at);
  };

  return (
    <main className="flex min-h-full flex-col lg:h-full">
      <header className="shrink-0 border-b border-line px-4 py-3 sm:px-5">
        <div className="flex flex-wrap items-end gap-x-8 gap-y-3">
          <div className="min-w-0 flex-1 basis-96">
            <p className="text-[13px] text-soft">
              {say("title")} ·{" "}
              <Link to={`/runs/${state.run_id}`} className="text-accent underline underline-offset-2">
                {say("toRun")}
              </Link>
            </p>
            <h1 dir="auto" className="max-h-28 overflow-y-auto text-lg leading-snug font-semibold [overflow-wrap:anywhere] sm:text-xl">
              {state.question}
            </h1>
          </div>
          <div className="w-full sm:w-56">
            <Meter
              label={say("steps")}
              value={state.progress.used}
              most={state.progress.total}
              text={say("left", { left: state.progress.left, total: state.progress.total })}
            />
          </div>
        </div>
        <Notices seat={seat} state={state} />
      </header>
      <nav aria-label={say("title")} className="sticky top-0 z-20 flex border-b border-line bg-paper px-2 lg:hidden">
        {(["page", "quotes", "answer"] as const).map((part) => (
          <button key={part} type="button" onClick={() => document.querySelector(`[data-part="${part}"]`)?.scrollIntoView()} className="h-10 flex-1 text-sm font-medium text-soft">
            {say(part)} {part === "quotes" && state.quotes.length > 0 && <span className="tabular-nums">{state.quotes.length}</span>}
          </button>
        ))}
      </nav>
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
        <Reader state={state} busy={busy} act={act} />
        <aside className="shrink-0 border-line max-lg:border-t lg:w-96 lg:overflow-y-auto lg:border-l xl:w-[26rem]">
          {state.ended === null && state.seat === "person" && (
            <div className="flex items-center gap-2 border-b border-line px-4 py-2 sm:px-5">
              <p role="status" className="min-w-0 flex-1 truncate text-[13px] text-soft" title={last?.note}>
                {last?.note}
              </p>
              <Button size="small" icon="undo" disabled={busy || !may(state, "undo")} onClick={undo}>
                {say("undo")}
              </Button>
            </div>
          )}
          <Quotes state={state} busy={busy} act={act} onCite={cite} />
          {state.ended === null && state.seat === "person" && <Answer state={state} busy={busy} act={act} text={draft} onText={setDraft} onCite={cite} field={field} />}
          {state.answer !== "" && (
            <section data-part="answer" aria-label={say("answer")} className="scroll-mt-10 border-t border-line px-4 py-4 sm:px-5">
              <h2 className="mb-1 text-sm font-semibold">{say("answer")}</h2>
              <p dir="auto" className="text-sm whitespace-pre-wrap [overflow-wrap:anywhere]">
                {state.answer}
              </p>
            </section>
          )}
          <Trail state={state} />
        </aside>
      </div>
    </main>
  );
}

const STOPPED = { waiting: "waits", paused: "paused", failed: "failedRun" } as const;

/** What somebody in the seat should know now. */
function Notices({ seat, state }: { seat: Seat; state: SeatState }) {
  const say = useWords(words);
  const stopped = state.status === "paused" || state.status === "failed" ? STOPPED[state.status] : null;
  const failed = state.history.at(-1)?.ok === false ? state.last : "";
  return (
    <div className="mt-3 space-y-2 empty:hidden">
      {seat.refused !== null && (
        <Banner
          tone={seat.refused.stale ? "warn" : "bad"}
          action={
            <Button size="small" kind="quiet" onClick={seat.dismiss}>
              {say("close")}
            </Button>
          }
        >
          {seat.refused.stale ? say("stale") : seat.refused.message}
        </Banner>
      )}
      {seat.refused === null && failed !== "" && <Banner tone="warn">{failed}</Banner>}
      {seat.problem !== null && <Banner tone="warn">{say("lost")}</Banner>}
      {state.ended === null && state.seat === "person" && stopped !== null && <Banner tone="info">{say(stopped)}</Banner>}
      {state.ended === null && state.seat === "model" && <Banner tone="info">{say("modelSeat")}</Banner>}
      {state.ended !== null && (
        <Banner
          tone={state.ended === "finished" ? "good" : "warn"}
          action={
            <LinkButton size="small" to={`/runs/${state.run_id}/report`}>
              {say("toReport")}
            </LinkButton>
          }
        >
          <strong className="font-semibold">{say(state.ended === "finished" ? "finished" : "rejected")}.</strong>{" "}
          {say(state.ended === "rejected" ? "rejectedText" : state.status === "finished" ? "checkedText" : "finishedText")}
        </Banner>
      )}
    </div>
  );
}
