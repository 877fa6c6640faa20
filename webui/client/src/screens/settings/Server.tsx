import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok, told } from "@/api/client";
import { Banner } from "@/ui/Banner";
import { Button, IconButton } from "@/ui/Button";
import { Empty, Skeleton } from "@/ui/Empty";
import { Field, Input } from "@/ui/Field";
import { Icon } from "@/ui/icons";
import { useWords } from "@/ui/words";
import { flat, written, type Setting } from "./flat";
import { words } from "./words";

/** All settings of the server, by group; most can be changed in place. */
export function Server() {
  const say = useWords(words);
  const [search, setSearch] = useState("");
  const page = useQuery({ queryKey: ["settings"], queryFn: ({ signal }) => ok(api.GET("/api/settings", { signal })) });
  if (page.isError) return <div className="py-5"><Banner tone="bad">{say("failed", { why: told(page.error) })}</Banner></div>;
  if (page.data === undefined) return <Skeleton lines={8} className="py-5" />;
  const { values, closed, file, restart } = page.data;
  const shown = flat(values).filter((setting) => setting.name.includes(search.trim().toLowerCase()));
  return (
    <div className="space-y-4 py-5">
      {restart && <Banner tone="warn">{say("restart")}</Banner>}
      <Field label={say("search")} hideLabel hint={say("kept", { file })}>
        {(ties) => <Input {...ties} type="search" placeholder={say("search")} value={search} onChange={(event) => setSearch(event.target.value)} />}
      </Field>
      {shown.length === 0 && <Empty title={say("none")} icon="search" />}
      <ul className="border-t border-line">
        {shown.map((setting) => (
          <Row key={setting.name} setting={setting} closed={closed.includes(setting.name.split(".")[0] ?? "")} />
        ))}
      </ul>
    </div>
  );
}

function Row({ setting: { name, value }, closed }: { setting: Setting; closed: boolean }) {
  const say = useWords(words);
  const queries = useQueryClient();
  const [draft, setDraft] = useState<string>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const text = written(value);
  const end = () => {
    setDraft(undefined);
    setError(undefined);
  };
  const save = async () => {
    setBusy(true);
    try {
      const page = await ok(api.PUT("/api/settings/{name}", { params: { path: { name } }, body: { value: draft ?? "" } }));
      queries.setQueryData(["settings"], page);
      end();
    } catch (problem) {
      setError(told(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <li className="grid items-center gap-x-4 gap-y-1 border-b border-line py-1.5 text-sm sm:grid-cols-[minmax(0,17rem)_1fr]">
      <span className="min-w-0 font-mono text-[12.5px] break-all text-soft">{name}</span>
      {draft === undefined ? (
        <div className="flex min-h-8 min-w-0 items-center justify-between gap-2">
          <span className={`min-w-0 font-mono text-[12.5px] break-all ${text === "" ? "text-soft" : ""}`}>{text === "" ? say("unset") : text}</span>
          {closed ? (
            <span title={say("closed")} className="grid size-7 shrink-0 place-items-center text-soft">
              <Icon name="lock" size={15} label={say("closed")} />
            </span>
          ) : (
            <IconButton icon="pencil" size="small" label={say("edit", { name })} onClick={() => setDraft(text)} />
          )}
        </div>
      ) : (
        <form
          className="py-1"
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <Field label={say("value", { name })} hideLabel hint={say("toml")} error={error}>
            {(ties) => <Input {...ties} autoFocus value={draft} onChange={(event) => setDraft(event.target.value)} onKeyDown={(event) => event.key === "Escape" && end()} className="font-mono" />}
          </Field>
          <div className="mt-2 flex gap-2">
            <Button type="submit" kind="primary" size="small" busy={busy}>
              {say("save")}
            </Button>
            <Button kind="quiet" size="small" onClick={end}>
              {say("cancel")}
            </Button>
          </div>
        </form>
      )}
    </li>
  );
}
