import { useId, useRef } from "react";
import { sizeText } from "@/files/sizes";
import { Button, IconButton } from "@/ui/Button";
import { harmless } from "@/ui/harmless";
import { Icon } from "@/ui/icons";
import { useLanguage, useWords } from "@/ui/words";
import { doubles, type Upload } from "./upload";
import type { Uploads } from "./useUploads";
import { submitWords } from "./words";

/** The files of a task, and where more are chosen; `over` while some are held over the page. */
export function FilesField({ uploads, most, over }: { uploads: Uploads; most: number; over: boolean }) {
  const say = useWords(submitWords);
  const picker = useRef<HTMLInputElement>(null);
  const choose = useRef<HTMLButtonElement>(null);
  const id = useId();
  const twice = doubles(uploads.all);
  return (
    <div role="group" aria-labelledby={id}>
      <p id={id} className="mb-1 text-[13px] font-medium">
        {say("files")}
      </p>
      <div className={`flex flex-wrap items-center gap-x-2 gap-y-1 rounded-md border border-dashed px-3 py-2.5 text-sm text-soft ${over ? "border-accent bg-wash" : "border-line bg-raised"}`}>
        <Icon name="upload" size={17} />
        {say("filesDrop")}
        <button ref={choose} type="button" className="font-medium text-accent underline underline-offset-2" onClick={() => picker.current?.click()}>
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
            uploads.add([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
      </div>
      {uploads.all.length > 0 && (
        <ul className="mt-2 divide-y divide-line border-b border-line">
          {uploads.all.map((upload) => (
            <Row
              key={upload.key}
              upload={upload}
              twice={twice.has(upload.key)}
              most={most}
              onAgain={() => uploads.again(upload)}
              onRemove={() => {
                uploads.remove(upload);
                choose.current?.focus();
              }}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

function Row({ upload, twice, most, onAgain, onRemove }: { upload: Upload; twice: boolean; most: number; onAgain: () => void; onRemove: () => void }) {
  const say = useWords(submitWords);
  const language = useLanguage();
  const { file, trouble } = upload;
  const wrong = trouble !== null || twice;
  const under = upload.done === null && !wrong;
  const size = sizeText(file.size, language);
  const told = trouble === null ? say("twice") : typeof trouble === "string" ? say(trouble, { most }) : harmless(trouble.told);
  return (
    <li className="flex min-h-10 items-center gap-2.5 py-1 text-sm">
      <Icon name={wrong ? "warning" : under ? "clock" : "check"} size={16} className={wrong ? "text-bad" : under ? "text-soft" : "text-good"} />
      <span className="min-w-0 flex-1">
        <span className="block truncate" title={harmless(file.name)}>
          {harmless(file.name)}
        </span>
        {wrong && (
          <span role="alert" className="block text-[13px] break-words text-bad">
            {told}
          </span>
        )}
      </span>
      {trouble !== "folder" && <span className="text-[13px] whitespace-nowrap text-soft tabular-nums">{under ? say("uploading", { percent: percent(upload), size }) : size}</span>}
      {typeof trouble === "object" && trouble !== null && (
        <Button size="small" onClick={onAgain}>
          {say("again")}
        </Button>
      )}
      <IconButton icon="close" size="small" label={say("removeFile", { name: harmless(file.name) })} onClick={onRemove} />
    </li>
  );
}

function percent(upload: Upload): number {
  return upload.file.size === 0 ? 100 : Math.min(100, Math.floor((100 * upload.sent) / upload.file.size));
}
