import { useState } from "react";
import { blobAddress } from "@/files/load";
import { Download, Preview } from "@/files/Preview";
import { sizeText } from "@/files/sizes";
import type { Report } from "@/ledger/types";
import { useSelection } from "@/screens/report/selection";
import { reportWords } from "@/screens/report/words";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { useLanguage, useWords } from "@/ui/words";

/** The files that a run made, each opening to what can be seen of it; pictures of tools; and what it deleted. */
export function FileList({ run, report }: { run: string; report: Report }) {
  const say = useWords(reportWords);
  const language = useLanguage();
  const selection = useSelection();
  const [opened, setOpened] = useState("");
  return (
    <div className="space-y-4">
      <ul className="divide-y divide-line border-y border-line">
        {report.artefacts.map((file) => {
          const open = file.path === opened;
          return (
            <li key={file.path}>
              <div className="flex items-center gap-2 py-1.5">
                <button type="button" aria-expanded={open} onClick={() => setOpened(open ? "" : file.path)} className="flex min-w-0 flex-1 items-center gap-2 py-1 text-left -outline-offset-2 hover:text-accent">
                  <Icon name={open ? "chevronDown" : "chevronRight"} size={15} className="text-soft" />
                  <bdi className="truncate font-mono text-[13px]">{harmless(file.path)}</bdi>
                </button>
                <code title={file.sha256} className="font-mono text-xs text-soft max-sm:hidden">
                  {file.sha256.slice(0, 12)}
                </code>
                <span className="w-20 shrink-0 text-right text-xs text-soft tabular-nums">{sizeText(file.size, language)}</span>
                <Download run={run} path={file.path} label={say("download")} />
              </div>
              {open && (
                <div className="mb-3 overflow-hidden rounded-md border border-line pt-2">
                  <Preview run={run} path={file.path} version={file.sha256} head={false} />
                </div>
              )}
            </li>
          );
        })}
      </ul>
      {report.pictures.length > 0 && (
        <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3">
          {report.pictures.map((picture) => (
            <li key={`${picture.sha256}${picture.evidence}`}>
              <button type="button" className="block w-full" onClick={() => selection.choose({ evidence: picture.evidence })}>
                <img src={blobAddress(run, picture.sha256)} alt={say("drawnBy", { name: picture.evidence })} width={picture.width} height={picture.height} loading="lazy" className="h-auto w-full rounded-md bg-white" />
              </button>
              <span className="font-mono text-xs text-soft">{picture.evidence}</span>
            </li>
          ))}
        </ul>
      )}
      {report.removed.length > 0 && (
        <p className="text-[13px]">
          <span className="text-warn">{say("deleted")}</span> <span className="font-mono break-all">{harmless(report.removed.join(", "))}</span>
        </p>
      )}
    </div>
  );
}
