import { useState } from "react";
import { useNavigate } from "react-router";
import { numberIn, objectIn, textIn } from "@/ledger/json";
import type { RunView } from "@/ledger/types";
import { Badge, Status } from "@/ui/Badge";
import { Button, LinkButton } from "@/ui/Button";
import { harmless } from "@/ui/harmless";
import { Menu, type MenuItem } from "@/ui/Menu";
import { useWords } from "@/ui/words";
import { Meters } from "./Meters";
import type { RunCard, Steering } from "./steer/commands";
import { runWords } from "./words";

/** What a run is, how it stands, what it has used, and what can be done to it. */
export function RunHeader({
  run,
  view,
  card,
  steps,
  history,
  stopping,
  steering,
  mayPause,
  onFork,
  onBudget,
  onFile,
}: {
  run: string;
  view: RunView;
  card: RunCard | undefined;
  steps: number;
  history: boolean;
  stopping: "pause" | "cancel" | null;
  steering: Steering | null;
  mayPause: boolean;
  onFork: () => void;
  onBudget: () => void;
  onFile: () => void;
}) {
  const say = useWords(runWords);
  const navigate = useNavigate();
  const [whole, setWhole] = useState(false);
  const goal = harmless(view.task?.goal ?? card?.goal ?? "");
  const title = harmless(card?.title ?? "");
  const ended = ["finished", "cancelled"].includes(view.status);
  const over = view.report !== null && view.report.outcome !== "budget_exhausted";
  const resumable = ["paused", "failed", "waiting"].includes(view.status) && view.question === null && !over;
  const here = encodeURIComponent(run);
  const exported = (format: string) => location.assign(`/api/runs/${here}/export?format=${format}`);
  const items: MenuItem[] = [
    { label: say("forkMenu"), icon: "fork", onSelect: onFork },
    ...(steering !== null && !ended ? [{ label: say("raiseBudget"), icon: "chart", onSelect: onBudget } as const] : []),
    ...(steering !== null ? [{ label: say("filing"), icon: "tag", onSelect: onFile } as const] : []),
    { label: say("compareWith"), icon: "compare", onSelect: () => void navigate(`/compare?a=${here}`) },
    { label: say("exportHtml"), icon: "download", onSelect: () => exported("html") },
    { label: say("exportMarkdown"), icon: "download", onSelect: () => exported("markdown") },
    { label: say("exportCassette"), icon: "download", onSelect: () => exported("cassette") },
    ...(steering !== null && !ended && view.status !== "failed"
      ? [{ label: say("cancelRun"), icon: "stop", danger: true, onSelect: () => void steering.command("cancel", { op: "cancel" }) } as const]
      : []),
  ];
  return (
    <header className="border-b border-line bg-raised px-4 pt-3 pb-3 md:px-6">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <div className="mb-0.5 flex flex-wrap items-center gap-x-3 gap-y-1">
            <Status of={view.status} />
            {view.report !== null && view.report.outcome !== view.status && !["running", "queued"].includes(view.status) && <Status of={view.report.outcome} />}
            {stopping !== null && !history && <span className="text-[13px] text-warn">{say(stopping === "pause" ? "pausing" : "cancelling")}</span>}
            {view.reason !== "" && view.question === null && view.reason !== view.report?.outcome && !["paused", "cancelled"].includes(view.reason) && (
              <span className="min-w-0 truncate text-[13px] text-soft" title={harmless(view.reason)} dir="auto">
                {harmless(view.reason)}
              </span>
            )}
          </div>
          <h1 className="text-base leading-snug font-semibold md:text-lg" dir="auto">
            <button type="button" className={`text-left break-words ${whole ? "whitespace-pre-wrap" : "line-clamp-2"}`} aria-expanded={whole} onClick={() => setWhole(!whole)}>
              {title || goal || say("loadingRun")}
            </button>
          </h1>
          {title !== "" && whole && (
            <p className="mt-1 text-sm break-words whitespace-pre-wrap text-soft" dir="auto">
              {goal}
            </p>
          )}
        </div>
        <div className="flex shrink-0 items-center gap-1.5">
          {view.task?.browse?.seat === "person" && !ended && (
            <LinkButton to={`/runs/${here}/seat`} icon="seat">
              <span className="max-sm:sr-only">{say("seat")}</span>
            </LinkButton>
          )}
          {steering !== null && mayPause && (
            <Button icon="pause" busy={steering.busy === "pause" || stopping === "pause"} onClick={() => void steering.command("pause", { op: "pause" })}>
              <span className="max-sm:sr-only">{say("pause")}</span>
            </Button>
          )}
          {steering !== null && resumable && (
            <Button icon="play" kind="primary" busy={steering.busy === "resume"} onClick={() => void steering.resume()}>
              <span className="max-sm:sr-only">{say("resume")}</span>
            </Button>
          )}
          {view.report !== null && (
            <LinkButton to={`/runs/${here}/report`} icon="file" kind={resumable ? "plain" : "primary"}>
              <span className="max-sm:sr-only">{say("report")}</span>
            </LinkButton>
          )}
          <Menu label={say("moreActions")} items={items} />
        </div>
      </div>
      <Meta view={view} card={card} />
      <Meters view={view} steps={steps} seconds={history ? null : (card?.active_seconds ?? 0)} />
    </header>
  );
}

/** With what a run works: model, sandbox, mode; and how it is filed. */
function Meta({ view, card }: { view: RunView; card: RunCard | undefined }) {
  const say = useWords(runWords);
  const models = [...new Set(Object.values(objectIn(view.setting, "models")).filter((name) => typeof name === "string"))];
  const sandbox = textIn(view.setting, "sandbox");
  const limited = view.setting["limited"] === true || view.report?.limited === true;
  const model = models.join(", ") || card?.model || "";
  return (
    <p className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-[13px] text-soft">
      {limited && (
        <Badge tone="warn" icon="info">
          {say("limited")}
        </Badge>
      )}
      {model !== "" && (
        <span className="max-w-72 truncate" title={say("modelTip", { count: numberIn(view.setting, "context") })}>
          {harmless(model)}
        </span>
      )}
      {sandbox !== "" && (
        <span className="max-w-80 truncate max-sm:hidden" title={harmless(sandbox)}>
          {harmless(sandbox)}
        </span>
      )}
      {view.task !== null && <span>{say(`mode_${view.task.mode}`)}</span>}
      {view.checking !== "" && view.report === null && <span className="text-info">{say("checkingNow", { line: view.checking })}</span>}
      {card?.parent != null && card.parent !== "" && (
        <a className="underline decoration-line hover:text-ink" href={`/runs/${encodeURIComponent(card.parent)}?at=${card.forked_at ?? ""}`}>
          {say("forkedFrom", { run: card.parent, seq: card.forked_at ?? 0 })}
        </a>
      )}
      {card?.tags.map((tag) => (
        <Badge key={tag}>{harmless(tag)}</Badge>
      ))}
    </p>
  );
}
