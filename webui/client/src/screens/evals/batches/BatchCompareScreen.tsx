import { useSearchParams } from "react-router";
import { Empty } from "@/ui/Empty";
import { Field, Select } from "@/ui/Field";
import { harmless } from "@/ui/harmless";
import { Screen } from "@/ui/Screen";
import { useWords } from "@/ui/words";
import { ComparedBatches } from "./ComparedBatches";
import { useBatches } from "./queries";
import { batchWords } from "./words";

/** Two batches of one suite side by side. `?a` and `?b` name them. */
export default function BatchCompareScreen() {
  const say = useWords(batchWords);
  const [parameters, setParameters] = useSearchParams();
  const chosen = { a: parameters.get("a") ?? "", b: parameters.get("b") ?? "" };
  const known = useBatches({ limit: 100, watch: false }).data?.batches ?? [];
  const suite = (batch: string) => known.find((one) => one.id === batch)?.digest;
  const choose = (side: "a" | "b", batch: string) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        if (batch === "") after.delete(side);
        else after.set(side, batch);
        return after;
      },
      { replace: true },
    );
  return (
    <Screen title={say("compare")} wide>
      <div className="mb-6 grid grid-cols-1 gap-3 sm:grid-cols-2">
        {(["a", "b"] as const).map((side) => {
          const other = suite(chosen[side === "a" ? "b" : "a"]);
          const fitting = known.filter((one) => other === undefined || one.digest === other || one.id === chosen[side]);
          return (
            <Field key={side} label={say(side === "a" ? "first" : "second")}>
              {(ties) => (
                <Select {...ties} value={chosen[side]} onChange={(event) => choose(side, event.target.value)}>
                  <option value="">{say("chooseBatch")}</option>
                  {chosen[side] !== "" && !fitting.some((one) => one.id === chosen[side]) && <option value={chosen[side]}>{chosen[side]}</option>}
                  {fitting.map((one) => (
                    <option key={one.id} value={one.id}>
                      {one.id} · {one.suite} {one.version} · {harmless(one.model)}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          );
        })}
      </div>
      {chosen.a !== "" && chosen.b !== "" ? (
        <ComparedBatches key={`${chosen.a} ${chosen.b}`} a={chosen.a} b={chosen.b} />
      ) : (
        <Empty title={say("chooseTwo")} icon="compare">
          {say("chooseTwoText")}
        </Empty>
      )}
    </Screen>
  );
}
