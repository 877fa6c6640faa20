import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { told } from "@/api/client";
import { FrameView } from "@/files/FrameView";
import { ImageView } from "@/files/ImageView";
import { downloadAddress, loadPreview, type Place } from "@/files/load";
import { NotebookView } from "@/files/NotebookView";
import { Pager } from "@/files/Pager";
import type { Preview as Seen } from "@/files/preview";
import { RowsView } from "@/files/RowsView";
import { sizeText } from "@/files/sizes";
import { TextView } from "@/files/TextView";
import { fileWords } from "@/files/words";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Empty, Skeleton } from "@/ui/Empty";
import { Icon } from "@/ui/icons";
import { useLanguage, useWords } from "@/ui/words";

const CodeView = lazy(() => import("@/files/CodeView"));
const ModelView = lazy(() => import("@/files/ModelView"));

type Spot = Place & { line: number };
const START: Spot = { line: 1 };

/**
 * What can be seen of a file of a run, whatever its kind; the name and a download stand above it. `version` names the
 * content, such as its hash, so that a file that changed is loaded again. `instead` is shown where a model cannot be.
 */
export function Preview({ run, path, version = "", size, instead, head = true }: { run: string; path: string; version?: string; size?: number; instead?: ReactNode; head?: boolean }) {
  const language = useLanguage();
  const say = useWords(fileWords);
  return (
    <section aria-label={path} className="min-w-0 bg-raised">
      {head && (
        <header className="flex min-w-0 items-center gap-3 px-3 py-2">
          <h3 className="min-w-0 flex-1 truncate font-mono text-[13px] font-medium" title={path}>
            <bdi>{path}</bdi>
          </h3>
          {size !== undefined && <span className="shrink-0 text-xs text-soft tabular-nums">{sizeText(size, language)}</span>}
          <Download run={run} path={path} label={say("download")} />
        </header>
      )}
      <Pages key={`${run}/${path}/${version}`} run={run} path={path} version={version} instead={instead} />
    </section>
  );
}

/** A link that saves a file. */
export function Download({ run, path, label }: { run: string; path: string; label: string }) {
  return (
    <a
      href={downloadAddress(run, path)}
      download
      className="inline-flex h-7 shrink-0 items-center gap-1.5 rounded-md px-2 text-[13px] font-medium text-soft hover:bg-sunken hover:text-ink print:hidden"
      aria-label={`${label}: ${path}`}
    >
      <Icon name="download" size={15} />
      <span className="max-sm:sr-only">{label}</span>
    </a>
  );
}

