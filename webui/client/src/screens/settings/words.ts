import type { Words } from "@/ui/words";

type Names =
  | "title" | "parts" | "here" | "doctor" | "server" | "theme" | "light" | "dark" | "system" | "language" | "notify" | "notifyHint" | "refused" | "impossible"
  | "account" | "leave" | "role" | "version" | "checking" | "again" | "fix" | "ok" | "warning" | "problem" | "part" | "restart" | "kept" | "closed" | "save"
  | "unset" | "failed" | "search" | "none" | "admins" | "edit" | "cancel" | "value" | "toml" | "allWell" | "toDo";

export const words: Words<Names> = {
  en: {
    title: "Settings", parts: "Parts of the settings", here: "This browser", doctor: "Doctor", server: "Server", theme: "Theme", light: "Light", dark: "Dark", system: "As the system",
    language: "Language", notify: "Notify me when a run waits for me or ends", notifyHint: "Messages of your system, while this page is open in a tab.",
    refused: "Your browser was told to refuse them; allow notifications for this address in its settings.", impossible: "This browser shows none at this address: they need HTTPS or localhost.",
    account: "Signed in as {name}", leave: "Sign out", role: "Role: {role}", version: "Plumbline {version}", checking: "is being checked", again: "Check again", fix: "To do", ok: "in order",
    warning: "limited", problem: "problem", part: "Part", restart: "The file has changed. It holds from the next start of the server.", kept: "Kept in {file}",
    closed: "changed at the machine alone", save: "Save", unset: "not set", failed: "This could not be loaded: {why}", search: "Find a setting", none: "No setting has this name.",
    admins: "Settings of the server and its doctor are for admins.", edit: "Change {name}", cancel: "Cancel", value: "Value of {name}", toml: "as in TOML; plain words are text",
    allWell: "Everything that was checked is in order.", toDo: "{count} of {all} parts need something.",
  },
  zh: {
    title: "设置", parts: "设置分类", here: "此浏览器", doctor: "诊断", server: "服务器", theme: "外观", light: "浅色", dark: "深色", system: "跟随系统",
    language: "语言", notify: "运行等待我处理或结束时通知我", notifyHint: "页面在标签页中打开时，显示系统通知。",
    refused: "浏览器已拒绝通知；请在浏览器设置中为此地址允许通知。", impossible: "此地址无法显示通知：需要 HTTPS 或 localhost。",
    account: "当前用户：{name}", leave: "退出登录", role: "角色：{role}", version: "Plumbline {version}", checking: "检查中", again: "重新检查", fix: "待处理", ok: "正常",
    warning: "受限", problem: "有问题", part: "项目", restart: "文件已更改，服务器下次启动后生效。", kept: "保存在 {file}",
    closed: "只能在服务器上更改", save: "保存", unset: "未设置", failed: "无法加载：{why}", search: "查找设置", none: "没有这个名称的设置。",
    admins: "服务器设置和诊断仅限管理员。", edit: "更改 {name}", cancel: "取消", value: "{name} 的值", toml: "TOML 格式；普通文字即为文本",
    allWell: "检查过的项目一切正常。", toDo: "{all} 项中有 {count} 项需要处理。",
  },
};
