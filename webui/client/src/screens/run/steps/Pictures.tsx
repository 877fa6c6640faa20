import { useState } from "react";
import { isObject, numberIn, textIn, type JsonObject } from "@/ledger/json";
import { Dialog } from "@/ui/Dialog";
import { useWords } from "@/ui/words";
import { runWords } from "../words";

export type Shown = { readonly sha256: string; readonly width: number; readonly height: number; readonly told: string };

/** The pictures of a list of a tool's outcome. */
export function picturesIn(list: readonly unknown[]): readonly Shown[] {
  return list
    .filter(isObject)
    .map((one) => ({ sha256: textIn(one, "sha256"), width: numberIn(one, "width"), height: numberIn(one, "height"), told: "" }))
    .filter((one) => /^[0-9a-f]{64}$/.test(one.sha256));
}

/** The views of a design's candidate that have been drawn. */
export function viewsIn(views: readonly unknown[]): readonly Shown[] {
  return views.filter(isObject).flatMap((view) => {
    const picture = view["picture"];
    if (!isObject(picture)) return [];
    const [shown] = picturesIn([picture]);
    return shown === undefined ? [] : [{ ...shown, told: textIn(view, "name") || textIn(view, "description") }];
  });
}

export function blobAddress(run: string, sha256: string): string {
  return `/api/runs/${encodeURIComponent(run)}/blobs/${sha256}`;
}

/** Pictures that a run drew, small; one opens large. */
export function Pictures({ run, pictures }: { run: string; pictures: readonly Shown[] }) {
  const say = useWords(runWords);
  const [open, setOpen] = useState<Shown | null>(null);
  if (pictures.length === 0) return null;
  return (
    <>
      <ul className="flex flex-wrap gap-2">
        {pictures.map((picture, index) => (
          <li key={`${picture.sha256}${index}`}>
            <button type="button" onClick={() => setOpen(picture)} className="block overflow-hidden rounded-md border border-line bg-white hover:border-accent" aria-label={say("openPicture", { number: index + 1 })}>
              <img
                src={blobAddress(run, picture.sha256)}
                alt={picture.told || say("picture", { number: index + 1 })}
                width={picture.width}
                height={picture.height}
                loading="lazy"
                className="h-40 w-auto max-w-full object-contain"
              />
            </button>
          </li>
        ))}
      </ul>
      {open !== null && (
        <Dialog title={open.told || say("picture", { number: pictures.indexOf(open) + 1 })} onClose={() => setOpen(null)} wide>
          <img src={blobAddress(run, open.sha256)} alt={open.told || say("picture", { number: pictures.indexOf(open) + 1 })} className="mx-auto mb-4 max-h-[70dvh] max-w-full bg-white" />
        </Dialog>
      )}
    </>
  );
}

/** The line under a picture or view list that says what was not drawn. */
export function undrawn(views: readonly unknown[]): readonly JsonObject[] {
  return views.filter(isObject).filter((view) => !isObject(view["picture"]) && textIn(view, "description") !== "");
}
