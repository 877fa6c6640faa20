import { useEffect, useId, useRef, useState, type DragEvent } from "react";
import { told } from "@/api/client";
import { sizeText } from "@/files/sizes";
import { Button, IconButton } from "@/ui/Button";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { useLanguage, useWords } from "@/ui/words";
import { newUpload, send, type Upload } from "./upload";
import { submitWords } from "./words";

/** Files that are sent to the server as soon as they are chosen, by picker or drag and drop. */
export function FilesField({ uploads, most, onChange }: { uploads: readonly Upload[]; most: number; onChange: (change: (uploads: readonly Upload[]) => readonly Upload[]) => void }) {
  const say = useWords(submitWords);
  const language = useLanguage();
  const picker = useRef<HTMLInputElement>(null);
  const sending = useRef(new Map<string, AbortController>());
  const [over, setOver] = useState(false);
  const id = useId();
  useEffect(() => {
    const all = sending.current;
    return () => {
      for (const one of all.values()) one.abort();
    };
  }, []);

  const change = (key: string, values: Partial<Upload>) => onChange((all) => all.map((one) => (one.key === key ? { ...one, ...values } : one)));

  const begin = (upload: Upload) => {
    const given = new AbortController();
    sending.current.set(upload.key, given);
    send(upload.file, upload.file.name, (sent) => change(upload.key, { sent }), given.signal)
      .then((done) => change(upload.key, { done, sent: upload.file.size, problem: "" }))
      .catch((error: unknown) => change(upload.key, { problem: told(error) }))
      .finally(() => sending.current.delete(upload.key));
  };

  const add = (files: readonly File[]) => {
    const names = new Set(uploads.map((one) => one.file.name));
    const fresh = files.map((file) => {
      const upload = newUpload(file);
      if (file.size > most * 1_000_000) return { ...upload, problem: say("tooLarge", { most }) };
      if (names.has(file.name)) return { ...upload, problem: say("twice") };
      names.add(file.name);
      return upload;
    });
    onChange((all) => [...all, ...fresh]);
    for (const upload of fresh) if (upload.problem === "") begin(upload);
  };

  const remove = (upload: Upload) => {
    sending.current.get(upload.key)?.abort();
    onChange((all) => all.filter((one) => one.key !== upload.key));
  };

  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    add([...event.dataTransfer.files]);
  };

  return (
    <div
      role="group"
      aria-labelledby={id}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p id={id} className="mb-1 text-[13px] font-medium">
        {say("files")}
      </p>
      <div className={`flex flex-wrap items-center gap-x-2 gap-y-1 rounded-md border border-dashed px-3 py-2.5 text-sm text-soft ${over ? "border-accent bg-wash" : "border-line bg-raised"}`}>
        <Icon name="upload" size={17} />
        {say("filesDrop")}
        <button type="button" className="font-medium text-accent underline underline-offset-2" onClick={() => picker.current?.click()}>
          {say("filesChoose")}
        </button>
        <span className="ml-auto text-[13px]">{say("filesLimit", { most })}</span>
        <input
          ref={picker}
          type="file"
          multiple
          aria-label={say("files")}
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => {
            add([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
      </div>
      {uploads.length > 0 && (
        <ul className="mt-2 divide-y divide-line border-b border-line">
          {uploads.map((upload) => (
            <li key={upload.key} className="flex min-h-10 items-center gap-2.5 py-1 text-sm">
              <Icon name={upload.problem === "" ? (upload.done === null ? "clock" : "check") : "warning"} size={16} className={upload.problem === "" ? (upload.done === null ? "text-soft" : "text-good") : "text-bad"} />
              <span className="min-w-0 flex-1">
                <span className="block truncate">{harmless(upload.file.name)}</span>
                {upload.problem !== "" && (
                  <span role="alert" className="block text-[13px] text-bad">
                    {harmless(upload.problem)}
                  </span>
                )}
              </span>
              <span className="text-[13px] whitespace-nowrap text-soft tabular-nums">
                {upload.done === null && upload.problem === "" ? say("uploading", { percent: percent(upload), size: sizeText(upload.file.size, language) }) : sizeText(upload.file.size, language)}
              </span>
              {upload.problem !== "" && upload.file.size <= most * 1_000_000 && upload.problem !== say("twice") && (
                <Button
                  size="small"
                  onClick={() => {
                    change(upload.key, { problem: "", sent: 0 });
                    begin(upload);
                  }}
                >
                  {say("again")}
                </Button>
              )}
              <IconButton icon="close" size="small" label={say("removeFile", { name: upload.file.name })} onClick={() => remove(upload)} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function percent(upload: Upload): number {
  return upload.file.size === 0 ? 100 : Math.min(100, Math.floor((100 * upload.sent) / upload.file.size));
}
