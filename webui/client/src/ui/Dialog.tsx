import { useEffect, useId, useRef, type ReactNode } from "react";
import { IconButton } from "@/ui/Button";
import { kitWords } from "@/ui/kitWords";
import { useWords } from "@/ui/words";

/** A dialog over the page, on the browser's own `<dialog>`: focus stays in it, Escape closes it. Mount it to open it. */
export function Dialog({
  title,
  onClose,
  footer,
  wide = false,
  children,
}: {
  title: string;
  onClose: () => void;
  footer?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}) {
  const say = useWords(kitWords);
  const id = useId();
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={box}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === box.current) onClose();
      }}
      className={`m-auto max-h-[min(85dvh,52rem)] w-[calc(100vw-1.5rem)] flex-col overflow-hidden rounded-lg border border-line bg-raised p-0 text-ink shadow-2xl backdrop:bg-black/40 open:flex ${
        wide ? "max-w-4xl" : "max-w-lg"
      }`}
    >
      <header className="flex shrink-0 items-center justify-between gap-3 pt-3 pr-3 pb-1 pl-5">
        <h2 id={id} className="min-w-0 truncate text-base font-semibold">
          {title}
        </h2>
        <IconButton icon="close" label={say("close")} size="small" onClick={onClose} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-2">{children}</div>
      {footer !== undefined && <footer className="flex shrink-0 flex-wrap justify-end gap-2 px-5 pt-2 pb-4">{footer}</footer>}
    </dialog>
  );
}
