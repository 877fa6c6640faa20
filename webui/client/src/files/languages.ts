import type { StreamParser } from "@codemirror/language";

type Mode = StreamParser<unknown>;
type Load = () => Promise<Mode>;

const javascript: Load = async () => (await import("@codemirror/legacy-modes/mode/javascript")).javascript;
const typescript: Load = async () => (await import("@codemirror/legacy-modes/mode/javascript")).typescript;
const json: Load = async () => (await import("@codemirror/legacy-modes/mode/javascript")).json;
const shell: Load = async () => (await import("@codemirror/legacy-modes/mode/shell")).shell;
const cpp: Load = async () => (await import("@codemirror/legacy-modes/mode/clike")).cpp;
const html: Load = async () => (await import("@codemirror/legacy-modes/mode/xml")).html;
const xml: Load = async () => (await import("@codemirror/legacy-modes/mode/xml")).xml;
const yaml: Load = async () => (await import("@codemirror/legacy-modes/mode/yaml")).yaml;
const properties: Load = async () => (await import("@codemirror/legacy-modes/mode/properties")).properties;
const diff: Load = async () => (await import("@codemirror/legacy-modes/mode/diff")).diff;

const BY_ENDING: Record<string, Load> = {
  py: async () => (await import("@codemirror/legacy-modes/mode/python")).python,
  js: javascript,
  mjs: javascript,
  cjs: javascript,
  jsx: javascript,
  ts: typescript,
  tsx: typescript,
  json,
  jsonl: json,
  ipynb: json,
  sh: shell,
  bash: shell,
  c: async () => (await import("@codemirror/legacy-modes/mode/clike")).c,
  h: cpp,
  cc: cpp,
  cpp,
  hpp: cpp,
  java: async () => (await import("@codemirror/legacy-modes/mode/clike")).java,
  cs: async () => (await import("@codemirror/legacy-modes/mode/clike")).csharp,
  kt: async () => (await import("@codemirror/legacy-modes/mode/clike")).kotlin,
  scala: async () => (await import("@codemirror/legacy-modes/mode/clike")).scala,
  go: async () => (await import("@codemirror/legacy-modes/mode/go")).go,
  rs: async () => (await import("@codemirror/legacy-modes/mode/rust")).rust,
  rb: async () => (await import("@codemirror/legacy-modes/mode/ruby")).ruby,
  r: async () => (await import("@codemirror/legacy-modes/mode/r")).r,
  jl: async () => (await import("@codemirror/legacy-modes/mode/julia")).julia,
  lua: async () => (await import("@codemirror/legacy-modes/mode/lua")).lua,
  pl: async () => (await import("@codemirror/legacy-modes/mode/perl")).perl,
  swift: async () => (await import("@codemirror/legacy-modes/mode/swift")).swift,
  m: async () => (await import("@codemirror/legacy-modes/mode/octave")).octave,
  hs: async () => (await import("@codemirror/legacy-modes/mode/haskell")).haskell,
  sql: async () => (await import("@codemirror/legacy-modes/mode/sql")).standardSQL,
  css: async () => (await import("@codemirror/legacy-modes/mode/css")).css,
  html,
  htm: html,
  xml,
  svg: xml,
  xacro: xml,
  urdf: xml,
  yaml,
  yml: yaml,
  toml: async () => (await import("@codemirror/legacy-modes/mode/toml")).toml,
  ini: properties,
  cfg: properties,
  properties,
  tex: async () => (await import("@codemirror/legacy-modes/mode/stex")).stex,
  ps1: async () => (await import("@codemirror/legacy-modes/mode/powershell")).powerShell,
  diff,
  patch: diff,
  ttl: async () => (await import("@codemirror/legacy-modes/mode/turtle")).turtle,
  nt: async () => (await import("@codemirror/legacy-modes/mode/ntriples")).ntriples,
  proto: async () => (await import("@codemirror/legacy-modes/mode/protobuf")).protobuf,
};
const BY_NAME: Record<string, Load> = {
  dockerfile: async () => (await import("@codemirror/legacy-modes/mode/dockerfile")).dockerFile,
  "cmakelists.txt": async () => (await import("@codemirror/legacy-modes/mode/cmake")).cmake,
};

/** Returns the syntax of a file by its name; null where it is plain text. */
export async function syntaxOf(path: string): Promise<Mode | null> {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const load = BY_NAME[name] ?? (name.includes(".") ? BY_ENDING[name.slice(name.lastIndexOf(".") + 1)] : undefined);
  return load === undefined ? null : await load();
}
