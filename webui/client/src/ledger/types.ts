import type { components } from "@/api/schema";
import type { Steps } from "./steps";

/** What the server always sends in full, though the description of the API leaves out what has a default. */
type Whole<T> = T extends readonly (infer Item)[]
  ? readonly Whole<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]-?: Whole<Exclude<T[Name], undefined>> }
    : T;

/** A run's state as the server writes it. */
export type RunViewJson = Whole<components["schemas"]["RunView"]>;

/** A run's state. It is the server's, but for `steps`, which are kept so that they can grow without being copied. */
export type RunView = Omit<RunViewJson, "steps"> & { readonly steps: Steps };

export type RunStatus = RunViewJson["status"];
export type Task = NonNullable<RunViewJson["task"]>;
export type Mode = Task["mode"];
export type Setting = RunViewJson["setting"];
export type Plan = RunViewJson["plan"];
export type Subtask = Plan["subtasks"][number];
export type SubtaskStatus = Subtask["status"];
export type Milestone = Subtask["milestones"][number];
export type Check = NonNullable<Milestone["check"]>;
export type Result = RunViewJson["results"][string];
export type Step = RunViewJson["steps"][string];
export type Usage = RunViewJson["usage"];
export type Budget = NonNullable<RunViewJson["budget"]>;
export type Question = NonNullable<RunViewJson["question"]>;
export type DesignNews = RunViewJson["design"][number];
export type Report = NonNullable<RunViewJson["report"]>;
export type ReportOutcome = Report["outcome"];
export type CheckedClaim = Report["claims"][number];
export type Claim = CheckedClaim["claim"];
export type ClaimVerdict = CheckedClaim["verdict"];
export type Evidence = Report["evidence"][number];
export type CheckResult = Report["checks"][number];
export type Artefact = Report["artefacts"][number];
export type Design = NonNullable<Report["design"]>;

type Event = components["schemas"]["Event"];

export type EventKind = Event["kind"];

/** What an event holds: JSON whose form depends on its kind and phase. */
export type Payload = { readonly [name: string]: unknown };

/** One entry of a run's ledger. `cut` tells that the server left out the middle of long strings. */
export type LedgerEvent = Readonly<Omit<Event, "payload">> & { readonly payload: Payload; readonly cut?: boolean };
