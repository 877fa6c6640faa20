import { expect, test } from "vitest";
import { Turns } from "@/screens/run/steer/turns";

/** Something that is sent until it is told what came of it. */
function pending() {
  let resolve: (text: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const coming = new Promise<string>((taken, refused) => {
    resolve = taken;
    reject = refused;
  });
  return { send: () => coming, resolve, reject };
}

test("a pause that is clicked while an answer is on its way goes out after it", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const answer = pending();
  const answered = turns.send("answer", () => answer.send().then((text) => (order.push("answer"), text)));
  const paused = turns.send("pause", async () => (order.push("pause"), "paused"));
  expect(turns.busy).toBe("pause");
  expect(order).toEqual([]);
  answer.resolve("taken");
  expect(await answered).toBe("taken");
  expect(await paused).toBe("paused");
  expect(order).toEqual(["answer", "pause"]);
  expect(turns.busy).toBe("");
});

test("the same clicked twice goes out once, and again when it has come back", async () => {
  const turns = new Turns();
  let sent = 0;
  const send = async () => ++sent;
  const first = turns.send("pause", send);
  expect(turns.send("pause", send)).toBeNull();
  expect(await first).toBe(1);
  expect(await turns.send("pause", send)).toBe(2);
});

test("what is refused keeps nothing else back", async () => {
  const turns = new Turns();
  const answer = pending();
  const answered = turns.send("answer", answer.send);
  const paused = turns.send("pause", async () => "paused");
  answer.reject(new Error("it has another answer already"));
  await expect(answered).rejects.toThrow("another answer");
  expect(await paused).toBe("paused");
  expect(turns.busy).toBe("");
});
