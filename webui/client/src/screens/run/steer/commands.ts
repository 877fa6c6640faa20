import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { api, failure, Failure, newKey, ok, told, untilSent } from "@/api/client";
import type { components } from "@/api/schema";
import type { Budget } from "@/ledger/types";
import { toast } from "@/ui/Toasts";
import type { Edit } from "../plan/draft";

export type RunCard = components["schemas"]["RunCard"];
export type Command =
  | { readonly op: "pause" | "cancel" }
  | { readonly op: "answer"; readonly question: string; readonly text: string }
  | { readonly op: "guide"; readonly text: string }
  | { readonly op: "edit_plan"; readonly version: number; readonly edits: readonly Edit[] }
  | { readonly op: "set_budget"; readonly budget: Budget };
export type Options = components["schemas"]["RunOptions"];

/** What a person can do to a run. Each resolves to whether the server took it; why it did not is shown. */
export type Steering = {
  readonly busy: string;
  /** `seen` is the last event that the person had seen when they began to change the plan. */
  readonly command: (what: string, command: Command, seen?: number) => Promise<boolean>;
  readonly resume: () => Promise<boolean>;
  readonly fork: (seq: number, options: Options, resume: boolean) => Promise<RunCard | null>;
  readonly file: (title: string, tags: readonly string[]) => Promise<boolean>;
};

/** Sends a person's commands to a run, each once, however often it has to be sent. */
export function useSteering(run: string, refused: (what: string, failure: Failure) => boolean): Steering {
  const queries = useQueryClient();
  const [busy, setBusy] = useState("");
  const sending = useRef(false);
  const path = { run_id: run };
  const post = async <Data>(what: string, body: object, key: string): Promise<Data> => {
    const response = await fetch(`/api/runs/${encodeURIComponent(run)}/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": key },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw failure(await response.json(), response.status);
    return response.json();
  };

  async function sent<Data>(what: string, send: () => Promise<Data>): Promise<Data | null> {
    if (sending.current) return null;
    sending.current = true;
    setBusy(what);
    try {
      return await untilSent(send);
    } catch (error) {
      if (!(error instanceof Failure && refused(what, error))) toast(told(error), { tone: "bad" });
      return null;
    } finally {
      sending.current = false;
      setBusy("");
      void queries.invalidateQueries({ queryKey: ["run", run] });
    }
  }

  return {
    busy,
    command: async (what, command, seen) => {
      const key = newKey();
      return (await sent(what, () => post<RunCard>("commands", { command, seen: seen ?? null }, key))) !== null;
    },
    resume: async () => {
      const key = newKey();
      return (await sent("resume", () => post<RunCard>("resume", {}, key))) !== null;
    },
    fork: async (seq, options, resume) => {
      const key = newKey();
      return sent("fork", () => post<RunCard>("fork", { seq, options, resume }, key));
    },
    file: async (title, tags) => (await sent("file", () => ok(api.PATCH("/api/runs/{run_id}", { params: { path }, body: { title, tags: [...tags] } })))) !== null,
  };
}
