import type { components } from "@/api/schema";

export type SuiteHistory = components["schemas"]["SuiteHistory"];
export type Measurement = components["schemas"]["Measurement"];

export function percent(share: number, language: string): string {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** A difference of shares with its sign. */
export function signed(difference: number, language: string): string {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(difference);
}

/** How much better the latest measurement is than the one before it of the same model; null where none compares. */
export function change(suite: SuiteHistory): number | null | "other version" {
  const latest = suite.measurements.at(-1);
  if (latest === undefined) return null;
  const before = suite.measurements.slice(0, -1).filter((one) => one.model === latest.model).at(-1);
  if (before === undefined) return null;
  return before.version === latest.version ? latest.mean - before.mean : "other version";
}

/** Suites with the one measured last in front. */
export function byTime(suites: readonly SuiteHistory[]): SuiteHistory[] {
  const at = (suite: SuiteHistory) => suite.measurements.at(-1)?.at ?? "";
  return [...suites].sort((a, b) => at(b).localeCompare(at(a)));
}

export type Point = { place: number; at: string; version: string; samples: number } & Record<string, number | string | [number, number]>;

/** Points of a chart: each measurement under `model:NAME`, and how far its interval reaches under `span:NAME`. */
export function points(measurements: readonly Measurement[]): { models: string[]; data: Point[] } {
  const models = [...new Set(measurements.map((one) => one.model))];
  const data = measurements.map((one, place) => ({
    place,
    at: one.at,
    version: one.version ?? "",
    samples: one.samples,
    [`model:${one.model}`]: one.mean,
    [`span:${one.model}`]: [one.mean - one.low, one.high - one.mean] as [number, number],
  }));
  return { models, data };
}
