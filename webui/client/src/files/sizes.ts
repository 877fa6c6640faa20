import type { Language } from "@/ui/words";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Returns a size in bytes in its largest fitting unit, of 1,000 of the smaller one each. */
export function sizeText(bytes: number, language: Language): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return new Intl.NumberFormat(language, { style: "unit", unit: UNITS[unit] ?? "byte", unitDisplay: unit === 0 ? "long" : "short", maximumFractionDigits: digits }).format(value);
}
