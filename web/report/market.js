// Candles, and on them the chosen bot's entries, exits and the stop of the chosen trade.

const LENGTHS = [[60, "1m"], [180, "3m"], [300, "5m"], [900, "15m"], [1800, "30m"], [3600, "1h"], [14400, "4h"], [86400, "1d"]];
// More trades than this in one view are a dot each, at their entry, and more than that would hide the prices; the note
// then says so.
const MARKS_MAX = 80;
const DOTS_MAX = 400;
// A word at a mark takes about this much of the chart's width.
const WORD_PX = 45;
const OVERVIEW_CANDLES = 1000;

const market = { chart: null, candles: null, marks: null, path: null, stop: null, length_s: 0, bot: null, trade: null, isWaiting: false };

function lengths() {
  const base = report.page.candles.interval_ms / 1000;
  const longer = LENGTHS.filter(([seconds]) => seconds > base && seconds % base === 0);
  return [[base, report.page.candles.interval], ...longer];
}

// The shortest length at which all candles fit an overview.
function overviewLength() {
  const span = report.page.candles.count * (report.page.candles.interval_ms / 1000);
  const all = lengths();
  return (all.find(([seconds]) => span / seconds <= OVERVIEW_CANDLES) ?? all[all.length - 1])[0];
}

function drawMarket(pick) {
  market.chart = newChart("market-chart", {}, styleMarket);
  market.candles = market.chart.addSeries(L.CandlestickSeries, { priceLineVisible: false });
  market.path = market.chart.addSeries(L.LineSeries, { ...STYLE, lineWidth: 2, lineStyle: L.LineStyle.Dashed, crosshairMarkerVisible: false });
  market.stop = market.chart.addSeries(L.LineSeries, { ...STYLE, lineWidth: 2, lineStyle: L.LineStyle.Dotted, crosshairMarkerVisible: false, title: "stop" });
  market.marks = L.createSeriesMarkers(market.candles, []);
  market.chart.timeScale().subscribeVisibleLogicalRangeChange(soonMark);
  market.chart.subscribeClick((click) => {
    const [kind, index] = String(click.hoveredInfo?.objectId ?? click.hoveredObjectId ?? "").split(":");
    if (kind === "trade") pick(tradesOf(market.bot)[Number(index)], false);
  });
  const { decimals } = report.page.candles;
  market.candles.applyOptions({ priceFormat: { type: "custom", minMove: 10 ** -decimals, formatter: (value) => decimal(value, decimals) } });
  fill("frames", lengths().map(([seconds, name]) =>
    element("button", { type: "button", "data-length": seconds, onclick: () => { setLength(seconds); show(null); } }, name)));
  fill("market-key", "\u25B2 long entry below the bar, \u25BC short entry above it, \u25CF exit: blue won, orange lost. Drag to move; pinch, or the wheel with Ctrl, to zoom.");
  styleMarket();
  setLength(overviewLength());
}

function styleMarket() {
  const [up, down] = [colour("--up"), colour("--down")];
  market.candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false });
  market.stop.applyOptions({ color: colour("--down") });
  market.path.applyOptions({ color: colour("--ink") });
  if (market.length_s) mark();
}

function setLength(seconds) {
  if (market.length_s === seconds) return;
  market.length_s = seconds;
  market.candles.setData(candlesOf(seconds));
  document.querySelectorAll("#frames button").forEach((button) => button.setAttribute("aria-pressed", Number(button.dataset.length) === seconds));
  drawChosenTrade();
  market.chart.timeScale().fitContent();
}

function soonMark() {
  if (market.isWaiting) return;
  market.isWaiting = true;
  requestAnimationFrame(() => { market.isWaiting = false; mark(); });
}

