// Puts the page together, and keeps what is chosen: a bot, a trade, a theme. The address's fragment may name the first
// and the last, as in #newbie,dark.

const chosen = { bot: bots[0] };

function readFragment() {
  const names = decodeURIComponent(location.hash.slice(1)).split(",");
  const theme = names.find((name) => name === "dark" || name === "light");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  setTheme(theme ?? (dark ? "dark" : "light"));
  return bots.find((bot) => names.includes(bot.name)) ?? bots[0];
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
  document.querySelectorAll("#bots button").forEach((button, i) => button.setAttribute("aria-pressed", i === bot.index));
  markGlance(bot);
  styleCurves(bot);
  drawBot(bot);
  drawMoods(bot);
  setListBot(bot, pickTrade);
  setMarketBot(bot);
}

function start() {
  const first = readFragment();
  chosen.bot = first;
  drawHead();
  drawGlance(chooseBot);
  drawTrust();
  drawBattle();
  fill("bots", bots.map((bot) => element("button", { type: "button", onclick: () => chooseBot(bot) }, swatch(bot.colour), bot.name)));
  drawEquity(() => chosen.bot);
  drawMarket(pickTrade);
  chooseBot(first);
  place("theme").addEventListener("click", () => { setTheme(isDark() ? "light" : "dark"); restyleCharts(); });
  document.documentElement.dataset.ready = performance.now().toFixed(0);
  requestAnimationFrame(() => setTimeout(() => { document.documentElement.dataset.painted = performance.now().toFixed(0); }));
}

start();
