import { api, ok } from "@/api/client";
import type { Preview } from "@/files/preview";

/** Where in a file a preview begins: an offset in bytes with the number of the row there, or a page. */
export type Place = { offset?: number; row?: number; page?: number };

/** Returns the address under which a file of a run is downloaded. */
export function downloadAddress(run: string, path: string): string {
  return `/api/runs/${encodeURIComponent(run)}/files/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** Returns the address of bytes that a run refers to by their hash, such as a picture. */
export function blobAddress(run: string, sha256: string): string {
  return `/api/runs/${encodeURIComponent(run)}/blobs/${sha256}`;
}

/** Returns what can be seen of a file. Throws a `Failure` where the server refuses or is not reached. */
export function loadPreview(run: string, path: string, place: Place, signal: AbortSignal): Promise<Preview> {
  return ok(api.GET("/api/runs/{run_id}/preview/{path}", { params: { path: { run_id: run, path }, query: place }, signal }));
}
