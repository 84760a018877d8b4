#!/usr/bin/env python3
"""Prints the table of docs/personas.md: every persona, each year, calm (no feeling, no sky) and as it feels.

Usage: scripts/personas_table.py [path of omega], with real data in $OMEGA_TEST_DATA (else ../shared/data).
It refuses to choose: every persona that `omega personas` lists is in it.
"""

import json
import os
import subprocess
import sys

OMEGA = sys.argv[1] if len(sys.argv) > 1 else "target/release/omega"
DATA = os.environ.get("OMEGA_TEST_DATA", "../shared/data")
BARS = f"{DATA}/bars/BTCUSDT-perp-1m-2022-2023.parquet"
FUNDING = f"{DATA}/funding/BTCUSDT-funding-2019-2026.csv"


def run(persona, year, emotion):
    command = [OMEGA, "backtest", "--bars", BARS, "--funding", FUNDING, "--json", "--no-twin"]
    command += ["--from", f"{year}-01-01", "--to", f"{year}-12-31"]
    command += ["--persona", persona, "--emotion", emotion, "--cosmic", emotion]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def row(persona, year, emotion, label):
    document = run(persona, year, emotion)
    it = document["runs"][0]
    held = (it["behaviour"]["holding_s_median"] or 0) / 60
    held = f"{held:.0f} min" if held < 120 else f"{held / 60:.1f} h"
    money = [f"{float(it[name]):,.0f}" for name in ("gross_pnl", "fees", "net_pnl")]
    won = 100 * (it["metrics"].get("win_rate") or 0)
    fell = 100 * it["max_drawdown"]
    speed = document["bars_per_s"] / 1e6
    cells = [persona, str(year), label, str(it["trades"]), held, *money, f"{fell:.1f} %", f"{won:.0f} %", f"{speed:.0f}"]
    print("| " + " | ".join(cells) + " |", flush=True)


def main():
    listed = json.loads(subprocess.run([OMEGA, "personas", "--json"], check=True, capture_output=True, text=True).stdout)
    print("| persona | year | mood | trades | median held | gross | fees | net | max drawdown | won | M bars/s |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for persona in (it["name"] for it in listed["personas"]):
        for emotion, label in (("0", "calm"), ("1", "felt")):
            for year in (2022, 2023):
                row(persona, year, emotion, label)


main()
