export type ViewName = "oblique" | "front" | "right" | "top" | "back";
export type Axis = "x" | "y" | "z";

export interface Colours {
  background: string;
  grid: string;
  axis: string;
  edge: string;
  box: string;
}

export interface Shown {
  parts: { name: string; colour: string }[];
  /** Along x, y and z, in metres. */
  lengths: [number, number, number];
  show(part: string, visible: boolean): void;
  look(from: ViewName): void;
  /** Turns by angles in radians and comes nearer by a factor. */
  turn(around: number, up: number, nearer?: number): void;
  /** Keeps what lies below a share of the length along an axis; null shows all. */
  section(axis: Axis | null, share?: number): void;
  frame(visible: boolean): void;
  dispose(): void;
}

export const VIEWS: Record<ViewName, [number, number, number]>;
/** Returns a GLB without surfaces, pictures and addresses. */
export function bare(data: ArrayBuffer): ArrayBuffer;
/** Shows a model in an element as wide as that. Throws where there is no WebGL, or the data is no model. */
export function showModel(
  place: HTMLElement,
  data: ArrayBuffer,
  options?: { colours?: Colours; height?: (width: number) => number },
): Promise<Shown>;
