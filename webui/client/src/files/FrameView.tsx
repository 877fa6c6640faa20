import { fileWords } from "@/files/words";
import { useWords } from "@/ui/words";

/** A page or drawing of somebody else in a frame that may do nothing: no scripts, no forms, no address of ours. */
export function FrameView({ src, path }: { src: string; path: string }) {
  const say = useWords(fileWords);
  return (
    <div>
      <iframe src={src} sandbox="" referrerPolicy="no-referrer" loading="lazy" title={say("frame", { path })} className="h-[70vh] w-full border-0 bg-white" />
      <p className="px-3 py-2 text-xs text-soft">{say("framed")}</p>
    </div>
  );
}
