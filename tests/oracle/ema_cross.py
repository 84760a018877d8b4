#!/usr/bin/env python3
"""An independent back-test of `ema_cross`: exact decimals, one bar after the other, nothing clever.

It was written from the description of the strategy, not from the engine, so that the two can disagree. Money,
prices and quantities are `decimal.Decimal`; only the two moving averages are binary floats, as in the engine. There
is no margin here and so no liquidation: give it a capital that the position cannot lose.

The rules
  averages   value += (close - value) * 2/(n+1), seeded with the first close of the loaded range.
  side       the sign of fast - slow after a bar's close; equality keeps the old side.
  cross      the side changes from an existing one, at a bar whose index in the loaded range is at least `slow`.
  order      turns the fixed quantity around (the first one opens it); one fill at the next bar's open, taker fee.
             A cross on the last bar has no next bar and so no fill.
  funding    an instant settles at the first bar that opens at it or after it, on the position held before that
             bar's fill: cash = -(signed quantity x price x rate). Instants up to the first bar's open are past.
             Time stamps within a second of a full minute mean that minute.
  price      of funding: the bar's open; with --mark the mark's open at exactly the bar's open; where the mark file
             has no row for it, the bar's open plus the last known basis (mark open - bar open at the latest mark
             row that has a bar; zero before the first).
  postings   each fee and each funding is rounded half away from zero to 1 micro-USDT.
  trades     of a turn-around's one fee the closed trade bears its own rounded fee, the opened trade the rest. The
             position left at the end is one trade, marked at the last close at the last bar's close time, with no
             exit fee and the reason `end_of_data`.
"""

import argparse
import bisect
import csv
import datetime
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext

MICRO = Decimal("0.000001")
MINUTE_MS = 60_000
DAY_MS = 86_400_000
SNAP_MS = 1_000


# ---- exact numbers


def exact(value):
    """The decimal that a text or the shortest spelling of a float says."""
    number = Decimal(value if isinstance(value, str) else repr(value))
    if not number.is_finite():
        raise SystemExit(f"ema_cross.py: {value!r} is not a finite number")
    return number


def micro(amount):
    """Rounded to 1 micro-USDT. ROUND_HALF_UP looks at the size only: ties go away from zero. Never -0."""
    return amount.quantize(MICRO, rounding=ROUND_HALF_UP) + 0


def money(amount):
    return f"{micro(amount):.6f}"


