import { useState } from "react";
import type { Budget, Usage } from "@/ledger/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Input } from "@/ui/Field";
import { count, money } from "@/ui/Money";
import { useLanguage, useWords } from "@/ui/words";
import { runWords } from "../words";

type Texts = { readonly steps: string; readonly tokens: string; readonly money: string; readonly minutes: string };

/** Giving a run another budget. An empty field is no limit. */
export function BudgetDialog({
  budget,
  usage,
  used,
  resumes,
  sending,
  onDone,
  onClose,
}: {
  budget: Budget;
  usage: Usage;
  used: { steps: number; seconds: number };
  resumes: boolean;
  sending: boolean;
  onDone: (budget: Budget) => void;
  onClose: () => void;
}) {
  const say = useWords(runWords);
  const language = useLanguage();
  const [texts, setTexts] = useState<Texts>({
    steps: budget.steps === null ? "" : String(budget.steps),
    tokens: budget.tokens === null ? "" : String(budget.tokens),
    money: budget.money ?? "",
    minutes: budget.seconds === null ? "" : String(Math.round(budget.seconds / 6) / 10),
  });
  const wrong = (name: keyof Texts) => {
    const text = texts[name].trim();
    const whole = name === "steps" || name === "tokens";
    return text !== "" && !(Number(text) > 0 && (!whole || Number.isInteger(Number(text))));
  };
  const names = ["steps", "tokens", "money", "minutes"] as const;
  const usedText: Record<keyof Texts, string> = {
    steps: count(used.steps, language),
    tokens: count(usage.input_tokens + usage.output_tokens, language),
    money: money(Number(usage.cost), language),
    minutes: (used.seconds / 60).toFixed(1),
  };
  const done = () => {
    if (names.some(wrong)) return;
    const number = (text: string) => (text.trim() === "" ? null : Number(text));
    const minutes = number(texts.minutes);
    onDone({ ...budget, steps: number(texts.steps), tokens: number(texts.tokens), money: texts.money.trim() === "" ? null : texts.money.trim(), seconds: minutes === null ? null : minutes * 60 });
  };
  return (
    <Dialog
      title={say("budgetTitle")}
      onClose={onClose}
      footer={
        <>
          <Button kind="quiet" onClick={onClose}>
            {say("cancelForm")}
          </Button>
          <Button kind="primary" busy={sending} disabled={names.some(wrong)} onClick={done}>
            {say(resumes ? "setAndResume" : "setBudget")}
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-1 gap-3 pb-1 sm:grid-cols-2">
        {names.map((name) => (
          <Field key={name} label={say(`budget_${name}`)} hint={say("usedSoFar", { used: usedText[name] })} error={wrong(name) ? say("budgetWrong") : undefined}>
            {(ties) => <Input {...ties} inputMode="decimal" value={texts[name]} placeholder={say("noLimit")} onChange={(event) => setTexts({ ...texts, [name]: event.target.value })} className="tabular-nums" />}
          </Field>
        ))}
      </div>
    </Dialog>
  );
}
