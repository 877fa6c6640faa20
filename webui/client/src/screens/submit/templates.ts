import { keep, kept as keptText } from "@/ui/kept";
import type { Language } from "@/ui/words";
import { KINDS, type Kind } from "./draft";

/** A beginning of a task; what stands in brackets is for people to replace. */
export type Template = { name: string; kind: Kind; goal: string };

const SHIPPED: Record<Language, readonly Template[]> = {
  en: [
    { name: "Figures from a table", kind: "task", goal: "Read [sales.csv]. Write the total per month to months.csv and draw it as months.png." },
    { name: "A question to documents", kind: "task", goal: "According to the documents: [who may sign contracts above 10,000]? Quote the place." },
    { name: "A program with tests", kind: "task", goal: "Write a command line program [wc.py] that [counts words and lines of a file], with tests that pass." },
    { name: "Research", kind: "browse", goal: "[Which licences has Redis had, and since when?]" },
    { name: "Something to stand on", kind: "build", goal: "[A step stool with two steps that a child of 25 kg can stand on]" },
  ],
  zh: [
    { name: "表格中的数字", kind: "task", goal: "读取 [sales.csv]。把每月总计写入 months.csv，并画成 months.png。" },
    { name: "向文档提问", kind: "task", goal: "根据文档：[谁可以签署超过一万的合同]？请引用原文。" },
    { name: "带测试的程序", kind: "task", goal: "写一个命令行程序 [wc.py]，[统计文件的词数和行数]，并附上通过的测试。" },
    { name: "研究", kind: "browse", goal: "[Redis 用过哪些许可证，分别从何时起？]" },
    { name: "可以站的东西", kind: "build", goal: "[一个两级的踏步凳，25 公斤的孩子可以站上去]" },
  ],
};

const KEY = "plumbline.templates";
const MOST = 30;

/** The templates that come with the product, in a language. */
export function shippedTemplates(language: Language): readonly Template[] {
  return SHIPPED[language];
}

/** The templates that somebody kept in this browser. */
export function ownTemplates(): readonly Template[] {
  try {
    const kept: unknown = JSON.parse(keptText(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isTemplate) : [];
  } catch {
    // what another program wrote there is no list of ours
    return [];
  }
}

/** Keeps a template; one of the same name is replaced. */
export function keepTemplate(template: Template): readonly Template[] {
  return store([template, ...ownTemplates().filter((one) => one.name !== template.name)].slice(0, MOST));
}

/** Forgets a template. */
export function forgetTemplate(name: string): readonly Template[] {
  return store(ownTemplates().filter((one) => one.name !== name));
}

function store(templates: readonly Template[]): readonly Template[] {
  keep(KEY, JSON.stringify(templates));
  return templates;
}

function isTemplate(value: unknown): value is Template {
  if (typeof value !== "object" || value === null || !("name" in value) || !("kind" in value) || !("goal" in value)) return false;
  return typeof value.name === "string" && typeof value.goal === "string" && KINDS.some((kind) => kind === value.kind);
}
