import type { Words } from "@/ui/words";

export const choiceWords: Words<"modelOther" | "modelName" | "modelNameHint"> = {
  en: { modelOther: "another model …", modelName: "Name of the model", modelNameHint: "NAME or NAME@URL" },
  zh: { modelOther: "其他模型…", modelName: "模型名称", modelNameHint: "名称，或 名称@地址" },
};
