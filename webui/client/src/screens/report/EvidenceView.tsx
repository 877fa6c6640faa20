import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { told } from "@/api/client";
import { blobAddress } from "@/files/load";
import type { components } from "@/api/schema";
import { useEvidence, type EvidencePage } from "@/screens/report/evidence";
import { Sign } from "@/screens/report/Sign";
import { reportWords } from "@/screens/report/words";
import { Banner } from "@/ui/Banner";
import { CodeBlock } from "@/ui/CodeBlock";
import { Skeleton } from "@/ui/Empty";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { Time } from "@/ui/Time";
import { useWords } from "@/ui/words";

/** A piece of evidence in full: a quote in its page, what a tool gave, or a triple, with whether it still holds. */
export function EvidenceView({ run, id, step }: { run: string; id: string; step: number | undefined }) {
  const say = useWords(reportWords);
  const found = useEvidence(run, id);
  if (found.isPending) {
    return (
      <div role="status" aria-label={say("loadingEvidence")}>
        <Skeleton lines={4} />
      </div>
    );
  }
  if (found.isError) return <Banner tone="bad">{told(found.error)}</Banner>;
  const { evidence, page, verified, why } = found.data;
  return (
    <div className="space-y-3">
      <p className={`flex items-start gap-1.5 text-[13px] ${verified ? "text-good" : "text-bad"}`}>
        <Sign of={verified ? "supported" : "contradicted"} size="17px" />
        <span>
          {verified ? say(evidence.kind === "quote" ? "quoteHolds" : evidence.kind === "tool_result" ? "resultHolds" : "sourceHolds") : say("doesNotHold")}
          {why !== "" && <span className="text-soft"> {harmless(why)}</span>}
        </span>
      </p>
      {page != null && <PageWindow page={page} />}
      {evidence.kind === "quote" && page == null && <blockquote className="border-l-2 border-line pl-3 text-sm">{harmless(evidence.text)}</blockquote>}
      {evidence.kind === "tool_result" && <ToolOutput run={run} evidence={evidence} step={step} />}
      {evidence.kind === "triple" && (
        <p className="text-sm">
          <bdi>{harmless(evidence.subject)}</bdi> — {harmless(evidence.relation)} — <bdi>{harmless(evidence.object)}</bdi>
        </p>
      )}
    </div>
  );
}

function PageWindow({ page }: { page: EvidencePage }) {
  const say = useWords(reportWords);
  const mark = useRef<HTMLElement>(null);
  useEffect(() => {
    const [quote, box] = [mark.current, mark.current?.closest("[data-page]")];
    if (quote !== null && box instanceof HTMLElement) box.scrollTop = quote.offsetTop - box.clientHeight / 3;
  }, [page]);
  return (
    <figure>
      <figcaption className="pb-2 text-[13px]">
        <span className="block font-medium">{harmless(page.title) || say("untitled")}</span>
        <span className="flex flex-wrap gap-x-2 text-soft">
          <SafeLink url={page.url} text={page.location} />
          {page.read_at !== "" && (
            <span>
              {say("readAt")} <Time at={page.read_at} absolute />
            </span>
          )}
        </span>
      </figcaption>
      <div data-page tabIndex={0} role="region" aria-label={say("pageAround")} dir="auto" className="relative max-h-80 overflow-y-auto rounded-md bg-sunken px-3.5 py-3 font-serif text-[14px] leading-relaxed whitespace-pre-wrap text-soft print:max-h-none">
        {page.offset > 0 && "… "}
        {harmless(page.before)}
        <mark ref={mark} className="rounded-xs bg-warn-wash px-0.5 text-ink ring-1 ring-warn/50">
          {harmless(page.marked)}
        </mark>
        {harmless(page.after)}
        {page.offset + page.before.length + page.marked.length + page.after.length < page.length && " …"}
      </div>
    </figure>
  );
}

/** An address of the web as a link that tells nobody where it was followed from; all else as text. */
export function SafeLink({ url, text }: { url: string; text: string }) {
  const shown = harmless(text);
  if (!/^https?:\/\//i.test(url)) return <span className="break-all">{shown}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow" className="break-all text-accent underline underline-offset-2">
      {shown}
      <Icon name="external" size={12} className="ml-1 inline align-[-1px]" />
    </a>
  );
}

function ToolOutput({ run, evidence, step }: { run: string; evidence: components["schemas"]["ToolResult"]; step: number | undefined }) {
  const say = useWords(reportWords);
  return (
    <div className="space-y-2">
      <p className="flex flex-wrap items-baseline justify-between gap-2 text-[13px]">
        <code className="font-mono">{harmless(evidence.tool)}</code>
        {step !== undefined && <StepLink run={run} step={step} />}
      </p>
      <CodeBlock text={evidence.arguments} label={say("arguments")} lines={8} wrap />
      <CodeBlock text={evidence.output} label={say("output")} lines={24} wrap />
      {evidence.images.map((image) => (
        <img key={image.sha256} src={blobAddress(run, image.sha256)} alt={say("drawnBy", { name: evidence.tool })} width={image.width} height={image.height} className="h-auto max-w-full rounded-md bg-white" />
      ))}
    </div>
  );
}

/** A link to the step of the run that something came from. */
export function StepLink({ run, step }: { run: string; step: number }) {
  const say = useWords(reportWords);
  return (
    <Link to={`/runs/${encodeURIComponent(run)}?at=${step}`} className="inline-flex items-center gap-1 text-[13px] text-accent underline-offset-2 hover:underline">
      <Icon name="activity" size={14} />
      {say("openStep", { seq: step })}
    </Link>
  );
}
