#!/usr/bin/env python3
"""Writes bars.csv and expected.csv: what the indicators of crate `market` must say.

    python3 -m venv /tmp/talib && /tmp/talib/bin/pip install -r requirements.txt && /tmp/talib/bin/python talib_reference.py

TA-Lib gives EMA, SMA, RSI, ATR, ADX, DI, MACD, Bollinger, Donchian, volume ratio (RVOL) and, day by day, VWAP. What it
does not have (the deviation from VWAP, realised volatility, swings, levels, trend, regime) is computed here the slow and obvious way, from whole
arrays and bar indices, which shares no code and no method with the streaming version. An empty cell means "no value yet".
"""

import csv
import math
import pathlib

import numpy as np
import talib

HERE = pathlib.Path(__file__).parent
INTERVAL_MS = 15 * 60_000
BARS_PER_DAY = 96
START_MS = 1_640_995_200_000 + 5 * INTERVAL_MS  # not on midnight: the first session is a short one


class Lcg:
    """Knuth's 64-bit linear congruential generator; the upper half of the state is used."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) * n >> 31

    def spread(self, n):
        return self.below(2 * n + 1) - n


def make_bars(seed, count, still_first):
    """(open, high, low, close, volume) in ticks, with gaps, drifts, wild, calm and dead stretches."""
    rng, close, bars = Lcg(seed), 400_000, []
    for i in range(count):
        phase = i // 60 % 9
        dead = i < still_first or (phase == 5 and i % 60 < 35)
        size = {1: 900, 3: 60, 7: 2_000}.get(phase, 300)
        drift = {0: 60, 2: -80, 4: 90, 6: -60, 8: 40}.get(phase, 0)
        if dead:
            volume = 0 if i % 60 < 25 else 7
            bars.append((close, close, close, close, volume))
            continue
        open_ = close + (rng.spread(5 * size) if rng.below(17) == 0 else 0)
        close = open_ + rng.spread(size) + drift
        high = max(open_, close) + rng.below(size // 2)
        low = min(open_, close) - rng.below(size // 2)
        bars.append((open_, high, low, close, rng.below(5_000) + 1))
    return np.array(bars, dtype=np.float64)


def session_vwap(high, low, close, volume, days):
    out = np.full(len(close), np.nan)
    for day in np.unique(days):
        at = np.flatnonzero(days == day)
        traded = at[np.cumsum(volume[at]) > 0]
        if len(traded):
            out[traded] = talib.VWAP(high[at], low[at], close[at], volume[at])[-len(traded):]
    return out


def session_deviation(high, low, close, volume, days):
    """Around each bar's session average: two passes over the session so far."""
    out = np.full(len(close), np.nan)
    typical = (high + low + close) / 3
    for i in range(len(close)):
        at = np.flatnonzero((days == days[i]) & (np.arange(len(close)) <= i))
        if volume[at].sum() > 0:
            mean = np.average(typical[at], weights=volume[at])
            out[i] = math.sqrt(np.average((typical[at] - mean) ** 2, weights=volume[at]))
    return out


def realised_volatility(close, period):
    out = np.full(len(close), np.nan)
    for i in range(period, len(close)):
        returns = [math.log(close[j] / close[j - 1]) for j in range(i - period + 1, i + 1)]
        out[i] = np.std(returns, ddof=1)
    return out


def swing_pivots(high, low, close, atr, reversal):
    """[(kind, bar, price, confirmed at bar)]; every bar looks back over all bars since the last turn."""
    pivots, start = [], int(np.flatnonzero(~np.isnan(atr))[0])
    mark = start  # the bar from which the next extreme is searched; its own close counts, once there is a pivot
    for i in range(start, len(close)):
        distance = reversal * atr[i]
        if distance <= 0:
            continue
        kinds = ["High", "Low"] if not pivots else ["Low" if pivots[-1][0] == "High" else "High"]
        for kind in kinds:
            prices = high if kind == "High" else low
            best = np.argmax if kind == "High" else np.argmin
            seen = prices[mark:i + 1].copy()
            if pivots:
                seen[0] = close[mark]
            bar = mark + int(best(seen))
            price = seen[bar - mark]
            come_back = price - close[i] if kind == "High" else close[i] - price
            if come_back >= distance:
                confirmed_before = pivots[-1][3] if pivots else -1
                pivots.append((kind, bar, price, i))
                mark = max(bar, confirmed_before)
                break
    return pivots


def cluster(pivots, atr, reach, most):
    """[[touch prices, last touched bar]] of the pivots in order of confirmation."""
    levels = []
    for _, bar, price, confirmed in pivots:
        near = min(levels, key=lambda level: abs(np.mean(level[0]) - price), default=None)
        if near is not None and abs(np.mean(near[0]) - price) <= reach * atr[confirmed]:
            near[0].append(price)
            near[1] = bar
            continue
        if len(levels) == most:
            levels.remove(min(levels, key=lambda level: level[1]))
        levels.append([[price], bar])
    return levels


def trends(strength):
    out, now = [], "Flat"
    for s in strength:
        if math.isnan(s):
            now = "Flat"
        elif s >= (0.1 if now == "Up" else 0.5):
            now = "Up"
        elif s <= (-0.1 if now == "Down" else -0.5):
            now = "Down"
        else:
            now = "Flat"
        out.append(now)
    return out


