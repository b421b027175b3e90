// What the pages do beyond being read: sort, filter, keys, fold-outs, light and dark. Without it all text is there.
"use strict";

const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
const root = document.documentElement;

// Light and dark. Where storage is refused (some browsers, file://), the choice lasts for the page.
const remembered = (value) => {
  try {
    if (value) localStorage.setItem("ssot-theme", value);
    return localStorage.getItem("ssot-theme");
  } catch {
    return null;
  }
};
const isDark = () =>
  root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
const first = remembered();
if (first === "dark" || first === "light") root.dataset.theme = first;
document.getElementById("theme").addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  remembered(root.dataset.theme);
});

// Sort: numbers start with the largest, text with the first; line 9 comes before line 10.
const inOrder = new Intl.Collator("en", { numeric: true }).compare;
const text = (cell) => cell.dataset.value ?? cell.textContent.trim();
const sort = (head) => {
  const table = head.closest("table");
  const column = head.cellIndex;
  const numeric = head.classList.contains("n");
  const was = head.getAttribute("aria-sort");
  const rising = was ? was === "descending" : !numeric;
  all("th", head.parentElement).forEach((one) => one.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", rising ? "ascending" : "descending");
  const compare = numeric
    ? (a, b) => Number(a.key) - Number(b.key)
    : (a, b) => inOrder(a.key, b.key);
  const rows = Array.from(table.tBodies[0].rows, (row) => ({ row, key: text(row.cells[column]) }));
  rows.sort((a, b) => (rising ? compare(a, b) : compare(b, a)));
  table.tBodies[0].append(...rows.map((one) => one.row));
};
for (const head of all("table.sortable thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent;
  if (head.dataset.key) button.title = `sort (${head.dataset.key})`;
  head.replaceChildren(button);
  button.addEventListener("click", () => sort(head));
}

// Filter by text, and by status.
const filter = document.getElementById("filter");
const hiddenStatuses = new Set();
const show = () => {
  const words = filter ? filter.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
  for (const row of all("table.sortable tbody tr")) {
    const held = row.textContent.toLowerCase();
    row.hidden = hiddenStatuses.has(row.dataset.status) || !words.every((word) => held.includes(word));
  }
  for (const site of all("details.site")) site.hidden = hiddenStatuses.has(site.dataset.status);
};
if (filter) filter.addEventListener("input", show);
for (const button of all("button[data-status]")) {
  button.addEventListener("click", () => {
    const status = button.dataset.status;
    const now = hiddenStatuses.delete(status);
    if (!now) hiddenStatuses.add(status);
    button.setAttribute("aria-pressed", String(now));
    show();
  });
}

// Fold-outs and deep links.
const sites = () => all("details.site").filter((one) => !one.hidden);
const fold = document.getElementById("fold");
if (fold) {
  fold.addEventListener("click", () => {
    const open = fold.getAttribute("aria-pressed") !== "true";
    all("details.site").forEach((one) => (one.open = open));
    fold.setAttribute("aria-pressed", String(open));
    fold.textContent = open ? "close all" : "open all";
  });
}
const follow = () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
  if (target) target.scrollIntoView({ block: "center" });
};
addEventListener("hashchange", follow);
follow();
document.addEventListener("click", (event) => {
  const line = event.target;
  if (line.matches?.(".source pre > span") && event.clientX < line.getBoundingClientRect().left + 60) {
    location.hash = line.id;
  }
});

// Keys: next and previous site, and whatever says its own key in data-key.
const go = (step) => {
  const list = sites();
  if (!list.length) return;
  const at = list.indexOf(document.activeElement?.closest("details.site"));
  const next = step === "first" ? 0 : at < 0 ? (step > 0 ? 0 : list.length - 1) : at + step;
  const site = list[Math.min(Math.max(next, 0), list.length - 1)];
  site.querySelector("summary").focus();
  site.scrollIntoView({ block: "center" });
};
const help = document.getElementById("help");
document.getElementById("help-button").addEventListener("click", () => (help.open ? help.close() : help.showModal()));
const moves = { j: () => go(1), k: () => go(-1), 1: () => go("first"), 0: () => scrollTo({ top: 0 }) };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches?.("input")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const bound = all("[data-key]").find((one) => one.dataset.key === event.key);
  if (help.open && event.key !== "?") return;
  if (bound) {
    event.preventDefault();
    if (bound.matches("th")) sort(bound);
    else if (bound.matches("input")) bound.focus();
    else bound.click();
  } else if (Object.hasOwn(moves, event.key) && sites().length) {
    event.preventDefault();
    moves[event.key]();
  }
});

// Copy what is to be written or pasted. Without a script one click selects all of it.
for (const button of all("button.copy")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "copied";
    setTimeout(() => (button.textContent = "copy"), 1500);
  });
}

all(".tools").forEach((one) => (one.hidden = false));
