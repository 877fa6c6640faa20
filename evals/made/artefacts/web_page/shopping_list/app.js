const items = [];
const list = document.getElementById("items");

function show() {
  list.replaceChildren(...items.map((item) => {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = item.bought;
    box.addEventListener("change", () => { item.bought = box.checked; show(); });
    const text = document.createElement("span");
    text.textContent = item.what;
    const label = document.createElement("label");
    label.append(box, text);
    const row = document.createElement("li");
    row.className = item.bought ? "bought" : "";
    row.append(label);
    return row;
  }));
  const left = items.filter((item) => !item.bought).length;
  document.getElementById("left").textContent = left === 1 ? "1 thing to buy" : `${left} things to buy`;
}

document.getElementById("new").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = document.getElementById("what");
  const what = field.value.trim();
  if (what) items.push({ what, bought: false });
  field.value = "";
  show();
});

document.getElementById("clear").addEventListener("click", () => {
  for (let i = items.length - 1; i >= 0; i--) if (items[i].bought) items.splice(i, 1);
  show();
});
