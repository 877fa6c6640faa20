import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok, told } from "@/api/client";
import type { Claim } from "@/ledger/types";
import { reportWords } from "@/screens/report/words";
import { Button } from "@/ui/Button";
import { Field, TextArea } from "@/ui/Field";
import { useWords } from "@/ui/words";

/** Lets a person say what is right; it is remembered for this claim and for those much like it. */
export function CorrectClaim({ run, claim }: { run: string; claim: Claim }) {
  const say = useWords(reportWords);
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const send = useMutation({
    mutationFn: () => ok(api.POST("/api/runs/{run_id}/corrections", { params: { path: { run_id: run } }, body: { claim: claim.id, correction: text.trim(), situation: "" } })),
  });
  if (send.isSuccess) {
    return (
      <p role="status" className="border-t border-line pt-4 text-[13px]">
        <strong className="font-medium text-good">{say("corrected")}</strong> <span className="text-soft">{send.data.next}</span>
      </p>
    );
  }
  return (
    <section className="border-t border-line pt-4 print:hidden">
      {open ? (
        <form
          className="space-y-2.5"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() !== "") send.mutate();
          }}
        >
          <Field label={say("whatIsRight")} hint={say("correctionHint")} error={send.isError ? told(send.error) : undefined}>
            {(ties) => <TextArea {...ties} autoFocus rows={3} value={text} maxLength={2000} onChange={(event) => setText(event.target.value)} />}
          </Field>
          <div className="flex gap-2">
            <Button kind="primary" size="small" type="submit" busy={send.isPending} disabled={text.trim() === ""}>
              {say("keepCorrection")}
            </Button>
            <Button size="small" kind="quiet" onClick={() => setOpen(false)}>
              {say("cancel")}
            </Button>
          </div>
        </form>
      ) : (
        <Button size="small" icon="pencil" onClick={() => setOpen(true)}>
          {say("correctClaim")}
        </Button>
      )}
    </section>
  );
}
