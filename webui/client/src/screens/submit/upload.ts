import { Failure, failure, leftOut, newKey } from "@/api/client";
import { noteOffline, noteOnline } from "@/api/connection";
import type { components } from "@/api/schema";

export type Uploaded = components["schemas"]["WorkspaceFile"];

/** Why a file is not sent: `told` has the server's reason, the others are known here. */
export type Trouble = "tooLarge" | "folder" | "unreadable" | { readonly told: string };

/** A file on its way to the server. */
export type Upload = {
  key: string;
  file: File;
  sent: number;
  done: Uploaded | null;
  trouble: Trouble | null;
};

/** Files of which an earlier one has the same name: they cannot both be in the workspace. */
export function doubles(uploads: readonly Upload[]): ReadonlySet<string> {
  const names = new Set<string>();
  return new Set(
    uploads.flatMap(({ file, key }) => {
      if (names.has(file.name)) return [key];
      names.add(file.name);
      return [];
    }),
  );
}

export function newUpload(file: File): Upload {
  return { key: newKey(), file, sent: 0, done: null, trouble: null };
}

/** Sends a file and tells how much of it has gone. Throws a `Failure`; `signal` gives the sending up. */
export function send(file: Blob, name: string, sent: (bytes: number) => void, signal?: AbortSignal): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    // fetch does not tell how far it has come
    const request = new XMLHttpRequest();
    request.open("POST", "/api/uploads");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-Filename", encodeURIComponent(name));
    request.responseType = "json";
    request.upload.onprogress = (event) => sent(event.loaded);
    const began = Date.now();
    request.onload = () => {
      noteOnline(began);
      if (request.status === 401) leftOut();
      if (request.status === 201) resolve(request.response as Uploaded);
      else reject(failure(request.response, request.status));
    };
    request.onerror = () => {
      // a file that was changed or removed meanwhile fails in the same way as a connection
      file.slice(0, 1).arrayBuffer().then(
        () => {
          noteOffline();
          reject(new Failure("Offline", 0, "the server cannot be reached"));
        },
        () => reject(new Failure("Unreadable", 0, "the file cannot be read")),
      );
    };
    request.onabort = () => reject(new Failure("Aborted", 0, "given up"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
