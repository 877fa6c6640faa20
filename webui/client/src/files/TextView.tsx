import { lazy, Suspense, useMemo, useState } from "react";
import { jsonOf, JsonTree } from "@/files/JsonTree";
import type { TextPreview } from "@/files/preview";
import { fileWords } from "@/files/words";
import { Button } from "@/ui/Button";
import { Skeleton } from "@/ui/Empty";
import { Markdown } from "@/ui/Markdown";
import { useWords } from "@/ui/words";

const CodeView = lazy(() => import("@/files/CodeView"));

/** A piece of a text file: Markdown set, JSON as a tree, all else with line numbers and its syntax. */
export function TextView({ piece, path, firstLine }: { piece: TextPreview; path: string; firstLine: number }) {
  const say = useWords(fileWords);
  const [source, setSource] = useState(false);
  const [wrap, setWrap] = useState(piece.form === "text");
  const whole = piece.offset === 0 && piece.next === null;
  const json = useMemo(() => (whole && /\.(json|geojson|ipynb)$/i.test(path) ? jsonOf(piece.text) : undefined), [piece.text, path, whole]);
  const set = piece.form === "markdown" || json !== undefined;
  return (
    <div>
      <div className="flex gap-1 px-2 pb-1 print:hidden">
        {set && (
          <Button size="small" kind="quiet" aria-pressed={!source} className="aria-pressed:bg-wash aria-pressed:text-accent" onClick={() => setSource(!source)}>
            {say("rendered")}
          </Button>
        )}
        {(!set || source) && (
          <Button size="small" kind="quiet" aria-pressed={wrap} className="aria-pressed:bg-wash aria-pressed:text-accent" onClick={() => setWrap(!wrap)}>
            {say("wrap")}
          </Button>
        )}
      </div>
      {set && !source ? (
        json !== undefined ? (
          <JsonTree value={json} />
        ) : (
          <div className="max-h-[75vh] overflow-y-auto px-4 pb-4">
            <Markdown text={piece.text} />
          </div>
        )
      ) : (
        <Suspense fallback={<Skeleton className="p-4" lines={6} />}>
          <CodeView text={piece.text} path={path} label={path} firstLine={firstLine} wrap={wrap} />
        </Suspense>
      )}
    </div>
  );
}
