import { isObject, type JsonObject } from "./json";
import { SHAPES } from "./shapes";
import type { Budget, DesignNews, Plan, Report, Result, Task, Usage } from "./types";

/** Where models are in a field: one of a name, several, or one of several kinds. */
type Inner = string | { each: Inner } | { tag: string; by: { [kind: string]: string } };

/** What stands for fields that are missing, and where there are further models, by the model and the field. */
export type Shapes = { [model: string]: { [field: string]: { default?: unknown; of?: Inner } } };

type Models = {
  Task: Task;
  Plan: Plan;
  Result: Result;
  Usage: Usage;
  Budget: Budget;
  DesignNews: DesignNews;
  Report: Report;
};

/** Returns a model out of an event with what earlier versions did not write. What lacks nothing is returned as it is. */
export function filled<Name extends keyof Models>(name: Name, value: unknown): Models[Name] {
  // the server has validated what it stored: the form is known, only newer fields may be missing
  return complete(name, value) as Models[Name];
}

function complete(inner: Inner, value: unknown): unknown {
  if (typeof inner === "string") return isObject(value) ? completed(inner, value) : value;
  if ("tag" in inner) {
    const kind = isObject(value) ? value[inner.tag] : undefined;
    const model = typeof kind === "string" ? inner.by[kind] : undefined;
    return model === undefined ? value : complete(model, value);
  }
  if (Array.isArray(value)) return each(value, inner.each);
  return isObject(value) ? eachOf(value, inner.each) : value;
}

function each(list: readonly unknown[], inner: Inner): readonly unknown[] {
  const found = list.map((item) => complete(inner, item));
  return found.every((item, index) => item === list[index]) ? list : found;
}

function eachOf(object: JsonObject, inner: Inner): JsonObject {
  const found = Object.fromEntries(Object.entries(object).map(([name, item]) => [name, complete(inner, item)]));
  return Object.keys(object).every((name) => found[name] === object[name]) ? object : found;
}

function completed(model: string, value: JsonObject): JsonObject {
  const changes: { [name: string]: unknown } = {};
  for (const [field, told] of Object.entries(SHAPES[model] ?? {})) {
    const given = value[field];
    if (given === undefined) {
      if ("default" in told) changes[field] = told.default;
    } else if (told.of !== undefined) {
      const whole = complete(told.of, given);
      if (whole !== given) changes[field] = whole;
    }
  }
  return Object.keys(changes).length ? { ...value, ...changes } : value;
}