def regimes(adx, ratio):
    out, now = [], "Ranging"
    for a, r in zip(adx, ratio):  # comparisons with NaN are false
        if r >= (1.25 if now == "Volatile" else 1.5):
            now = "Volatile"
        elif a >= (20 if now == "Trending" else 25):
            now = "Trending"
        elif r <= (0.8 if now == "Quiet" else 0.67):
            now = "Quiet"
        else:
            now = "Ranging"
        out.append(now)
    return out


def shifted(values):
    return np.concatenate([[np.nan], values[:-1]])


def indicator_columns(bars):
    _, high, low, close, volume = (np.ascontiguousarray(column) for column in bars.T)
    days = (START_MS + np.arange(len(close)) * INTERVAL_MS) // 86_400_000
    columns = {f"ema_{n}": talib.EMA(close, n) for n in (20, 50, 200)}
    first = [close[0]]
    for x in close[1:]:
        first.append(first[-1] + (x - first[-1]) * 2 / 21)
    columns["ema_from_first_20"] = np.array(first)
    columns["sma_20"] = talib.SMA(close, 20)
    columns["rsi_14"] = talib.RSI(close, 14)
    columns["atr_14"] = atr = talib.ATR(high, low, close, 14)
    columns["adx_14"] = talib.ADX(high, low, close, 14)
    columns["plus_di_14"] = talib.PLUS_DI(high, low, close, 14)
    columns["minus_di_14"] = talib.MINUS_DI(high, low, close, 14)
    for name, values in zip(("macd", "macd_signal", "macd_histogram"), talib.MACD(close, 12, 26, 9)):
        columns[name] = values
    for name, values in zip(("upper", "middle", "lower"), talib.BBANDS(close, 20, 2.0, 2.0, talib.MA_Type.SMA)):
        columns[f"bollinger_{name}"] = values
    upper, middle, lower = talib.DONCHIAN(high, low, 20)
    columns |= {"donchian_upper": upper, "donchian_middle": middle, "donchian_lower": lower}
    columns |= {"donchian_previous_upper": shifted(upper), "donchian_previous_lower": shifted(lower)}
    columns["vwap_session"] = session_vwap(high, low, close, volume, days)
    columns["vwap_deviation"] = deviation = session_deviation(high, low, close, volume, days)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (close - columns["vwap_session"]) / deviation
    columns["vwap_z_score"] = np.where(deviation > 1e-6, score, np.nan)
    ratio = talib.RVOL(volume, 20)
    columns["volume_ratio_20"] = np.where(np.isfinite(ratio), ratio, np.nan)
    columns["realised_volatility"] = volatility = realised_volatility(close, 20)
    columns["realised_volatility_annualised"] = volatility * math.sqrt(365 * BARS_PER_DAY)
    usual = np.concatenate([np.full(14, np.nan), talib.EMA(atr[14:], 100)])
    with np.errstate(divide="ignore", invalid="ignore"):
        strength = np.where(atr > 0, (columns["ema_20"] - columns["ema_50"]) / atr, np.where(np.isnan(atr), np.nan, 0.0))
        columns["trend_strength"] = np.where(np.isnan(columns["ema_50"]), np.nan, strength)
        columns["range_ratio"] = np.where(usual > 0, atr / usual, np.where(np.isnan(usual), np.nan, 1.0))
    columns["trend"] = trends(columns["trend_strength"])
    columns["regime"] = regimes(columns["adx_14"], columns["range_ratio"])
    return columns | structure_columns(high, low, close, atr)


def structure_columns(high, low, close, atr):
    names = ("pivots", "pivot_kind", "pivot_bar", "pivot_price", "pivot_confirmed_bar", "levels",
             "below", "below_touches", "above", "above_touches")
    columns = {name: [] for name in names}
    all_pivots = swing_pivots(high, low, close, atr, 3.0)
    for i in range(len(close)):
        pivots = [pivot for pivot in all_pivots if pivot[3] <= i]
        levels = [(np.mean(level[0]), len(level[0])) for level in cluster(pivots, atr, 0.5, 16)]
        below = max((level for level in levels if level[0] < close[i]), default=("", ""))
        above = min((level for level in levels if level[0] > close[i]), default=("", ""))
        row = (len(pivots), *(pivots[-1] if pivots else ("", "", "", "")), len(levels), *below, *above)
        for name, value in zip(names, row):
            columns[name].append(value)
    return columns


def cell(value):
    if isinstance(value, (float, np.floating)):
        return "" if math.isnan(value) else f"{value:.16g}"
    return str(value)


def main():
    series = {"walk": make_bars(1, 2_000, 0), "still": make_bars(2, 300, 18)}
    with open(HERE / "bars.csv", "w", newline="") as bars_file, open(HERE / "expected.csv", "w", newline="") as out_file:
        bars_out = csv.writer(bars_file, lineterminator="\n")
        out = csv.writer(out_file, lineterminator="\n")
        bars_out.writerow(["series", "open_time", "open", "high", "low", "close", "volume"])
        header = None
        for name, bars in series.items():
            columns = indicator_columns(bars)
            if header is None:
                header = ["series", "bar", *columns]
                out.writerow(header)
            for i, bar in enumerate(bars):
                bars_out.writerow([name, START_MS + i * INTERVAL_MS, *(int(x) for x in bar)])
                if i < 230 or i % 7 == 0:
                    out.writerow([name, i, *(cell(column[i]) for column in columns.values())])


if __name__ == "__main__":
    main()
