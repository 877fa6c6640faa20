import { useState } from "react";
import { fileWords } from "@/files/words";
import { Button, IconButton } from "@/ui/Button";
import { useWords } from "@/ui/words";

const STEPS = [0.25, 0.5, 1, 2, 4, 8] as const;

/** A picture that fits its place, or in a size of its own; `+`, `-` and `0` change that. */
export function ImageView({ src, alt, width, height }: { src: string; alt: string; width?: number; height?: number }) {
  const say = useWords(fileWords);
  const [zoom, setZoom] = useState<number | null>(null);
  const [natural, setNatural] = useState<{ width: number; height: number } | null>(width !== undefined && height !== undefined ? { width, height } : null);
  const nearer = () => setZoom((now) => STEPS.find((step) => step > (now ?? 0.75)) ?? 8);
  const farther = () => setZoom((now) => STEPS.findLast((step) => step < (now ?? 1.5)) ?? 0.25);
  const keys = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") nearer();
    else if (event.key === "-") farther();
    else if (event.key === "0") setZoom(null);
    else return;
    event.preventDefault();
  };
  return (
    <div>
      <div className="flex flex-wrap items-center gap-1 px-2 pb-2 print:hidden">
        <IconButton size="small" icon="minus" label={say("zoomOut")} onClick={farther} />
        <IconButton size="small" icon="plus" label={say("zoomIn")} onClick={nearer} />
        <Button size="small" kind="quiet" aria-pressed={zoom === 1} onClick={() => setZoom(1)}>
          {say("actualSize")}
        </Button>
        <Button size="small" kind="quiet" aria-pressed={zoom === null} onClick={() => setZoom(null)}>
          {say("fit")}
        </Button>
        {natural !== null && (
          <span className="ml-auto text-xs text-soft tabular-nums">
            {natural.width} × {natural.height}
            {zoom !== null && ` · ${zoom * 100} %`}
          </span>
        )}
      </div>
      <div tabIndex={0} role="region" aria-label={alt} onKeyDown={keys} className="max-h-[75vh] overflow-auto bg-sunken p-3">
        <img
          src={src}
          alt={alt}
          onLoad={(event) => setNatural({ width: event.currentTarget.naturalWidth, height: event.currentTarget.naturalHeight })}
          className={`mx-auto block ${zoom === null ? "max-h-[68vh] max-w-full" : "max-w-none"} ${zoom !== null && zoom > 1 ? "[image-rendering:pixelated]" : ""}`}
          style={zoom !== null && natural !== null ? { width: natural.width * zoom } : undefined}
        />
      </div>
    </div>
  );
}
