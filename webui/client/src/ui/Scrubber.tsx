import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { Mark } from "@/ledger/marks";
import type { Run } from "@/ledger/useRun";
import { type Speed, SPEEDS, usePlayer } from "@/ledger/usePlayer";
import { IconButton } from "@/ui/Button";
import { ScrubberMarks, share } from "@/ui/ScrubberMarks";
import { scrubberWords } from "@/ui/scrubberWords";
import { useShortcuts } from "@/ui/shortcuts";
import { useLanguage, useWords } from "@/ui/words";
import "@/ui/scrubber.css";

type Props = {
  run: Run;
  /** The event after which the run is shown; null as it stands. */
  at: number | null;
  onSeek: (at: number | null) => void;
  /** Whether more may come: the end of the bar is then the present. */
  live: boolean;
};

/** The bar that moves through a run's history: drag it, step through it, or play it. */
export function Scrubber({ run, at, onSeek, live }: Props) {
  const say = useWords(scrubberWords);
  const language = useLanguage();
  const { last, marks } = run;
  // the handle moves at once, what it shows with the next frame
  const [held, setHeld] = useState<number | null>(null);
  const seek = useFrame((to: number) => {
    setHeld(null);
    onSeek(to >= last ? null : to);
  });
  const player = usePlayer(run, at, onSeek);
  const shown = Math.min(held ?? at ?? last, last);
  const time = timeOf(run, shown, language);
  const move = (to: number) => {
    const next = Math.min(Math.max(1, to), last);
    player.stop();
    setHeld(next);
    seek(next);
  };
  const toMark = (way: 1 | -1) => {
    const found = way > 0 ? marks.find(({ seq }) => seq > shown) : marks.findLast(({ seq }) => seq < shown);
    move(found?.seq ?? (way > 0 ? last : 1));
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === " ") player.toggle();
    else if (event.shiftKey && event.key === "ArrowRight") toMark(1);
    else if (event.shiftKey && event.key === "ArrowLeft") toMark(-1);
    else return;
    event.preventDefault();
  };
  useShortcuts(say("timeline"), [
    { keys: ",", does: say("stepBack"), run: () => move(shown - 1) },
    { keys: ".", does: say("stepOn"), run: () => move(shown + 1) },
    { keys: "k", does: say(player.playing ? "pause" : "play"), run: player.toggle },
    { keys: "[", does: say("previous"), run: () => toMark(-1) },
    { keys: "]", does: say("next"), run: () => toMark(1) },
  ]);
  const here = marks.findLast(({ seq }) => seq <= shown);
  const words = (mark: Mark) => say(`mark_${mark.kind}`, { of: mark.of });
  const counted = new Intl.NumberFormat(language);
  return (
    <section
      aria-label={say("timeline")}
      className="flex flex-wrap items-center gap-x-2 gap-y-0 border-t border-line bg-raised px-3 py-1.5 md:flex-nowrap md:px-4"
    >
      <div className="flex items-center">
        <IconButton icon="skipBack" label={say("previous")} size="small" onClick={() => toMark(-1)} disabled={shown <= 1} />
        <IconButton icon={player.playing ? "pause" : "play"} label={say(player.playing ? "pause" : "play")} onClick={player.toggle} />
        <IconButton icon="skipForward" label={say("next")} size="small" onClick={() => toMark(1)} disabled={shown >= last} />
      </div>
      <Bar run={run} shown={shown} words={words}>
        <input
          type="range"
          min={1}
          max={Math.max(1, last)}
          step={1}
          value={shown}
          onChange={(event) => move(event.currentTarget.valueAsNumber)}
          onKeyDown={pressed}
          aria-label={say("moment")}
          aria-valuetext={`${say("value", { seq: counted.format(shown), last: counted.format(last), time })}${here?.seq === shown ? `, ${words(here)}` : ""}`}
          className="scrub absolute inset-0 h-full w-full"
        />
      </Bar>
      <div className="ml-auto flex items-center gap-1 text-[13px] tabular-nums sm:gap-2">
        <span className="whitespace-nowrap">
          <span className="font-medium">{counted.format(shown).padStart(counted.format(last).length, "\u2007")}</span>{" "}
          <span className="text-soft">{say("of", { last: counted.format(last) })}</span>
        </span>
        <time className="hidden min-w-[8ch] text-right text-soft lg:inline">{time}</time>
        <select
          aria-label={say("speed")}
          title={say("speed")}
          value={player.speed}
          onChange={(event) => player.setSpeed(speedOf(event.currentTarget.value))}
          className="h-7 rounded-md border border-transparent bg-transparent px-1 text-soft hover:bg-sunken hover:text-ink"
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {say("times", { speed })}
            </option>
          ))}
        </select>
        <button
          type="button"
          aria-pressed={at === null}
          title={say(live ? "toLive" : "toEnd")}
          onClick={() => {
            player.stop();
            onSeek(null);
          }}
          className={`inline-flex h-7 items-center gap-1.5 rounded-md px-2 font-medium ${at === null ? "text-ink" : "text-soft hover:bg-sunken hover:text-ink"}`}
        >
          <span className={`size-2 rounded-full ${at !== null ? "border border-current" : live ? "bg-accent motion-safe:animate-pulse" : "bg-current"}`} aria-hidden="true" />
          {say(live ? "live" : "end")}
        </button>
      </div>
    </section>
  );
}

