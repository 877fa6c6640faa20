import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { failure, told } from "@/api/client";
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

type Share = { token: string; url: string };

function Sharing({ run, onClose, onSave }: { run: string; onClose: () => void; onSave: () => void }) {
  const say = useWords(reportWords);
  const [copied, setCopied] = useState(false);
  const make = useMutation({ mutationFn: () => share(run) });
  const end = useMutation({ mutationFn: () => endShare(run), onSuccess: () => make.reset() });
  const url = make.data === undefined ? "" : new URL(make.data.url, location.origin).href;
  return (
    <Dialog title={say("share")} onClose={onClose}>
      <div className="space-y-5 pb-4 text-sm">
        <section className="space-y-2">
          <h3 className="font-semibold">{say("shareLink")}</h3>
          <p className="text-soft">{say("shareLinkHint")}</p>
          {make.isError && <Banner tone="bad">{told(make.error)}</Banner>}
          {end.isError && <Banner tone="bad">{told(end.error)}</Banner>}
          {end.isSuccess && make.data === undefined && <Banner tone="good">{say("shareEnded")}</Banner>}
          {make.data === undefined ? (
            <Button kind="primary" icon="link" busy={make.isPending} onClick={() => make.mutate()}>
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

async function share(run: string): Promise<Share> {
  const answer = await fetch(`/api/runs/${encodeURIComponent(run)}/share`, { method: "POST" });
  const body: unknown = await answer.json();
  if (!answer.ok) throw failure(body, answer.status);
  return body as Share;
}

async function endShare(run: string): Promise<void> {
  const answer = await fetch(`/api/runs/${encodeURIComponent(run)}/share`, { method: "DELETE" });
  if (!answer.ok) throw failure(await answer.json(), answer.status);
}
