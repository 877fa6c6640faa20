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
  const COLOUR = /(?:rgba?|hsla?|oklch|oklab|lab|lch|color)\([^()]*\)/g;
  const LEAST_SHOWN = 5;      // pixels of a box that must not be clipped
  const LEAST_AREA = 4;       // square pixels of a letter
  const LEAST_FRAME = 20;     // pixels of a frame
  const MOST_RECTS = 3000;    // lines of one text that are measured one by one
  const HITS = 500;           // texts of which is asked what lies over them
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

  const EVERYWHERE = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
  const NOWHERE = { left: 0, top: 0, right: 0, bottom: 0 };
  const both = (one, other) => ({ left: Math.max(one.left, other.left), top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right), bottom: Math.min(one.bottom, other.bottom) });

  // Whether enough of a box to be noticed lies in another one.
  const within = (clip, rect) => {
    const part = both(clip, rect);
    const wide = rect.right - rect.left, high = rect.bottom - rect.top;
    return wide > 0 && high > 0
      && part.right - part.left >= Math.min(wide, LEAST_SHOWN) && part.bottom - part.top >= Math.min(high, LEAST_SHOWN);
  };

  // How much filters leave to be seen, as opacity does.
  const filtered = (filter) => {
    let left = 1;
    for (const [, name, value] of filter.matchAll(/([a-z-]+)\(([\d.]+(?:e-?\d+)?)/g)) {
      const amount = parseFloat(value);
      if (name === "opacity") left *= amount;
      if ((name === "blur" && amount > 3) || (name === "brightness" && (amount < 0.1 || amount > 4))) left = 0;
      if (name === "contrast" && amount < 0.1) left = 0;
    }
    return left;
  };

  // The box that a clip-path leaves of an element; nowhere where that cannot be told.
  const cutout = (path, rect) => {
    if (path === "none" || /^[a-z]+-box$/.test(path)) return EVERYWHERE;
    const wide = rect.right - rect.left, high = rect.bottom - rect.top;
    const size = (text, whole) => /^-?[\d.]+(?:e-?\d+)?(px|%)?$/.test(text)
      ? parseFloat(text) * (text.endsWith("%") ? whole / 100 : 1) : NaN;
    const found = /^(inset|polygon|circle|ellipse)\((.*?)\)( [a-z]+-box)?$/.exec(path);
    if (!found || wide * high === 0) return NOWHERE;
    let left, top, right, bottom;
    if (found[1] === "inset") {
      const [up, side = up, down = up, other = side] = found[2].split(" round ")[0].trim().split(/\s+/);
      [left, right] = [size(other, wide), wide - size(side, wide)];
      [top, bottom] = [size(up, high), high - size(down, high)];
    } else if (found[1] === "polygon") {
      const points = found[2].replace(/^(nonzero|evenodd)\s*,/, "").split(",").map((point) => {
        const [x, y] = point.trim().split(/\s+/);
        return [size(x, wide), size(y, high)];
      });
      const area = points.reduce((sum, [x, y], i) => {
        const [nextX, nextY] = points[(i + 1) % points.length];
        return sum + x * nextY - nextX * y;
      }, 0) / 2;
      if (!(Math.abs(area) > wide * high / 4)) return NOWHERE;
      const xs = points.map((point) => point[0]), ys = points.map((point) => point[1]);
      [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    } else {
      const [radii, at = "50% 50%"] = found[2].split(/\s*\bat\s+/);
      const given = radii.trim().split(/\s+/).filter(Boolean);
      const [x, y] = at.trim().split(/\s+/);
      const middle = [size(x, wide), size(y, high)];
      const across = given.length ? size(given[0], Math.min(wide, high)) : Math.min(wide, high) / 2;
      const down = given.length > 1 ? size(given[1], high) : across;
      [left, right, top, bottom] = [middle[0] - across, middle[0] + across, middle[1] - down, middle[1] + down];
    }
    const box = { left: rect.left + left, top: rect.top + top, right: rect.left + right, bottom: rect.top + bottom };
    return Object.values(box).every(Number.isFinite) ? box : NOWHERE;
  };

  // Where what an element holds can be seen: what flows in it, what is placed by it, and what is fixed.
  const openings = (element, style, rect, context) => {
    const own = context.clips[style.position === "absolute" ? "placed" : style.position === "fixed" ? "fixed" : "flow"];
    const cut = cutout(style.clipPath, rect);
    let flow = both(own, cut);
    const whole = element === element.ownerDocument.body || element === element.ownerDocument.documentElement;
    const painted = /paint|strict|content/.test(style.contain);
    if (style.display !== "inline" && style.display !== "contents") {
      for (const [overflow, from, to] of [[style.overflowX, "left", "right"], [style.overflowY, "top", "bottom"]]) {
        // pages whose dialog stands open cannot be scrolled, and are read all the same
        if (whole && from === "top") continue;
        if (overflow === "hidden" || overflow === "clip" || painted) {
          const edge = whole ? { left: 0, right: element.ownerDocument.defaultView.innerWidth } : rect;
          flow = { ...flow, [from]: Math.max(flow[from], edge[from]), [to]: Math.min(flow[to], edge[to]) };
        } else if (overflow !== "visible" && !whole && within(own, rect)) {
          flow = { ...flow, [from]: -Infinity, [to]: Infinity };  // can be scrolled to
        }
      }
    }
    const moved = style.transform !== "none" || style.translate !== "none" || style.scale !== "none" || painted
      || style.perspective !== "none" || style.filter !== "none" || /transform|filter/.test(style.willChange);
    return { own, flow, placed: moved || whole || style.position !== "static" ? flow : both(context.clips.placed, cut),
      fixed: moved ? flow : both(context.clips.fixed, cut) };
  };

  // The boxes of a text; null where so little of it is painted that nobody can read it.
  const boxes = (node, text) => {
    const range = node.ownerDocument.createRange();
    range.selectNodeContents(node);
    const rects = range.getClientRects();
    if (!rects.length) return null;  // not painted at all, as below a closed shadow tree
    const whole = range.getBoundingClientRect();
    if (rects.length < MOST_RECTS) {
      let area = 0;
      for (const rect of rects) area += rect.width * rect.height;
      if (area < LEAST_AREA * text.replace(/\s+/g, " ").trim().length) return null;
    }
    return { whole, first: rects[0] };
  };

  const around = (element) => element.assignedSlot || element.parentElement || element.getRootNode().host || null;

  // Whether something opaque lies over a text. What is fixed is not counted: it lies there only for now.
  const covered = (holder, rect) => {
    const x = (rect.left + rect.right) / 2, y = (rect.top + rect.bottom) / 2;
    if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return false;
    const mine = new Set();
    for (let up = holder; up; up = around(up)) mine.add(up);
    for (const top of holder.getRootNode().elementsFromPoint(x, y)) {
      if (mine.has(top) || holder.contains(top)) return false;
      let solid = colour(getComputedStyle(top).backgroundColor)[3] === 255;
      for (let up = top; solid && up && !mine.has(up); up = around(up)) {
        const style = getComputedStyle(up);
        solid = parseFloat(style.opacity) > 0.95 && style.position !== "fixed" && style.position !== "sticky";
      }
      if (solid) return true;
    }
    return false;
  };

  // Whether nothing of an element's subtree can be seen.
  const unseen = (element, style, rect, place) => {
    if (style.display === "none") return true;
    if (style.maskImage !== "none" || style.webkitMaskImage !== "none") return true;  // whatever it leaves
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
    if (rect.width === 0 || rect.height === 0) return false;  // what it holds may overflow it
    return outside(rect, place);
  };

  const outside = (rect, place) => {
    const left = rect.left + place.x, right = rect.right + place.x, bottom = rect.bottom + place.y;
    const beyond = place.rtl ? FAR : 0;
    return right <= -beyond || bottom <= 0 || left > FAR + place.width;
  };

  // Whether text directly in an element cannot be seen.
  const faint = (element, style, rect, back, below) => {
    if (style.visibility !== "visible") return true;
    if (parseFloat(style.fontSize) < SMALLEST_FONT || parseFloat(style.textIndent) < -500) return true;
    if (style.display !== "contents" && (rect.width < 2 || rect.height < 2)) return true;
    const ink = colour(style.webkitTextFillColor);
    if (style.backgroundClip.includes("text")) {
      // the ground is painted in the shape of the letters
      const inks = ink[3] < 13 ? paints(style) : [ink];
      return inks.every((one) => one[3] < 13 || (below.length > 0 && below.every((under) => near(over(one, under), under))));
    }
    const unread = (one) => one[3] < 13 || (back.length > 0 && back.every((under) => near(over(one, under), under)));
    if (unread(ink)) return true;
    if (/^(inline|contents|none)$/.test(style.display)) return false;
    const first = getComputedStyle(element, "::first-line");
    return first.webkitTextFillColor !== style.webkitTextFillColor && unread(colour(first.webkitTextFillColor));
  };

  // The colours of an element's own ground; a picture has none that could be told.
  const paints = (style) => {
    const found = style.backgroundImage.match(COLOUR) || [];
    return [style.backgroundColor, ...found].map(colour);
  };

  // The colours that may lie behind an element's text; none where a picture does.
  const behind = (style, back) => {
    if (style.backgroundImage !== "none") {
      if (/url\(/.test(style.backgroundImage)) return [];
      const found = style.backgroundImage.match(COLOUR) || [];
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
  const take = (series, first, most) => {
    const began = performance.now();
    const out = [], elements = [];
    state.refs = new Map();
    let length = 0, nodes = 0, hidden = 0, hits = 0, truncated = false;
    const put = (text) => { out.push(text); length += text.length; };
    const root = document.documentElement;
    const dark = root && getComputedStyle(root).colorScheme === "dark";
    const place = { x: scrollX, y: scrollY, width: root ? root.scrollWidth : 0,
      rtl: root ? getComputedStyle(root).direction === "rtl" : false };
    const legible = (node, context) => {
      if (context.faint) return false;
      const shown = boxes(node, node.data.slice(0, most.characters));
      if (!shown || !within(context.clips.flow, shown.whole) || outside(shown.whole, context.place)) return false;
      return !context.holder || hits++ >= HITS || !covered(context.holder, shown.first);
    };
    const stack = [];
    const push = (list, context) => { for (let i = list.length - 1; i >= 0; i--) stack.push([list[i], context]); };
    const canvas = [dark ? [18, 18, 18, 255] : [255, 255, 255, 255]];
    const back = root ? behind(getComputedStyle(root), canvas) : canvas;
    const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    const clips = { flow: EVERYWHERE, placed: EVERYWHERE, fixed: screen };
    let opacity = 1;
    if (root) {
      const style = getComputedStyle(root), rect = root.getBoundingClientRect();
      opacity = parseFloat(style.opacity) * filtered(style.filter);
      if (unseen(root, style, rect, { ...place, width: Infinity })) opacity = 0;
      Object.assign(clips, openings(root, style, rect, { clips }));
      stack.push([document.body || root, { back, place, depth: 0, clips, opacity }]);
    }
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
        const blank = !node.data.trim();
        if (blank ? !context.faint : legible(node, context)) {
          const left = Math.max(most.characters - length, 0);
          truncated = truncated || node.data.length > left;
          put(escaped(node.data.slice(0, left)));
        } else if (!blank) hidden++;
        continue;
      }
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      const tag = node.localName;
      const style = getComputedStyle(node), rect = node.getBoundingClientRect();
      const opacity = context.opacity * parseFloat(style.opacity) * filtered(style.filter);
      if (opacity < 0.05 || unseen(node, style, rect, context.place)) { hidden++; continue; }
      const clips = openings(node, style, rect, context);
      const back = behind(style, context.back);
      const kind = style.visibility === "visible" ? role(node, tag) : "";
      if (kind && elements.length < most.elements && within(clips.own, rect)) {
        const ref = `${series}${first + elements.length}`;
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
        if (!inner || Math.min(rect.width, rect.height) < LEAST_FRAME || !within(clips.flow, rect)) continue;
        children = [inner];
        inside = { x: 0, y: 0, width: FAR, rtl: false };
        clips.flow = clips.placed = clips.fixed = EVERYWHERE;
      } else if (node !== document.body && node !== root && (node.scrollTop || node.scrollLeft)) {
        inside = { ...inside, x: inside.x + node.scrollLeft, y: inside.y + node.scrollTop };
      }
      const next = { back, place: inside, depth: context.depth + 1, clips, opacity, holder: node,
        faint: faint(node, style, rect, back, context.back) };
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