type BarProps = { run: Run; shown: number; words: (mark: Mark) => string; children: ReactNode };

/** The rail with its marks; what is under the pointer is named above it. */
function Bar({ run, shown, words, children }: BarProps) {
  const [over, setOver] = useState<{ seq: number; left: number; width: number } | null>(null);
  const language = useLanguage();
  const { last, marks } = run;
  const hover = (event: PointerEvent<HTMLDivElement>) => {
    if (event.pointerType === "touch") return;
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const inner = Math.max(1, width - 2 * INSET);
    const along = Math.min(1, Math.max(0, (event.clientX - left - INSET) / inner));
    setOver({ seq: Math.round(1 + along * (last - 1)), left: event.clientX - left, width });
  };
  const near = over === null ? undefined : nearest(marks, over.seq, last / 150);
  const named = near?.seq ?? over?.seq ?? 1;
  return (
    <div className="relative order-first h-9 w-full min-w-0 md:order-none md:flex-1" onPointerMove={hover} onPointerLeave={() => setOver(null)}>
      <div className="absolute inset-x-2 top-4 h-1 overflow-hidden rounded-full bg-line" aria-hidden="true">
        <div className="h-full origin-left bg-accent" style={{ transform: `scaleX(${share(shown, last)})` }} />
      </div>
      <ScrubberMarks marks={marks} last={last} />
      {children}
      {over !== null && last > 1 && (
        <div
          className="pointer-events-none absolute bottom-full z-20 mb-1 max-w-72 rounded-md border border-line bg-raised px-2 py-1 text-[12px] shadow-sm"
          style={over.left > over.width / 2 ? { right: over.width - over.left } : { left: over.left }}
        >
          <span className="tabular-nums text-soft">
            {new Intl.NumberFormat(language).format(named)} · {timeOf(run, named, language)}
          </span>
          {near !== undefined && <span className="line-clamp-2 break-words">{words(near)}</span>}
        </div>
      )}
    </div>
  );
}

/** Space beside the rail, so that the handle stays inside, in pixels. */
const INSET = 8;

function nearest(marks: readonly Mark[], seq: number, within: number): Mark | undefined {
  let found: Mark | undefined;
  for (const mark of marks) {
    const apart = Math.abs(mark.seq - seq);
    if (apart <= within && (found === undefined || apart < Math.abs(found.seq - seq))) found = mark;
  }
  return found;
}

function speedOf(value: string): Speed {
  return SPEEDS.find((speed) => String(speed) === value) ?? 1;
}

function timeOf(run: Run, seq: number, language: string): string {
  const at = run.store.timeOf(seq);
  return Number.isFinite(at) ? new Date(at).toLocaleTimeString(language, { hourCycle: "h23" }) : "";
}

/** Returns a function that passes on only the newest value, once a frame. */
function useFrame<Value>(pass: (value: Value) => void): (value: Value) => void {
  const newest = useRef<{ value: Value } | null>(null);
  const frame = useRef(0);
  const passing = useRef(pass);
  passing.current = pass;
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return (value) => {
    if (newest.current === null) {
      frame.current = requestAnimationFrame(() => {
        const found = newest.current;
        newest.current = null;
        if (found !== null) passing.current(found.value);
      });
    }
    newest.current = { value };
  };
}
