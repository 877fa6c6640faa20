import { Badge } from "@/ui/Badge";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { useLanguage, useWords } from "@/ui/words";
import { percent } from "../figures";
import { Range } from "../Range";
import type { BatchLook, Figures, Share, State } from "./queries";
import { batchWords, failureWord } from "./words";

/** How a batch stands: a sign and a word, and how far it has come where it is not done. */
export function Standing({ batch }: { batch: BatchLook }) {
  const say = useWords(batchWords);
  const { standing } = batch;
  const [ink, icon, word] = standing === "done" ? (["text-good", "check", "done"] as const) : standing === "stopped" ? (["text-warn", "pause", "stopped"] as const) : (["text-info", "activity", "underWay"] as const);
  return (
    <span className={`inline-flex items-center gap-1.5 text-[13px] font-medium whitespace-nowrap ${ink}`}>
      <Icon name={icon} size={15} className={standing === "under way" ? "motion-safe:animate-pulse" : ""} />
      {say(word)}
      {standing !== "done" && <span className="font-normal text-soft tabular-nums">{say("progress", { ended: batch.ended, total: batch.total })}</span>}
    </span>
  );
}

/** Why a batch stopped before its end. */
export function useWhy(batch: BatchLook): string {
  const say = useWords(batchWords);
  if (batch.standing !== "stopped") return "";
  return batch.why === "" ? say("killed") : harmless(batch.why);
}

/** A share with its interval, in figures and on a line. */
export function ShareCell({ share }: { share: Share | null }) {
  const say = useWords(batchWords);
  const language = useLanguage();
  if (share === null) return <span className="text-[13px] text-soft">{say("notYet")}</span>;
  const told = { share: percent(share.value, language), low: percent(share.low, language), high: percent(share.high, language) };
  return (
    <span className="block min-w-24" title={say("told", told)}>
      <span className="flex flex-wrap items-baseline justify-between gap-x-3 whitespace-nowrap tabular-nums">
        <span className="font-semibold">{told.share}</span>
        <span className="text-[13px] text-soft">
          {told.low} – {told.high}
        </span>
      </span>
      <Range value={share.value} low={share.low} high={share.high} className="mt-1.5" />
    </span>
  );
}

const STATE_LOOKS = {
  passed: ["good", "check", "statePassed"],
  failed: ["bad", "close", "stateFailed"],
  error: ["warn", "question", "stateError"],
  open: ["neutral", "clock", "stateOpen"],
} as const;

/** What became of an attempt. */
export function StateBadge({ of }: { of: State }) {
  const say = useWords(batchWords);
  const [tone, icon, word] = STATE_LOOKS[of];
  return (
    <Badge tone={tone} icon={icon}>
      {say(word)}
    </Badge>
  );
}

/** Classes of what went wrong, by how often. */
export function Failures({ figures }: { figures: Figures }) {
  const language = useLanguage();
  const found = Object.entries(figures.failures ?? {});
  return (
    <ul className="space-y-0.5 text-[13px]">
      {found.map(([failure, times]) => (
        <li key={failure} className="flex gap-2">
          <span className="min-w-5 text-right font-medium tabular-nums">{times}</span>
          <span className="text-soft">{harmless(failureWord(failure, language))}</span>
        </li>
      ))}
    </ul>
  );
}

/** The name of a batch's model. */
export function useModel(batch: BatchLook): string {
  const say = useWords(batchWords);
  return batch.model === "" ? say("asInSettings") : harmless(batch.model);
}
