// Equity and drawdown of everybody, the chosen one on top with its calm twin dashed.

const curves = [];
let equityChart = null;

const STYLE = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerRadius: 3 };
const PERCENT = { type: "custom", minMove: 0.01, formatter: (value) => decimal(value, 1) + " %" };

function drawEquity(chosen) {
  equityChart = newChart("equity-chart", { timeScale: { timeVisible: false } }, () => styleCurves(chosen()));
  for (const bot of bots) {
    addCurve(bot, bot.page.equity, false);
    if (bot.page.twin_equity) addCurve(bot, bot.page.twin_equity, true);
  }
  equityChart.panes()[0].setStretchFactor(2);
  equityChart.panes()[1].setStretchFactor(1);
  equityChart.timeScale().fitContent();
  equityChart.subscribeCrosshairMove((move) => showValues(move, chosen()));
  drawLegend(chosen);
  drawEquityTable();
  const benchmark = bots.some((bot) => bot.name === "buy_hold") ? " The benchmark is buy_hold." : "";
  fill("equity-note", `One point a UTC day; above equity in USDT, below the fall from the highest day before.${benchmark} The deepest falls of the tables are measured at every bar and may be deeper.`);
}

function addCurve(bot, columns, isTwin) {
  const points = curveOf(columns);
  const equity = equityChart.addSeries(L.LineSeries, { ...STYLE, priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => decimal(value, 0) } }, 0);
  const drawdown = equityChart.addSeries(L.LineSeries, { ...STYLE, priceFormat: PERCENT }, 1);
  equity.setData(points.equity);
  drawdown.setData(points.drawdown);
  curves.push({ bot, isTwin, equity, drawdown, isShown: !isTwin, points: points.equity });
}

function styleCurves(chosen) {
  for (const { bot, isTwin, equity, drawdown, isShown } of curves) {
    const isChosen = bot === chosen;
    const visible = isShown || isChosen;
    const strength = isChosen ? 1 : 0.8;
    const style = {
      color: faded(colour(bot.colour), strength), lineWidth: isChosen && !isTwin ? 3 : 1, visible,
      lineStyle: isTwin ? L.LineStyle.Dashed : CONTROLS.includes(bot.name) ? L.LineStyle.Dotted : L.LineStyle.Solid,
      crosshairMarkerVisible: isChosen,
    };
    equity.applyOptions(style);
    drawdown.applyOptions({ ...style, visible: visible && (!isTwin || isChosen) });
  }
  const front = curves.find(({ bot, isTwin }) => bot === chosen && !isTwin);
  front.equity.setSeriesOrder(curves.length);
}

function drawLegend(chosen) {
  const chips = bots.map((bot) => {
    const own = curves.find((curve) => curve.bot === bot && !curve.isTwin);
    const flip = (event) => {
      own.isShown = !own.isShown;
      event.currentTarget.setAttribute("aria-pressed", own.isShown);
      styleCurves(chosen());
    };
    return element("button", { type: "button", class: "chip", "aria-pressed": true, onclick: flip },
      swatch(bot.colour), bot.name, element("span", { class: "value", "data-bot": bot.index }));
  });
  if (curves.some((curve) => curve.isTwin)) {
    const flip = (event) => {
      const show = event.currentTarget.getAttribute("aria-pressed") !== "true";
      event.currentTarget.setAttribute("aria-pressed", show);
      curves.filter((curve) => curve.isTwin).forEach((curve) => { curve.isShown = show; });
      styleCurves(chosen());
    };
    chips.push(element("button", { type: "button", class: "chip", "aria-pressed": false, onclick: flip }, "- - all calm twins"));
  }
  fill("equity-legend", chips);
}

// Under the cursor the day's equity stands in the legend.
function showValues(move) {
  for (const { bot, isTwin, equity } of curves) {
    if (isTwin) continue;
    const point = move.seriesData.get(equity);
    document.querySelector(`#equity-legend [data-bot="${bot.index}"]`).textContent = point ? decimal(point.value, 0) : "";
  }
}

// Equity at the end of each month: what the chart shows, for those who cannot see it.
function drawEquityTable() {
  const ends = bots.map((bot) => {
    const { time_s, usdt } = bot.page.equity;
    const months = new Map();
    time_s.forEach((time, i) => { if (i) months.set(day(time - 1).slice(0, 7), usdt[i]); });
    return months;
  });
  const months = [...new Set(ends.flatMap((one) => [...one.keys()]))].sort();
  const rows = months.map((month) => [month, ...ends.map((one) => (one.has(month) ? decimal(one.get(month), 2) : "\u2013"))]);
  fill("equity-table", table(["month", ...bots.map((bot) => bot.name)], rows, { caption: "Equity at each month's end, USDT" }));
}
