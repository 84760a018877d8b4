"""Checks the oracle itself against figures worked out by hand: `python3 -m unittest discover tests/oracle`."""

import csv
import io
import json
import os
import tempfile
import unittest
from contextlib import redirect_stdout

import ema_cross

START = 1_640_995_200_000  # 2022-01-01T00:00:00Z
MINUTE = 60_000


def at(bar):
    return START + bar * MINUTE


def run(closes, opens=None, funding=(), mark=None, **options):
    """Writes the series to files and runs the program on them. A bar opens at the close before it unless told."""
    opens = opens or {}
    bars = []
    for i, close in enumerate(closes):
        first = opens.get(i, closes[max(i - 1, 0)])
        bars.append((at(i), first, max(first, close, key=float), min(first, close, key=float), close, "1"))
    with tempfile.TemporaryDirectory() as folder:

        def write(name, header, rows):
            path = os.path.join(folder, name)
            with open(path, "w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([header, *rows])
            return path

        header = ("open_time", "open", "high", "low", "close", "volume")
        argv = ["--bars", write("bars.csv", header, bars)]
        argv += ["--funding", write("funding.csv", ("funding_time", "funding_rate"), funding)]
        if mark is not None:
            argv += ["--mark", write("mark.csv", ("open_time", "open"), mark)]
        for name, value in options.items():
            argv += [f"--{name}", str(value)]
        out = io.StringIO()
        with redirect_stdout(out):
            ema_cross.main(argv)
        return json.loads(out.getvalue())


def steps(*levels):
    """(bars, price) pairs as a list of closes."""
    return [price for count, price in levels for _ in range(count)]


class ByHand(unittest.TestCase):
    """120 bars in steps; averages of 2 and 4 bars: weights 2/3 and 2/5.

    bars 0-9 at 100     the averages are equal: no side.
    bar 10: 110         106.67 over 104: a first side, which is not a cross.
    bar 40: 90          96.67 under 102: sell 0.1 at bar 41's open, 91.5.
    bar 70: 120         110 over 102: buy 0.2 at bar 71's open, 119.255.
    bar 100: 105        110 under 114: sell 0.2 at bar 101's open, 104.75.
    bar 119: 130        a cross on the last bar: no fill; the short is marked at 130.
    """

    closes = steps((10, "100"), (30, "110"), (30, "90"), (30, "120"), (19, "105"), (1, "130"))
    opens = {41: "91.5", 60: "90.25", 71: "119.255", 101: "104.75", 111: "105.5"}
    funding = [
        (at(0), "0.5"),  # the first bar's open: past
        (at(41), "0.0001"),  # before bar 41's fill: no position yet
        (at(60), "0.0001"),
        (at(71), "-0.0002"),  # still the short: before bar 71's fill
        (at(101) + 7, "1e-4"),  # means bar 101's open: still the long
        (at(110) + 5_000, "0.0001"),  # five seconds late: settles at bar 111
        (at(120), "0.5"),  # after the last bar's open
    ]

    def figures(self, **more):
        more = {"funding": self.funding, "fast": 2, "slow": 4, **more}
        return run(self.closes, self.opens, capital=1000, **more)

    def test_fills_and_fees(self):
        result = self.figures()
        self.assertEqual(
            result["fee_postings"],
            [
                # 0.1 x 91.5 x 0.0006
                {"time": at(41), "quantity": "-0.1", "price": "91.5", "amount": "0.005490"},
                # 0.2 x 119.255 x 0.0006 = 0.0143106
                {"time": at(71), "quantity": "0.2", "price": "119.255", "amount": "0.014311"},
                # 0.2 x 104.75 x 0.0006
                {"time": at(101), "quantity": "-0.2", "price": "104.75", "amount": "0.012570"},
            ],
        )
        self.assertEqual(result["fills"], 3)
        self.assertEqual(result["fees"], "0.032371")

    def test_funding(self):
        amounts = [(p["time"], p["position"], p["amount"]) for p in self.figures()["funding_postings"]]
        self.assertEqual(
            amounts,
            [
                (at(60), "-0.1", "0.000903"),  # 0.1 x 90.25 x 0.0001 = 0.0009025: the tie goes away from zero
                (at(71), "-0.1", "-0.002385"),  # 0.1 x 119.255 x 0.0002 = 0.0023851, paid
                (at(101), "0.1", "-0.001048"),  # 0.1 x 104.75 x 0.0001 = 0.0010475: away from zero here too
                (at(110) + 5_000, "-0.1", "0.001055"),  # 0.1 x 105.5 x 0.0001
            ],
        )

    def test_trades(self):
        result = self.figures()
        got = [
            (t["side"], t["entry_time"], t["exit_time"], t["gross"], t["fees"], t["funding"], t["pnl"], t["reason"])
            for t in result["trades"]
        ]
        self.assertEqual(
            got,
            [
                # (91.5 - 119.255) x 0.1; fees 0.00549 + 0.0071553 rounded; funding 0.000903 - 0.002385
                ("short", at(41), at(71), "-2.775500", "0.012645", "-0.001482", "-2.789627", "cross"),
                # (104.75 - 119.255) x 0.1; fees the rest 0.014311 - 0.007155, and 0.006285
                ("long", at(71), at(101), "-1.450500", "0.013441", "-0.001048", "-1.464989", "cross"),
                # (104.75 - 130) x 0.1; fees the rest 0.01257 - 0.006285
                ("short", at(101), at(120), "-2.525000", "0.006285", "0.001055", "-2.530230", "end_of_data"),
            ],
        )
        self.assertEqual(result["gross_pnl"], "-6.751000")
        self.assertEqual(result["funding"], "-0.001475")
        self.assertEqual(result["net_pnl"], "-6.784846")
        self.assertEqual(result["final_equity"], "993.215154")

    def test_funding_at_mark(self):
        # A mark at bar 0 (basis 0.5) and bar 60 (91 over 90.25: basis 0.75); bar 105 has none.
        mark = [(at(0), "100.5"), (at(60), "91"), (at(61) + 1, "5")]
        postings = self.figures(mark=mark)["funding_postings"]
        self.assertEqual([p["mark"] for p in postings], ["91", "120.005", "105.5", "106.25"])
        self.assertEqual([p["amount"] for p in postings], ["0.000910", "-0.002400", "-0.001055", "0.001063"])

    def test_a_part_of_the_file(self):
        # From bar 40 the first average is seeded with 90, the first side comes at bar 70, the first cross at 100.
        result = self.figures(skip=40, take=70)
        self.assertEqual(result["bars"], 70)
        self.assertEqual([t["entry_time"] for t in result["trades"]], [at(101)])
        self.assertEqual(result["trades"][0]["exit_price"], "105")


class Rules(unittest.TestCase):
    def entries(self, closes, **options):
        return [(t["side"], t["entry_time"]) for t in run(closes, **options)["trades"]]

    def test_a_cross_counts_from_bar_slow_on(self):
        early = ["100", "101", "101", "90", "90", "90", "90"]  # the side turns at bar 3
        late = ["100", "101", "101", "101", "90", "90", "90"]  # and here at bar 4
        self.assertEqual(self.entries(early, fast=2, slow=4), [])
        self.assertEqual(self.entries(late, fast=2, slow=4), [("short", at(5))])

    def test_equality_keeps_the_old_side(self):
        # Weights 1 and 1/2 are exact: slow is 100 100 100 102 102, so the averages meet at bar 4.
        meet = ["100", "100", "100", "104", "102"]
        self.assertEqual(self.entries([*meet, "104", "104"], fast=1, slow=3), [])
        self.assertEqual(self.entries([*meet, "101", "101"], fast=1, slow=3), [("short", at(6))])

    def test_no_cross_no_trade(self):
        result = run(steps((60, "100")), funding=[(at(5), "0.1")], capital=1000)
        self.assertEqual((result["trades"], result["fills"], result["final_equity"]), ([], 0, "1000.000000"))
        self.assertIsNone(result["closest_call"])

    def test_rounding(self):
        for amount, want in [
            ("0.0000005", "0.000001"),
            ("-0.0000005", "-0.000001"),
            ("0.00000049", "0.000000"),
            ("-0.00000049", "0.000000"),
        ]:
            self.assertEqual(ema_cross.money(ema_cross.exact(amount)), want)

    def test_time_stamps_near_a_minute_mean_it(self):
        for late, want in [(0, 0), (7, 0), (1_000, 0), (1_001, 1_001), (59_000, 60_000), (58_999, 58_999)]:
            self.assertEqual(ema_cross.snap(START + late), START + want)


if __name__ == "__main__":
    unittest.main()
