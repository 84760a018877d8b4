// What is said of the run as a whole: the head, everybody at a glance, how far to trust it, the battle.

const CONTROLS = ["buy_hold", "ema_cross"];

function drawHead() {
  const days = (new Date(report.last) - new Date(report.first)) / 86400000;
  const [first, last] = [report.first.slice(0, 10), report.last.slice(0, 10)];
  const span = first === last ? first : `${first} to ${last}`;
  const made = report.made_market ? `, ${report.made_market}` : "";
  fill("headline", `${report.symbol}, ${span}${made}`);
  const who = bots.length === 1 ? "One bot" : `${bots.length} bots`;
  fill("lead", `${who}, `, figure("/capital", "money"), " USDT each, over ", figure("/bars", "count"),
    ` bars of ${report.interval} (${decimal(days, days < 10 ? 1 : 0)} days), seed `,
    element("span", { "data-path": "/page/seed", "data-value": report.page.seed }, report.page.seed), ".");
  fill("facts", report.page.facts.map(([label, text]) => [element("dt", {}, label), element("dd", {}, text)]));
  fill("warnings", report.page.warnings.map((text) => element("p", { class: "warning" }, `Warning: ${text}.`)));
  fill("made", `Made by ${report.page.made_by}. Every instant is UTC, every amount USDT.`);
}

const passed = (bot) => bot.page.targets.filter((target) => target.verdict === "pass").length;

function drawGlance(choose) {
  const heads = ["bot", "net", "return", "max drawdown", "Sharpe", "win rate", "profit factor", "trades", "targets", "cost of emotion"]
    .map((text, i) => ({ text, class: i === 5 || i === 6 ? "wide" : null }));
  const rows = bots.map((bot) => [
    element("button", { type: "button", class: "name-button" }, swatch(bot.colour), bot.name),
    figure(`${bot.path}/net_pnl`, "money", { toned: true }),
    figure(`${bot.path}/metrics/total_return`, "fraction", { toned: true }),
    figure(`${bot.path}/max_drawdown`, "fraction"),
    figure(`${bot.path}/metrics/sharpe`, "ratio"),
    figure(`${bot.path}/metrics/win_rate`, "fraction"),
    figure(`${bot.path}/metrics/profit_factor`, "ratio"),
    figure(`${bot.path}/trades`, "count"),
    `${passed(bot)} of ${bot.page.targets.length}`,
    bot.run.cost_of_emotion ? figure(`${bot.path}/cost_of_emotion/total`, "money") : element("span", { class: "na" }, "no twin"),
  ]);
  const made = table(heads, rows);
  made.querySelectorAll("tbody tr").forEach((row, i) => {
    row.className = "choice";
    row.addEventListener("click", () => choose(bots[i]));
  });
  fill("glance", made);
}

function markGlance(bot) {
  document.querySelectorAll("#glance tbody tr").forEach((row, i) => row.classList.toggle("chosen", i === bot.index));
}

// The interval of a Sharpe ratio as a line over a common scale, the ratio a dot.
function forest(bot, scale) {
  const { low_95, high_95 } = bot.page.sharpe;
  const x = (value) => `${(100 * (value - scale.low)) / (scale.high - scale.low)}%`;
  const line = (from, to, stroke, width, y1 = "50%", y2 = "50%") => svg("line", { x1: x(from), x2: x(to), y1, y2, stroke, "stroke-width": width });
  return svg("svg", { class: "forest", role: "img", "aria-label": `Sharpe ratio ${decimal(bot.run.metrics.sharpe, 2)}, 95 % from ${decimal(low_95, 2)} to ${decimal(high_95, 2)}` },
    line(0, 0, "var(--quiet)", 1, "0", "100%"),
    line(low_95, high_95, bot.colour, 3),
    svg("circle", { cx: x(bot.run.metrics.sharpe), cy: "50%", r: 5, fill: bot.colour }));
}

function drawTrust() {
  const known = bots.filter((bot) => bot.page.sharpe.low_95 !== null);
  const scale = {
    low: Math.min(-1, ...known.map((bot) => bot.page.sharpe.low_95)) - 0.3,
    high: Math.max(1, ...known.map((bot) => bot.page.sharpe.high_95)) + 0.3,
  };
  const heads = ["bot", "Sharpe", "95 % from", "to", { text: "the interval; the upright line is zero", class: "left" }, "days", "days it takes"];
  const rows = bots.map((bot) => {
    const page = `/page/bots/${bot.index}/sharpe`;
    const why = bot.page.sharpe.reason;
    return [
      element("span", { class: "name-button" }, swatch(bot.colour), bot.name),
      figure(`${bot.path}/metrics/sharpe`, "ratio"),
      figure(`${page}/low_95`, "ratio"),
      figure(`${page}/high_95`, "ratio"),
      why ? element("span", { class: "na" }, `no interval (${why})`) : forest(bot, scale),
      figure(`${bot.path}/track_record/days`, "count"),
      figure(`${bot.path}/track_record/days_min`, "count", { reason: bot.run.metrics.sharpe === null ? "" : "no length proves it" }),
    ];
  });
  fill("trust-table", table(heads, rows, { caption: "A record is long enough where its days reach the days it takes for a Sharpe ratio to mean more than luck." }));
  const { luck } = report.page;
  const twins = luck.twins ? ` and ${luck.twins} calm twins` : "";
  const best = luck.sharpe_of_the_luckiest === null ? [] : [
    " The best of so many without any skill would be expected to show a Sharpe ratio of about ",
    figure("/page/luck/sharpe_of_the_luckiest", "ratio"),
    " here by luck alone, were they independent. Choosing the winner of this page is choosing the luckiest first."];
  fill("luck", element("p", { class: "prose" }, `${luck.bots} ${luck.bots === 1 ? "bot" : "bots"}${twins} were looked at on one stretch of history.`, best));
  fill("not-modelled", report.page.not_modelled.map((text) => element("li", {}, text)));
  fill("targets-note", report.page.dictionary.targets_note + " An interval that holds zero is no evidence. A Sharpe ratio above 5 is a mistake until shown otherwise.");
}

function drawBattle() {
  if (!report.battle) return place("battle-panel").remove();
  const { ranking, leads } = report.battle;
  const heads = ["", { text: "bot", class: "left" }, "return / drawdown", "return", "max drawdown", "trades"];
  const rows = ranking.map((standing, i) => {
    const path = `/battle/ranking/${i}`;
    const bot = bots.find((one) => one.name === standing.persona);
    return [
      standing.score === null ? "\u2013" : String(i + 1),
      element("span", { class: "name-button" }, swatch(bot.colour), standing.persona),
      figure(`${path}/score`, "ratio", { reason: "too few trades, or never fell" }),
      figure(`${path}/total_return`, "fraction", { toned: true }),
      figure(`${path}/max_drawdown`, "fraction"),
      figure(`${path}/trades`, "count"),
    ];
  });
  fill("battle", table(heads, rows));
  fill("battle-note", `The lead changed ${leads.length === 2 ? "once" : `${Math.max(0, leads.length - 1)} times`}. Ranked at each session's end by return over drawdown; figures here are ${report.battle.as_of ? `as of the last session's end, ${report.battle.as_of.slice(0, 16).replace("T", " ")}` : "those of the last session"}.`);
  if (!leads.length) return place("leads-details").remove();
  fill("leads", leads.map((lead) => element("li", {}, `${lead.time.slice(0, 16).replace("T", " ")}: ${lead.to}${lead.from ? `, from ${lead.from}` : ""}`)));
}
