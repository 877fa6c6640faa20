import { IconButton } from "@/ui/Button";
import { fileWords } from "@/files/words";
import { useWords } from "@/ui/words";

/** Goes from page to page of something; pages are counted from 0. Says nothing where there is one page. */
export function Pager({ at, pages, told, onGo }: { at: number; pages: number; told: string; onGo: (page: number) => void }) {
  const say = useWords(fileWords);
  if (pages <= 1) return <p className="text-xs text-soft tabular-nums">{told}</p>;
  return (
    <div className="flex items-center gap-1 text-xs text-soft tabular-nums">
      <IconButton size="small" icon="skipBack" label={say("first")} disabled={at === 0} onClick={() => onGo(0)} />
      <IconButton size="small" icon="chevronLeft" label={say("previous")} disabled={at === 0} onClick={() => onGo(at - 1)} />
      <span className="px-1" aria-live="polite">
        {told}
      </span>
      <IconButton size="small" icon="chevronRight" label={say("next")} disabled={at >= pages - 1} onClick={() => onGo(at + 1)} />
      <IconButton size="small" icon="skipForward" label={say("last")} disabled={at >= pages - 1} onClick={() => onGo(pages - 1)} />
    </div>
  );
}
