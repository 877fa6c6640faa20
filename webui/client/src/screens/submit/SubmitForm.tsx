import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { api, newKey, ok, told, untilSent } from "@/api/client";
import { ModelField } from "@/choices/ModelField";
import type { Options } from "@/choices/useOptions";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Checkbox, Field, Select, TextArea } from "@/ui/Field";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { Segments } from "@/ui/Tabs";
import { toast } from "@/ui/Toasts";
import { useWords } from "@/ui/words";
import { Details } from "./Details";
import { fitting, forgetDraft, FRESH, isLimit, keepDraft, keptDraft, LIMITS, searches, submissionOf, type Draft, type Kind } from "./draft";
import { FilesField } from "./FilesField";
import { KindFields } from "./KindFields";
import { KindPicker } from "./KindPicker";
import { Templates } from "./Templates";
import { doubles, send, type Upload, type Uploaded } from "./upload";
import { useDropping } from "./useDropping";
import { useUploads } from "./useUploads";
import { submitWords, type SubmitWord } from "./words";

const GOALS: Record<Kind, SubmitWord> = { task: "goal", browse: "question", check: "text", ask: "question", build: "wish" };

/** The form of a task. Whatever is written is kept in the browser until it is submitted. */
export function SubmitForm({ options }: { options: Options }) {
  const say = useWords(submitWords);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => fitting(keptDraft(), options));
  const uploads = useUploads(options.upload_megabytes);
  const over = useDropping(draft.kind === "task" ? uploads.add : null);
  const [tried, setTried] = useState(false);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState("");
  const [details, setDetails] = useState(false);
  const [lasting, setLasting] = useState(true);
  // the same submission sent twice is one run; one that differs in anything is another
  const sent = useRef({ body: "", key: "" });
  const text = useRef<{ of: string; uploaded: Uploaded } | null>(null);
  const gone = useRef(false);
  const goal = useRef<HTMLTextAreaElement>(null);
  const starter = useRef<HTMLDivElement>(null);
  useEffect(() => setLasting(keepDraft(draft)), [draft]);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);

  const change = (values: Partial<Draft>) => {
    setProblem("");
    setDraft((before) => ({ ...before, ...values }));
  };
  const named = draft.model === "" ? options.default_model : options.models.find((model) => model.name === draft.model);
  const byPerson = draft.kind === "browse" && draft.seat === "person";
  const web = draft.web ?? options.web;
  const mayNeedPrograms = draft.kind !== "browse" && draft.kind !== "ask" && (draft.sandbox === "" || draft.sandbox === options.sandbox);
  const wrong = complaint(draft, uploads.all, web);
  const replace = (values: Partial<Draft>, told: string) => {
    const before = draft;
    change(values);
    if (before.goal.trim() !== "" && before.goal !== values.goal) toast(told, { action: { label: say("undo"), run: () => change(before) } });
  };
  // a text that was uploaded need not go again with the next try
  const uploadedText = async () => {
    if (text.current?.of !== draft.goal) text.current = { of: draft.goal, uploaded: await untilSent(() => send(new Blob([draft.goal]), "text.txt", () => undefined)) };
    return text.current.uploaded;
  };

  const start = async () => {
    setTried(true);
    if (wrong !== null || sending) {
      if (wrong === "empty") goal.current?.focus();
      if (wrong === "wrongLimits") setDetails(true);
      return;
    }
    setSending(true);
    setProblem("");
    try {
      const checked = draft.kind === "check" ? await uploadedText() : null;
      const files = draft.kind === "task" ? uploads.all.flatMap((upload) => upload.done ?? []) : [];
      const body = submissionOf(draft, files, options.web, checked, options.budget);
      const written = JSON.stringify(body);
      if (sent.current.body !== written) sent.current = { body: written, key: newKey() };
      const header = { "idempotency-key": sent.current.key };
      const run = await untilSent(() => ok(api.POST("/api/runs", { params: { header }, body })));
      forgetDraft();
      void queries.invalidateQueries({ queryKey: ["runs"] });
      // whoever went elsewhere meanwhile stays there
      if (!gone.current) void navigate(byPerson ? `/runs/${run.id}/seat` : `/runs/${run.id}`);
    } catch (error) {
      setProblem(told(error));
      setSending(false);
      requestAnimationFrame(() => starter.current?.querySelector("button")?.focus());
    }
  };

  return (
    <form
      noValidate
      className="pb-24"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !(event.target instanceof Element && event.target.closest("dialog"))) {
          event.preventDefault();
          void start();
        }
      }}
    >
      {/* what is changed while it is sent would be lost */}
      <fieldset disabled={sending} className="min-w-0 space-y-5">
        <KindPicker at={draft.kind} limited={named?.limited === true && !byPerson} onChange={(kind) => change({ kind })} />
        <Field label={say(GOALS[draft.kind])} hint={draft.kind === "task" ? say("goalHint") : undefined} error={tried && wrong === "empty" ? say("empty") : undefined}>
          {(ties) => (
            <TextArea {...ties} ref={goal} autoFocus least={draft.kind === "check" ? 8 : 4} most={18} value={draft.goal} maxLength={100_000} className="text-[15px]" onChange={(event) => change({ goal: event.target.value })} />
          )}
        </Field>
        <Templates
          draft={draft}
          onTake={(template) => {
            replace({ kind: template.kind, goal: template.goal }, say("replaced"));
            goal.current?.focus();
          }}
        />
        {draft.kind === "task" && <FilesField uploads={uploads} most={options.upload_megabytes} over={over} />}
        <KindFields draft={draft} options={options} onChange={change} />
        <div className="grid items-start gap-x-4 gap-y-5 sm:grid-cols-2">
          {!byPerson && (
            <ModelField
              label={say("model")}
              fallback={options.default_model === null ? say("modelNone") : say("modelDefault", { name: options.default_model.name })}
              value={draft.model}
              options={options}
              onChange={(model) => change({ model })}
            />
          )}
          {searches(draft.kind) && (
            <Field label={say("corpus")}>
              {(ties) => (
                <Select {...ties} value={draft.corpus} onChange={(event) => change({ corpus: event.target.value })}>
                  <option value="">{say("corpusNone")}</option>
                  {options.corpora.map((name) => (
                    <option key={name} value={name}>
                      {name}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          )}
          {draft.kind === "task" && (
            <div>
              <p className="mb-1 text-[13px] font-medium" aria-hidden="true">
                {say("mode")}
              </p>
              <Segments label={say("mode")} options={options.modes.map((mode) => ({ key: mode, label: say(mode) }))} at={draft.mode} onChange={(mode) => change({ mode })} />
            </div>
          )}
          {searches(draft.kind) && <Checkbox label={say("web")} hint={say("webHint")} checked={web} onChange={(event) => change({ web: event.target.checked })} />}
        </div>
        {options.default_model === null && draft.model === "" && !byPerson && <Banner tone="warn">{options.no_model.split("\n").map(harmless).join(" ")}</Banner>}
        {mayNeedPrograms && problem === "" && options.confinement.place === "refused" && <Banner tone="warn">{sentence(options.confinement.line)}</Banner>}
        <details open={details} onToggle={(event) => setDetails(event.currentTarget.open)} className="group rounded-md border border-line px-4 pb-4 open:pb-5">
          <summary className="-mx-4 -mb-4 flex h-10 cursor-pointer list-none items-center gap-1.5 px-4 text-sm font-medium select-none group-open:mb-0">
            <Icon name="chevronRight" size={16} className="transition-transform group-open:rotate-90" />
            {say("more")}
          </summary>
          <Details draft={draft} options={options} onChange={change} />
        </details>
      </fieldset>
      <div className="mt-5 space-y-5">
        {problem !== "" && <Banner tone="bad">{harmless(problem)}</Banner>}
        {tried && wrong !== null && wrong !== "empty" && problem === "" && <Banner tone="warn">{say(wrong)}</Banner>}
        <div ref={starter} className="flex flex-wrap items-center gap-3">
          <Button type="submit" kind="primary" icon="send" busy={sending}>
            {say("start")}
          </Button>
          <span className="hidden text-[13px] text-soft sm:inline">{say("startKeys")}</span>
          {draft.goal !== "" && (
            <span className="ml-auto flex items-center gap-2 text-[13px] text-soft">
              <span className="hidden sm:inline">{say(lasting ? "draft" : "draftHere")}</span>
              <Button
                kind="quiet"
                size="small"
                disabled={sending}
                onClick={() => {
                  replace(FRESH, say("cleared"));
                  uploads.clear();
                  setTried(false);
                  goal.current?.focus();
                }}
              >
                {say("clear")}
              </Button>
            </span>
          )}
        </div>
      </div>
    </form>
  );
}

/** One line of the server's as a sentence. */
function sentence(line: string): string {
  return `${harmless(line.charAt(0).toUpperCase() + line.slice(1))}.`;
}

/** What has to be put right before a draft can be submitted; null where nothing has. */
function complaint(draft: Draft, uploads: readonly Upload[], web: boolean): SubmitWord | null {
  if (draft.goal.trim() === "") return "empty";
  if (LIMITS.some((limit) => !isLimit(limit, draft.budget[limit]))) return "wrongLimits";
  if (draft.kind === "browse" && draft.corpus === "" && !web) return "needsSource";
  if (draft.kind !== "task") return null;
  if (uploads.some((upload) => upload.trouble !== null) || doubles(uploads).size > 0) return "failedUploads";
  if (uploads.some((upload) => upload.done === null)) return "waitUploads";
  return null;
}