def plain(number):
    """A decimal without an exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# ---- input


@dataclass
class Bars:
    open_time: list  # ms
    open: list  # text or float, as in the file
    close: list

    def slice(self, first, last):
        return Bars(self.open_time[first:last], self.open[first:last], self.close[first:last])

    def interval_ms(self):
        """The most common step; a single bar is taken for a minute."""
        steps = Counter(b - a for a, b in zip(self.open_time, self.open_time[1:]))
        return steps.most_common(1)[0][0] if steps else MINUTE_MS


def milliseconds(value):
    """A time stamp: milliseconds since the epoch, or ISO text (UTC unless it says otherwise)."""
    if isinstance(value, int) or value.lstrip("-").isdigit():
        return int(value)
    moment = datetime.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return round(moment.timestamp() * 1000)


def columns(path, *wanted):
    """The named columns of a CSV or Parquet file: CSV cells stay text, Parquet cells their own type."""
    if path.endswith(".parquet"):
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(path, columns=list(wanted))
        return [table.column(name).to_pylist() for name in wanted]
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        header = next(rows)
        index = [header.index(name) for name in wanted]
        found = [[] for _ in wanted]
        for row in rows:
            for column, i in zip(found, index):
                column.append(row[i])
    return found


def load_bars(path):
    times, opens, closes = columns(path, "open_time", "open", "close")
    times = [milliseconds(t) for t in times]
    if any(b <= a for a, b in zip(times, times[1:])):
        raise SystemExit(f"ema_cross.py: {path}: times do not ascend")
    return Bars(times, opens, closes)


def snap(time):
    """The full minute that a time stamp within a second of it means."""
    minute = (time + MINUTE_MS // 2) // MINUTE_MS * MINUTE_MS
    return minute if abs(time - minute) <= SNAP_MS else time


def load_funding(path):
    times, rates = columns(path, "funding_time", "funding_rate")
    return sorted((snap(milliseconds(t)), exact(rate)) for t, rate in zip(times, rates))


def load_mark(path):
    times, opens = columns(path, "open_time", "open")
    return {milliseconds(t): value for t, value in zip(times, opens)}


# ---- the back-test


@dataclass
class Settings:
    capital: Decimal
    fast: int
    slow: int
    quantity: Decimal
    fee_taker: Decimal


@dataclass
class Trade:
    sign: int  # +1 long, -1 short
    quantity: Decimal
    entry_time: int
    entry_price: Decimal
    fees: Decimal
    funding: Decimal = Decimal(0)
    exit_time: int = 0
    exit_price: Decimal = Decimal(0)
    reason: str = ""

    def close(self, time, price, fee, reason):
        self.exit_time, self.exit_price, self.reason = time, price, reason
        self.fees += fee

    def gross(self):
        return micro(self.sign * (self.exit_price - self.entry_price) * self.quantity)

    def pnl(self):
        return self.gross() - self.fees + self.funding


@dataclass
class Run:
    trades: list = field(default_factory=list)
    fee_postings: list = field(default_factory=list)
    funding_postings: list = field(default_factory=list)
    fees: Decimal = Decimal(0)
    funding: Decimal = Decimal(0)
    closest_call: float = float("inf")


def crosses(closes, fast, slow):
    """Yields (index, new side) of every cross, and at last (None, closest call): the smallest |fast - slow| over
    price that decided a side without being zero. Far above 1e-15 it cannot be an accident of rounding."""
    closes = [float(close) for close in closes]
    fast_alpha, slow_alpha = 2 / (fast + 1), 2 / (slow + 1)
    fast_value = slow_value = closes[0]
    side, closest = 0, float("inf")
    for index, close in enumerate(closes):
        if index > 0:
            fast_value += (close - fast_value) * fast_alpha
            slow_value += (close - slow_value) * slow_alpha
        gap = fast_value - slow_value
        if gap == 0:
            continue
        closest = min(closest, abs(gap) / close)
        new_side = 1 if gap > 0 else -1
        if index >= slow and side == -new_side:
            yield index, new_side
        side = new_side
    yield None, closest


def funding_price(bars, index, mark, marked_bars):
    """What a position is valued at when funding settles at a bar; `marked_bars` are the bars with a mark row."""
    bar_open = exact(bars.open[index])
    if mark is None:
        return bar_open
    place = bisect.bisect_right(marked_bars, index)
    if place == 0:
        return bar_open
    known = marked_bars[place - 1]
    if known == index:
        return exact(mark[bars.open_time[index]])
    return bar_open + exact(mark[bars.open_time[known]]) - exact(bars.open[known])


def settle_funding(run, trade, time, price, rate):
    if trade is None:
        return
    position = trade.sign * trade.quantity
    amount = micro(-(position * price * rate))
    trade.funding += amount
    run.funding += amount
    run.funding_postings.append(
        {"time": time, "position": plain(position), "mark": plain(price), "rate": plain(rate), "amount": money(amount)}
    )


def turn_around(run, trade, side, time, price, settings):
    """Fills the order of a cross; returns the new open trade."""
    closed = trade.quantity if trade is not None else Decimal(0)
    filled = closed + settings.quantity
    fee = micro(filled * price * settings.fee_taker)
    closing_fee = micro(closed * price * settings.fee_taker)
    if trade is not None:
        assert trade.sign == -side, "a cross turns the position around"
        trade.close(time, price, closing_fee, "cross")
        run.trades.append(trade)
    run.fees += fee
    run.fee_postings.append(
        {"time": time, "quantity": plain(side * filled), "price": plain(price), "amount": money(fee)}
    )
    return Trade(side, settings.quantity, time, price, fee - closing_fee)


def back_test(bars, funding, mark, settings):
    run = Run()
    orders = {}  # index of the bar at whose open it fills -> side
    for index, side in crosses(bars.close, settings.fast, settings.slow):
        if index is None:
            run.closest_call = side
        elif index + 1 < len(bars.open_time):
            orders[index + 1] = side
    marked_bars = [i for i, t in enumerate(bars.open_time) if t in mark] if mark is not None else []
    settlements = {}  # index of the bar at whose open it settles -> rates
    for time, rate in funding:
        index = bisect.bisect_left(bars.open_time, time)
        if time > bars.open_time[0] and index < len(bars.open_time):
            settlements.setdefault(index, []).append((time, rate))

    trade = None
    for index in sorted(orders.keys() | settlements.keys()):
        for time, rate in settlements.get(index, []):
            settle_funding(run, trade, time, funding_price(bars, index, mark, marked_bars), rate)
        if index in orders:
            price = exact(bars.open[index])
            trade = turn_around(run, trade, orders[index], bars.open_time[index], price, settings)
    if trade is not None:
        end = bars.open_time[-1] + bars.interval_ms()
        trade.close(end, exact(bars.close[-1]), Decimal(0), "end_of_data")
        run.trades.append(trade)
    return run


# ---- output


def report(run, bars, settings):
    gross = sum((trade.gross() for trade in run.trades), Decimal(0))
    net = gross - run.fees + run.funding
    assert sum((trade.fees for trade in run.trades), Decimal(0)) == run.fees, "the trades bear every fee"
    assert sum((trade.funding for trade in run.trades), Decimal(0)) == run.funding, "and every funding"
    assert sum((trade.pnl() for trade in run.trades), Decimal(0)) == net, "and make every profit"
    return {
        "bars": len(bars.open_time),
        "trades": [
            {
                "side": "long" if trade.sign > 0 else "short",
                "entry_time": trade.entry_time,
                "entry_price": plain(trade.entry_price),
                "exit_time": trade.exit_time,
                "exit_price": plain(trade.exit_price),
                "quantity": plain(trade.quantity),
                "fees": money(trade.fees),
                "funding": money(trade.funding),
                "gross": money(trade.gross()),
                "pnl": money(trade.pnl()),
                "reason": trade.reason,
            }
            for trade in run.trades
        ],
        "fills": len(run.fee_postings),
        "gross_pnl": money(gross),
        "fees": money(run.fees),
        "funding": money(run.funding),
        "net_pnl": money(net),
        "final_equity": money(settings.capital + net),
        "closest_call": run.closest_call if run.closest_call != float("inf") else None,
        "fee_postings": run.fee_postings,
        "funding_postings": run.funding_postings,
    }


def midnight(text):
    """Milliseconds of a UTC day's first instant."""
    day = datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=datetime.timezone.utc)
    return int(day.timestamp()) * 1000


