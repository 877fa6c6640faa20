import type { MarkKind } from "@/ledger/marks";
import type { Words } from "@/ui/words";

type Names =
  | "timeline" | "moment" | "play" | "pause" | "previous" | "next" | "speed" | "times" | "toLive" | "toEnd" | "live" | "end"
  | "value" | "of" | "stepBack" | "stepOn" | `mark_${MarkKind}`;

export const scrubberWords: Words<Names> = {
  en: {
    timeline: "History of the run",
    moment: "Moment of the run",
    play: "Play",
    pause: "Stop playing",
    previous: "To the mark before",
    next: "To the next mark",
    speed: "Speed",
    times: "{speed}×",
    toLive: "Follow what happens now",
    toEnd: "To the end",
    live: "Live",
    end: "End",
    value: "event {seq} of {last}, {time}",
    of: "of {last}",
    stepBack: "One event back",
    stepOn: "One event on",
    mark_subtask: "subtask {of} begins",
    mark_question: "asks: {of}",
    mark_slip: "failed: {of}",
    mark_failure: "subtask {of} fails",
    mark_plan: "plan, version {of}",
    mark_stop: "stops: {of}",
    mark_report: "report: {of}",
  },
  zh: {
    timeline: "运行历史",
    moment: "运行的时刻",
    play: "播放",
    pause: "停止播放",
    previous: "上一个标记",
    next: "下一个标记",
    speed: "速度",
    times: "{speed}×",
    toLive: "跟随最新进展",
    toEnd: "到末尾",
    live: "实时",
    end: "末尾",
    value: "第 {seq} 个事件，共 {last} 个，{time}",
    of: "/ {last}",
    stepBack: "后退一个事件",
    stepOn: "前进一个事件",
    mark_subtask: "子任务 {of} 开始",
    mark_question: "提问：{of}",
    mark_slip: "失败：{of}",
    mark_failure: "子任务 {of} 失败",
    mark_plan: "计划，版本 {of}",
    mark_stop: "停止：{of}",
    mark_report: "报告：{of}",
  },
};
