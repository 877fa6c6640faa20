import type { RunView } from "@/ledger/types";
import { Empty } from "@/ui/Empty";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { useWords } from "@/ui/words";
import { runWords } from "../words";

/** Files that a run was given and made. */
export function WorkspaceTab({ run, view }: { run: string; view: RunView }) {
  const say = useWords(runWords);
  const given = (view.task?.files ?? []).map((file) => ({ path: file.path, size: file.size, made: false }));
  const made = (view.report?.artefacts ?? []).map((file) => ({ path: file.path, size: file.size, made: true }));
  const files = [...given, ...made];
  if (files.length === 0) return <Empty title={say("noFiles")} icon="folder">{say("noFilesTold")}</Empty>;
  return (
    <ul className="overflow-y-auto py-2">
      {files.map((file) => (
        <li key={`${file.made}${file.path}`} className="flex items-center gap-2.5 px-3 py-1.5 text-sm hover:bg-sunken">
          <Icon name="file" size={15} className="text-soft" />
          <span className="min-w-0 flex-1 truncate font-mono text-[13px]">{harmless(file.path)}</span>
          <span className="text-xs text-soft">{say(file.made ? "fileMade" : "fileGiven")}</span>
          <a className="text-soft hover:text-ink" href={`/api/runs/${encodeURIComponent(run)}/files/${file.path.split("/").map(encodeURIComponent).join("/")}`} download aria-label={say("downloadNamed", { path: file.path })}>
            <Icon name="download" size={16} />
          </a>
        </li>
      ))}
    </ul>
  );
}
