"use strict";
// Sorting, values under the pointer and larger charts. The page is complete without them.
const french = document.documentElement.lang === "fr";
const words = document.querySelector("main").dataset;
const element = (name, text, style) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (style) made.className = style;
  return made;
};

// Tables that are sorted by a column.
const units = { "µs": 1e-3, ms: 1, s: 1e3, min: 6e4, h: 3.6e6, KiB: 1024, Kio: 1024, MiB: 1048576, Mio: 1048576, GiB: 1073741824, Gio: 1073741824 };
const value = (cell) => {
  const text = cell.textContent.trim();
  if (text.startsWith("∞")) return Infinity;
  const plain = french
    ? text.replace(/(\d)[\s\u00a0\u202f](?=\d{3}(?!\d))/g, "$1").replace(/(\d),(?=\d)/g, "$1.")
    : text.replace(/(\d),(?=\d{3}(?!\d))/g, "$1");
  const found = /^[~<≥+\s]*([−-]?\d+(?:\.\d+)?)\s*([^\s,;()]*)/.exec(plain);
  return found ? Number(found[1].replace("−", "-")) * (units[found[2]] ?? 1) : NaN;
};
const sort = (table, column, falling) => {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [row, column === 0 ? row.cells[0].textContent.trim() : value(row.cells[column])]);
  rows.sort(([, one], [, other]) => {
    if (column === 0) return falling ? other.localeCompare(one) : one.localeCompare(other);
    if (Number.isNaN(one) || Number.isNaN(other)) return Number.isNaN(one) - Number.isNaN(other);
    if (one === other) return 0;
    return one < other === falling ? 1 : -1;
  });
  body.append(...rows.map(([row]) => row));
};
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const heads = [...table.tHead.rows[0].cells];
  if (table.tBodies[0].rows.length < 2) continue;
  heads.forEach((head, column) => {
    const button = element("button", "", "sort");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const falling = column === 0 ? head.ariaSort === "ascending" : head.ariaSort !== "descending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      sort(table, column, falling);
    });
  });
}

// Values under the pointer, from the table behind each chart, and a button that enlarges the chart.
const tip = element("div", "", "tip");
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);
const [left, right, width] = [72, 936, 960];
for (const figure of document.querySelectorAll("figure")) {
  const chart = figure.querySelector(".chart");
  const svg = chart && chart.querySelector("svg");
  if (!svg) continue;
  const button = element("button", words.enlarge, "enlarge");
  button.type = "button";
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(chart.classList.toggle("large")));
  });
  chart.before(button);
  const rows = [...figure.querySelectorAll("tr[data-from]")];
  if (rows.length === 0) continue;
  const heads = [...figure.querySelectorAll(".data thead th")].map((head) => head.textContent);
  const [low, high] = [Number(svg.dataset.low), Number(svg.dataset.high)];
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  line.setAttribute("class", "cursor");
  line.setAttribute("y1", "8");
  line.setAttribute("y2", "246");
  const away = (row, at) => Math.max(Number(row.dataset.from) - at, at - Number(row.dataset.to), 0);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * width;
    const at = low + ((place - left) / (right - left)) * (high - low);
    if (place < left || place > right) return svg.dispatchEvent(new Event("pointerleave"));
    const row = rows.reduce((best, row) => (away(row, at) < away(best, at) ? row : best));
    const cells = [...row.cells].map((cell) => cell.textContent);
    const lines = cells.slice(1).map((cell, index) => element("div", `${heads[index + 1]}${french ? "\u202f: " : ": "}${cell}`));
    tip.replaceChildren(element("strong", cells[0]), ...lines);
    tip.hidden = false;
    const beside = event.clientX + tip.offsetWidth + 30 > document.documentElement.clientWidth;
    tip.style.left = `${Math.max(event.pageX + (beside ? -tip.offsetWidth - 14 : 14), 4)}px`;
    tip.style.top = `${event.pageY + 14}px`;
    line.setAttribute("x1", place);
    line.setAttribute("x2", place);
    svg.append(line);
  });
  svg.addEventListener("pointerleave", () => {
    tip.hidden = true;
    line.remove();
  });
}
