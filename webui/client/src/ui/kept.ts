/** What a browser refused to keep: it may keep nothing for this page, or has no room. It lasts as long as the page. */
const refused = new Map<string, string | null>();

/** Returns what this browser keeps under a name, null for nothing. */
export function kept(name: string): string | null {
  const here = refused.get(name);
  if (here !== undefined) return here;
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keeps a text under a name, null for none; returns whether it outlasts the page. */
export function keep(name: string, text: string | null): boolean {
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
    refused.delete(name);
    return true;
  } catch {
    refused.set(name, text);
    return false;
  }
}
