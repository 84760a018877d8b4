// Figures as a person reads them, and the elements that carry them. A figure of the document keeps the path it was
// read from and its exact value as attributes, so that a test can hold the page against the document.

const MINUS = "\u2212";

const grouped = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

function decimal(value, places) {
  const [whole, rest] = Math.abs(value).toFixed(places).split(".");
  const isZero = Number(Math.abs(value).toFixed(places)) === 0;
  const sign = value < 0 && !isZero ? MINUS : "";
  return sign + grouped(whole) + (rest ? "." + rest : "");
}

const FORMATS = {
  fraction: (value) => decimal(value * 100, 2) + " %",
  ratio: (value) => decimal(value, 3),
  money: (value) => decimal(value, 2),
  count: (value) => decimal(value, 0),
  days: (value) => decimal(value, 0) + " d",
};

const words = (name) => String(name).replaceAll("_", " ");

// The document writes instants as seconds since 1970; everything here is UTC.
const stamp = (seconds) => new Date(seconds * 1000).toISOString();
const day = (seconds) => stamp(seconds).slice(0, 10);
const minute = (seconds) => stamp(seconds).slice(0, 16).replace("T", " ");

function duration(seconds) {
  if (seconds < 120) return decimal(seconds, 0) + " s";
  if (seconds < 7200) return decimal(seconds / 60, 0) + " min";
  if (seconds < 172800) return decimal(seconds / 3600, 1) + " h";
  return decimal(seconds / 86400, 1) + " d";
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

const place = (id) => document.getElementById(id);
const fill = (id, ...children) => place(id).replaceChildren(...children.flat());

const tone = (value) => (value > 0 ? "up" : value < 0 ? "down" : "");
const swatch = (colour) => element("span", { class: "swatch", style: `background:${colour}` });

// A figure that the page worked out itself from what the document holds.
function derived(value, unit, toned = false) {
  if (value === null || value === undefined) return element("span", { class: "na" }, "n/a");
  return element("span", { class: toned ? tone(value) : null }, FORMATS[unit](value));
}

// A figure of the document. Where there is none, the reason stands in its place.
function figure(path, unit, { toned = false, reason = null } = {}) {
  const value = at(path);
  if (value === null || value === undefined) {
    const cut = path.lastIndexOf("/");
    const why = reason ?? at(`${path.slice(0, cut)}/reasons/${path.slice(cut + 1)}`);
    return element("span", { class: "na", "data-path": path, "data-value": "null" }, why ? `n/a (${why})` : "n/a");
  }
  const attributes = { class: toned ? tone(value) : null, "data-path": path, "data-value": String(value), "data-unit": unit };
  return element("span", attributes, FORMATS[unit](value));
}

// A table of rows of cells; the first cell of a row is its head.
function table(heads, rows, { caption = null, kind = null } = {}) {
  const head = (cell, i) => element("th", { scope: "col", class: cell.class ?? null, "data-column": i }, cell.text ?? cell);
  const cells = (row) => row.map((cell, i) => element(i ? "td" : "th", i ? { class: heads[i]?.class ?? null } : { scope: "row" }, cell));
  return element("table", { class: kind },
    caption ? element("caption", {}, caption) : null,
    heads.length ? element("thead", {}, element("tr", {}, heads.map(head))) : null,
    element("tbody", {}, rows.map((row) => element("tr", {}, cells(row)))));
}
