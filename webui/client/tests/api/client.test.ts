import { afterEach, expect, it, vi } from "vitest";
import { api, Failure, ok } from "@/api/client";
import { noteOffline, noteOnline, useConnection } from "@/api/connection";

afterEach(() => {
  vi.useRealTimers();
  noteOnline();
  vi.unstubAllGlobals();
});

it("does not take a request that was given up for a server that is not reached", async () => {
  vi.stubGlobal("fetch", async (request: Request) => {
    await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
    throw new DOMException("given up", "AbortError");
  });
  const leaving = new AbortController();
  const asked = ok(api.GET("/api/me", { signal: leaving.signal, baseUrl: "http://127.0.0.1" }));
  leaving.abort();
  await expect(asked).rejects.not.toBeInstanceOf(Failure);
  expect(useConnection.getState().online).toBe(true);
});

it("notes that the server is not reached", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(ok(api.GET("/api/me", { baseUrl: "http://127.0.0.1" }))).rejects.toBeInstanceOf(Failure);
  expect(useConnection.getState().online).toBe(false);
});

it("does not take a late answer for a server that is there again", async () => {
  vi.useFakeTimers();
  let answer = (_response: Response): void => undefined;
  const fetch = () => new Promise<Response>((resolve) => (answer = resolve));
  const asked = ok(api.GET("/api/me", { baseUrl: "http://127.0.0.1", fetch }));
  await vi.advanceTimersByTimeAsync(100);
  noteOffline();
  answer(Response.json({}));
  await asked;
  expect(useConnection.getState().online).toBe(false);
  const next = ok(api.GET("/api/me", { baseUrl: "http://127.0.0.1", fetch }));
  await vi.advanceTimersByTimeAsync(100);
  answer(Response.json({}));
  await next;
  expect(useConnection.getState().online).toBe(true);
});
