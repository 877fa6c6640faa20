import { useEffect, useId, useRef, useState } from "react";
import { showModel, type Axis, type Shown, type ViewName } from "@viewer/scene";
import { fileWords } from "@/files/words";
import { Button, Spinner } from "@/ui/Button";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";

const NAMES: readonly ViewName[] = ["oblique", "front", "right", "top", "back"];
const AXES: readonly Axis[] = ["x", "y", "z"];
const STEP = Math.PI / 18;

/** Whether this browser can draw in 3D. */
export function hasWebgl(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

function coloursNow() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return { background: colour("--sunken"), grid: colour("--line"), axis: colour("--soft"), edge: colour("--ink"), box: colour("--bad") };
}

/** A solid to turn, to take apart and to cut open. Where it cannot be drawn `instead` is shown, with the reason. */
export default function ModelView({ address, path, instead }: { address: string; path: string; instead?: React.ReactNode }) {
  const say = useWords(fileWords);
  const place = useRef<HTMLDivElement>(null);
  const help = useId();
  const [shown, setShown] = useState<Shown | null>(null);
  const [failure, setFailure] = useState("");
  useEffect(() => {
    if (place.current === null) return;
    const [host, stop] = [place.current, new AbortController()];
    let model: Shown | null = null;
    const draw = async () => {
      if (!hasWebgl()) throw new Error("WebGL");
      const answer = await fetch(address, { signal: stop.signal });
      if (!answer.ok) throw new Error(await reasonOf(answer));
      const data = await answer.arrayBuffer();
      if (stop.signal.aborted) return;
      model = await showModel(host, data, { colours: coloursNow(), height: (width) => Math.round(Math.min(width * 0.62, window.innerHeight * 0.6)) });
      if (stop.signal.aborted) model.dispose();
      else setShown(model);
    };
    setFailure("");
    draw().catch((error: unknown) => {
      if (!stop.signal.aborted) setFailure(error instanceof Error ? error.message : String(error));
    });
    return () => {
      stop.abort();
      setShown(null);
      model?.dispose();
    };
  }, [address]);
  const keys = (event: React.KeyboardEvent) => {
    if (shown === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const turns: Record<string, () => void> = {
      ArrowLeft: () => shown.turn(-STEP, 0),
      ArrowRight: () => shown.turn(STEP, 0),
      ArrowUp: () => shown.turn(0, -STEP),
      ArrowDown: () => shown.turn(0, STEP),
      "+": () => shown.turn(0, 0, 0.85),
      "=": () => shown.turn(0, 0, 0.85),
      "-": () => shown.turn(0, 0, 1.18),
    };
    const view = NAMES[Number(event.key) - 1];
    const act = turns[event.key] ?? (view !== undefined ? () => shown.look(view) : undefined);
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  if (failure !== "") {
    return (
      <div className="p-3">
        <p role="status" className="pb-3 text-sm text-warn">
          {failure === "WebGL" ? say("noWebgl") : say("noModel", { reason: harmless(failure) })}
        </p>
        {instead}
      </div>
    );
  }
  return (
    <figure data-state={shown === null ? "waiting" : "shown"}>
      <div className="relative">
        <div
          ref={place}
          tabIndex={0}
          role="application"
          aria-label={say("model", { path })}
          aria-describedby={help}
          onKeyDown={keys}
          className="min-h-56 bg-sunken -outline-offset-2 [&>canvas]:block [&>canvas]:cursor-grab [&>canvas]:touch-none"
        />
        {shown === null && (
          <p role="status" className="absolute inset-0 flex items-center justify-center gap-2 text-sm text-soft">
            <Spinner /> {say("loading")}
          </p>
        )}
      </div>
      {shown !== null && <Controls shown={shown} />}
      <figcaption id={help} className="px-3 pb-2 text-xs text-soft">
        {say("modelHelp")}
      </figcaption>
    </figure>
  );
}

function Controls({ shown }: { shown: Shown }) {
  const say = useWords(fileWords);
  const [axis, setAxis] = useState<Axis | null>(null);
  const [share, setShare] = useState(50);
  const [framed, setFramed] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const cut = (along: Axis | null, at: number) => {
    setAxis(along);
    setShare(at);
    shown.section(along, at / 100);
  };
  const toggle = (part: string) => {
    const next = new Set(hidden);
    if (!next.delete(part)) next.add(part);
    setHidden(next);
    shown.show(part, !next.has(part));
  };
  const [x, y, z] = shown.lengths.map((length) => (length * 1000).toFixed(0));
  return (
    <div className="space-y-2 px-3 py-2 text-[13px] print:hidden">
      <div className="flex flex-wrap items-center gap-1">
        {NAMES.map((name) => (
          <Button key={name} size="small" kind="quiet" onClick={() => shown.look(name)}>
            {say(name)}
          </Button>
        ))}
        <Button
          size="small"
          kind="quiet"
          aria-pressed={framed}
          className="aria-pressed:bg-wash aria-pressed:text-accent"
          onClick={() => {
            setFramed(!framed);
            shown.frame(!framed);
          }}
        >
          {say("box")}
        </Button>
        <label className="ml-2 flex items-center gap-1.5 text-soft">
          {say("cut")}
          <select className="h-7 rounded-md border border-line bg-raised px-1.5 text-ink" value={axis ?? ""} onChange={(event) => cut(AXES.find((one) => one === event.target.value) ?? null, share)}>
            <option value="">–</option>
            {AXES.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        {axis !== null && (
          <input type="range" min={0} max={100} value={share} aria-label={say("cutAt")} className="w-32 accent-accent" onChange={(event) => cut(axis, event.target.valueAsNumber)} />
        )}
        <span className="ml-auto text-xs text-soft tabular-nums">{say("lengths", { x: x ?? "", y: y ?? "", z: z ?? "" })}</span>
      </div>
      <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
        <legend className="sr-only">{say("parts")}</legend>
        {shown.parts.map((part) => (
          <label key={part.name} className="flex min-h-6 items-center gap-1.5">
            <input type="checkbox" checked={!hidden.has(part.name)} onChange={() => toggle(part.name)} className="size-4 accent-accent" />
            <span className="size-3 rounded-sm" style={{ background: part.colour }} />
            <bdi>{harmless(part.name) || say("unnamed")}</bdi>
          </label>
        ))}
      </fieldset>
    </div>
  );
}

async function reasonOf(answer: Response): Promise<string> {
  try {
    const problem: unknown = await answer.json();
    if (problem !== null && typeof problem === "object" && "message" in problem) return String(problem.message);
  } catch {
    // what answered was no JSON
  }
  return `HTTP ${answer.status}`;
}

