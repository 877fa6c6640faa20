/** Looking into JSON whose form is not known. */

export type JsonObject = { readonly [name: string]: unknown };

const NOTHING: JsonObject = Object.freeze({});

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object a field holds; an empty one where it holds something else. */
export function objectIn(value: JsonObject, name: string): JsonObject {
  const found = value[name];
  return isObject(found) ? found : NOTHING;
}

/** The list a field holds; an empty one where it holds something else. */
export function listIn(value: JsonObject, name: string): readonly unknown[] {
  const found = value[name];
  return Array.isArray(found) ? found : [];
}

/** The text a field holds; another where it holds none. */
export function textIn(value: JsonObject, name: string, otherwise = ""): string {
  const found = value[name];
  return typeof found === "string" ? found : otherwise;
}

/** The number a field holds; 0 where it holds none. */
export function numberIn(value: JsonObject, name: string): number {
  const found = value[name];
  return typeof found === "number" ? found : 0;
}
