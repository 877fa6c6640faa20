import { useState } from "react";
import { blobAddress } from "@/files/load";
import type { Candidate } from "@/screens/report/facts";
import { reportWords } from "@/screens/report/words";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";

/** The best candidate of the first round beside the one that is handed over, seen from the same place. */
export function BeforeAfter({ run, before, after }: { run: string; before: Candidate; after: Candidate }) {
  const say = useWords(reportWords);
  const drawn = (candidate: Candidate) => new Map(candidate.views.flatMap((view) => (view.picture === null ? [] : [[view.name, view.picture] as const])));
  const [first, last] = [drawn(before), drawn(after)];
  const names = [...first.keys()].filter((name) => last.has(name));
  const [chosen, setChosen] = useState(names[0] ?? "");
  if (names.length === 0) return null;
  const side = (label: string, candidate: Candidate, pictures: typeof first) => {
    const picture = pictures.get(chosen);
    return (
      <figure className="min-w-0">
        {picture !== undefined && (
          <img src={blobAddress(run, picture.sha256)} alt={`${label}: ${chosen}`} width={picture.width} height={picture.height} loading="lazy" className="aspect-[4/3] h-auto w-full rounded-md bg-white object-contain" />
        )}
        <figcaption className="pt-1 text-[13px]">
          {label} <span className="font-mono text-soft">{candidate.id}</span>
        </figcaption>
      </figure>
    );
  };
  return (
    <section aria-label={say("beforeAfter")}>
      <div className="flex flex-wrap items-center justify-between gap-2 pb-2">
        <h3 className="text-[15px] font-semibold">{say("beforeAfter")}</h3>
        <label className="flex items-center gap-1.5 text-[13px] text-soft print:hidden">
          {say("seenFrom")}
          <select value={chosen} onChange={(event) => setChosen(event.target.value)} className="h-7 rounded-md border border-line bg-raised px-1.5 text-ink">
            {names.map((name) => (
              <option key={name} value={name}>
                {harmless(name.replaceAll("_", " "))}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div className="grid grid-cols-2 gap-3">
        {side(say("before"), before, first)}
        {side(say("after"), after, last)}
      </div>
    </section>
  );
}