// Marks of the trades in view, unless they are too many to tell apart.
function mark() {
  if (!market.bot) return;
  const candles = candlesOf(market.length_s);
  const range = market.chart.timeScale().getVisibleLogicalRange() ?? { from: 0, to: candles.length };
  const from = candles[Math.max(0, Math.floor(range.from))]?.time ?? Infinity;
  const last = candles[Math.min(candles.length - 1, Math.ceil(range.to))];
  const to = last ? last.time + market.length_s : -Infinity;
  const seen = tradesOf(market.bot).filter((trade) => trade.exit_s >= from && trade.entry_s < to);
  const isCrowd = seen.length > MARKS_MAX, isThrong = seen.length > DOTS_MAX;
  const spelled = seen.length * WORD_PX <= place("market-chart").clientWidth;
  const marks = seen.flatMap((trade) => {
    if (trade === market.trade || !isCrowd) return marksOf(trade, candles, spelled || trade === market.trade);
    return isThrong ? [] : [dotOf(trade, candles)];
  });
  market.marks.setMarkers(marks.sort((a, b) => a.time - b.time));
  const resolution = report.page.candles.is_coarser_than_bars ? `; the page carries none finer than ${report.page.candles.interval}, the bots saw ${report.interval}` : "";
  const length = lengths().find(([seconds]) => seconds === market.length_s)[1];
  const count = `${seen.length === 1 ? "1 trade" : `${decimal(seen.length, 0)} trades`} in view${isThrong ? ", too many to mark: choose one in the list, or zoom in" : isCrowd ? ", a dot each: zoom in to see exits and reasons" : ""}`;
  fill("market-note", `Candles of ${length}${resolution}. ${count}.`);
}

function dotOf(trade, candles) {
  const time = candles[candleAt(candles, trade.entry_s)].time;
  return { id: `trade:${trade.index}`, time, position: trade.side > 0 ? "belowBar" : "aboveBar", shape: "circle", size: 0.4, color: faded(colour(trade.net >= 0 ? "--up" : "--down"), 0.75) };
}

function marksOf(trade, candles, spelled) {
  const entry = candles[candleAt(candles, trade.entry_s)].time, exit = candles[candleAt(candles, trade.exit_s)].time;
  const isLong = trade.side > 0;
  const id = `trade:${trade.index}`;
  const feeling = trade.state === "none" || trade.state === "neutral" ? "" : `, ${trade.state}`;
  return [
    { id, time: entry, position: isLong ? "belowBar" : "aboveBar", shape: isLong ? "arrowUp" : "arrowDown", color: colour("--ink"), text: spelled ? `${isLong ? "long" : "short"}${feeling}` : undefined },
    { id, time: exit, position: isLong ? "aboveBar" : "belowBar", shape: "circle", size: 0.7, color: colour(trade.net >= 0 ? "--up" : "--down"), text: spelled ? words(trade.reason) : undefined },
  ];
}

// The way of the chosen trade and the stop it was entered with.
function drawChosenTrade() {
  const { trade } = market;
  if (!trade) {
    market.path.setData([]);
    return market.stop.setData([]);
  }
  const candles = candlesOf(market.length_s);
  const first = candleAt(candles, trade.entry_s), last = Math.max(first + 1, candleAt(candles, trade.exit_s));
  const across = candles.slice(first, last + 1);
  const ends = across.length > 1 ? [across[0], across[across.length - 1]] : [];
  market.path.setData(ends.map((candle, i) => ({ time: candle.time, value: i ? trade.exit_price : trade.entry_price })));
  market.stop.setData(trade.stop === null ? [] : across.map((candle) => ({ time: candle.time, value: trade.stop })));
}

function setMarketBot(bot) {
  market.bot = bot;
  market.trade = null;
  drawChosenTrade();
  setLength(overviewLength());
  market.chart.timeScale().fitContent();
  mark();
}

// Looks at a trade closely enough to see it: some dozens of candles around it.
function show(trade) {
  if (trade !== null) market.trade = trade;
  if (!market.trade) return mark();
  const { entry_s, exit_s } = market.trade;
  if (trade !== null) {
    const wanted = Math.max(1, exit_s - entry_s) / 60;
    setLength((lengths().find(([seconds]) => seconds >= wanted) ?? lengths()[lengths().length - 1])[0]);
  }
  const candles = candlesOf(market.length_s);
  const [first, last] = [candleAt(candles, entry_s), candleAt(candles, exit_s)];
  const around = Math.max(30, (last - first) * 0.6);
  drawChosenTrade();
  market.chart.timeScale().setVisibleLogicalRange({ from: first - around, to: last + around });
  mark();
}
