import type { JsonObject } from "@/ledger/json";
import { CodeBlock } from "@/ui/CodeBlock";
import { harmless } from "@/ui/harmless";

/** Arguments of a call: short values in a list, long ones as blocks. */
export function Arguments({ given, without = [] }: { given: JsonObject; without?: readonly string[] }) {
  const names = Object.keys(given).filter((name) => !without.includes(name) && given[name] !== null);
  if (names.length === 0) return null;
  const long = names.filter((name) => isLong(given[name]));
  const short = names.filter((name) => !isLong(given[name]));
  return (
    <div className="min-w-0 space-y-2">
      {short.length > 0 && (
        <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-0.5 text-[13px]">
          {short.map((name) => (
            <div key={name} className="contents">
              <dt className="text-soft">{harmless(name)}</dt>
              <dd className="font-mono text-[12.5px] break-words" dir="auto">
                {harmless(asText(given[name]))}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {long.map((name) => (
        <div key={name} className="min-w-0">
          <p className="mb-1 text-[13px] text-soft">{harmless(name)}</p>
          <CodeBlock text={asText(given[name])} label={harmless(name)} lines={24} wrap />
        </div>
      ))}
    </div>
  );
}

function isLong(value: unknown): boolean {
  const text = asText(value);
  return text.length > 160 || text.includes("\n");
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, typeof value === "object" && value !== null && JSON.stringify(value).length > 80 ? 2 : undefined);
}
