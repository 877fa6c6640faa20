/** Moves one of some ids to a place, counted among the others. */
export function placed(ids: readonly string[], id: string, at: number): string[] {
  const others = ids.filter((other) => other !== id);
  return [...others.slice(0, at), id, ...others.slice(at)];
}
