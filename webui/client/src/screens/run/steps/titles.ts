import type { Entry } from "@/ledger/log";
import type { useWords } from "@/ui/words";
import type { runWords } from "../words";

type Say = ReturnType<typeof useWords<keyof (typeof runWords)["en"]>>;

const ROLES = ["planner", "executor", "verifier", "vision", "cheap"] as const;
const STATUSES = ["queued", "running", "waiting", "paused", "finished", "failed", "cancelled"] as const;
const OUTCOMES = ["verified", "unverified", "failed", "budget_exhausted"] as const;

/** What the title of a step says, in the language of the page: titles themselves are those of the server, in English. */
export function titleOf(title: string, say: Say): string {
  const thinking = /^(\w+) thinks(?:: (.*))?$/s.exec(title);
  const role = ROLES.find((one) => one === thinking?.[1]);
  if (role !== undefined) return [say(`thinks_${role}`), thinking?.[2]].filter(Boolean).join(": ");
  return title.startsWith("asks: ") ? say("asksYou", { text: title.slice("asks: ".length) }) : title;
}

/** What the line of an event says after its name. `told` has the words of statuses and outcomes. */
export function lineOf(entry: Entry, told: (name: (typeof STATUSES)[number] | (typeof OUTCOMES)[number]) => string): string {
  const { kind, line } = entry;
  if (kind === "report") {
    const outcome = OUTCOMES.find((one) => one === line);
    return outcome === undefined ? line : told(outcome);
  }
  if (kind !== "run") return line;
  const [first = "", ...rest] = line.split(": ");
  const status = STATUSES.find((one) => one === first);
  if (status === undefined) return line;
  const reason = rest.join(": ");
  const outcome = OUTCOMES.find((one) => one === reason);
  return [told(status), reason === first ? "" : outcome === undefined ? reason : told(outcome)].filter((part) => part !== "").join(": ");
}
