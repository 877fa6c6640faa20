/** Sums of decimal numbers, exact, written as the server writes them. */

type Decimal = { units: bigint; exponent: number };

/** Most digits a sum keeps. */
const PRECISION = 28;

/** Returns the sum of two decimal numbers given as text. */
export function sum(one: string, other: string): string {
  const [left, right] = [parsed(one), parsed(other)];
  const exponent = Math.min(left.exponent, right.exponent);
  return written(rounded({ units: scaled(left, exponent) + scaled(right, exponent), exponent }));
}

function parsed(text: string): Decimal {
  const [number = "0", power = "0"] = text.trim().toLowerCase().split("e");
  const [whole = "0", fraction = ""] = number.split(".");
  return { units: BigInt(`${whole}${fraction}`), exponent: Number(power) - fraction.length };
}

function scaled(value: Decimal, exponent: number): bigint {
  return value.units * 10n ** BigInt(value.exponent - exponent);
}

function rounded(value: Decimal): Decimal {
  const digits = absolute(value.units).toString();
  if (digits.length <= PRECISION) return value;
  const dropped = digits.length - PRECISION;
  const unit = 10n ** BigInt(dropped);
  const kept = absolute(value.units) / unit;
  const rest = 2n * (absolute(value.units) % unit);
  const up = rest > unit || (rest === unit && kept % 2n === 1n) ? 1n : 0n;
  const units = value.units < 0n ? -(kept + up) : kept + up;
  return rounded({ units, exponent: value.exponent + dropped });
}

function written(value: Decimal): string {
  const sign = value.units < 0n ? "-" : "";
  const digits = absolute(value.units).toString();
  const power = value.exponent + digits.length - 1;
  if (value.exponent > 0 || power < -6) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits.charAt(0)}${fraction}E${power < 0 ? "-" : "+"}${Math.abs(power)}`;
  }
  if (value.exponent === 0) return `${sign}${digits}`;
  const padded = digits.padStart(1 - value.exponent, "0");
  return `${sign}${padded.slice(0, value.exponent)}.${padded.slice(value.exponent)}`;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
