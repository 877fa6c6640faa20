import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type SeatState = Schemas["SeatState"];
export type PageShown = Schemas["PageShown"];
export type ResultsShown = Schemas["ResultsShown"];
export type ShownSentence = Schemas["ShownSentence"];
export type ShownQuote = Schemas["ShownQuote"];
export type ShownStep = Schemas["ShownStep"];
export type PageElement = Schemas["Element"];

/** Has an action done; false where it was refused. */
export type Act = (name: string, args?: Record<string, unknown>) => Promise<boolean>;

export function may(state: SeatState, name: string): boolean {
  return state.actions.some((action) => action.name === name);
}
