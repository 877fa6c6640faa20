import { useEffect, useRef, useState } from "react";

/**
 * Takes files that are dropped anywhere on the page, since the browser would open them and leave it; returns whether
 * some are held over it. `take` gets the files, and which of them are folders; null where none are wanted.
 */
export function useDropping(take: ((files: readonly File[], folders: readonly File[]) => void) | null): boolean {
  const [over, setOver] = useState(false);
  const taking = useRef(take);
  taking.current = take;
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const hold = (event: DragEvent) => {
      if (!hasFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = taking.current === null ? "none" : "copy";
      setOver(taking.current !== null);
    };
    const leave = (event: DragEvent) => {
      // between two elements of the page there is another one that is entered
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      if (!hasFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
      const dropped = items.map((item) => ({ file: item.getAsFile(), folder: item.webkitGetAsEntry()?.isDirectory === true }));
      const files = dropped.flatMap(({ file }) => file ?? []);
      taking.current?.(files, dropped.flatMap(({ file, folder }) => (folder ? (file ?? []) : [])));
    };
    window.addEventListener("dragover", hold);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", hold);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, []);
  return over;
}
