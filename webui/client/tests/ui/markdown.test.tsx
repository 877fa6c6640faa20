import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Markdown } from "@/ui/Markdown";

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

let page: HTMLDivElement;
let root: Root;

beforeEach(() => {
  page = document.createElement("div");
  document.body.append(page);
  root = createRoot(page);
});
afterEach(() => {
  act(() => root.unmount());
  page.remove();
});

const show = (text: string) => act(() => root.render(<Markdown text={text} />));

describe("Markdown of others", () => {
  test("becomes text with its marks", () => {
    show("# A title\n\n**bold** and `code`\n\n| a |\n|---|\n| 1 |");
    expect(page.querySelector("h1")?.textContent).toBe("A title");
    expect(page.querySelector("strong")?.textContent).toBe("bold");
    expect(page.querySelector("td")?.textContent).toBe("1");
  });

  test("leads to the web in a new tab that knows nothing of this one", () => {
    show("[a page](https://example.org/x)");
    const link = page.querySelector("a");
    expect(link?.getAttribute("href")).toBe("https://example.org/x");
    expect(link?.getAttribute("rel")).toContain("noopener");
  });

  test.each(["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd", "/api/leave", "//example.org"])(
    "leads nowhere by %s",
    (address) => {
      show(`[click](${address})`);
      expect(page.textContent).toContain("click");
      expect(page.querySelector("a")).toBeNull();
    },
  );

  test("loads no pictures and takes no HTML", () => {
    show('![spy](https://example.org/x.png)\n\n<img src="x" onerror="alert(1)">\n\n<script>alert(1)</script>\n\n<iframe src="https://example.org"></iframe>');
    expect(page.querySelector("img, script, iframe")).toBeNull();
    expect(page.textContent).toContain("spy");
  });

  test("shows a block of code with all its text", () => {
    show("```python\nprint(1)\nprint(2)\n```");
    expect(page.querySelector("pre")?.textContent).toBe("print(1)\nprint(2)");
  });
});
