// What a reader of the page sees, as HTML, and what can be clicked or filled in. Runs in a world of its own, whose
// built-in functions the page cannot change. Nothing here writes to the page.
(() => {
  if (globalThis.plumbline) return;

  const SKIPPED = new Set(["script", "style", "template", "noscript", "object", "embed", "canvas", "audio", "video",
    "svg", "math", "frame", "select", "textarea", "datalist"]);
  const VOID = new Set(["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]);
  const KEPT = new Set(["id", "class", "alt", "title", "lang", "dir", "cite", "datetime", "colspan", "rowspan", "name",
    "content", "property", "itemprop", "itemtype", "role", "rel", "type", "start", "charset", "aria-hidden", "open"]);
  const ROLES = new Set(["button", "checkbox", "radio", "tab", "menuitem", "menuitemcheckbox", "menuitemradio",
    "switch", "option", "combobox", "textbox", "searchbox", "slider", "spinbutton", "treeitem"]);
  const DEEPEST = 200;        // levels of tags; what lies deeper keeps its text
  const NEAR = 24;            // sum of the differences of three channels of 0 to 255 that no eye tells apart
  const SMALLEST_FONT = 3;    // pixels
  const LONGEST_ADDRESS = 8000;
  const ICON = 40;            // characters up to which what is hidden from screen readers only is an icon's name
  const SOURCES = 40;         // scripts and frames whose addresses are told
  const FAR = 5000;           // pixels beyond which nobody scrolls sideways

  const state = { refs: new Map(), mutations: 0 };
  new MutationObserver((list) => { state.mutations += list.length; })
    .observe(document, { subtree: true, childList: true, characterData: true });

  const paint = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const colours = new Map();
  const colour = (text) => {
    let found = colours.get(text);
    if (!found) {
      paint.clearRect(0, 0, 1, 1);
      paint.fillStyle = "rgba(0, 0, 0, 0)";
      paint.fillStyle = text;
      paint.fillRect(0, 0, 1, 1);
      found = Array.from(paint.getImageData(0, 0, 1, 1).data);
      colours.set(text, found);
    }
    return found;
  };
  const over = (top, below) => {
    const part = top[3] / 255;
    return [0, 1, 2].map((i) => top[i] * part + below[i] * (1 - part)).concat(255);
  };
  const near = (one, other) => [0, 1, 2].reduce((sum, i) => sum + Math.abs(one[i] - other[i]), 0) < NEAR;

  const escaped = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const brief = (text, most) => (text || "").replace(/\s+/g, " ").trim().slice(0, most);

  // Whether nothing of an element's subtree can be seen.
  const unseen = (element, style, rect, place) => {
    if (style.display === "none") return true;
    if (parseFloat(style.opacity) < 0.05 || /opacity\(0(\.0\d*)?%?\)/.test(style.filter)) return true;
    if (style.display === "contents") return false;
    if (!element.checkVisibility()) return true;  // closed details, content-visibility
    const clips = style.overflowX !== "visible" || style.overflowY !== "visible";
    if (clips && (rect.width < 2 || rect.height < 2)) return true;
    if (rect.width === 0 && rect.height === 0 && (element.offsetWidth > 0 || element.offsetHeight > 0)) return true;
    const cut = /rect\(([^)]*)\)/.exec(style.clip);
    if (cut) {
      const [top, right, bottom, left] = cut[1].split(/[,\s]+/).map(parseFloat);
      if (right - left < 2 || bottom - top < 2) return true;
    }
    const inset = /^inset\(([\d.]+)%/.exec(style.clipPath);
    if ((inset && parseFloat(inset[1]) >= 50) || /^circle\(0(px|%)?[ )]/.test(style.clipPath)) return true;
    if (rect.width === 0 || rect.height === 0) return false;  // what it holds may overflow it
    const left = rect.left + place.x, right = rect.right + place.x, bottom = rect.bottom + place.y;
    const beyond = place.rtl ? FAR : 0;
    return right <= -beyond || bottom <= 0 || left > FAR + place.width;
  };

  // Whether text directly in an element cannot be seen.
  const faint = (style, rect, back) => {
    if (style.visibility !== "visible") return true;
    if (parseFloat(style.fontSize) < SMALLEST_FONT || parseFloat(style.textIndent) < -500) return true;
    if (style.display !== "contents" && (rect.width < 2 || rect.height < 2)) return true;
    if (style.backgroundClip.includes("text")) return false;
    const ink = colour(style.webkitTextFillColor);
    if (ink[3] < 13) return true;
    if (back.length === 0) return false;
    return back.every((behind) => near(over(ink, behind), behind));
  };

  // The colours that may lie behind an element's text; none where a picture does.
  const behind = (style, back) => {
    if (style.backgroundImage !== "none") {
      if (/url\(/.test(style.backgroundImage)) return [];
      const found = style.backgroundImage.match(/(?:rgba?|hsla?|oklch|oklab|lab|lch|color)\([^()]*\)/g) || [];
      return found.map((text) => over(colour(text), back[0] || [255, 255, 255, 255]));
    }
    const own = colour(style.backgroundColor);
    if (own[3] === 0) return back;
    if (own[3] === 255) return [own];
    return back.map((below) => over(own, below));
  };

  const labelled = (element) => {
    const by = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean)
      .map((id) => element.getRootNode().getElementById?.(id)?.innerText || "").join(" ");
    const labels = element.labels ? Array.from(element.labels, (label) => label.innerText).join(" ") : "";
    const shown = ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName)
      ? (["submit", "button", "reset"].includes(element.type) ? element.value || element.type : "")
      : element.innerText;
    const candidates = [element.getAttribute("aria-label"), by, labels, shown, element.getAttribute("placeholder"),
      element.getAttribute("title"), element.getAttribute("alt"), element.querySelector?.("img[alt]")?.alt,
      element.getAttribute("name")];
    return brief(candidates.find((text) => text && text.trim()) || "", 120);
  };

  // The role of what can be clicked or filled in; "" for what cannot.
  const role = (element, tag) => {
    const given = (element.getAttribute("role") || "").toLowerCase();
    if (element.disabled || element.getAttribute("aria-disabled") === "true") return "";
    if (tag === "input") {
      const kinds = { submit: "button", button: "button", reset: "button", image: "button", checkbox: "checkbox",
        radio: "radio", search: "searchbox", password: "password", range: "slider", hidden: "", file: "" };
      return element.type in kinds ? kinds[element.type] : "textbox";
    }
    if (tag === "textarea") return "textbox";
    if (tag === "select") return "combobox";
    if (tag === "button" || tag === "summary") return ROLES.has(given) ? given : "button";
    if (ROLES.has(given)) return given;
    if (element.isContentEditable && !element.parentElement?.isContentEditable) return "textbox";
    if (tag === "a") {
      const href = element.getAttribute("href");
      return href === "#" || /^\s*javascript:/i.test(href || "") || (href === null && element.hasAttribute("onclick"))
        ? "button" : "";
    }
    return element.hasAttribute("onclick") ? "button" : "";
  };

  const valued = (element, kind) => {
    if (kind === "password") return element.value ? "(filled in)" : "";
    if (kind === "checkbox" || kind === "radio" || kind === "switch") {
      const on = "checked" in element ? element.checked : element.getAttribute("aria-checked") === "true";
      return on ? "checked" : "not checked";
    }
    if (element.tagName === "SELECT") return brief(Array.from(element.selectedOptions, (o) => o.label).join(", "), 200);
    if (kind === "button") return "";
    return brief(element.isContentEditable ? element.innerText : element.value, 200);
  };

  const described = (element, kind, ref) => ({
    ref, role: kind, name: labelled(element), value: valued(element, kind),
    options: element.tagName === "SELECT"
      ? Array.from(element.options).slice(0, 40).map((option) => brief(option.label, 80)) : [],
  });

  const opening = (element, tag) => {
    let text = `<${tag}`;
    for (const { name, value } of element.attributes) {
      if (name === "aria-hidden" && element.textContent.trim().length > ICON) continue;
      if (KEPT.has(name) && value.length < 1000) text += ` ${name}="${escaped(value)}"`;
    }
    if (tag === "a" && /^https?:$/.test(element.protocol || "") && element.href.length <= LONGEST_ADDRESS) {
      text += ` href="${escaped(element.href)}"`;
    }
    return text + ">";
  };

  const head = () => {
    const parts = [`<title>${escaped(document.title.slice(0, 1000))}</title>`];
    for (const element of document.querySelectorAll("head > meta[content], head > link[rel=canonical]")) {
      if (parts.length > 60) break;
      const link = element.tagName === "LINK";
      parts.push(link ? `<link rel="canonical" href="${escaped(element.href.slice(0, LONGEST_ADDRESS))}">` : opening(element, "meta"));
    }
    // pages that ask whether one is a person are known by what they load
    for (const element of Array.from(document.querySelectorAll("script[src], iframe[src]")).slice(0, SOURCES)) {
      parts.push(`<link rel="loaded" href="${escaped(element.src.slice(0, 300))}">`);
    }
    return parts.join("");
  };

  // Walks without recursion, since scripts can nest elements deeper than the stack is.
  const take = (first, most) => {
    const began = performance.now();
    const out = [], elements = [];
    state.refs = new Map();
    let length = 0, nodes = 0, hidden = 0, truncated = false;
    const put = (text) => { out.push(text); length += text.length; };
    const root = document.documentElement;
    const dark = root && getComputedStyle(root).colorScheme === "dark";
    const place = { x: scrollX, y: scrollY, width: root ? root.scrollWidth : 0,
      rtl: root ? getComputedStyle(root).direction === "rtl" : false };
    const stack = [];
    const push = (list, context) => { for (let i = list.length - 1; i >= 0; i--) stack.push([list[i], context]); };
    const canvas = [dark ? [18, 18, 18, 255] : [255, 255, 255, 255]];
    const back = root ? behind(getComputedStyle(root), canvas) : canvas;
    if (root) stack.push([document.body || root, { back, place, depth: 0 }]);
    while (stack.length) {
      const [node, context] = stack.pop();
      if (typeof node === "string") { put(node); continue; }
      if (length > most.characters || ++nodes > most.nodes || performance.now() - began > most.milliseconds) {
        truncated = true;
        // only what closes is still written
        for (const [rest] of stack.reverse()) if (typeof rest === "string") put(rest);
        break;
      }
      if (node.nodeType === Node.TEXT_NODE) {
        if (!context.faint) {
          const left = Math.max(most.characters - length, 0);
          truncated = truncated || node.data.length > left;
          put(escaped(node.data.slice(0, left)));
        } else if (node.data.trim()) hidden++;
        continue;
      }
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      const tag = node.localName;
      const style = getComputedStyle(node), rect = node.getBoundingClientRect();
      if (unseen(node, style, rect, context.place)) { hidden++; continue; }
      const back = behind(style, context.back);
      const kind = style.visibility === "visible" ? role(node, tag) : "";
      if (kind && elements.length < most.elements && rect.width > 0 && rect.height > 0) {
        const ref = `e${first + elements.length}`;
        state.refs.set(ref, node);
        elements.push(described(node, kind, ref));
      }
      if (SKIPPED.has(tag)) continue;
      if (VOID.has(tag)) {
        if (style.visibility === "visible") put(opening(node, tag));
        continue;
      }
      let children = node.shadowRoot ? node.shadowRoot.childNodes : node.childNodes;
      if (tag === "slot" && node.assignedNodes().length) children = node.assignedNodes();
      let inside = context.place;
      if (tag === "details" && !node.open) children = Array.from(node.children).filter((c) => c.localName === "summary");
      if (tag === "iframe") {
        let inner = null;
        try { inner = node.contentDocument?.body; } catch { /* of another origin: not read */ }
        if (!inner) continue;
        children = [inner];
        inside = { x: 0, y: 0, width: FAR, rtl: false };
      } else if (node !== document.body && node !== root && (node.scrollTop || node.scrollLeft)) {
        inside = { ...inside, x: inside.x + node.scrollLeft, y: inside.y + node.scrollTop };
      }
      const next = { back, place: inside, depth: context.depth + 1, faint: faint(style, rect, back) };
      if (context.depth < DEEPEST) {
        const written = tag === "body" || tag === "iframe" || tag === "slot" || tag.includes("-") ? "div" : tag;
        put(opening(node, written));
        stack.push([`</${written}>`, null]);
      }
      push(children, next);
    }
    const lang = root ? escaped((root.lang || "").slice(0, 100)) : "";
    const html = `<!DOCTYPE html><html lang="${lang}"><head>${head()}</head><body>${out.join("")}</body></html>`;
    return { html, elements, hidden, truncated, url: location.href.slice(0, LONGEST_ADDRESS + 1), title: document.title.slice(0, 1000) };
  };

  const find = (ref) => {
    const element = state.refs.get(ref);
    return element && element.isConnected ? element : null;
  };

  // Where to click an element: the middle of what is in view; null where something else lies there.
  const spot = (element) => {
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const rect = element.getBoundingClientRect();
    const x = (Math.max(rect.left, 0) + Math.min(rect.right, innerWidth)) / 2;
    const y = (Math.max(rect.top, 0) + Math.min(rect.bottom, innerHeight)) / 2;
    if (rect.width === 0 || rect.height === 0) return null;
    let hit = element.getRootNode().elementFromPoint(x, y);
    while (hit && hit !== element) hit = hit.parentElement || hit.getRootNode().host;
    return hit && element.ownerDocument === document ? { x, y } : null;
  };

  const told = (element) => {
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // Get a field ready for typing; returns how it is to be filled in.
  const ready = (element, text) => {
    if (!("value" in element) && !element.isContentEditable) return "none";
    if (element.readOnly) return "readonly";
    element.scrollIntoView({ block: "center", behavior: "instant" });
    element.focus();
    const typed = ["text", "search", "url", "tel", "email", "password", "number", "textarea"];
    if (element.isContentEditable) {
      getSelection().selectAllChildren(element);
      return "keys";
    }
    if (typed.includes(element.type)) {
      element.select();
      return "keys";
    }
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), "value").set.call(element, text);
    told(element);
    return "set";
  };

  const choose = (element, label) => {
    if (element.tagName !== "SELECT") return "none";
    const options = Array.from(element.options);
    const option = options.find((o) => brief(o.label, 80) === brief(label, 80)) || options.find((o) => o.value === label);
    if (!option) return "missing";
    if (option.disabled) return "disabled";
    if (element.multiple) option.selected = true;
    else element.value = option.value, element.selectedIndex = options.indexOf(option);
    told(element);
    return "done";
  };

  const unpictured = () => {
    let count = 0;
    for (const image of document.images) {
      if (image.complete && image.naturalWidth === 0 && image.currentSrc && count < 100) { image.src = image.src; count++; }
    }
    return count;
  };

  globalThis.plumbline = {
    take, spot, ready, choose, find, unpictured,
    click: (element) => element.click(),
    pulse: () => ({ mutations: state.mutations, parsing: document.readyState === "loading" }),
    size: () => ({ width: innerWidth, height: Math.max(document.documentElement?.scrollHeight || 0, innerHeight) }),
    loading: () => Array.from(document.images).filter((image) => !image.complete).length,
  };
})();
