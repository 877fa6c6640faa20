import type { Words } from "@/ui/words";

type Names =
  | "title" | "new" | "search" | "status" | "allStatuses" | "tag" | "allTags" | "owner" | "mine" | "everyone" | "needsMe"
  | "first" | "firstText" | "nothing" | "nothingText" | "clear" | "more" | "loading"
  | "select" | "compare" | "selected" | "unselect" | "delete" | "deleted" | "undo" | "deleteFailed" | "rename" | "save" | "cancel" | "runTitle"
  | "tags" | "tagsHint" | "actions" | "report" | "list" | "keyDown" | "keyUp" | "keySearch" | "keySelect" | "keyCompare" | "failed" | "again" | "terminal" | "filters";

export const words: Words<Names> = {
  en: {
    title: "Runs", new: "New task", search: "Search goals and titles", status: "Status", allStatuses: "Any status", tag: "Tag", allTags: "Any tag",
    owner: "Owner", mine: "My runs", everyone: "Everybody's", needsMe: "Waits for me", 
    first: "No runs yet",
    firstText: "Give Plumbline a task. It plans, works in a sandbox, and hands back an answer whose every claim you can open down to its evidence. Each run is kept here: to read again, to compare, to share.",
    nothing: "No run matches", nothingText: "Other words, or fewer filters, may find it.", clear: "Clear filters", more: "Show older runs", loading: "Runs are being loaded",
    select: "Select {name}", compare: "Compare", selected: "{count} of 2 selected", unselect: "Clear", delete: "Delete", deleted: "Run deleted", undo: "Undo", deleteFailed: "The run was not deleted: {why}",
    rename: "Title and tags", save: "Save", cancel: "Cancel", runTitle: "Title", tags: "Tags", tagsHint: "separated by commas", actions: "What to do with {name}", report: "Read report", list: "Runs, newest first",
    keyDown: "Next run", keyUp: "Run before", keySearch: "Search", keySelect: "Select to compare", keyCompare: "Compare selected", failed: "The runs could not be loaded: {why}", again: "Try again", terminal: "terminal", filters: "Filters",
    
  },
  zh: {
    title: "运行记录", new: "新建任务", search: "搜索目标和标题", status: "状态", allStatuses: "所有状态", tag: "标签", allTags: "所有标签",
    owner: "所有者", mine: "我的运行", everyone: "所有人的", needsMe: "等我处理", 
    first: "还没有运行",
    firstText: "给 Plumbline 一个任务。它会制定计划，在沙箱中执行，并交回一份答案，其中每个论断都可以追溯到证据。每次运行都保存在这里，可供重读、比较和分享。",
    nothing: "没有匹配的运行", nothingText: "换个关键词，或减少筛选条件试试。", clear: "清除筛选", more: "显示更早的运行", loading: "正在加载运行",
    select: "选择 {name}", compare: "比较", selected: "已选 {count} / 2", unselect: "清除", delete: "删除", deleted: "运行已删除", undo: "撤销", deleteFailed: "运行未删除：{why}",
    rename: "标题和标签", save: "保存", cancel: "取消", runTitle: "标题", tags: "标签", tagsHint: "用逗号分隔", actions: "对 {name} 的操作", report: "阅读报告", list: "运行，最新在前",
    keyDown: "下一个运行", keyUp: "上一个运行", keySearch: "搜索", keySelect: "选择以比较", keyCompare: "比较所选", failed: "无法加载运行：{why}", again: "重试", terminal: "终端", filters: "筛选",
    
  },
};
