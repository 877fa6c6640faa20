import type { components } from "@/api/schema";
import type { Options } from "@/choices/useOptions";
import { isObject, objectIn, textIn } from "@/ledger/json";
import { keep, kept } from "@/ui/kept";

export const KINDS = ["task", "browse", "check", "ask", "build"] as const;
export type Kind = (typeof KINDS)[number];

export const ROLES = ["planner", "executor", "verifier", "vision", "cheap"] as const;
export const LIMITS = ["tokens", "money", "seconds", "steps"] as const;
export type Limit = (typeof LIMITS)[number];

type Submission = components["schemas"]["Submission"];
type File = components["schemas"]["WorkspaceFile"];
export type Mode = Submission["mode"];

/** What somebody has written down so far. Numbers are kept as they were typed. */
export type Draft = {
  kind: Kind;
  goal: string;
  model: string;
  roles: Record<string, string>;
  sandbox: string;
  egress: string;
  mode: Mode;
  web: boolean | null;
  corpus: string;
  budget: Record<Limit, string>;
  checks: string;
  constraints: string;
  tags: string;
  askMode: components["schemas"]["AskOrder"]["mode"];
  seat: "person" | "model";
  artefact: components["schemas"]["BuildOrder"]["artefact"];
  rounds: string;
  candidates: string;
  knowledge: readonly string[];
  rethink: boolean;
};

/** Fields that hold a text. */
type Texts = "goal" | "model" | "sandbox" | "egress" | "corpus" | "checks" | "constraints" | "tags";
/** The most that a design is worked on in rounds, and of candidates in one. */
export const MOST_ROUNDS = 10;
export const MOST_CANDIDATES = 8;
const MODES: readonly Mode[] = ["auto", "manual", "review"];
const ASK_MODES: readonly Draft["askMode"][] = ["direct", "cot", "cok", "cok+f2"];
const ARTEFACTS: readonly Draft["artefact"][] = ["voxel", "cad", "program", "web_page", "data_file", "document"];

export const FRESH: Draft = {
  kind: "task",
  goal: "",
  model: "",
  roles: {},
  sandbox: "",
  egress: "",
  mode: "auto",
  web: null,
  corpus: "",
  budget: { tokens: "", money: "", seconds: "", steps: "" },
  checks: "",
  constraints: "",
  tags: "",
  askMode: "cok+f2",
  seat: "model",
  artefact: "cad",
  rounds: "3",
  candidates: "2",
  knowledge: [],
  rethink: false,
};

const KEY = "plumbline.draft";
const SEATS: readonly Draft["seat"][] = ["person", "model"];

/** The draft that was left in this browser, or a fresh one. */
export function keptDraft(): Draft {
  try {
    return draftFrom(JSON.parse(kept(KEY) ?? "null"));
  } catch {
    // what another program wrote there is no draft of ours
    return FRESH;
  }
}

/** Returns what of a kept draft this version knows: another one may lack fields, or mean others by their names. */
export function draftFrom(kept: unknown): Draft {
  if (!isObject(kept)) return FRESH;
  const text = (name: Texts): string => textIn(kept, name, FRESH[name]);
  const oneOf = <Value extends string>(name: string, values: readonly Value[], fresh: Value): Value => values.find((value) => value === kept[name]) ?? fresh;
  const roles = objectIn(kept, "roles");
  const budget = objectIn(kept, "budget");
  return {
    kind: oneOf("kind", KINDS, FRESH.kind),
    goal: text("goal"),
    model: text("model"),
    roles: Object.fromEntries(ROLES.map((role) => [role, textIn(roles, role)]).filter(([, model]) => model !== "")),
    sandbox: text("sandbox"),
    egress: text("egress"),
    mode: oneOf("mode", MODES, FRESH.mode),
    web: typeof kept.web === "boolean" ? kept.web : null,
    corpus: text("corpus"),
    budget: { tokens: textIn(budget, "tokens"), money: textIn(budget, "money"), seconds: textIn(budget, "seconds"), steps: textIn(budget, "steps") },
    checks: text("checks"),
    constraints: text("constraints"),
    tags: text("tags"),
    askMode: oneOf("askMode", ASK_MODES, FRESH.askMode),
    seat: oneOf("seat", SEATS, FRESH.seat),
    artefact: oneOf("artefact", ARTEFACTS, FRESH.artefact),
    rounds: oneOf("rounds", upTo(MOST_ROUNDS), FRESH.rounds),
    candidates: oneOf("candidates", upTo(MOST_CANDIDATES), FRESH.candidates),
    knowledge: Array.isArray(kept.knowledge) ? kept.knowledge.filter((name) => typeof name === "string") : [],
    rethink: kept.rethink === true,
  };
}

