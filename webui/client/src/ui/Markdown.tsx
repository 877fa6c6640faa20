import { memo, type ReactNode } from "react";
import ReactMarkdown, { type Components, type Options } from "react-markdown";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import { CodeBlock } from "@/ui/CodeBlock";
import { harmless } from "@/ui/harmless";
import { kitWords } from "@/ui/kitWords";
import { useWords } from "@/ui/words";

const SCHEMA: typeof defaultSchema = {
  ...defaultSchema,
  protocols: { ...defaultSchema.protocols, href: ["http", "https", "mailto"], src: [] },
};
const SAFE = /^(https?:|mailto:|#)/i;

type Plugins = NonNullable<Options["rehypePlugins"]>;
const NONE: Plugins = [];

/**
 * Markdown of a model or a file: no HTML, no pictures, links to the web and mail alone. `plugins` work on the cleaned
 * tree, and `parts` show what they put there; both must stay the same objects.
 */
export const Markdown = memo(function Markdown({ text, className = "", plugins = NONE, parts }: { text: string; className?: string; plugins?: Plugins; parts?: Components }) {
  return (
    <div dir="auto" className={`prose-flow min-w-0 break-words ${className}`}>
      <ReactMarkdown remarkPlugins={[remarkGfm]} rehypePlugins={[[rehypeSanitize, SCHEMA], ...plugins]} components={parts === undefined ? PARTS : { ...PARTS, ...parts }} urlTransform={(url) => (SAFE.test(url) ? url : "")}>
        {harmless(text)}
      </ReactMarkdown>
    </div>
  );
});

const PARTS: Components = {
  a: ({ href, children }) =>
    href === undefined || href === "" ? (
      <span>{children}</span>
    ) : (
      <a href={href} target={href.startsWith("#") ? undefined : "_blank"} rel="noopener noreferrer nofollow">
        {children}
      </a>
    ),
  img: ({ alt }) => <NoPicture text={alt ?? ""} />,
  pre: ({ children }) => <CodeBlock text={textOf(children)} label="code" />,
  table: ({ children }) => (
    <div className="overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
};

/** Pictures would be fetched from elsewhere, or name files that are no part of this page. */
function NoPicture({ text }: { text: string }) {
  const say = useWords(kitWords);
  return <span className="text-soft">[{say("pictureLeft", { text })}]</span>;
}

function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (Array.isArray(node)) return node.map(textOf).join("");
  if (node !== null && typeof node === "object" && "props" in node) {
    const props: unknown = node.props;
    if (props !== null && typeof props === "object" && "children" in props) return textOf(asNode(props.children)).replace(/\n$/, "");
  }
  return "";
}

function asNode(value: unknown): ReactNode {
  return typeof value === "string" || Array.isArray(value) ? value : null;
}
