// Interim: replaced by the generated types of the API.
export type TextPreview = { kind: "text"; form: "text" | "code" | "markdown"; language: string; text: string; offset: number; next: number | null; size: number; note: string };
export type TablePreview = { kind: "table"; delimiter: string; columns: string[]; rows: string[][]; first: number; next: number | null; size: number; note: string };
export type CellOutput = { form: "text" | "error" | "picture"; text: string; address: string };
export type NotebookCell = { form: "code" | "markdown" | "raw"; source: string; count: number | null; outputs: CellOutput[] };
export type NotebookPreview = { kind: "notebook"; language: string; cells: NotebookCell[]; note: string };
export type PdfPreview = { kind: "pdf"; pages: number; page: number; address: string; width: number; height: number };
export type ImagePreview = { kind: "image"; address: string; media_type: string; width: number; height: number };
export type ModelPreview = { kind: "model"; address: string; source: "itself" | "beside" | "converted"; beside: string };
export type FramePreview = { kind: "frame"; address: string; language: "html" | "svg"; text: string; next: number | null; size: number; note: string };
export type NoPreview = { kind: "none"; reason: string; size: number };
export type Preview = TextPreview | TablePreview | NotebookPreview | PdfPreview | ImagePreview | ModelPreview | FramePreview | NoPreview;
