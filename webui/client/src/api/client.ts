import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "@/api/schema";
import { noteOffline, noteOnline } from "@/api/connection";

/** Why a request came to nothing: the name and the one line of the server's problem, `Offline` where none was reached. */
export class Failure extends Error {
  readonly name: string;
  constructor(
    name: string,
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = name;
  }

  /** The state of the page is older than that of the server: load again, then decide again. */
  get stale(): boolean {
    return this.status === 409;
  }

  get offline(): boolean {
    return this.name === "Offline";
  }
}

/** Leads to the door, since the session is over; whoever enters again comes back to where they were. */
export function leftOut(): void {
  if (location.pathname === "/enter") return;
  location.assign(`/enter?expired=1&back=${encodeURIComponent(location.pathname + location.search)}`);
}

const began = new WeakMap<Request, number>();

const watch: Middleware = {
  onRequest({ request }) {
    began.set(request, Date.now());
  },
  onResponse({ request, response }) {
    noteOnline(began.get(request));
    if (response.status === 401) leftOut();
  },
  onError({ request }) {
    // a screen that was left gives up its requests: that says nothing of the server
    if (request.signal.aborted) return;
    noteOffline();
    return new Failure("Offline", 0, "the server cannot be reached");
  },
};

/** Typed requests to the API: `await ok(api.GET("/api/runs/{run_id}", {...}))`. */
export const api = createClient<paths>({ baseUrl: location.origin, credentials: "same-origin" });
api.use(watch);

type Answer<Data> = { data?: Data; error?: unknown; response: Response };

/** Returns the data of an answer. Throws a `Failure` where the server refused or was not reached. */
export async function ok<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await answer;
  if (!response.ok) throw failure(error, response.status);
  // an answer without a body has no data, which is what its type says
  return data as Data;
}

/** Returns the failure that a refusing answer tells of. */
export function failure(problem: unknown, status: number): Failure {
  if (typeof problem === "object" && problem !== null && "error" in problem && "message" in problem) {
    return new Failure(String(problem.error), status, String(problem.message));
  }
  return new Failure("ServerError", status, `the server answered ${status} without saying why`);
}

/** Returns the line to show for whatever was thrown. */
export function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns a key under which one intention is carried out once, however often it is sent. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends until the server answers, for about two minutes. Only for what carries an idempotency key or changes nothing. */
export async function untilSent<Data>(send: () => Promise<Data>): Promise<Data> {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof Failure && error.offline) || tries >= 25) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(500 * tries, 5_000)));
    }
  }
}
