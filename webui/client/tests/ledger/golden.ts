import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { emptyView, toJson } from "@/ledger/reducer";
import type { LedgerEvent, RunViewJson } from "@/ledger/types";

type Entries = { [name: string]: { [key: string]: unknown } };
type Change = { fields: { [name: string]: unknown }; entries: Entries; gone: { [name: string]: string[] } };

/** Events of a run, and what the server's reader says that each changes in the state. */
export type Golden = { name: string; events: LedgerEvent[]; changes: Change[] };

/** Reads the golden files of a folder. */
export function readGolden(folder: string): Golden[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json.gz"));
  return names.sort().map((name) => ({ name, ...JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString()) }));
}

/** Yields the state after each event, by the server's reader. */
export function* statesOf(golden: Golden): Generator<RunViewJson> {
  let state: { [name: string]: unknown } = { ...toJson(emptyView()) };
  for (const { fields, entries, gone } of golden.changes) {
    state = { ...state, ...fields };
    for (const name of ["steps", "results", "questions"]) {
      const kept = Object.entries(state[name] ?? {}).filter(([key]) => !gone[name]?.includes(key));
      state[name] = { ...Object.fromEntries(kept), ...entries[name] };
    }
    // what the file holds was a state when it was written
    yield state as RunViewJson;
  }
}
