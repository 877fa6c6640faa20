// Shows the models of a page: each <figure class="model"> holds one as base64 in a data block. Nothing is loaded from
// anywhere, and names of parts are only ever set as text.
import { showModel, VIEWS } from "./scene.js";

function bytes(figure) {
  const text = atob(figure.querySelector("script[type='model/gltf-binary']").textContent.trim());
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0)).buffer;
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function sections(shown) {
  const axis = document.createElement("select");
  axis.setAttribute("aria-label", "cut along");
  for (const [value, text] of [["", "whole"], ["x", "cut x"], ["y", "cut y"], ["z", "cut z"]]) axis.append(new Option(text, value));
  const share = document.createElement("input");
  Object.assign(share, { type: "range", min: "0", max: "100", value: "50", hidden: true });
  share.setAttribute("aria-label", "where it is cut");
  const cut = () => { share.hidden = !axis.value; shown.section(axis.value || null, share.valueAsNumber / 100); };
  axis.addEventListener("change", cut);
  share.addEventListener("input", cut);
  return [axis, share];
}

async function show(figure) {
  const shown = await showModel(figure.querySelector(".canvas"), bytes(figure));
  const bar = figure.querySelector(".views");
  for (const name of Object.keys(VIEWS)) bar.append(button(name, () => shown.look(name)));
  let framed = false;
  bar.append(button("box", () => shown.frame(framed = !framed)), ...sections(shown));
  const list = figure.querySelector(".parts");
  for (const part of shown.parts) {
    const label = document.createElement("label");
    const tick = document.createElement("input");
    const swatch = document.createElement("i");
    tick.type = "checkbox";
    tick.checked = true;
    tick.addEventListener("change", () => shown.show(part.name, tick.checked));
    swatch.style.background = part.colour;
    label.append(tick, swatch, document.createTextNode(part.name || "unnamed"));
    list.append(label);
  }
  figure.dataset.state = "shown";
}

for (const figure of document.querySelectorAll("figure.model")) {
  show(figure).catch((error) => {
    figure.dataset.state = "failed";
    figure.querySelector(".canvas").textContent = `This browser cannot show the model (${error.message}).`;
  });
}
