import { Icon } from "@/ui/icons";
import { useWords } from "@/ui/words";
import type { SeatState, ShownStep } from "./types";
import { words } from "./words";

const FORMATS = [
  ["webcpm-interactive", "interactive"],
  ["webcpm-pipeline", "pipeline"],
  ["chat-jsonl", "chat"],
] as const;

/** What was done so far, and the files it can be taken out as. */
export function Trail({ state }: { state: SeatState }) {
  const say = useWords(words);
  return (
    <>
      <section className="border-t border-line px-4 py-4 sm:px-5">
        <details open={state.ended !== null && state.history.length < 12}>
          <summary className="cursor-pointer text-sm font-semibold">{say("history", { n: state.history.length })}</summary>
          <ol className="mt-2 space-y-1.5 text-[13px]">
            {[...state.history].reverse().map((step) => (
              <Step key={step.number} step={step} />
            ))}
          </ol>
        </details>
      </section>
      <section aria-label={say("export")} className="border-t border-line px-4 py-4 sm:px-5">
        <h2 className="text-sm font-semibold">{say("export")}</h2>
        <p className="mt-0.5 text-[13px] text-soft">{say("exportText")}</p>
        <ul className="mt-2 space-y-1.5 text-sm">
          {FORMATS.map(([format, name]) => (
            <li key={format}>
              <a
                href={`/api/runs/${state.run_id}/seat/export?format=${format}`}
                download
                className="inline-flex items-center gap-2 text-accent underline-offset-2 hover:underline"
              >
                <Icon name="download" size={15} />
                {say(name)}
              </a>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Step({ step }: { step: ShownStep }) {
  const say = useWords(words);
  return (
    <li className="flex gap-2 [overflow-wrap:anywhere]">
      <span className="w-6 shrink-0 text-right text-soft tabular-nums">{step.number}</span>
      <span className="min-w-0">
        <span className="font-medium">{step.name}</span>
        {!step.ok && <span className="text-bad"> {say("stepFailed")}</span>}
        {step.note !== "" && <span className="line-clamp-2 text-soft">{step.note}</span>}
      </span>
    </li>
  );
}
