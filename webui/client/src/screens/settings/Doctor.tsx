import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ok, told } from "@/api/client";
import { Badge } from "@/ui/Badge";
import { Banner } from "@/ui/Banner";
import { Button, Spinner } from "@/ui/Button";
import { Skeleton } from "@/ui/Empty";
import { harmless } from "@/ui/harmless";
import { useWords } from "@/ui/words";
import { words } from "./words";

const LOOKS = { ok: ["good", "check"], warning: ["warn", "warning"], problem: ["bad", "close"] } as const;

/** Looks at every part of the server's machine, and shows each finding as it comes. */
export function Doctor() {
  const say = useWords(words);
  const queries = useQueryClient();
  const parts = useQuery({ queryKey: ["doctor"], queryFn: ({ signal }) => ok(api.GET("/api/doctor", { signal })), staleTime: Infinity });
  const findings = useQueries({
    queries: (parts.data ?? []).map((part) => ({
      queryKey: ["doctor", part],
      queryFn: ({ signal }: { signal: AbortSignal }) => ok(api.GET("/api/doctor/{part}", { params: { path: { part } }, signal })),
      staleTime: Infinity,
      retry: false,
    })),
  });
  if (parts.isError) return <div className="py-5"><Banner tone="bad">{say("failed", { why: told(parts.error) })}</Banner></div>;
  if (parts.data === undefined) return <Skeleton lines={8} className="py-5" />;
  const done = findings.filter((finding) => finding.data !== undefined);
  const wanting = done.filter((finding) => finding.data?.state !== "ok").length;
  const under = findings.some((finding) => finding.isFetching);
  return (
    <div className="py-5">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <p className="text-sm text-soft" aria-live="polite">
          {under ? `${done.length} / ${parts.data.length}` : wanting === 0 ? say("allWell") : say("toDo", { count: wanting, all: parts.data.length })}
        </p>
        <Button size="small" icon="refresh" busy={under} onClick={() => void queries.invalidateQueries({ queryKey: ["doctor"] })}>
          {say("again")}
        </Button>
      </div>
      <ul className="border-t border-line">
        {parts.data.map((part, number) => {
          const { data, error, isFetching } = findings[number] ?? {};
          const [tone, icon] = data === undefined ? (["neutral", "clock"] as const) : LOOKS[data.state];
          return (
            <li key={part} className="grid gap-x-4 gap-y-1 border-b border-line py-3 text-sm sm:grid-cols-[9rem_1fr]">
              <div className="flex items-center gap-2 self-start sm:flex-col sm:items-start">
                <span className="font-medium">{part.replaceAll("_", " ")}</span>
                {data !== undefined && (
                  <Badge tone={tone} icon={icon}>
                    {say(data.state)}
                  </Badge>
                )}
              </div>
              <div className="min-w-0 break-words">
                {isFetching === true && (
                  <span className="inline-flex items-center gap-2 text-soft">
                    <Spinner /> {say("checking")}
                  </span>
                )}
                {isFetching !== true && data !== undefined && <p>{harmless(data.found)}</p>}
                {isFetching !== true && error !== null && error !== undefined && <p className="text-bad">{told(error)}</p>}
                {isFetching !== true && data !== undefined && data.fix !== "" && (
                  <p className="mt-1 text-soft">
                    {say("fix")}: <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.87em]">{harmless(data.fix)}</code>
                  </p>
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
