// Charts in the page's colours. Every chart is told when the theme changes.

const L = LightweightCharts;
const charts = [];

// Canvases know no custom properties: the colour behind one.
function colour(name) {
  const property = name.startsWith("var(") ? name.slice(4, -1) : name;
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}

const faded = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, "0");

function chartOptions() {
  const line = { color: faded(colour("--line"), 0.7) };
  return {
    layout: {
      background: { type: "solid", color: colour("--panel") }, textColor: colour("--quiet"), attributionLogo: true,
      fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11,
      panes: { separatorColor: colour("--line"), separatorHoverColor: colour("--accent-soft") },
    },
    grid: { vertLines: line, horzLines: line },
    rightPriceScale: { borderColor: colour("--line") },
    timeScale: { borderColor: colour("--line"), timeVisible: true, secondsVisible: false, minBarSpacing: 0.05 },
    crosshair: { mode: L.CrosshairMode.Normal },
    // The page scrolls by the wheel and by an upright finger; the chart by a drag, a pinch, or the wheel with a key.
    handleScroll: { mouseWheel: false, vertTouchDrag: false },
    handleScale: { mouseWheel: false },
  };
}

// The wheel zooms while Ctrl or Command is held, so that a page can be scrolled past its charts.
function newChart(id, options, restyle) {
  const holder = place(id);
  const chart = L.createChart(holder, { autoSize: true, ...chartOptions() });
  chart.applyOptions(options);
  const wheel = (event) => chart.applyOptions({ handleScale: { mouseWheel: event.ctrlKey || event.metaKey } });
  holder.addEventListener("wheel", wheel, { capture: true, passive: true });
  charts.push({ chart, restyle });
  return chart;
}

function restyleCharts() {
  for (const { chart, restyle } of charts) {
    chart.applyOptions(chartOptions());
    restyle();
  }
}

function isDark() { return document.documentElement.dataset.theme === "dark"; }

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  place("theme").textContent = theme === "dark" ? "Light" : "Dark";
}

const SVG = "http://www.w3.org/2000/svg";
function svg(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
