import { afterEach, expect, it, vi } from "vitest";
import { api, Failure, ok } from "@/api/client";
import { noteOnline, useConnection } from "@/api/connection";

afterEach(() => {
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
