import type { ReactNode } from "react";
import { reportWords } from "@/screens/report/words";
import { useWords } from "@/ui/words";

export type SectionSpec = { id: string; title: string; count?: number; body: ReactNode };

/** The parts of a report one below the other, with a line that leads to each and stays in sight. */
export function Sections({ sections }: { sections: readonly SectionSpec[] }) {
  const say = useWords(reportWords);
  return (
    <>
      {sections.length > 1 && <nav aria-label={say("contents")} className="sticky top-0 z-10 -mx-4 mt-5 flex gap-5 overflow-x-auto border-b border-line bg-paper/95 px-4 backdrop-blur-sm md:-mx-8 md:px-8 lg:mr-0 print:hidden">
        {sections.map(({ id, title, count }) => (
          <a
            key={id}
            href={`#${id}`}
            onClick={(event) => {
              event.preventDefault();
              document.getElementById(id)?.scrollIntoView({ behavior: "smooth" });
            }}
            className="py-2.5 text-[13px] font-medium whitespace-nowrap text-soft -outline-offset-2 hover:text-ink"
          >
            {title}
            {count !== undefined && count > 0 && <span className="pl-1 font-normal tabular-nums">{count}</span>}
          </a>
        ))}
      </nav>}
      {sections.map(({ id, title, body }) => (
        <section key={id} id={id} aria-labelledby={`${id}-title`} className="scroll-mt-12 pt-8">
          <h2 id={`${id}-title`} className={id === "answer" ? "sr-only" : "pb-3 text-lg font-semibold"}>
            {title}
          </h2>
          {body}
        </section>
      ))}
    </>
  );
}
