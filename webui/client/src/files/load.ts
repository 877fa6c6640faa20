import { failure, Failure } from "@/api/client";
import { noteOffline, noteOnline } from "@/api/connection";
import type { Preview } from "@/files/preview";

/** Where in a file a preview begins: an offset in bytes with the number of the row there, or a page. */
export type Place = { offset?: number; first?: number; page?: number };

/** Returns a path as a part of an address. */
export function addressPart(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Returns the address under which a file of a run is downloaded. */
export function downloadAddress(run: string, path: string): string {
  return `/api/runs/${encodeURIComponent(run)}/files/${addressPart(path)}`;
}

/** Returns the address of bytes that a run refers to by their hash, such as a picture. */
export function blobAddress(run: string, sha256: string): string {
  return `/api/runs/${encodeURIComponent(run)}/blobs/${sha256}`;
}

/** Returns what can be seen of a file. Throws a `Failure` where the server refuses or is not reached. */
export async function loadPreview(run: string, path: string, place: Place, signal: AbortSignal): Promise<Preview> {
  const asked = Object.entries(place).filter(([, value]) => value !== undefined && value !== 0);
  const query = new URLSearchParams(asked.map(([name, value]): [string, string] => [name, String(value)]));
  const address = `/api/runs/${encodeURIComponent(run)}/preview/${addressPart(path)}${asked.length > 0 ? `?${query}` : ""}`;
  let answer: Response;
  try {
    answer = await fetch(address, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    noteOffline();
    throw new Failure("Offline", 0, "the server cannot be reached");
  }
  noteOnline();
  const body: unknown = await answer.json();
  if (!answer.ok) throw failure(body, answer.status);
  // the server's schema says what it is
  return body as Preview;
}
