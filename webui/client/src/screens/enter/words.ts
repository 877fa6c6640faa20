import type { Words } from "@/ui/words";

const en = {
  title: "Sign in",
  how: "Open the link that the server printed when it started. It works once. For another one, run:",
  or: "Or enter a token:",
  token: "Token",
  tokenHint: "of a user, or the one of the file that the server names when it starts",
  enter: "Sign in",
  again: "Your session has ended. Sign in again to go on where you were.",
  unknown: "This link is not valid.",
  used: "This link was used before; each works once.",
  expired: "This link has expired.",
  busy: "Too many wrong tokens came from here. Wait a minute.",
  empty: "Enter a token.",
};

type EnterWord = keyof typeof en;

const zh: Record<EnterWord, string> = {
  title: "登录",
  how: "请打开服务器启动时打印的链接，每个链接只能用一次。要另一个，请运行：",
  or: "或输入令牌：",
  token: "令牌",
  tokenHint: "用户的令牌，或服务器启动时所指文件中的令牌",
  enter: "登录",
  again: "会话已结束。请重新登录，继续之前的工作。",
  unknown: "此链接无效。",
  used: "此链接已用过；每个链接只能用一次。",
  expired: "此链接已过期。",
  busy: "此处的错误令牌过多，请稍等一分钟。",
  empty: "请输入令牌。",
};

export const enterWords: Words<EnterWord> = { en, zh };
