import { Failure, failure, newKey } from "@/api/client";
import type { components } from "@/api/schema";

export type Uploaded = components["schemas"]["WorkspaceFile"];

/** A file on its way to the server. */
export type Upload = {
  key: string;
  file: File;
  sent: number;
  done: Uploaded | null;
  problem: string;
};

export function newUpload(file: File): Upload {
  return { key: newKey(), file, sent: 0, done: null, problem: "" };
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
    request.onload = () => {
      if (request.status === 201) resolve(request.response as Uploaded);
      else reject(failure(request.response, request.status));
    };
    request.onerror = () => reject(new Failure("Offline", 0, "the server cannot be reached"));
    request.onabort = () => reject(new Failure("Aborted", 0, "given up"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
