import { Empty } from "@/ui/Empty";
import { useWords } from "@/ui/words";
import { batchWords } from "./words";

/** What stands where no batch can be seen. */
export function NoBatches() {
  const say = useWords(batchWords);
  return (
    <Empty icon="chart" title={say("emptyTitle")}>
      <p>{say("emptyText")}</p>
      <p className="mt-4">
        <code className="rounded bg-sunken px-1.5 py-0.5 font-mono text-[13px] text-ink">plumbline eval run smoke</code>
      </p>
      <p className="mt-4 text-[13px]">{say("mayAlso")}</p>
    </Empty>
  );
}
