// One bot's figures: tiles, targets, what emotion cost, months, behaviour, all metrics.

function drawTiles(bot) {
  const tile = (label, content) => element("div", { class: "tile" }, element("span", {}, label), element("b", {}, content));
  const held = bot.run.behaviour.holding_s_median;
  fill("tiles",
    tile("Net result", figure(`${bot.path}/net_pnl`, "money", { toned: true })),
    tile("Final equity", figure(`${bot.path}/final_equity`, "money")),
    tile("Max drawdown", figure(`${bot.path}/max_drawdown`, "fraction")),
    tile("Sharpe ratio", figure(`${bot.path}/metrics/sharpe`, "ratio")),
    tile("Trades", figure(`${bot.path}/trades`, "count")),
    tile("Median holding", held === null ? element("span", { class: "na" }, "n/a (no trade)") : duration(held)),
    tile("Fees paid", figure(`${bot.path}/fees`, "money")),
    tile("Funding", figure(`${bot.path}/funding`, "money", { toned: true })));
}

function drawTargets(bot) {
  const verdict = { pass: ["pass", "\u2713 pass"], fail: ["fail", "\u2715 fail"] };
  const rows = bot.page.targets.map((target, i) => {
    const [kind, text] = verdict[target.verdict] ?? ["na", "not judged"];
    const path = `/page/bots/${bot.index}/targets/${i}/value`;
    return [target.title, figure(path, target.unit, { reason: target.reason }), element("span", { class: kind }, text)];
  });
  fill("targets", table(["target", "measured", "verdict"], rows, { kind: "pair-table" }),
    element("p", { class: "note" }, `${passed(bot)} of ${bot.page.targets.length} passed. Reported, never promised.`));
}

function verdictOnCost({ low_95, high_95, reason }) {
  if (reason !== null) return `No interval: n/a (${reason}).`;
  if (low_95 > 0) return "The interval lies above zero: emotion cost money, and hardly by luck.";
  if (high_95 < 0) return "The interval lies below zero: emotion paid, and hardly by luck.";
  return "The interval holds zero: this may be luck.";
}

function drawCost(bot) {
  const cost = bot.run.cost_of_emotion;
  if (!cost) return fill("cost", element("p", { class: "note" }, "No calm twin ran beside this bot: a control feels nothing, or twins were switched off."));
  const path = `${bot.path}/cost_of_emotion`;
  const causes = Object.keys(cost.by_cause).filter((cause) => cost.by_cause[cause] !== 0);
  const widest = Math.max(...causes.map((cause) => Math.abs(cost.by_cause[cause])), 1e-9);
  const rows = causes.map((cause) => {
    const value = cost.by_cause[cause], width = (50 * Math.abs(value)) / widest;
    const bar = element("i", { style: `width:${width}%;left:${value > 0 ? 50 : 50 - width}%;background:var(${value > 0 ? "--down" : "--up"})` });
    return [element("span", {}, words(cause)), element("span", { class: "track", "aria-hidden": "true" }, element("u", { style: "left:50%" }), bar), element("span", { class: "amount" }, figure(`${path}/by_cause/${cause}`, "money"))];
  });
  fill("cost", element("div", { class: "stack" },
    element("p", {}, element("span", { class: "big" }, figure(`${path}/total`, "money")), " USDT",
      cost.reason === null ? [", at 95 % between ", figure(`${path}/low_95`, "money"), " and ", figure(`${path}/high_95`, "money")] : [], "."),
    element("p", { class: "prose" }, verdictOnCost(cost)),
    rows.length ? element("div", { class: "bars" }, rows.flat()) : element("p", { class: "note" }, "The two never parted."),
    element("p", { class: "note" }, "The calm twin's net (", figure(`${path}/twin/net_pnl`, "money"), " from ", figure(`${path}/twin/trades`, "count"),
      " trades) less the persona's; positive was lost to feeling, negative gained by it. A twin has the same method, luck and limits, and feels nothing.")));
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function drawMonths(bot) {
  const years = new Map();
  bot.page.months.forEach(([name, value], index) => {
    const [year, month] = name.split("-");
    if (!years.has(year)) years.set(year, Array(12).fill(null));
    years.get(year)[Number(month) - 1] = { value, index };
  });
  const rows = [...years].map(([year, months]) => {
    const known = months.filter((month) => month && month.value !== null);
    const whole = known.reduce((product, month) => product * (1 + month.value), 1) - 1;
    return [year, ...months.map((month) => monthCell(bot, month)), known.length ? derived(whole, "fraction", true) : "\u2013"];
  });
  if (!rows.length) return fill("months", element("p", { class: "note" }, "The run is shorter than a day."));
  const made = table(["", ...MONTHS, "year"], rows, { kind: "months" });
  const values = bot.page.months.map(([, value]) => Math.abs(value ?? 0));
  const widest = Math.max(...values, 0.02);
  made.querySelectorAll("td [data-path]").forEach((cell) => {
    const value = Number(cell.dataset.value);
    if (!Number.isFinite(value)) return;
    cell.parentElement.style.background = `rgb(var(${value >= 0 ? "--up-soft" : "--down-soft"}) / ${Math.round((45 * Math.abs(value)) / widest) / 100})`;
  });
  fill("months", made);
  fill("months-note", "Returns by calendar month, UTC, from one day's equity to another's; the first and last month may be partial. Years are compounded from the months shown.");
}

function monthCell(bot, month) {
  if (!month) return "";
  return figure(`/page/bots/${bot.index}/months/${month.index}/1`, "fraction", { reason: "no money left" });
}

function dictionaryTable(entries, path) {
  return table([], entries.map((entry) => [entry.title, figure(`${path}/${entry.key}`, entry.unit)]), { kind: "pair-table" });
}

function drawBehaviour(bot) {
  const { behaviour } = bot.run;
  const exits = Object.keys(behaviour.exit_share_by_reason).map((reason) => [`left by ${words(reason)}`, figure(`${bot.path}/behaviour/exit_share_by_reason/${reason}`, "fraction")]);
  const own = dictionaryTable(report.page.dictionary.behaviours, `${bot.path}/behaviour`);
  fill("behaviour", own, exits.length ? table([], exits, { caption: "How trades ended", kind: "pair-table" }) : element("p", { class: "note" }, "No trade ended."));
}

function drawMetrics(bot) {
  fill("metrics", dictionaryTable(report.page.dictionary.metrics, `${bot.path}/metrics`),
    element("p", { class: "note" }, "Max drawdown here is that of daily equity, as in the metrics' definition; the one judged above is the deeper one at the closes of bars."));
}

function drawBot(bot) {
  fill("bot-name", swatch(bot.colour), bot.name);
  fill("bot-record", bot.page.record + (bot.run.ruined_at ? ` Ruined at ${bot.run.ruined_at}: its capital no longer carried the smallest order.` : ""));
  drawTiles(bot);
  drawTargets(bot);
  drawCost(bot);
  drawMonths(bot);
  drawBehaviour(bot);
  drawMetrics(bot);
}
