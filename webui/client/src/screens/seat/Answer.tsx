import { useEffect, useState, type RefObject } from "react";
import { Button } from "@/ui/Button";
import { Input, TextArea } from "@/ui/Field";
import { keep, kept } from "@/ui/kept";
import { useShortcuts } from "@/ui/shortcuts";
import { useWords } from "@/ui/words";
import { cited, uncited } from "./text";
import { may, type Act, type SeatState } from "./types";
import { words } from "./words";

/** What is being written for an answer; it outlives the page, as a draft of this browser. */
export function useDraft(run: string): [string, (text: string) => void] {
  const key = `plumbline.seat.${run}`;
  const [text, setText] = useState(() => kept(key) ?? "");
  useEffect(() => {
    keep(key, text === "" ? null : text);
  }, [key, text]);
  return [text, setText];
}

/** Where the answer is written, its quotes are cited, and the session is ended. */
export function Answer({
  state,
  busy,
  act,
  text,
  onText,
  onCite,
  field,
}: {
  state: SeatState;
  busy: boolean;
  act: Act;
  text: string;
  onText: (text: string) => void;
  onCite: (id: string) => void;
  field: RefObject<HTMLTextAreaElement | null>;
}) {
  const say = useWords(words);
  const [reason, setReason] = useState<string | null>(null);
  const finish = async () => {
    if (busy || !may(state, "finish")) return;
    if (await act("finish", { answer: text.trim() })) onText("");
  };
  useShortcuts(say("answer"), [
    { keys: "a", does: say("kAnswer"), run: () => field.current?.focus() },
    { keys: "x", does: say("kReject"), run: () => setReason("") },
  ]);
  const bare = uncited(text);
  const ids = cited(text);

  return (
    <section data-part="answer" aria-label={say("answer")} className="scroll-mt-10 border-t border-line px-4 py-4 sm:px-5">
      <h2 className="mb-2 text-sm font-semibold">{say("answer")}</h2>
      <TextArea
        ref={field}
        least={4}
        most={14}
        value={text}
        aria-label={say("answer")}
        placeholder={say("answerHint")}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void finish();
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      {state.quotes.length > 0 && (
        <div className="mt-2 flex flex-wrap items-center gap-1.5">
          <span className="text-[13px] text-soft">{say("cite")}</span>
          {state.quotes.map((quote) => (
            <Button key={quote.id} size="small" aria-label={`${say("cite")} [${quote.id}]`} onPointerDown={(event) => event.preventDefault()} onClick={() => onCite(quote.id)}>
              {quote.id}
            </Button>
          ))}
        </div>
      )}
      {text.trim() !== "" && (
        <p role="status" className={`mt-2 text-[13px] ${bare.length > 0 ? "text-warn" : "text-soft"}`}>
          {ids.length > 0 ? say("cites", { ids: ids.join(", ") }) : say("citesNothing")}{" "}
          {ids.length > 0 && bare.length > 0 && (bare.length === 1 ? say("uncitedOne") : say("uncited", { n: bare.length }))}
        </p>
      )}
      {reason === null ? (
        <div className="mt-3 flex flex-wrap gap-2">
          <Button kind="primary" busy={busy} disabled={!may(state, "finish") || (text.trim() === "" && state.quotes.length === 0)} onClick={() => void finish()}>
            {text.trim() === "" && state.quotes.length > 0 ? say("finishQuotes") : say("finish")}
          </Button>
          <Button kind="quiet" disabled={!may(state, "reject")} onClick={() => setReason("")}>
            {say("reject")}
          </Button>
        </div>
      ) : (
        <form
          className="mt-3 space-y-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim() !== "" && !busy) void act("reject", { reason: reason.trim() });
          }}
        >
          <Input autoFocus aria-label={say("rejectHint")} placeholder={say("rejectHint")} maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} onKeyDown={(event) => event.key === "Escape" && setReason(null)} />
          <div className="flex flex-wrap gap-2">
            <Button kind="danger" type="submit" busy={busy} disabled={reason.trim() === ""}>
              {say("rejectDo")}
            </Button>
            <Button kind="quiet" onClick={() => setReason(null)}>
              {say("cancel")}
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}
