import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { api, ok } from "@/api/client";
import { Field, Select } from "@/ui/Field";
import { harmless } from "@/ui/harmless";
import { Empty } from "@/ui/Empty";
import { Screen } from "@/ui/Screen";
import { useWords } from "@/ui/words";
import { Compared } from "./Compared";
import { compareWords } from "./words";

type Side = "a" | "b";

/** Two runs side by side: what they were to do, what came out, what holds of it, and what it took. */
export default function CompareScreen() {
  const say = useWords(compareWords);
  const [params, setParams] = useSearchParams();
  const [a, b] = [params.get("a") ?? "", params.get("b") ?? ""];
  const runs = useQuery({ queryKey: ["runs", "to compare"], queryFn: async () => ok(api.GET("/api/runs", { params: { query: { limit: 100 } } })) });
  const choose = (side: Side, run: string) => {
    setParams((before) => {
      const after = new URLSearchParams(before);
      if (run === "") after.delete(side);
      else after.set(side, run);
      return after;
    });
  };
  const known = runs.data?.runs ?? [];
  return (
    <Screen title={say("compare")} wide>
      <div className="mb-6 grid grid-cols-1 gap-3 sm:grid-cols-2">
        {(["a", "b"] as const).map((side) => {
          const chosen = side === "a" ? a : b;
          return (
            <Field key={side} label={say(side === "a" ? "first" : "second")}>
              {(ties) => (
                <Select {...ties} value={chosen} onChange={(event) => choose(side, event.target.value)}>
                  <option value="">{say("chooseRun")}</option>
                  {chosen !== "" && !known.some((run) => run.id === chosen) && <option value={chosen}>{chosen}</option>}
                  {known.map((run) => (
                    <option key={run.id} value={run.id}>
                      {harmless(run.title || run.goal).slice(0, 90)} · {run.id}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          );
        })}
      </div>
      {a !== "" && b !== "" ? (
        <Compared key={`${a} ${b}`} a={a} b={b} />
      ) : (
        <Empty title={say("chooseTwo")} icon="compare" action={<Link to="/runs" className="text-sm text-accent underline">{say("toRuns")}</Link>}>
          {say("chooseTwoTold")}
        </Empty>
      )}
    </Screen>
  );
}
