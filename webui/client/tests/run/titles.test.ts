import { expect, it } from "vitest";
import type { Entry } from "@/ledger/log";
import { lineOf, titleOf } from "@/screens/run/steps/titles";
import { runWords } from "@/screens/run/words";
import { kitWords } from "@/ui/kitWords";

const say = (name: keyof (typeof runWords)["zh"], values: Record<string, string | number> = {}) => runWords.zh[name].replace("{text}", String(values["text"] ?? ""));
const told = (name: keyof (typeof kitWords)["zh"]) => kitWords.zh[name];

function entry(kind: Entry["kind"], line: string): Entry {
  return { seq: 1, at: "", kind, key: null, effect: false, subtask: "", line, file: "" };
}

it.each([
  ["executor thinks", "执行模型思考"],
  ["verifier thinks: judge/c1", "核查模型思考: judge/c1"],
  ["asks: north or south?", "提问：north or south?"],
  ["stranger thinks", "stranger thinks"],
])("says %s in the language of the page", (title, shown) => expect(titleOf(title, say)).toBe(shown));

it.each([
  ["run", "failed: failed", "失败"],
  ["run", "finished: unverified", "已完成: 未核实"],
  ["run", "paused: a person: me", "已暂停: a person: me"],
  ["run", "How deep is it: tell", "How deep is it: tell"],
  ["report", "verified", "已核实"],
  ["subtask", "failed", "failed"],
] as const)("says of a %s's line %s what it is", (kind, line, shown) => expect(lineOf(entry(kind, line), told)).toBe(shown));
