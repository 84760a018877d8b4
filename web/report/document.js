// The document, and what is read out of its short forms. Nothing here is shown.

const report = JSON.parse(place("document").textContent);

// A value by its JSON pointer.
function at(path) {
  return path.split("/").slice(1).reduce((value, key) => (value === null || value === undefined ? value : value[key]), report);
}

const TRADE_COLUMNS = report.page.dictionary.trade_columns;

const bots = report.runs.map((run, index) => ({
  index, run, page: report.page.bots[index], name: run.persona, path: `/runs/${index}`,
  colour: `var(--bot-${index % 8})`, trades: null,
}));

// The trades of a bot as objects, made when somebody looks.
function tradesOf(bot) {
  bot.trades ??= bot.page.trades.map((row, index) => {
    const trade = { index };
    TRADE_COLUMNS.forEach((column, i) => { trade[column] = row[i]; });
    return trade;
  });
  return bot.trades;
}

// Candles in columns: seconds, and prices as numbers.
function decodeCandles({ ticks, skipped, first_ms, interval_ms, count, decimals, tick_units }) {
  const columns = { interval_s: interval_ms / 1000, time: new Float64Array(count), open: new Float64Array(count), high: new Float64Array(count), low: new Float64Array(count), close: new Float64Array(count) };
  const scale = 10 ** decimals;
  let before = 0, slot = 0, gap = 0;
  for (let i = 0; i < count; i++) {
    if (gap < skipped.length && skipped[gap][0] === i) slot += skipped[gap++][1];
    const open = before + ticks[4 * i], close = open + ticks[4 * i + 1];
    columns.time[i] = (first_ms + slot++ * interval_ms) / 1000;
    columns.open[i] = (open * tick_units) / scale;
    columns.close[i] = (close * tick_units) / scale;
    columns.high[i] = ((Math.max(open, close) + ticks[4 * i + 2]) * tick_units) / scale;
    columns.low[i] = ((Math.min(open, close) - ticks[4 * i + 3]) * tick_units) / scale;
    before = close;
  }
  return columns;
}

let finest = null;
const finestCandles = () => (finest ??= decodeCandles(report.page.candles));

// Candles of a longer length as the chart wants them.
const frames = new Map();
function candlesOf(interval_s) {
  if (frames.has(interval_s)) return frames.get(interval_s);
  const { time, open, high, low, close } = finestCandles();
  const made = [];
  let last = null;
  for (let i = 0; i < time.length; i++) {
    const start = Math.floor(time[i] / interval_s) * interval_s;
    if (last && last.time === start) {
      if (high[i] > last.high) last.high = high[i];
      if (low[i] < last.low) last.low = low[i];
      last.close = close[i];
    } else {
      last = { time: start, open: open[i], high: high[i], low: low[i], close: close[i] };
      made.push(last);
    }
  }
  frames.set(interval_s, made);
  return made;
}

// Index of the candle that holds an instant; the nearest before it where the data have a hole.
function candleAt(candles, seconds) {
  let low = 0, high = candles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (candles[middle].time <= seconds) low = middle + 1; else high = middle;
  }
  return Math.max(0, low - 1);
}

// Equity as points, and the fall from the highest day before; a chart takes no two points of one second.
function curveOf({ time_s, usdt }) {
  const equity = [], drawdown = [];
  let peak = -Infinity;
  time_s.forEach((time, i) => {
    if (equity.length && equity[equity.length - 1].time >= time) return;
    peak = Math.max(peak, usdt[i]);
    equity.push({ time, value: usdt[i] });
    drawdown.push({ time, value: peak > 0 ? (usdt[i] / peak - 1) * 100 : 0 });
  });
  return { equity, drawdown };
}
