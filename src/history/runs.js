"use strict";
const form = document.getElementById("filter");
const rows = [...document.querySelectorAll("#all tbody tr")];
const count = document.getElementById("count");
const selects = [...form.querySelectorAll("select")];
const text = (row, select) => row.cells[select.dataset.column].textContent.trim();
for (const select of selects) {
  const values = [...new Set(rows.map((row) => text(row, select)))].filter((value) => value !== "" && value !== "–");
  for (const value of values.sort()) select.add(new Option(value, value));
}
const apply = () => {
  let shown = 0;
  for (const row of rows) {
    row.hidden = selects.some((select) => select.value !== "" && text(row, select) !== select.value);
    if (!row.hidden) shown += 1;
  }
  const scenario = selects[0].value;
  for (const part of document.querySelectorAll("[data-scenario]")) {
    part.hidden = scenario !== "" && part.dataset.scenario !== scenario;
  }
  count.textContent = form.dataset.shown.replace("{0}", shown).replace("{1}", rows.length);
};
form.hidden = false;
form.addEventListener("change", apply);
form.addEventListener("reset", () => setTimeout(apply));
apply();
