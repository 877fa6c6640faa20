import { useSyncExternalStore } from "react";

const QUERY = "(min-width: 60rem)";

/** Whether there is room for two columns. */
export function useWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(QUERY);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => matchMedia(QUERY).matches,
  );
}
