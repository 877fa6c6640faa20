// Runs in a script world of its own: it sees the document, and the page can neither see nor change it.
globalThis.plumbline = (() => {
  const MANY = 50;

  const shortly = (text) => text.replace(/\s+/g, " ").trim().slice(0, 80);

  function told(element) {
    const id = element.id ? `#${element.id}` : "";
    const text = shortly(element.innerText || element.value || "");
    return `<${element.localName}${id}>${text ? ` ${JSON.stringify(text)}` : ""}`.slice(0, 160);
  }

  function isShown(element) {
    return element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
  }

  // what is only for readers of the screen is cut down to a pixel or moved out of the window
  function isClipped(element) {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      const hides = style.overflowX !== "visible" && style.position === "absolute" || style.clipPath !== "none" || style.clip !== "auto";
      if (hides && box.width <= 2 && box.height <= 2) return true;
      if (box.right + scrollX <= 0 || box.bottom + scrollY <= 0) return true;
    }
    return false;
  }

  function texts() {
    const walker = document.createTreeWalker(document.body || document.documentElement, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.nodeValue.trim() || !parent || ["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE"].includes(parent.tagName)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      if (range.getClientRects().length && isShown(parent)) found.push([node, parent, range]);
    }
    return found;
  }

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  // red, green, blue from 0 to 255, alpha from 0 to 1; also of colours in other spaces than sRGB
  function colour(css) {
    const plain = css.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
    if (plain) return [+plain[1], +plain[2], +plain[3], plain[4] === undefined ? 1 : +plain[4]];
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  }

  const over = (top, under, alpha) => [0, 1, 2].map((i) => top[i] * alpha + under[i] * (1 - alpha));

  // WCAG 2.2, relative luminance and contrast ratio
  function luminance(rgb) {
    const [r, g, b] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function ratio(one, other) {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  }

  // what lies behind an element; null where it is a picture or a gradient
  function ground(element) {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      const back = colour(style.backgroundColor);
      if (back[3] > 0) layers.push(back);
      if (back[3] >= 1) break;
    }
    return layers.reverse().reduce((under, layer) => over(layer, under, layer[3]), [255, 255, 255]);
  }

  function opacity(element) {
    let all = 1;
    for (let at = element; at; at = at.parentElement) all *= Number(getComputedStyle(at).opacity);
    return all;
  }

  const isDisabled = (element) => element.closest("[disabled], [aria-disabled=true], fieldset:disabled") !== null;

  function contrast() {
    const faint = [];
    let measured = 0, unmeasured = 0;
    const tell = (element, css, text) => {
      const back = ground(element);
      if (back === null) { unmeasured += 1; return; }
      measured += 1;
      const style = getComputedStyle(element);
      const front = colour(css);
      const seen = over(front, back, front[3] * opacity(element));
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
      const is = ratio(seen, back), wanted = large ? 3 : 4.5;
      if (is < wanted - 0.005) faint.push(`${JSON.stringify(shortly(text))} ${is.toFixed(2)}, wanted ${wanted}`);
    };
    for (const [node, parent] of texts()) {
      if (!isDisabled(parent) && !isClipped(parent)) tell(parent, getComputedStyle(parent).color, node.nodeValue);
    }
    for (const field of document.querySelectorAll("input, textarea, select")) {
      if (isDisabled(field) || !isShown(field) || ["checkbox", "radio", "range", "color", "hidden", "file"].includes(field.type)) continue;
      const text = field.localName === "select" ? (field.selectedOptions[0]?.text || "") : field.value;
      if (text) tell(field, getComputedStyle(field).color, text);
      else if (field.placeholder) tell(field, getComputedStyle(field, "::placeholder").color, field.placeholder);
    }
    return { measured, unmeasured, faint: faint.slice(0, MANY) };
  }

  const byIds = (ids) => (ids || "").split(/\s+/).filter(Boolean)
    .map((id) => document.getElementById(id)?.textContent.trim() || "").join(" ").trim();

  function nameOf(element) {
    const own = byIds(element.getAttribute("aria-labelledby")) || (element.getAttribute("aria-label") || "").trim();
    if (own) return own;
    if (element.labels?.length) {
      const said = [...element.labels].map((label) => label.textContent.trim()).join(" ").trim();
      if (said) return said;
    }
    if (element.localName === "input") {
      if (["submit", "reset"].includes(element.type)) return element.value || element.type;
      if (element.type === "button") return element.value;
      if (element.type === "image") return element.alt;
    } else if (!["select", "textarea"].includes(element.localName)) {
      const inner = element.textContent.trim() || [...element.querySelectorAll("img[alt], [aria-label], svg title")]
        .map((one) => one.getAttribute("alt") || one.getAttribute("aria-label") || one.textContent).join(" ").trim();
      if (inner) return inner;
    }
    return (element.getAttribute("title") || "").trim();
  }

  function unlabelled() {
    const found = [];
    if (!document.documentElement.lang.trim()) found.push("the page does not say its language");
    if (!document.title.trim()) found.push("the page has no title");
    // what is not shown yet may be shown later, so it counts as well
    for (const image of document.querySelectorAll("img, [role=img], area[href]")) {
      const none = image.localName === "img" ? !image.hasAttribute("alt") && !nameOf(image) : !nameOf(image);
      if (none && !image.closest("[aria-hidden=true], [role=presentation], [role=none]")) found.push(`picture ${told(image)} ${image.getAttribute("src") || ""}`.slice(0, 160));
    }
    const fields = "input:not([type=hidden]), select, textarea, [contenteditable=''], [contenteditable=true], [role=textbox], [role=combobox]";
    for (const field of document.querySelectorAll(fields)) {
      if (!nameOf(field).trim()) found.push(`field ${told(field)}`);
    }
    for (const handle of document.querySelectorAll("button, a[href], [role=button], [role=link], [role=tab]")) {
      if (!nameOf(handle) && !handle.closest("[aria-hidden=true]")) found.push(`${handle.localName === "a" ? "link" : "button"} ${told(handle)} without a name`);
    }
    return [...new Set(found)].slice(0, MANY);
  }

  function doubled() {
    const seen = new Map();
    for (const element of document.querySelectorAll("[id]")) seen.set(element.id, (seen.get(element.id) || 0) + 1);
    return [...seen].filter(([, times]) => times > 1).map(([id]) => id.slice(0, 80)).slice(0, MANY);
  }

  function hasAnchor(page, fragment) {
    if (!fragment || fragment === "top") return true;
    return page.getElementById(fragment) !== null || page.getElementsByName(fragment).length > 0;
  }

  function decoded(fragment) {
    try { return decodeURIComponent(fragment); } catch { return fragment; }
  }

  // pages: paths of the site's files, by which a link is known to lead somewhere
  function links(paths) {
    const known = new Set(paths);
    const broken = [], near = [];
    let all = 0, outside = 0;
    for (const link of document.querySelectorAll("a[href], area[href]")) {
      all += 1;
      const href = link.getAttribute("href").trim();
      const say = (why) => broken.push(`${told(link)} to ${JSON.stringify(href.slice(0, 100))}: ${why}`);
      let url;
      try { url = new URL(href, document.baseURI); } catch { say("it is no address"); continue; }
      if (!href) { say("it has no address"); continue; }
      if (url.protocol === "mailto:") {
        if (!/^[^@\s?]+@[^@\s?]+\.[^@\s?]+/.test(decoded(url.pathname))) say("that is no address for mail");
      } else if (url.protocol === "tel:" || url.protocol === "javascript:" || url.protocol === "sms:" || url.protocol === "data:" || url.protocol === "blob:") {
        continue;
      } else if (url.protocol !== "http:" && url.protocol !== "https:") {
        say("nobody else can follow it");
      } else if (url.origin !== location.origin) {
        outside += 1;
      } else {
        const path = decoded(url.pathname).replace(/^\//, "").replace(/(^|\/)$/, "$1index.html");
        if (!known.has(path)) { say("there is no such file"); continue; }
        const fragment = decoded(url.hash.slice(1));
        if (url.pathname === location.pathname) {
          // fragments that begin so are for the page's scripts
          if (!hasAnchor(document, fragment) && !/^[!/]/.test(fragment)) say("there is no such place on the page");
        } else {
          near.push({ path, fragment, told: told(link), href });
        }
      }
    }
    return { all, outside, broken: broken.slice(0, MANY), near: near.slice(0, 500) };
  }

  const anchors = () => [...document.querySelectorAll("[id], a[name]")].flatMap((one) => [one.id, one.getAttribute("name")]).filter(Boolean).slice(0, 5000);

  function overflow() {
    const width = document.documentElement.clientWidth;
    let most = Math.max(0, document.scrollingElement.scrollWidth - width), what = "";
    if (innerWidth < 600 && !document.querySelector("meta[name=viewport]")) {
      // a telephone then lays the page out for a wide window
      if (980 - innerWidth > most) [most, what] = [980 - innerWidth, "no viewport is declared"];
    }
    const scrolls = (element) => {
      for (let at = element.parentElement; at && at !== document.body && at !== document.documentElement; at = at.parentElement) {
        if (getComputedStyle(at).overflowX !== "visible") return true;
      }
      return false;
    };
    // what sticks out of a body that is cut off cannot be reached at all
    const last = Math.max(0, ...[...document.querySelectorAll("body *")].slice(0, 5000).map((element) => {
      const box = element.getBoundingClientRect();
      const out = box.width && box.height ? Math.round(box.right - width) : 0;
      if (out < 2 || !isShown(element) || scrolls(element) || isClipped(element)) return 0;
      if (out > most || !what) what = told(element);
      return getComputedStyle(element).position === "fixed" ? 0 : out;
    }));
    return { pixels: Math.max(most, last), what };
  }

  function look(paths) {
    const count = document.getElementsByTagName("*").length;
    const colours = contrast();
    return {
      title: document.title.slice(0, 300),
      language: document.documentElement.lang,
      text: (document.body?.innerText || "").replace(/[ \t\u00a0]+/g, " ").slice(0, 200000),
      headings: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(isShown).slice(0, 200)
        .map((one) => [Number(one.localName[1]), shortly(one.innerText)]),
      elements: count,
      links: links(paths),
      unlabelled: unlabelled(),
      doubled: doubled(),
      contrast: colours,
    };
  }

  function holds(element, text) {
    return element.innerText?.replace(/\s+/g, " ").includes(text);
  }

  const page = () => document.body || document.documentElement;

  function put(html) {
    const box = document.createElement("div");
    box.innerHTML = html;
    page().append(box);
  }

  const sabotages = {
    blank() { page().replaceChildren(); },
    dead() {
      for (const link of document.querySelectorAll("a[href]")) link.removeAttribute("href");
      for (const opener of document.querySelectorAll("[popovertarget], [commandfor]")) {
        opener.removeAttribute("popovertarget");
        opener.removeAttribute("commandfor");
      }
      for (const part of document.querySelectorAll("summary")) part.parentElement.replaceWith(part.parentElement.cloneNode(false));
      for (const field of document.querySelectorAll("input, select, textarea, button")) field.disabled = true;
    },
    break_link() {
      const link = document.querySelector("a[href]");
      if (link) link.setAttribute("href", "nowhere-at-all.html"); else put('<a href="nowhere-at-all.html">more</a>');
    },
    widen() { put('<div style="width: 3000px; height: 4px"></div>'); },
    fade_text() {
      put("<p>faint</p>");
      for (const [, parent] of texts()) parent.style.setProperty("color", "rgba(128, 128, 128, 0.15)", "important");
    },
    strip_labels() { put('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input type="text">'); },
    duplicate_id() { put('<i id="plumbline-twice"></i><i id="plumbline-twice"></i>'); },
    add_text(text) {
      put("<p></p>");
      page().lastElementChild.lastElementChild.textContent = text;
    },
    drop_text(text) {
      for (let [found, turns] = [page(), 0]; found && holds(page(), text) && turns < 200; turns++) {
        for (let inner = found; inner; inner = [...inner.children].find((one) => holds(one, text))) found = inner;
        if (found === page()) { found.replaceChildren(); break; }
        found.remove();
        found = page();
      }
      if (document.title.includes(text)) document.title = "";
    },
  };

  return {
    look,
    anchors,
    overflow,
    height: () => Math.ceil(document.documentElement.scrollHeight),
    elements: () => document.getElementsByTagName("*").length,
    pulse: () => `${document.readyState} ${document.getElementsByTagName("*").length} ${(document.body?.textContent || "").length}`,
    sabotage: (name, text) => { sabotages[name](text); },
    sees: (text) => holds(page(), text) || [...document.querySelectorAll("dialog[open]")].some((one) => holds(one, text)),
  };
})();
