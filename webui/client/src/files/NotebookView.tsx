import { lazy, Suspense } from "react";
import type { NotebookPreview } from "@/files/preview";
import { fileWords } from "@/files/words";
import { harmless } from "@/ui/harmless";
import { Skeleton } from "@/ui/Empty";
import { Markdown } from "@/ui/Markdown";
import { useWords } from "@/ui/words";

const CodeView = lazy(() => import("@/files/CodeView"));

/** A notebook: its cells with what they printed and drew. */
export function NotebookView({ notebook, path }: { notebook: NotebookPreview; path: string }) {
  const say = useWords(fileWords);
  const name = notebook.language === "python" ? "cell.py" : `cell.${notebook.language}`;
  return (
    <div className="space-y-4 px-3 pb-4">
      {notebook.cells.map((cell, at) => (
        <section key={at} aria-label={say("cell", { number: at + 1 })} className="grid min-w-0 gap-x-3 gap-y-1 md:grid-cols-[3.5rem_minmax(0,1fr)]">
          <div className="pt-2 text-right font-mono text-xs text-soft max-md:text-left">{cell.form === "code" ? `[${cell.count ?? " "}]` : ""}</div>
          {cell.form === "markdown" ? (
            <Markdown text={cell.source} />
          ) : (
            <div className="overflow-hidden rounded-md border border-line [--code-height:24rem]">
              <Suspense fallback={<Skeleton className="p-3" />}>
                <CodeView text={cell.source} path={cell.form === "code" ? name : path} label={say("cell", { number: at + 1 })} />
              </Suspense>
            </div>
          )}
          {cell.outputs.map((output, number) => (
            <div key={number} className="min-w-0 md:col-start-2">
              {output.form === "picture" ? (
                <img src={output.address} alt={say("picture", { number: number + 1, cell: at + 1 })} className="max-h-[60vh] max-w-full rounded bg-white" />
              ) : (
                <pre
                  tabIndex={0}
                  role="region"
                  aria-label={say(output.form === "error" ? "error" : "output")}
                  className={`max-h-96 overflow-auto rounded px-2.5 py-1.5 font-mono text-[12.5px] break-words whitespace-pre-wrap ${output.form === "error" ? "bg-bad-wash text-bad" : "bg-sunken"}`}
                >
                  {harmless(output.text)}
                </pre>
              )}
            </div>
          ))}
        </section>
      ))}
    </div>
  );
}
