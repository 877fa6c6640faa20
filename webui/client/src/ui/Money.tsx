import { useLanguage } from "@/ui/words";

/** An amount of the price table's currency; small amounts keep enough figures to tell them apart. */
export function Money({ amount }: { amount: string | number }) {
  return <span className="whitespace-nowrap tabular-nums">{money(Number(amount), useLanguage())}</span>;
}

/** Returns an amount in figures. */
export function money(amount: number, language: string): string {
  const figures = amount === 0 || Math.abs(amount) >= 1 ? 2 : 4;
  return new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: figures }).format(amount);
}

/** Returns a count with its thousands set apart. */
export function count(number: number, language: string): string {
  return new Intl.NumberFormat(language).format(number);
}
