/** One setting by its dotted name. */
export type Setting = { name: string; value: unknown };

/** Returns the settings of groups one by one; lists stay whole, as do groups without content. */
export function flat(values: Record<string, unknown>, above = ""): Setting[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const name = above === "" ? key : `${above}.${key}`;
    return isGroup(value) && Object.keys(value).length > 0 ? flat(value, name) : [{ name, value }];
  });
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns a value as one writes it: text without quotes, all else as JSON, which TOML reads too. */
export function written(value: unknown): string {
  return typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
}
