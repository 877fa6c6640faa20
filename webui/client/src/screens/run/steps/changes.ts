import { numberIn, objectIn, textIn, type JsonObject } from "@/ledger/json";
import type { Log } from "@/ledger/log";
import type { LedgerEvent } from "@/ledger/types";

/** What a call changes in a file. `before` is null where the run's ledger does not tell what the file held. */
export type Change = { readonly path: string; readonly before: string | null; readonly after: string; readonly since: number };

/** The file whose content before a call has to be known to show what the call changes; empty where it need not be. */
export function fileToKnow(tool: string, given: JsonObject): string {
  return tool === "write_file" ? textIn(given, "path") : "";
}

/** The content of a file after the last event before `seq` that wrote it, as far as the run's ledger tells all of it. */
export async function contentBefore(path: string, seq: number, log: Log, read: (seq: number) => Promise<LedgerEvent>, ended: (key: string) => number | null): Promise<{ text: string; seq: number } | null> {
  const wanted = normal(path);
  const writing = log.entries.filter((entry) => entry.seq < seq && entry.file !== "" && normal(entry.file) === wanted);
  let known: { text: string; seq: number } | null = null;
  for (const entry of writing) {
    const done = entry.key === null ? null : ended(entry.key);
    if (done === null || objectIn((await read(done)).payload, "result")["ok"] === false) continue;
    const request = objectIn((await read(entry.seq)).payload, "request");
    const given = objectIn(request, "arguments");
    if (textIn(request, "tool") === "write_file") known = { text: textIn(given, "content"), seq: entry.seq };
    else if (known !== null) known = edited(known.text, given, entry.seq);
  }
  return known;
}

function edited(text: string, given: JsonObject, seq: number): { text: string; seq: number } | null {
  const old = textIn(given, "old");
  if (old === "" || !text.includes(old)) return null;
  const now = textIn(given, "new");
  return { text: given["replace_all"] === true ? text.replaceAll(old, () => now) : text.replace(old, () => now), seq };
}

/** What a call of a tool changes; null for a tool that changes no text. */
export function changeOf(tool: string, given: JsonObject, known: { text: string; seq: number } | null): Change | null {
  const path = textIn(given, "path");
  if (tool === "edit_file") return { path, before: textIn(given, "old"), after: textIn(given, "new"), since: 0 };
  if (tool !== "write_file") return null;
  return { path, before: known?.text ?? null, after: textIn(given, "content"), since: known?.seq ?? 0 };
}

function normal(path: string): string {
  return path.split("/").filter((part) => part !== "" && part !== ".").join("/");
}

/** How a program ended, as the tools that run programs tell it. */
export type Ended = { readonly exitCode: number | null; readonly signal: string; readonly seconds: number; readonly out: string; readonly err: string };

/** Returns how a program ended; null for results of other tools. */
export function endedOf(data: JsonObject): Ended | null {
  if (!("exit_code" in data) || !("stdout" in data)) return null;
  const code = data["exit_code"];
  return { exitCode: typeof code === "number" ? code : null, signal: textIn(data, "signal"), seconds: numberIn(data, "seconds"), out: textIn(data, "stdout"), err: textIn(data, "stderr") };
}
