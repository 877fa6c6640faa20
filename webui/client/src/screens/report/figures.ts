import type { Criterion, CriterionResult, Trial } from "@/screens/report/facts";

/** Returns a name of a measure as words. */
export function spaced(name: string): string {
  return name.replaceAll("_", " ");
}

/** What is less was not measured: the last digits of simulations differ between machines. */
const NOISE = 1e-4;

/** Returns a measured number as people read it: whole numbers as they are, others with three significant digits. */
export function figure(value: number): string {
  if (Math.abs(value) < NOISE) return "0";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

/** Returns the value of a measure of a part. */
export function measureText(value: number | string | boolean, yes: string, no: string): string {
  if (typeof value === "boolean") return value ? yes : no;
  return typeof value === "number" ? figure(value) : value;
}

/** Returns what a criterion asks for: `tilt < 5 deg`. */
export function asked(criterion: Criterion): string {
  const within = criterion.relation === "==" && criterion.tolerance > 0 ? ` ± ${figure(criterion.tolerance)}` : "";
  const sign = { "<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=" }[criterion.relation];
  return `${spaced(criterion.measure)} ${sign} ${figure(criterion.threshold)}${within} ${criterion.unit}`.trim();
}

/** Returns the value that trials measured, of several the least and the greatest; null where there is none. */
export function measured(trials: readonly Trial[], unit: string): string | null {
  const values = trials.map((trial) => trial.value).filter((value) => value !== null);
  if (values.length === 0) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${low === high ? figure(low) : `${figure(low)} – ${figure(high)}`} ${unit}`.trim();
}

/** Returns the name of a criterion's control; null where it has none. */
export function controlName(result: CriterionResult): string | null {
  return result.criterion.control === null ? null : spaced(result.criterion.control.name);
}
