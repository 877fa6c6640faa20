import { useEffect, type ReactNode } from "react";
import { useWaiting } from "@/ui/notifications";

/** The name of the screen in the tab of the browser, with the number of runs that wait for a person. */
export function useTitle(title: string): void {
  const waiting = useWaiting((state) => state.count);
  useEffect(() => {
    const name = title === "" ? "Plumbline" : `${title} · Plumbline`;
    document.title = waiting > 0 ? `(${waiting}) ${name}` : name;
  }, [title, waiting]);
}

/** A screen that scrolls as a page: a title, what can be done at its right, and content of a readable width. */
export function Screen({ title, actions, wide = false, children }: { title: string; actions?: ReactNode; wide?: boolean; children: ReactNode }) {
  useTitle(title);
  return (
    <main className={`mx-auto w-full px-4 py-5 md:px-8 md:py-7 ${wide ? "max-w-7xl" : "max-w-4xl"}`}>
      <header className="mb-5 flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {actions}
      </header>
      {children}
    </main>
  );
}
