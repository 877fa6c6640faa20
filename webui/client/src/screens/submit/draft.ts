import type { components } from "@/api/schema";

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

/** The draft that was left in this browser, or a fresh one. */
export function keptDraft(): Draft {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null) return FRESH;
    // a draft of another version may lack fields or have others of the same name
    const fits = Object.entries(kept).filter(([name, value]) => name in FRESH && sameSort(value, Reflect.get(FRESH, name)));
    return { ...FRESH, ...Object.fromEntries(fits) };
  } catch {
    return FRESH;
  }
}

export function keepDraft(draft: Draft): void {
  localStorage.setItem(KEY, JSON.stringify(draft));
}

export function forgetDraft(): void {
  localStorage.removeItem(KEY);
}

function sameSort(value: unknown, fresh: unknown): boolean {
  if (fresh === null) return value === null || typeof value === "boolean";
  return typeof value === typeof fresh && Array.isArray(value) === Array.isArray(fresh);
}

/** Whether what was typed as a limit can be one: nothing, or a number above 0. */
export function isLimit(typed: string): boolean {
  return typed.trim() === "" || (Number.isFinite(Number(typed)) && Number(typed) > 0);
}

/** Lines that have something on them. */
export function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** The submission of a draft. `text` is the uploaded text where one is to be checked; `web` what the settings say. */
export function submissionOf(draft: Draft, files: readonly File[], web: boolean, text: File | null, given: components["schemas"]["Budget-Output"]): Submission {
  const kind = draft.kind;
  const wantsWeb = draft.web ?? web;
  const common: Submission = {
    goal: kind === "check" ? firstWords(draft.goal) : draft.goal.trim(),
    title: "",
    mode: draft.mode,
    web: kind === "task" && wantsWeb,
    files: [...files],
    corpus: draft.corpus === "" ? null : draft.corpus,
    budget: { ...given, ...limitsOf(draft.budget) },
    tags: draft.tags.split(/[,，]/).map((tag) => tag.trim()).filter((tag) => tag !== ""),
    options: {
      model: kind === "browse" && draft.seat === "person" ? "person" : draft.model === "" ? null : draft.model,
      roles: Object.fromEntries(Object.entries(draft.roles).filter(([, model]) => model !== "")),
      sandbox: kind === "browse" ? "none" : draft.sandbox === "" ? null : draft.sandbox,
      egress: draft.egress === "" ? null : draft.egress,
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

function limitsOf(typed: Record<Limit, string>): Record<string, number | string> {
  const given = LIMITS.filter((name) => typed[name].trim() !== "");
  return Object.fromEntries(given.map((name) => [name, name === "money" ? typed[name].trim() : Number(typed[name])]));
}

function firstWords(text: string): string {
  const flat = text.trim().replace(/\s+/g, " ");
  return flat.length <= 120 ? flat : `${flat.slice(0, 119)}…`;
}
