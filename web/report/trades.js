// The list of a bot's trades: searched, sorted, a page at a time; a row leads to the chart.

const ROWS_PER_PAGE = 20;
const list = { bot: null, trades: [], found: [], page: 0, sort: "entry_s", ascending: true, search: "", reason: "", chosen: null };

const PRICE = (value) => decimal(value, Math.min(2, Math.max(1, report.page.candles.decimals)));
const COLUMNS = [
  { key: "entry_s", title: "entry", cell: (trade) => minute(trade.entry_s) },
  { key: "side", title: "side", left: true, cell: (trade) => (trade.side > 0 ? "long" : "short") },
  { key: "entry_price", title: "at", cell: (trade) => PRICE(trade.entry_price) },
  { key: "exit_price", title: "out at", cell: (trade) => PRICE(trade.exit_price) },
  { key: "held_s", title: "held", cell: (trade) => duration(trade.exit_s - trade.entry_s), wide: true },
  { key: "quantity", title: "quantity", cell: (trade) => String(trade.quantity), wide: true },
  { key: "net", title: "net", cell: (trade) => derived(trade.net, "money", true) },
  { key: "r_multiple", title: "R", cell: (trade) => (trade.r_multiple === null ? element("span", { class: "na" }, "no stop") : decimal(trade.r_multiple, 2)), wide: true },
  { key: "reason", title: "left by", left: true, cell: (trade) => words(trade.reason) },
  { key: "state", title: "felt", left: true, cell: (trade) => (trade.state === "none" ? "\u2013" : words(trade.state)) },
];

function setListBot(bot, pick) {
  list.trades = tradesOf(bot);
  list.trades.forEach((trade) => { trade.held_s = trade.exit_s - trade.entry_s; });
  Object.assign(list, { bot, page: 0, sort: "entry_s", ascending: true, search: "", reason: "", chosen: null, pick });
  fill("trade-card");
  drawControls();
  find();
}

function drawControls() {
  if (!list.trades.length) return fill("trade-controls");
  const search = element("input", { type: "search", placeholder: "Search: 2022-06, short, panic, EMA \u2026", "aria-label": "Search the trades", oninput: (event) => { list.search = event.target.value; list.page = 0; find(); } });
  const reasons = [...new Set(list.trades.map((trade) => trade.reason))].sort();
  const reason = element("select", { "aria-label": "Left by", onchange: (event) => { list.reason = event.target.value; list.page = 0; find(); } },
    element("option", { value: "" }, "left by anything"), reasons.map((name) => element("option", { value: name }, words(name))));
  fill("trade-controls", search, reason);
}

function textOf(trade) {
  trade.text ??= [minute(trade.entry_s), minute(trade.exit_s), trade.side > 0 ? "long" : "short", words(trade.reason), words(trade.state), words(trade.kind), trade.mistake ? "mistake" : "", trade.entry_reason].join(" ").toLowerCase();
  return trade.text;
}

function find() {
  const asked = list.search.toLowerCase().split(/\s+/).filter(Boolean);
  list.found = list.trades.filter((trade) => (!list.reason || trade.reason === list.reason) && asked.every((word) => textOf(trade).includes(word)));
  const sign = list.ascending ? 1 : -1;
  const value = (trade) => trade[list.sort] ?? -Infinity;
  list.found.sort((a, b) => sign * (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : a.index - b.index));
  drawList();
}

function sortBy(key) {
  list.ascending = list.sort === key ? !list.ascending : true;
  list.sort = key;
  list.page = 0;
  find();
}

function drawList() {
  if (!list.trades.length) {
    fill("trade-pages");
    return fill("trade-list", element("p", { class: "note" }, "No trade was made."));
  }
  const heads = COLUMNS.map((column) => {
    const sorted = list.sort === column.key;
    const arrow = sorted ? (list.ascending ? " \u2191" : " \u2193") : "";
    return element("th", { scope: "col", class: classOf(column), "aria-sort": sorted ? (list.ascending ? "ascending" : "descending") : null },
      element("button", { type: "button", onclick: () => sortBy(column.key) }, column.title + arrow));
  });
  const start = list.page * ROWS_PER_PAGE;
  const rows = list.found.slice(start, start + ROWS_PER_PAGE).map(rowOf);
  fill("trade-list", element("table", {}, element("thead", {}, element("tr", {}, heads)), element("tbody", {}, rows)));
  drawPages(start, rows.length);
}

const classOf = (column) => [column.left ? "left" : "", column.wide ? "wide" : ""].join(" ").trim() || null;

function rowOf(trade) {
  const cells = COLUMNS.map((column, i) => {
    const content = i ? column.cell(trade) : element("button", { type: "button", class: "name-button", "aria-label": `Show the trade of ${column.cell(trade)} on the chart` }, column.cell(trade));
    return element("td", { class: classOf(column) }, content);
  });
  return element("tr", { class: trade === list.chosen ? "choice chosen" : "choice", onclick: () => list.pick(trade, true) }, cells);
}

function drawPages(start, count) {
  const pages = Math.max(1, Math.ceil(list.found.length / ROWS_PER_PAGE));
  const turn = (by) => () => { list.page += by; drawList(); };
  const shown = count ? `${decimal(start + 1, 0)} to ${decimal(start + count, 0)} of ${decimal(list.found.length, 0)}` : "none found";
  const filtered = list.found.length < list.trades.length ? ` (${decimal(list.trades.length, 0)} in all)` : "";
  fill("trade-pages",
    element("button", { type: "button", disabled: list.page === 0, onclick: turn(-1) }, "Earlier rows"),
    element("span", {}, shown + filtered + "; all of them are in trades.csv"),
    element("button", { type: "button", disabled: list.page + 1 >= pages, onclick: turn(1) }, "Further rows"));
}

// What is known of the chosen trade, in words.
function drawCard(trade) {
  const fact = (label, content) => element("div", {}, element("dt", {}, label), element("dd", {}, content));
  const title = `Trade ${decimal(trade.index + 1, 0)} of ${decimal(list.trades.length, 0)}: ${trade.side > 0 ? "long" : "short"} ${trade.quantity}`;
  const kind = trade.kind === "signal" ? "" : ` (${words(trade.kind)})`;
  fill("trade-card", element("h3", {}, title),
    element("p", {}, (trade.entry_reason || "No reason was noted.") + kind + (trade.mistake ? " The hand slipped." : "")),
    element("dl", {},
      fact("in", `${minute(trade.entry_s)} at ${PRICE(trade.entry_price)}`),
      fact("out", `${minute(trade.exit_s)} at ${PRICE(trade.exit_price)}`),
      fact("left by", words(trade.reason)),
      fact("stop at entry", trade.stop === null ? "none" : PRICE(trade.stop)),
      fact("net", derived(trade.net, "money", true)),
      fact("fees, funding", `${decimal(trade.fees, 2)}, ${decimal(trade.funding, 2)}`),
      fact("felt", trade.state === "none" ? "nothing" : words(trade.state))));
}

function choose(trade, shouldShow) {
  list.chosen = trade;
  const row = list.found.indexOf(trade);
  if (row >= 0) list.page = Math.floor(row / ROWS_PER_PAGE);
  drawList();
  drawCard(trade);
  if (shouldShow) place("market-title").scrollIntoView({ block: "start" });
}
