import { useEffect, useState } from "react";
import { useLanguage, type Language } from "@/ui/words";

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const NOW: Record<Language, string> = { en: "just now", zh: "刚刚" };

/** Returns how long ago something was, in words. */
export function ago(at: Date, now: Date, language: Language): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) {
      return new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" }).format(Math.trunc(seconds / length), unit);
    }
  }
  return NOW[language];
}

/** Returns a span of seconds in its two largest units, such as `4 min 7 s`. */
export function duration(seconds: number, language: Language = "en"): string {
  const [h, m, s] = language === "zh" ? ["小时", "分", "秒"] : ["h", "min", "s"];
  if (seconds < 10) return `${seconds.toFixed(1)} ${s}`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} ${s}`;
  if (whole < 3600) return `${Math.floor(whole / 60)} ${m} ${whole % 60} ${s}`;
  return `${Math.floor(whole / 3600)} ${h} ${Math.floor((whole % 3600) / 60)} ${m}`;
}

/** A point in time: how long ago, or with `absolute` the date; the other is its tip. */
export function Time({ at, absolute = false }: { at: string | Date; absolute?: boolean }) {
  const language = useLanguage();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (absolute) return;
    const timer = setInterval(() => setNow(new Date()), 30_000);
    return () => clearInterval(timer);
  }, [absolute]);
  const date = typeof at === "string" ? new Date(at) : at;
  const full = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(date);
  return (
    <time dateTime={date.toISOString()} title={absolute ? undefined : full} className="whitespace-nowrap tabular-nums">
      {absolute ? full : ago(date, now, language)}
    </time>
  );
}

/** A span of seconds. */
export function Duration({ seconds }: { seconds: number }) {
  return <span className="whitespace-nowrap tabular-nums">{duration(seconds, useLanguage())}</span>;
}
