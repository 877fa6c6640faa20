import type { ReactNode } from "react";
import type { Tone } from "@/ui/Badge";
import { Icon, type IconName } from "@/ui/icons";

const LOOKS: Record<Exclude<Tone, "neutral" | "accent">, readonly [string, IconName]> = {
  good: ["bg-good-wash text-good", "check"],
  bad: ["bg-bad-wash text-bad", "warning"],
  warn: ["bg-warn-wash text-warn", "warning"],
  info: ["bg-info-wash text-info", "info"],
};

/** One thing that somebody should know now, with what they can do about it. */
export function Banner({ tone = "info", icon, action, children }: { tone?: keyof typeof LOOKS; icon?: IconName; action?: ReactNode; children: ReactNode }) {
  const [look, sign] = LOOKS[tone];
  return (
    <div role={tone === "bad" ? "alert" : "status"} className={`flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md px-3.5 py-2.5 text-sm ${look}`}>
      <Icon name={icon ?? sign} size={17} />
      <div className="min-w-0 flex-1 basis-48 break-words text-ink">{children}</div>
      {action}
    </div>
  );
}
