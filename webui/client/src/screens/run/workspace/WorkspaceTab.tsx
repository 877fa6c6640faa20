import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { api, ok, told } from "@/api/client";
import type { components } from "@/api/schema";
import { sizeText } from "@/files/sizes";
import type { RunStatus } from "@/ledger/types";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Empty, Skeleton } from "@/ui/Empty";
import { harmless } from "@/ui/harmless";
import { Icon, type IconName } from "@/ui/icons";
import { useLanguage, useWords } from "@/ui/words";
import { runWords } from "../words";

const Preview = lazy(async () => ({ default: (await import("@/files/Preview")).Preview }));

type FileEntry = components["schemas"]["FileEntry"];
type Kind = FileEntry["kind"];
const KINDS: readonly Kind[] = ["artefact", "workspace", "picture", "input"];
const OFTEN = 10_000;

/** Files that a run was given and made, and what can be seen of them. */
export function WorkspaceTab({ run, live, status, last }: { run: string; live: boolean; status: RunStatus; last: number }) {
  const say = useWords(runWords);
  const language = useLanguage();
  const [opened, setOpened] = useState<string | null>(null);
  const ended = status === "finished" || status === "failed" || status === "cancelled";
  const list = useQuery({
    queryKey: ["files", run, ended ? last : status],
    queryFn: async () => ok(api.GET("/api/runs/{run_id}/files", { params: { path: { run_id: run } } })),
    refetchInterval: status === "running" ? OFTEN : false,
  });
  if (list.error !== null) return <div className="p-4"><Banner tone="bad">{told(list.error)}</Banner></div>;
  if (list.data === undefined) return <div aria-busy="true" aria-label={say("filesLoading")}><Skeleton className="p-4" /></div>;
  const { files, snapshot, left_out, more } = list.data;
  const open = files.find((file) => file.address === opened);
  if (open !== undefined) {
    return (
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="px-2 py-1.5">
          <Button kind="quiet" size="small" icon="chevronLeft" onClick={() => setOpened(null)}>
            {say("filesBack")}
          </Button>
        </div>
        <Suspense fallback={<Skeleton className="p-4" />}>
          <Preview run={run} path={open.path} version={open.sha256} {...(open.size === null ? {} : { size: open.size })} />
        </Suspense>
      </div>
    );
  }
  if (files.length === 0) {
    return (
      <Empty title={say("noFiles")} icon="folder">
        {say("noFilesTold")}
      </Empty>
    );
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto pb-4">
      {!live && <p className="px-4 pt-3 text-[13px] text-soft">{say("filesHistory")}</p>}
      {KINDS.map((kind) => {
        const of = files.filter((file) => file.kind === kind);
        return of.length === 0 ? null : (
          <section key={kind} aria-label={say(`filesOf_${kind}`)}>
            <h3 className="px-4 pt-4 pb-1 text-xs font-medium text-soft">{say(`filesOf_${kind}`)}</h3>
            <ul>
              {of.map((file) => (
                <li key={file.address}>
                  <button type="button" onClick={() => setOpened(file.address)} className="flex w-full items-center gap-2.5 px-4 py-1.5 text-left text-sm -outline-offset-2 hover:bg-sunken">
                    <Icon name={iconOf(file.media_type)} size={15} className="text-soft" />
                    <span className="min-w-0 flex-1 truncate font-mono text-[13px]">
                      <bdi>{harmless(file.path)}</bdi>
                    </span>
                    {file.size !== null && <span className="text-xs text-soft tabular-nums">{sizeText(file.size, language)}</span>}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      <div className="space-y-1 px-4 pt-3 text-xs text-soft">
        {snapshot !== null && <p>{say("filesSince", { seq: snapshot })}</p>}
        {left_out.length > 0 && <p className="break-words">{say("filesLeftOut", { names: harmless(left_out.join("; ")) })}</p>}
        {more > 0 && <p>{say("filesMore", { count: more })}</p>}
      </div>
    </div>
  );
}

function iconOf(media: string): IconName {
  if (media.startsWith("image/")) return "image";
  return media.startsWith("model/") ? "cube" : "file";
}
