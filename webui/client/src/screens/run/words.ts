import type { Words } from "@/ui/words";
import { en } from "./words.en";
import { zh } from "./words.zh";

export const runWords: Words<keyof typeof en> = { en, zh };
