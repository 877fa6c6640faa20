import { isObject, listIn, textIn, type JsonObject } from "@/ledger/json";
import type { Entry, Log } from "@/ledger/log";
import type { EventKind } from "@/ledger/types";

/** What a row of the stream is about, as people filter it. */
export type Group = "thoughts" | "tools" | "people" | "plan" | "checks" | "system";

export const GROUPS: readonly Group[] = ["thoughts", "tools", "people", "plan", "checks", "system"];

const GROUP_OF: Record<EventKind, Group> = {
  model: "thoughts",
  tool: "tools",
  action: "tools",
  person: "people",
  command: "people",
  inbox: "people",
  plan: "plan",
  subtask: "plan",
  check: "checks",
  design: "checks",
  report: "checks",
  run: "system",
  setting: "system",
  egress: "system",
  retry: "system",
  sandbox: "system",
};

/** What somebody wants to see; an empty set of groups wants all of them. */
export type Wanted = { readonly groups: ReadonlySet<Group>; readonly subtask: string; readonly words: string };

export const ALL: Wanted = { groups: new Set(), subtask: "", words: "" };

export function groupOf(kind: EventKind): Group {
  return GROUP_OF[kind];
}

/** The lines up to an event that somebody wants to see. */
export function chosen(log: Log, upTo: number, { groups, subtask, words }: Wanted): readonly Entry[] {
  const count = log.countUpTo(upTo);
  const shown = count === log.entries.length ? log.entries : log.entries.slice(0, count);
  const sought = words.trim().toLowerCase();
  if (groups.size === 0 && subtask === "" && sought === "") return shown;
  return shown.filter(
    (entry) =>
      (groups.size === 0 || groups.has(groupOf(entry.kind))) && (subtask === "" || entry.subtask === subtask) && (sought === "" || log.has(entry, sought)),
  );
}

/** Counts the model calls that each subtask has made, up to an event. */
export function stepsBySubtask(log: Log, upTo: number): ReadonlyMap<string, number> {
  const steps = new Map<string, number>();
  const count = log.countUpTo(upTo);
  for (let place = 0; place < count; place += 1) {
    const entry = log.entries[place];
    if (entry?.kind === "model") steps.set(entry.subtask, (steps.get(entry.subtask) ?? 0) + 1);
  }
  return steps;
}

export type Call = { readonly id: string; readonly name: string; readonly arguments: string };

/** The function calls of a model's reply. */
export function callsOf(result: JsonObject): readonly Call[] {
  return listIn(result, "calls")
    .filter(isObject)
    .map((call) => ({ id: textIn(call, "id"), name: textIn(call, "name"), arguments: textIn(call, "arguments") }));
}

/** Arguments as a model wrote them; null where they are no JSON object. */
export function parsed(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
