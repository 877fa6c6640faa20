import { bench, describe } from "vitest";
import { Timeline } from "@/ledger/timeline";
import { longRun } from "./longRun";

const EVENTS = longRun(10_000);
const whole = new Timeline();
whole.add(EVENTS);
let seed = 1;
const anywhere = () => 1 + ((seed = (seed * 48_271) % 2_147_483_647) % EVENTS.length);

describe("a run of 10,000 events", () => {
  bench("take all events in", () => {
    new Timeline().add(EVENTS);
  });
  bench("the state after an event anywhere", () => {
    whole.at(anywhere());
  });
});
