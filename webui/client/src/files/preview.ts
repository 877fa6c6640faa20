import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type TextPreview = Schemas["TextPreview"];
export type NotebookPreview = Schemas["NotebookPreview"];

/** What can be seen of a file, told apart by `kind`. */
export type Preview =
  | TextPreview
  | Schemas["TablePreview"]
  | NotebookPreview
  | Schemas["PdfPreview"]
  | Schemas["ImagePreview"]
  | Schemas["ModelPreview"]
  | Schemas["FramePreview"]
  | Schemas["NoPreview"];
