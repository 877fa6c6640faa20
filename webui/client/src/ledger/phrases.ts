/** How the server words values. These are its rules, so that both name a step alike. */

import { isObject } from "./json";

const LIMIT = 120;
const WHOLE = 1e16;

const BREAKS = /\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]/;

/** Returns a value on one line, shortened. */
export function short(value: unknown, limit = LIMIT): string {
  const text = shown(value);
  let line = "";
  let points = 0;
  let gap = false;
  for (const point of text) {
    if (isSpace(point)) {
      gap = points > 0;
      continue;
    }
    points += gap ? 2 : 1;
    line += gap ? ` ${point}` : point;
    gap = false;
    if (points > limit) return `${firstPoints(line, limit - 1)}…`;
  }
  return line;
}

/** Returns what to show of a program: its last line, which says what it is after. */
export function lastLine(program: string): string {
  const lines = stripped(program).split(BREAKS);
  return lines.length > 1 ? `… ${lines.at(-1)}` : program;
}

/** Returns a value as it is shown: text as it is, else as JSON with sorted keys. */
export function shown(value: unknown): string {
  return typeof value === "string" ? value : inside(value);
}

/** Returns a number with one digit after the point; of two that are equally near, the even one. */
export function tenths(value: number): string {
  const quarters = value * 4;
  const tie = Number.isInteger(quarters) && quarters % 2 !== 0;
  return tie ? (2 * Math.round((value * 10) / 2) / 10).toFixed(1) : value.toFixed(1);
}

/** Returns names in the order of their code points. */
export function sorted(names: readonly string[]): string[] {
  return [...names].sort(byCodePoints);
}

function inside(value: unknown): string {
  if (typeof value === "number") return numeral(value);
  if (Array.isArray(value)) return `[${value.map(inside).join(", ")}]`;
  if (isObject(value)) {
    const fields = sorted(Object.keys(value)).map((name) => `${JSON.stringify(name)}: ${inside(value[name])}`);
    return `{${fields.join(", ")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

function numeral(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < WHOLE) return String(value);
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 16) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function byCodePoints(one: string, other: string): number {
  const ours = [...one];
  const theirs = [...other];
  for (let index = 0; index < Math.min(ours.length, theirs.length); index += 1) {
    const apart = (ours[index]?.codePointAt(0) ?? 0) - (theirs[index]?.codePointAt(0) ?? 0);
    if (apart !== 0) return apart;
  }
  return ours.length - theirs.length;
}

function firstPoints(text: string, count: number): string {
  let end = 0;
  for (let left = count; left > 0 && end < text.length; left -= 1) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}

function stripped(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charAt(start))) start += 1;
  while (end > start && isSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Whether a character is white space in the server's sense, which knows more of them than `\s` and not U+FEFF. */
function isSpace(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
  if (code === 0x85 || code === 0xa0 || code === 0x1680) return true;
  if (code < 0x2000) return false;
  return code <= 0x200a || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000;
}
