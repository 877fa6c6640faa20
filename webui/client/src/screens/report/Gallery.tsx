import { useState } from "react";
import { ImageView } from "@/files/ImageView";
import { blobAddress } from "@/files/load";
import type { View } from "@/screens/report/facts";
import { reportWords } from "@/screens/report/words";
import { Dialog } from "@/ui/Dialog";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";

/** Pictures of views side by side; each opens large. Views without a picture are told in words. */
export function Gallery({ run, views, large = false }: { run: string; views: readonly View[]; large?: boolean }) {
  const say = useWords(reportWords);
  const [opened, setOpened] = useState<View | null>(null);
  const drawn = views.filter((view) => view.picture !== null);
  const told = views.filter((view) => view.description !== "");
  if (views.length === 0) return null;
  return (
    <div className="space-y-2">
      {drawn.length > 0 && (
        <ul className={`grid gap-2 ${large ? "grid-cols-2 sm:grid-cols-3 xl:grid-cols-4" : "grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))]"}`}>
          {drawn.map((view) => (
            <li key={view.name}>
              <button type="button" onClick={() => setOpened(view)} className="block w-full overflow-hidden rounded-md bg-white" aria-label={say("enlarge", { name: spacedName(view) })}>
                {view.picture !== null && (
                  <img src={blobAddress(run, view.picture.sha256)} alt="" loading="lazy" width={view.picture.width} height={view.picture.height} className="aspect-[4/3] h-auto w-full object-contain" />
                )}
              </button>
              <span className="block truncate pt-0.5 text-xs text-soft">{spacedName(view)}</span>
            </li>
          ))}
        </ul>
      )}
      {told.length > 0 && (
        <details className="text-[13px] print:hidden">
          <summary className="cursor-pointer text-soft">{say("inWords")}</summary>
          {told.map((view) => (
            <div key={view.name} className="pt-2">
              <p className="text-xs font-semibold">{spacedName(view)}</p>
              <pre dir="ltr" tabIndex={0} className="max-h-64 overflow-auto font-mono text-xs whitespace-pre-wrap text-soft">
                {harmless(view.description)}
              </pre>
            </div>
          ))}
        </details>
      )}
      {opened?.picture != null && (
        <Dialog wide title={spacedName(opened)} onClose={() => setOpened(null)}>
          <ImageView src={blobAddress(run, opened.picture.sha256)} alt={spacedName(opened)} width={opened.picture.width} height={opened.picture.height} />
          {opened.drawn_by !== "" && <p className="py-2 text-xs text-soft">{say("drawnBy", { name: harmless(opened.drawn_by) })}</p>}
        </Dialog>
      )}
    </div>
  );
}

function spacedName(view: View): string {
  return harmless(view.name.replaceAll("_", " "));
}
