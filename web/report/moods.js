// What the chosen bot felt at each session's end: four lines, and beneath them the state as a band of colour.

const FEELINGS = [["confidence", 2, "--bot-2", "Solid"], ["stress", 3, "--bot-1", "Solid"], ["fatigue", 4, "--bot-6", "Dashed"], ["urge", 5, "--bot-3", "Dotted"]];
const moods = { chart: null, lines: [], band: null, rows: [] };
// Sessions in view: the last quarter first, where single days can still be seen.
const SPANS = [[120, "30 days"], [360, "90 days"], [1460, "a year"], [Infinity, "all"]];
const BETWEEN_0_AND_1 = { autoscaleInfoProvider: () => ({ priceRange: { minValue: 0, maxValue: 1 } }) };

function drawMoods(bot) {
  moods.rows = bot.page.moods ?? [];
  if (!moods.rows.length) {
    const why = bot.page.trades.length && bot.page.trades[0][12] === "none" ? "This bot is a control: it feels nothing." : "Nothing was felt: a control feels nothing, or no session ended.";
    if (moods.chart) dropMoods();
    return fill("moods", element("p", { class: "note" }, why));
  }
  if (!moods.chart) makeMoods();
  moods.lines.forEach((line, i) => line.setData(moods.rows.map((row) => ({ time: row[0], value: row[FEELINGS[i][1]] / 1000 }))));
  styleMoods();
  look(SPANS[1][0]);
  drawStates(bot);
}

function look(sessions) {
  const count = moods.rows.length;
  moods.chart.timeScale().setVisibleLogicalRange({ from: Math.max(0, count - sessions) - 0.5, to: count - 0.5 });
  document.querySelectorAll("#spans button").forEach((button, i) => button.setAttribute("aria-pressed", SPANS[i][0] === sessions));
}

function makeMoods() {
  fill("moods", element("div", { class: "stack" },
    element("div", { class: "panel-head" },
      element("div", { class: "legend" }, FEELINGS.map(([name, , own]) => element("span", { class: "chip" }, swatch(`var(${own})`), name))),
      element("div", { id: "spans", class: "segments", role: "group", "aria-label": "Stretch in view" },
        SPANS.map(([sessions, name]) => element("button", { type: "button", onclick: () => look(sessions) }, name)))),
    element("div", { id: "moods-chart", class: "chart", role: "group", "aria-label": "Confidence, stress, fatigue and urge at session ends, and the emotional state; the tables below hold the shares" }),
    element("p", { class: "note" }, "The last sessions first; drag for earlier ones. Taken at each session's end (00, 06, 12 and 18 UTC), between 0 and 1; the band below is the emotional state at that instant. The shares of time count every change in between."),
    element("div", { id: "states" })));
  moods.chart = newChart("moods-chart", {}, styleMoods);
  moods.lines = FEELINGS.map(() => moods.chart.addSeries(L.LineSeries, { ...STYLE, lineWidth: 1, ...BETWEEN_0_AND_1, priceFormat: { type: "price", precision: 2, minMove: 0.01 } }, 0));
  moods.band = moods.chart.addSeries(L.HistogramSeries, { ...STYLE, base: 0, priceFormat: { type: "custom", minMove: 1, formatter: () => "" }, ...BETWEEN_0_AND_1 }, 1);
  moods.chart.panes()[0].setStretchFactor(6);
  moods.chart.panes()[1].setStretchFactor(1);
  moods.chart.priceScale("right", 0).applyOptions({ scaleMargins: { top: 0.04, bottom: 0.04 } });
  moods.chart.priceScale("right", 1).applyOptions({ scaleMargins: { top: 0, bottom: 0 } });
}

function dropMoods() {
  const held = charts.findIndex((one) => one.chart === moods.chart);
  charts.splice(held, 1);
  moods.chart.remove();
  moods.chart = null;
}

function styleMoods() {
  FEELINGS.forEach(([, , own, style], i) => moods.lines[i].applyOptions({ color: colour(own), lineStyle: L.LineStyle[style] }));
  moods.band.setData(moods.rows.map((row) => ({ time: row[0], value: 1, color: colour(`--${row[1]}`) })));
}

function drawStates(bot) {
  const shares = bot.run.behaviour.time_in_state, entered = bot.run.behaviour.trades_by_emotional_state;
  const path = `${bot.path}/behaviour`;
  const known = report.page.dictionary.states.filter((state) => state in shares || state in entered);
  const rows = known.map((state) => [
    element("span", { class: "name-button" }, swatch(`var(--${state})`), state),
    state in shares ? figure(`${path}/time_in_state/${state}`, "fraction") : "\u2013",
    state in entered ? figure(`${path}/trades_by_emotional_state/${state}`, "count") : "0",
  ]);
  fill("states", element("div", { class: "columns beside" },
    table(["state", "share of time", "trades begun"], rows, { caption: "Over the whole run", kind: "pair-table" }),
    table(["quarter", ...FEELINGS.map(([name]) => name)], quarters(), { caption: "Mean at session ends", kind: "pair-table" })));
}

function quarters() {
  const sums = new Map();
  for (const row of moods.rows) {
    const month = Number(stamp(row[0] - 1).slice(5, 7));
    const name = `${stamp(row[0] - 1).slice(0, 4)}\u00a0Q${Math.ceil(month / 3)}`;
    const sum = sums.get(name) ?? { count: 0, of: FEELINGS.map(() => 0) };
    sum.count += 1;
    FEELINGS.forEach(([, at], i) => { sum.of[i] += row[at] / 1000; });
    sums.set(name, sum);
  }
  return [...sums].map(([name, { count, of }]) => [name, ...of.map((total) => decimal(total / count, 2))]);
}
