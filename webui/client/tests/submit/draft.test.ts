import { describe, expect, it } from "vitest";
import type { components } from "@/api/schema";
import { draftFrom, fitting, FRESH, isLimit, submissionOf } from "@/screens/submit/draft";

type Options = components["schemas"]["Options"];

const OPTIONS: Options = {
  models: [{ name: "small", limited: false, detail: "" }],
  default_model: null,
  no_model: "",
  free_models: false,
  roles: [],
  sandboxes: ["docker"],
  sandbox: "docker",
  egress_profiles: ["none"],
  egress: "none",
  corpora: ["canal"],
  knowledge: ["locks"],
  modes: ["auto", "manual", "review"],
  ask_modes: ["direct"],
  artefacts: ["cad"],
  budget: { tokens: null, money: null, seconds: null, steps: null, soft: 0.8 },
  web: false,
  confinement: { place: "docker", line: "" },
  upload_megabytes: 1,
};

describe("a draft that another version left", () => {
  it("keeps what it knows and takes nothing else for a choice", () => {
    const left = { goal: "count", kind: "dream", mode: "manual", askMode: 3, seat: "dog", budget: { tokens: 5, steps: "7" }, roles: { planner: 1, cheap: "small" }, knowledge: [1, "locks"], rounds: "99" };
    expect(draftFrom(left)).toEqual({ ...FRESH, goal: "count", mode: "manual", budget: { ...FRESH.budget, steps: "7" }, roles: { cheap: "small" }, knowledge: ["locks"] });
  });

  it.each([null, 7, "x", []])("is a fresh one where it is %j", (left) => expect(draftFrom(left)).toEqual(FRESH));

  it("drops choices that are not there any more", () => {
    const left = { ...FRESH, model: "gone", roles: { planner: "small", cheap: "gone" }, sandbox: "local", egress: "none", corpus: "old", knowledge: ["locks", "gone"] };
    expect(fitting(left, OPTIONS)).toEqual({ ...FRESH, model: "", roles: { planner: "small", cheap: "" }, sandbox: "", egress: "none", corpus: "", knowledge: ["locks"] });
    expect(fitting(left, { ...OPTIONS, free_models: true }).model).toBe("gone");
  });
});

describe("a submission", () => {
  const hidden = { ...FRESH, goal: "Why?", mode: "manual" as const, sandbox: "docker", egress: "none", corpus: "canal", roles: { planner: "small" } };

  it("has nothing of what its kind does not show", () => {
    const sent = submissionOf({ ...hidden, kind: "ask" }, [], false, null, OPTIONS.budget);
    expect(sent).toMatchObject({ mode: "auto", corpus: null, options: { roles: {}, sandbox: null, egress: null } });
    expect(submissionOf(hidden, [], false, null, OPTIONS.budget)).toMatchObject({ mode: "manual", corpus: "canal", options: { sandbox: "docker", egress: "none" } });
  });

  it("names a long text by whole characters", () => {
    const { goal } = submissionOf({ ...FRESH, kind: "check", goal: "😀".repeat(200) }, [], false, null, OPTIONS.budget);
    expect(goal).toBe(`${"😀".repeat(119)}…`);
  });
});

it.each([
  ["tokens", "1.5", false],
  ["steps", "12", true],
  ["money", "0.50", true],
  ["money", "0x10", false],
  ["seconds", ".", false],
  ["seconds", "0", false],
  ["tokens", " ", true],
] as const)("takes for %s what was typed as %j: %s", (limit, typed, takes) => expect(isLimit(limit, typed)).toBe(takes));