def arguments(argv):
    parser = argparse.ArgumentParser(description="Independent back-test of ema_cross in exact decimals.")
    parser.add_argument("--bars", required=True, help="CSV or Parquet: open_time (ms), open, close")
    parser.add_argument("--funding", help="CSV or Parquet: funding_time (ms), funding_rate")
    parser.add_argument("--mark", help="CSV or Parquet: open_time (ms), open")
    parser.add_argument("--from", dest="first_day", type=midnight, help="first UTC day, inclusive")
    parser.add_argument("--to", dest="last_day", type=midnight, help="last UTC day, inclusive")
    parser.add_argument("--skip", type=int, default=0, help="bars to leave out after --from")
    parser.add_argument("--take", type=int, help="bars to use after --skip")
    parser.add_argument("--capital", type=exact, default=Decimal(10_000))
    parser.add_argument("--fast", type=int, default=20)
    parser.add_argument("--slow", type=int, default=50)
    parser.add_argument("--quantity", type=exact, default=Decimal("0.1"))
    parser.add_argument("--fee-taker", type=exact, default=Decimal("0.0006"))
    parser.add_argument("--out", help="file to write; standard output without it")
    args = parser.parse_args(argv)
    if not 1 <= args.fast < args.slow or args.quantity <= 0 or args.skip < 0 or (args.take or 0) < 0:
        parser.error("wants 1 <= fast < slow, a positive quantity and no negative --skip or --take")
    return args


def selected(bars, args):
    first = bisect.bisect_left(bars.open_time, args.first_day) if args.first_day is not None else 0
    last = len(bars.open_time)
    if args.last_day is not None:
        last = bisect.bisect_left(bars.open_time, args.last_day + DAY_MS)
    first += args.skip
    if args.take is not None:
        last = min(last, first + args.take)
    if first >= last:
        raise SystemExit("ema_cross.py: no bar in the chosen range")
    return bars.slice(first, last)


def main(argv=None):
    args = arguments(argv)
    settings = Settings(args.capital, args.fast, args.slow, args.quantity, args.fee_taker)
    with localcontext() as context:
        context.prec = 60
        bars = selected(load_bars(args.bars), args)
        funding = load_funding(args.funding) if args.funding else []
        mark = load_mark(args.mark) if args.mark else None
        result = report(back_test(bars, funding, mark, settings), bars, settings)
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
    else:
        json.dump(result, sys.stdout, indent=1)
        print()


if __name__ == "__main__":
    main()
