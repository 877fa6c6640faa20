import type { ReactNode } from "react";

/** Two things beside each other, one below the other where there is little room. */
export function Pair({ children }: { children: ReactNode }) {
  return <div className="grid grid-cols-1 gap-x-8 gap-y-5 md:grid-cols-2">{children}</div>;
}
