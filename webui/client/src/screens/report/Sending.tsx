import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok, told } from "@/api/client";
import { reportWords } from "@/screens/report/words";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Menu } from "@/ui/Menu";
import { useWords } from "@/ui/words";

const FORMATS = ["html", "markdown", "json", "cassette"] as const;

/** Saves the report in a format, shares it by a link that needs no account, or prints it. */
export function Sending({ run }: { run: string }) {
  const say = useWords(reportWords);
  const [sharing, setSharing] = useState(false);
  const save = (format: string) => {
    const link = document.createElement("a");
    link.href = `/api/runs/${encodeURIComponent(run)}/export?format=${format}`;
    link.download = "";
    link.click();
  };
  return (
    <div className="flex items-center gap-1 print:hidden">
      <Button size="small" icon="share" onClick={() => setSharing(true)}>
        {say("share")}
      </Button>
      <Menu
        size="small"
        icon="download"
        label={say("export")}
        items={[
          ...FORMATS.map((format) => ({ label: say(`export_${format}`), icon: "download" as const, onSelect: () => save(format) })),
          { label: say("print"), icon: "file" as const, onSelect: () => window.print() },
        ]}
      />
      {sharing && <Sharing run={run} onClose={() => setSharing(false)} onSave={() => save("html")} />}
    </div>
  );
}

function Sharing({ run, onClose, onSave }: { run: string; onClose: () => void; onSave: () => void }) {
  const say = useWords(reportWords);
  const [copied, setCopied] = useState(false);
  const client = useQueryClient();
  const params = { params: { path: { run_id: run } } };
  const key = ["share", run];
  const state = useQuery({ queryKey: key, queryFn: () => ok(api.GET("/api/runs/{run_id}/share", params)) });
  const renewed = { onSuccess: () => client.invalidateQueries({ queryKey: key }) };
  const make = useMutation({ mutationFn: () => ok(api.POST("/api/runs/{run_id}/share", params)), ...renewed });
  const end = useMutation({ mutationFn: () => ok(api.DELETE("/api/runs/{run_id}/share", params)), ...renewed });
  const link = state.data?.link ?? null;
  const url = link === null ? "" : new URL(link.url, location.origin).href;
  const problem = state.error ?? make.error ?? end.error;
  return (
    <Dialog title={say("share")} onClose={onClose}>
      <div className="space-y-5 pb-4 text-sm">
        <section className="space-y-2">
          <h3 className="font-semibold">{say("shareLink")}</h3>
          <p className="text-soft">{say("shareLinkHint")}</p>
          {problem !== null && <Banner tone="bad">{told(problem)}</Banner>}
          {end.isSuccess && link === null && <Banner tone="good">{say("shareEnded")}</Banner>}
          {link === null && state.data?.shared === true && <p>{say("sharedBySomebody")}</p>}
          {link === null ? (
            <Button kind="primary" icon="link" busy={make.isPending || state.isPending} onClick={() => make.mutate()}>
              {say("makeLink")}
            </Button>
          ) : (
            <div className="space-y-2">
              <input readOnly aria-label={say("shareLink")} value={url} onFocus={(event) => event.currentTarget.select()} className="h-9 w-full rounded-md border border-line bg-sunken px-3 font-mono text-xs" />
              <div className="flex flex-wrap gap-2">
                <Button
                  kind="primary"
                  icon={copied ? "check" : "copy"}
                  onClick={() => {
                    void navigator.clipboard.writeText(url).then(() => setCopied(true));
                  }}
                >
                  {say(copied ? "copied" : "copyLink")}
                </Button>
                <Button kind="danger" busy={end.isPending} onClick={() => end.mutate()}>
                  {say("endShare")}
                </Button>
              </div>
            </div>
          )}
        </section>
        <section className="space-y-2 border-t border-line pt-4">
          <h3 className="font-semibold">{say("shareFile")}</h3>
          <p className="text-soft">{say("shareFileHint")}</p>
          <Button icon="download" onClick={onSave}>
            {say("export_html")}
          </Button>
        </section>
      </div>
    </Dialog>
  );
}