/** The pages of one version of a file. Those of texts and tables begin where the one before ended, so they are kept. */
function Pages({ run, path, version, instead }: { run: string; path: string; version: string; instead: ReactNode }) {
  const say = useWords(fileWords);
  const [spots, setSpots] = useState<readonly Spot[]>([START]);
  const spot = spots[spots.length - 1] ?? START;
  const { line, ...place } = spot;
  const seen = useQuery({
    queryKey: ["preview", run, path, version, place],
    queryFn: ({ signal }) => loadPreview(run, path, place, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (seen.isPending) {
    return (
      <div role="status" aria-label={say("loading")}>
        <Skeleton className="p-4" lines={5} />
      </div>
    );
  }
  if (seen.isError) {
    return (
      <Empty title={say("failed")} icon="warning" action={<Button onClick={() => void seen.refetch()}>{say("again")}</Button>}>
        {told(seen.error)}
      </Empty>
    );
  }
  const go = (next: Spot | null) => setSpots((before) => (next === null ? before.slice(0, -1) : [...before, next]));
  return (
    <div className={seen.isPlaceholderData ? "opacity-60" : ""}>
      <Shown run={run} seen={seen.data} path={path} spot={spot} number={spots.length - 1} line={line} onGo={go} onPage={(page) => setSpots([{ page, line: 1 }])} instead={instead} />
    </div>
  );
}

type ShownProps = { run: string; seen: Seen; path: string; spot: Spot; number: number; line: number; instead: ReactNode; onGo: (next: Spot | null) => void; onPage: (page: number) => void };

function Shown({ run, seen, path, number, line, instead, onGo, onPage }: ShownProps) {
  const say = useWords(fileWords);
  const language = useLanguage();
  switch (seen.kind) {
    case "text": {
      const lines = seen.text === "" ? 0 : seen.text.replace(/\n$/, "").split("\n").length;
      const range = `${line.toLocaleString(language)} – ${(line + Math.max(lines, 1) - 1).toLocaleString(language)}`;
      return (
        <>
          <Note text={seen.note} />
          <TextView piece={seen} path={path} firstLine={line} />
          <Steps number={number} told={range} next={seen.next === null ? null : { offset: seen.next, line: line + lines }} onGo={onGo} />
        </>
      );
    }
    case "table": {
      const last = seen.first + seen.rows.length - 1;
      const told = `${seen.first.toLocaleString(language)} – ${last.toLocaleString(language)}`;
      return (
        <>
          <Note text={seen.note} />
          <RowsView key={seen.first} caption={say("rowsOf", { path })} columns={seen.columns} rows={seen.rows} first={seen.first} whole={seen.next === null && number === 0} />
          <Steps number={number} told={told} next={seen.next === null ? null : { offset: seen.next, row: last + 1, line: 1 }} onGo={onGo} />
        </>
      );
    }
    case "notebook":
      return (
        <>
          <Note text={seen.note} />
          <NotebookView notebook={seen} path={path} />
        </>
      );
    case "pdf":
      return (
        <>
          <div className="px-3 pb-2">
            <Pager at={seen.page - 1} pages={seen.pages} told={say("page", { page: seen.page, all: seen.pages })} onGo={(page) => onPage(page + 1)} />
          </div>
          <ImageView key={seen.page} src={seen.address} alt={say("pageOfFile", { page: seen.page, path })} width={seen.width} height={seen.height} />
        </>
      );
    case "image":
      return <ImageView src={seen.address} alt={path} width={seen.width} height={seen.height} />;
    case "model":
      return (
        <Suspense fallback={<Skeleton className="p-4" lines={5} />}>
          <ModelView address={seen.address} path={path} instead={instead} />
        </Suspense>
      );
    case "frame":
      return <Framed seen={seen} path={path} />;
    case "none":
      return (
        <Empty title={sizeText(seen.size, language)} icon="file" action={<Download run={run} path={path} label={say("download")} />}>
          {seen.reason}
        </Empty>
      );
  }
}

function Framed({ seen, path }: { seen: Extract<Seen, { kind: "frame" }>; path: string }) {
  const say = useWords(fileWords);
  const [source, setSource] = useState(false);
  return (
    <>
      <div className="px-2 pb-1 print:hidden">
        <Button size="small" kind="quiet" aria-pressed={source} className="aria-pressed:bg-wash aria-pressed:text-accent" onClick={() => setSource(!source)}>
          {say("source")}
        </Button>
      </div>
      <Note text={seen.note} />
      {source ? (
        <Suspense fallback={<Skeleton className="p-4" lines={6} />}>
          <CodeView text={seen.text} path={path} label={path} />
        </Suspense>
      ) : (
        <FrameView src={seen.address} path={path} />
      )}
    </>
  );
}

/** Forward and back through pieces of a file. */
function Steps({ number, told, next, onGo }: { number: number; told: string; next: Spot | null; onGo: (next: Spot | null) => void }) {
  const say = useWords(fileWords);
  if (number === 0 && next === null) return null;
  return (
    <nav aria-label={told} className="flex items-center gap-2 border-t border-line px-3 py-2 text-xs text-soft tabular-nums print:hidden">
      <Button size="small" kind="quiet" icon="chevronLeft" disabled={number === 0} onClick={() => onGo(null)}>
        {say("previous")}
      </Button>
      <span aria-live="polite">{told}</span>
      <Button size="small" kind="quiet" icon="chevronRight" disabled={next === null} onClick={() => next !== null && onGo(next)}>
        {say("next")}
      </Button>
    </nav>
  );
}

function Note({ text }: { text: string }) {
  if (text === "") return null;
  return (
    <div className="px-3 pb-2">
      <Banner tone="warn">{text}</Banner>
    </div>
  );
}
