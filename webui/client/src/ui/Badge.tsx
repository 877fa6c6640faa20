import type { ReactNode } from "react";
import { Icon, type IconName } from "@/ui/icons";
import { kitWords } from "@/ui/kitWords";
import { useWords } from "@/ui/words";

export type Tone = "neutral" | "accent" | "good" | "bad" | "warn" | "info";

const WASHES: Record<Tone, string> = {
  neutral: "bg-sunken text-soft",
  accent: "bg-wash text-accent",
  good: "bg-good-wash text-good",
  bad: "bg-bad-wash text-bad",
  warn: "bg-warn-wash text-warn",
  info: "bg-info-wash text-info",
};
const INKS: Record<Tone, string> = {
  neutral: "text-soft",
  accent: "text-accent",
  good: "text-good",
  bad: "text-bad",
  warn: "text-warn",
  info: "text-info",
};

/** A short word on a wash of its tone. */
export function Badge({ tone = "neutral", icon, children }: { tone?: Tone; icon?: IconName; children: ReactNode }) {
  return (
    <span className={`inline-flex h-5.5 items-center gap-1 rounded px-1.5 text-xs font-medium whitespace-nowrap ${WASHES[tone]}`}>
      {icon !== undefined && <Icon name={icon} size={13} />}
      {children}
    </span>
  );
}

export const VERDICTS = {
  supported: ["good", "check"],
  contradicted: ["bad", "close"],
  qualified: ["warn", "more"],
  not_found: ["neutral", "question"],
  unverifiable: ["neutral", "question"],
  error: ["bad", "warning"],
  pass: ["good", "check"],
  fail: ["bad", "close"],
  inconclusive: ["warn", "question"],
  not_applicable: ["neutral", "minus"],
} as const satisfies Record<string, readonly [Tone, IconName]>;

/** Verdict on a claim or of a check. */
export type VerdictName = keyof typeof VERDICTS;

/** The verdict on a claim or of a check: colour, sign and word, so that none of them is needed alone. */
export function Verdict({ of }: { of: VerdictName }) {
  const say = useWords(kitWords);
  const [tone, icon] = VERDICTS[of];
  return (
    <Badge tone={tone} icon={icon}>
      {say(of)}
    </Badge>
  );
}

export const STATUSES = {
  queued: ["neutral", "clock"],
  running: ["info", "activity"],
  waiting: ["warn", "person"],
  paused: ["neutral", "pause"],
  finished: ["neutral", "check"],
  failed: ["bad", "close"],
  cancelled: ["neutral", "stop"],
  pending: ["neutral", "dot"],
  done: ["good", "check"],
  dropped: ["neutral", "minus"],
  verified: ["good", "check"],
  unverified: ["warn", "question"],
  budget_exhausted: ["warn", "warning"],
} as const satisfies Record<string, readonly [Tone, IconName]>;

/** Status of a run or a subtask, or the outcome of a report. */
export type StatusName = keyof typeof STATUSES;

/** How a run or subtask stands, or what its report came to: a sign and a word, without a box. */
export function Status({ of, quiet = false }: { of: StatusName; quiet?: boolean }) {
  const say = useWords(kitWords);
  const [tone, icon] = STATUSES[of];
  return (
    <span className={`inline-flex items-center gap-1.5 text-[13px] font-medium whitespace-nowrap ${INKS[tone]}`}>
      <Icon name={icon} size={15} className={of === "running" ? "motion-safe:animate-pulse" : ""} label={quiet ? say(of) : undefined} />
      {!quiet && say(of)}
    </span>
  );
}
