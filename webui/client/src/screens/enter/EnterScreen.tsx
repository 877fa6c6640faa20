import { useState } from "react";
import { useSearchParams } from "react-router";
import { api, ok, told } from "@/api/client";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { CodeBlock } from "@/ui/CodeBlock";
import { Field, Input } from "@/ui/Field";
import { Mark } from "@/ui/Mark";
import { useTitle } from "@/ui/Screen";
import { LanguageSwitch, ThemeSwitch } from "@/ui/Shell";
import { useWords } from "@/ui/words";
import { enterWords } from "./words";

const PROBLEMS = ["unknown", "used", "expired", "busy"] as const;

/** Where somebody lands who is not signed in: why, and the ways in. */
export default function EnterScreen() {
  const say = useWords(enterWords);
  const [params] = useSearchParams();
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState("");
  const [sending, setSending] = useState(false);
  useTitle(say("title"));
  const why = PROBLEMS.find((one) => one === params.get("problem"));

  const enter = async () => {
    if (token.trim() === "") {
      setProblem(say("empty"));
      return;
    }
    setSending(true);
    try {
      await ok(api.POST("/api/enter", { body: { token: token.trim() } }));
      location.assign(within(params.get("back")));
    } catch (error) {
      setProblem(told(error));
      setSending(false);
    }
  };

  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center px-5 py-10">
      <Mark size={40} />
      <h1 className="mt-5 mb-4 text-xl font-semibold tracking-tight">{say("title")}</h1>
      {why !== undefined && <Banner tone="warn">{say(why)}</Banner>}
      {why === undefined && params.has("expired") && <Banner tone="info">{say("again")}</Banner>}
      <p className="mt-4 mb-2 text-sm">{say("how")}</p>
      <CodeBlock label="" text="plumbline serve link" />
      <form
        className="mt-6 space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <p className="text-sm">{say("or")}</p>
        <Field label={say("token")} hint={say("tokenHint")} error={problem === "" ? undefined : problem}>
          {(ties) => (
            <Input
              {...ties}
              type="password"
              autoComplete="current-password"
              value={token}
              onChange={(event) => {
                setToken(event.target.value);
                setProblem("");
              }}
            />
          )}
        </Field>
        <Button type="submit" kind="primary" busy={sending}>
          {say("enter")}
        </Button>
      </form>
      <div className="mt-10 flex gap-1">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </main>
  );
}

/** A place of this application to go back to; nothing else is followed. */
function within(back: string | null): string {
  if (back === null) return "/";
  const place = new URL(back, location.origin);
  return place.origin === location.origin && back.startsWith("/") && !back.startsWith("//") ? place.pathname + place.search : "/";
}
