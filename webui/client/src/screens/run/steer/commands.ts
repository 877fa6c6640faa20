import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, Failure, newKey, ok, told, untilSent } from "@/api/client";
import type { components } from "@/api/schema";
import { toast } from "@/ui/Toasts";
import { Turns } from "./turns";

/** What is read only wherever the state of a run is. */
type Frozen<T> = T extends readonly (infer Item)[] ? readonly Frozen<Item>[] : T extends object ? { readonly [Name in keyof T]: Frozen<T[Name]> } : T;
type Order = components["schemas"]["Order"];

export type RunCard = components["schemas"]["RunCard"];
export type Command = Frozen<Order["command"]>;
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
  const [turns] = useState(() => new Turns());
  const path = { run_id: run };
  const keyed = () => ({ path, header: { "idempotency-key": newKey() } });

  async function sent<Data>(what: string, send: () => Promise<Data>): Promise<Data | null> {
    const sending = turns.send(what, () => untilSent(send));
    if (sending === null) return null;
    setBusy(turns.busy);
    try {
      return await sending;
    } catch (error) {
      if (!(error instanceof Failure && refused(what, error))) toast(told(error), { tone: "bad" });
      return null;
    } finally {
      setBusy(turns.busy);
      void queries.invalidateQueries({ queryKey: ["run", run] });
    }
  }

  return {
    busy,
    command: async (what, command, seen) => {
      const params = keyed();
      const body = thawed<Order>(seen === undefined ? { command } : { command, seen });
      return (await sent(what, () => ok(api.POST("/api/runs/{run_id}/commands", { params, body })))) !== null;
    },
    resume: async () => (await sent("resume", () => ok(api.POST("/api/runs/{run_id}/resume", { params: { path }, body: {} })))) !== null,
    fork: async (seq, options, resume) => {
      const params = keyed();
      return sent("fork", () => ok(api.POST("/api/runs/{run_id}/fork", { params, body: { seq, options, resume, title: "" } })));
    },
    file: async (title, tags) => (await sent("file", () => ok(api.PATCH("/api/runs/{run_id}", { params: { path }, body: { title, tags: [...tags] } })))) !== null,
  };
}

/** Returns a copy that may be changed, as the description of the API has it. */
function thawed<T>(value: Frozen<T>): T {
  const copy: T = JSON.parse(JSON.stringify(value));
  return copy;
}
