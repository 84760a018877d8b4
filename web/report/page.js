// Puts the page together, and keeps what is chosen: a bot, a trade, a theme. The address's fragment may name them, as in
// #newbie,trade-17,dark.

const chosen = { bot: bots[0] };

// An address that somebody mistyped, such as report.html#100%, names nothing; the page is drawn all the same.
function fragment() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

function readFragment() {
  const names = fragment().split(",");
  const theme = names.find((name) => name === "dark" || name === "light");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  setTheme(theme ?? (dark ? "dark" : "light"));
  const bot = bots.find((one) => names.includes(one.name)) ?? bots[0];
  const number = names.map((name) => /^trade-(\d+)$/.exec(name)).find(Boolean)?.[1];
  return { bot, trade: number ? tradesOf(bot)[Number(number) - 1] : null };
}

function pickTrade(trade, fromList) {
  choose(trade, fromList);
  market.trade = trade;
  if (fromList) return show(trade);
  drawChosenTrade();
  mark();
}

function chooseBot(bot) {
  chosen.bot = bot;
  document.querySelectorAll("#bots button").forEach((button, i) => {
    button.setAttribute("aria-pressed", i === bot.index);
    if (i === bot.index) place("bots").scrollLeft = button.offsetLeft - 60;
  });
  markGlance(bot);
  styleCurves(bot);
  drawBot(bot);
  drawMoods(bot);
  setListBot(bot, pickTrade);
  setMarketBot(bot);
}

function start() {
  const first = readFragment();
  chosen.bot = first.bot;
  drawHead();
  drawGlance(chooseBot);
  drawTrust();
  drawBattle();
  fill("bots", bots.map((bot) => element("button", { type: "button", onclick: () => chooseBot(bot) }, swatch(bot.colour), bot.name)));
  drawEquity(() => chosen.bot);
  drawMarket(pickTrade);
  chooseBot(first.bot);
  if (first.trade) pickTrade(first.trade, true);
  const wear = (theme) => { setTheme(theme); restyleCharts(); };
  place("theme").addEventListener("click", () => wear(isDark() ? "light" : "dark"));
  // Paper is white: what was dark is dark again when it is printed.
  let worn = null;
  addEventListener("beforeprint", () => { worn = document.documentElement.dataset.theme; if (isDark()) wear("light"); });
  addEventListener("afterprint", () => { if (worn === "dark") wear(worn); });
  document.documentElement.dataset.ready = performance.now().toFixed(0);
  requestAnimationFrame(() => setTimeout(() => { document.documentElement.dataset.painted = performance.now().toFixed(0); }));
}

start();
