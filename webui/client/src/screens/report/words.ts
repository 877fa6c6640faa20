import { courseWords } from "@/screens/report/courseWords";
import { designWords } from "@/screens/report/designWords";
import { evidenceWords } from "@/screens/report/evidenceWords";
import { outcomeWords } from "@/screens/report/outcomeWords";

/** All that is said in a report. */
export const reportWords = {
  en: { ...outcomeWords.en, ...evidenceWords.en, ...designWords.en, ...courseWords.en },
  zh: { ...outcomeWords.zh, ...evidenceWords.zh, ...designWords.zh, ...courseWords.zh },
};
