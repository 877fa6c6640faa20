import { isObject, listIn, numberIn, objectIn, textIn, type JsonObject } from "@/ledger/json";
import type { RunStore } from "@/ledger/runStore";
import { CodeBlock } from "@/ui/CodeBlock";
import { harmless } from "@/ui/harmless";
import { Markdown } from "@/ui/Markdown";
import { count } from "@/ui/Money";
import { useLanguage, useWords } from "@/ui/words";
import { runWords } from "../words";
import { callsOf, parsed } from "./entries";
import { CallDetail } from "./ToolDetail";

/** A model call: what it was newly told, and what it wrote and called. */
export function ModelDetail({ request, result, store, seq }: { request: JsonObject; result: JsonObject | null; store: RunStore; seq: number }) {
  const say = useWords(runWords);
  const messages = listIn(request, "messages").filter(isObject);
  return (
    <div className="min-w-0 space-y-3">
      {messages.length > 0 && (
        <details className="min-w-0">
          <summary className="cursor-pointer text-[13px] text-soft hover:text-ink">{say("wasTold", { count: messages.length })}</summary>
          <div className="mt-2 space-y-2">
            {messages.map((message, index) => (
              <Message key={index} message={message} />
            ))}
          </div>
        </details>
      )}
      {result !== null && <Reply result={result} store={store} seq={seq} />}
    </div>
  );
}

function Reply({ result, store, seq }: { result: JsonObject; store: RunStore; seq: number }) {
  const say = useWords(runWords);
  const language = useLanguage();
  const text = textIn(result, "text");
  const usage = objectIn(result, "usage");
  const finish = textIn(result, "finish");
  return (
    <div className="min-w-0 space-y-3">
      {text !== "" && <Markdown text={text} className="text-sm" />}
      {callsOf(result).map((call) => {
        const given = parsed(call.arguments);
        return (
          <div key={call.id} className="min-w-0">
            <p className="mb-1 font-mono text-[13px] font-medium">{harmless(call.name)}</p>
            {given === null ? <CodeBlock text={call.arguments} label={say("arguments")} wrap /> : <CallDetail tool={call.name} given={given} store={store} seq={seq} />}
          </div>
        );
      })}
      {text === "" && callsOf(result).length === 0 && <p className="text-[13px] text-soft">{say("repliedNothing")}</p>}
      <p className="text-xs text-soft tabular-nums">
        {harmless(textIn(result, "by") || textIn(result, "model"))}
        {" · "}
        {say("tokensInOut", { input: count(numberIn(usage, "input_tokens"), language), output: count(numberIn(usage, "output_tokens"), language) })}
        {finish === "length" && <span className="text-bad"> · {say("cutOff")}</span>}
        {finish === "filtered" && <span className="text-bad"> · {say("filtered")}</span>}
      </p>
    </div>
  );
}

function Message({ message }: { message: JsonObject }) {
  const content = message["content"];
  const text = typeof content === "string" ? content : content === null || content === undefined ? JSON.stringify(message["tool_calls"] ?? "") : JSON.stringify(content, null, 2);
  const role = textIn(message, "role");
  return (
    <div className="min-w-0">
      <p className="mb-0.5 text-xs text-soft">{harmless(role)}</p>
      <CodeBlock text={text} label={role} lines={12} wrap />
    </div>
  );
}
