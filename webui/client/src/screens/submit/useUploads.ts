import { useEffect, useRef, useState } from "react";
import { Failure, told } from "@/api/client";
import { newUpload, send, type Trouble, type Upload } from "./upload";

/** The files of a task, sent to the server as soon as they are chosen. */
export type Uploads = {
  readonly all: readonly Upload[];
  readonly add: (files: readonly File[], folders?: readonly File[]) => void;
  readonly again: (upload: Upload) => void;
  readonly remove: (upload: Upload) => void;
  readonly clear: () => void;
};

/** Sends files on and on, whichever kind of task is shown; `most` is the largest one in megabytes. */
export function useUploads(most: number): Uploads {
  const [all, setAll] = useState<readonly Upload[]>([]);
  const sending = useRef(new Map<string, AbortController>());
  useEffect(() => {
    const under = sending.current;
    return () => {
      for (const one of under.values()) one.abort();
    };
  }, []);

  const change = (key: string, values: Partial<Upload>) => setAll((now) => now.map((one) => (one.key === key ? { ...one, ...values } : one)));

  const begin = ({ key, file }: Upload) => {
    const given = new AbortController();
    sending.current.set(key, given);
    send(file, file.name, (sent) => change(key, { sent }), given.signal)
      .then((done) => change(key, { done, sent: file.size, trouble: null }))
      .catch((error: unknown) => change(key, { trouble: error instanceof Failure && error.name === "Unreadable" ? "unreadable" : { told: told(error) } }))
      .finally(() => {
        // another try may have begun
        if (sending.current.get(key) === given) sending.current.delete(key);
      });
  };

  return {
    all,
    add: (files, folders = []) => {
      const fresh = files.map((file): Upload => {
        const trouble: Trouble | null = folders.includes(file) ? "folder" : file.size > most * 1_000_000 ? "tooLarge" : null;
        return { ...newUpload(file), trouble };
      });
      setAll((now) => [...now, ...fresh]);
      for (const upload of fresh) if (upload.trouble === null) begin(upload);
    },
    again: (upload) => {
      change(upload.key, { trouble: null, sent: 0 });
      begin(upload);
    },
    remove: (upload) => {
      sending.current.get(upload.key)?.abort();
      setAll((now) => now.filter((one) => one.key !== upload.key));
    },
    clear: () => {
      for (const one of sending.current.values()) one.abort();
      setAll([]);
    },
  };
}