/** The numbers from 1 to one, as they are chosen. */
export function upTo(most: number): readonly string[] {
  return Array.from({ length: most }, (_, number) => String(number + 1));
}

/** Returns a draft without choices that are not there any more: a corpus that was deleted, a sandbox that is not allowed. */
export function fitting(draft: Draft, options: Options): Draft {
  const among = (value: string, values: readonly string[]) => (values.includes(value) ? value : "");
  const models = options.models.map((model) => model.name);
  const model = (name: string) => (options.free_models ? name : among(name, models));
  return {
    ...draft,
    model: model(draft.model),
    roles: Object.fromEntries(Object.entries(draft.roles).map(([role, name]) => [role, model(name)])),
    sandbox: among(draft.sandbox, options.sandboxes),
    egress: among(draft.egress, options.egress_profiles),
    corpus: among(draft.corpus, options.corpora),
    knowledge: draft.knowledge.filter((name) => options.knowledge.includes(name)),
  };
}

/** Keeps a draft in this browser; returns whether it outlasts the page. */
export function keepDraft(draft: Draft): boolean {
  return keep(KEY, JSON.stringify(draft));
}

export function forgetDraft(): void {
  keep(KEY, null);
}

/** Whether what was typed as a limit can be one: nothing, or a number above 0; tokens and steps are whole. */
export function isLimit(limit: Limit, typed: string): boolean {
  const text = typed.trim();
  if (text === "") return true;
  const shape = limit === "tokens" || limit === "steps" ? /^\d{1,15}$/ : /^\d{0,12}\.?\d{1,6}$/;
  return shape.test(text) && Number(text) > 0;
}

/** Lines that have something on them. */
export function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** The submission of a draft: of its fields, those that its kind shows. `text` is the uploaded text where one is to be checked; `web` what the settings say. */
export function submissionOf(draft: Draft, files: readonly File[], web: boolean, text: File | null, given: components["schemas"]["Budget-Output"]): Submission {
  const kind = draft.kind;
  const wantsWeb = draft.web ?? web;
  const task = kind === "task";
  const chosen = (value: string) => value.trim() || null;
  const common: Submission = {
    goal: kind === "check" ? firstWords(draft.goal) : draft.goal.trim(),
    title: "",
    mode: task ? draft.mode : "auto",
    web: task && wantsWeb,
    files: [...files],
    corpus: searches(kind) ? chosen(draft.corpus) : null,
    budget: { ...given, ...limitsOf(draft.budget) },
    tags: draft.tags.split(/[,，]/).map((tag) => tag.trim()).filter((tag) => tag !== ""),
    options: {
      model: kind === "browse" && draft.seat === "person" ? "person" : chosen(draft.model),
      roles: task || kind === "build" ? Object.fromEntries(Object.entries(draft.roles).flatMap(([role, model]) => (model.trim() === "" ? [] : [[role, model.trim()]]))) : {},
      sandbox: kind === "browse" ? "none" : task ? chosen(draft.sandbox) : null,
      egress: task ? chosen(draft.egress) : null,
    },
  };
  switch (kind) {
    case "task":
      return { ...common, constraints: lines(draft.constraints), checks: lines(draft.checks).map((command) => ({ kind: "command", command, prints: null, seconds: 60 })) };
    case "browse":
      return { ...common, browse: { seat: draft.seat, profile: null, limits: null, urls: [], web: wantsWeb, pipeline: false } };
    case "check":
      return { ...common, check: { sha256: text?.sha256 ?? "", url: "", title: "", location: "", web: wantsWeb, knowledge: [...draft.knowledge], rethink: draft.rethink, claims: null, extraction: null } };
    case "ask":
      return { ...common, ask: { mode: draft.askMode, kind: null, choices: [], exemplars: "", knowledge: [...draft.knowledge] } };
    case "build":
      return {
        ...common,
        build: { artefact: draft.artefact, candidates: Number(draft.candidates) || 2, rounds: Number(draft.rounds) || 3, criteria: "", visual: true, pragmatic: true, hints: lines(draft.constraints), seed: 0 },
      };
  }
}

/** Whether tasks of a kind search documents and the web. */
export function searches(kind: Kind): boolean {
  return kind !== "build" && kind !== "ask";
}

function limitsOf(typed: Record<Limit, string>): Record<string, number | string> {
  const given = LIMITS.filter((name) => typed[name].trim() !== "");
  return Object.fromEntries(given.map((name) => [name, name === "money" ? typed[name].trim() : Number(typed[name])]));
}

function firstWords(text: string): string {
  // by characters: half of an emoji is no text
  const flat = [...text.trim().replace(/\s+/g, " ")];
  return flat.length <= 120 ? flat.join("") : `${flat.slice(0, 119).join("")}…`;
}
