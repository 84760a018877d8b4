#!/usr/bin/env python3
"""A stranger's client against `omega mock-exchange`: ccxt, REST and WebSocket, as it was published.

For each kind of account (V2 one-way, hedge and demo, V3 one-way and hedge) a mock is started on a free port of the
loopback and a day of trading is played through ccxt's unified calls. Nothing here knows how the mock is made; what is
asserted is what a trader would notice. Nothing reaches beyond 127.0.0.1.

Usage: strangers_client.py OMEGA [KIND ...]
"""

import asyncio
import json
import subprocess
import sys

import ccxt
import ccxt.pro

KINDS = {
    "v2-one-way": {"generation": "v2", "mode": "one_way"},
    "v2-hedge": {"generation": "v2", "mode": "hedge"},
    "v2-demo": {"generation": "v2", "mode": "one_way", "demo": True},
    "v3-one-way": {"generation": "v3", "mode": "one_way"},
    "v3-hedge": {"generation": "v3", "mode": "hedge"},
}
SYMBOL = "BTC/USDT:USDT"


def started(omega, kind):
    flags = [
        omega, "mock-exchange", "--account", "key:secret:pass:10000", "--generation", kind["generation"],
        "--position-mode", kind["mode"], "--unlimited",
    ]
    if kind.get("demo"):
        flags.append("--demo")
    process = subprocess.Popen(flags, stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())


def configured(client, urls, kind):
    """Sends everything to the mock, whatever its product is called in ccxt."""
    api = client.urls["api"]
    for name in api:
        if name != "ws" and name != "demo":
            api[name] = urls["rest"]
    for names in (api.get("ws", {}), api.get("demo", {})):
        for name in names:
            version = "v3" if name.lower().startswith("uta") else "v2"
            names[name] = urls[version]["private" if "rivate" in name else "public"]
    client.options["uta"] = kind["generation"] == "v3"
    client.options["defaultType"] = "swap"
    # Only what there is: no spot, no margin.
    client.options["fetchMarkets"] = {"types": ["swap"]}
    client.has["fetchCurrencies"] = False
    if kind.get("demo"):
        client.set_sandbox_mode(True)
    return client


def settings():
    return {"apiKey": "key", "secret": "secret", "password": "pass", "enableRateLimit": False}


class Day:
    """One account's day, call by call."""

    def __init__(self, client, kind):
        self.client = client
        self.hedged = kind["mode"] == "hedge"
        self.v3 = kind["generation"] == "v3"

    def params(self, more=None):
        return {"hedged": self.hedged, **(more or {})}

    def market_data(self):
        client = self.client
        assert abs(client.fetch_time() - client.milliseconds()) < 5_000
        client.load_markets()
        market = client.market(SYMBOL)
        assert market["contract"] and market["precision"]["price"] == 0.1, market["precision"]
        ticker = client.fetch_ticker(SYMBOL)
        assert ticker["bid"] < ticker["ask"] and ticker["last"] > 1_000, ticker
        for timeframe in ("1m", "5m", "1h", "4h", "1d"):
            candles = client.fetch_ohlcv(SYMBOL, timeframe, limit=20)
            assert len(candles) >= 19, (timeframe, len(candles))
            assert candles == sorted(candles)
        book = client.fetch_order_book(SYMBOL, 15)
        assert len(book["bids"]) == 15 and book["bids"][0][0] < book["asks"][0][0]
        trades = client.fetch_trades(SYMBOL)
        assert trades and trades[-1]["price"] > 0, trades[:1]
        rate = client.fetch_funding_rate(SYMBOL)
        assert abs(rate["fundingRate"]) < 0.01, rate
        history = client.fetch_funding_rate_history(SYMBOL, limit=10)
        assert len(history) == 10
        assert client.fetch_open_interest(SYMBOL)["openInterestAmount"] > 0
        return ticker["last"]

    def account(self):
        client = self.client
        client.set_position_mode(self.hedged, SYMBOL)
        client.set_leverage(5, SYMBOL)
        balance = client.fetch_balance()
        assert balance["USDT"]["total"] == 10_000, balance["USDT"]

    def open_orders(self, **params):
        return self.client.fetch_open_orders(SYMBOL, params=params)

    def resting(self, last):
        client = self.client
        price = client.price_to_precision(SYMBOL, last * 0.97)
        order = client.create_order(SYMBOL, "limit", "buy", 0.01, price, self.params())
        [open_order] = self.open_orders()
        assert open_order["id"] == order["id"] and open_order["status"] == "open", open_order
        assert open_order["side"] == "buy" and open_order["amount"] == 0.01, open_order
        seen = client.fetch_order(order["id"], SYMBOL)
        assert seen["status"] == "open" and seen["price"] == float(price), seen
        client.cancel_order(order["id"], SYMBOL)
        assert self.open_orders() == []
        assert client.fetch_order(order["id"], SYMBOL)["status"] == "canceled"
        for tif in ("IOC", "FOK", "PO"):
            client.create_order(SYMBOL, "limit", "buy", 0.01, price, self.params({"timeInForce": tif}))
        client.cancel_all_orders(SYMBOL) if self.open_orders() else None
        ended = [one for one in client.fetch_canceled_and_closed_orders(SYMBOL) if one["status"] == "canceled"]
        assert len(ended) == 4, [one["status"] for one in ended]
        try:
            client.cancel_order("1", SYMBOL)
            raise AssertionError("an order that is not there was cancelled")
        except ccxt.ExchangeError as error:
            # ccxt has no class for V3's code.
            assert self.v3 or isinstance(error, ccxt.OrderNotFound), error
            assert "25204" in str(error) or "40768" in str(error), error

    def position(self, last):
        client = self.client
        exits = {
            "stopLoss": {"triggerPrice": client.price_to_precision(SYMBOL, last * 0.9)},
            "takeProfit": {"triggerPrice": client.price_to_precision(SYMBOL, last * 1.2)},
        }
        entry = client.create_order(SYMBOL, "market", "buy", 0.02, None, self.params(exits))
        assert client.fetch_order(entry["id"], SYMBOL)["status"] == "closed"
        [position] = client.fetch_positions([SYMBOL])
        assert position["side"] == "long" and position["contracts"] == 0.02, position
        assert position["leverage"] == 5 and position["hedged"] == self.hedged, position
        assert self.open_orders() == [], "exits are in no list of plain orders"
        trades = client.fetch_my_trades(SYMBOL)
        assert len(trades) == 1 and trades[0]["amount"] == 0.02, trades
        assert abs(trades[0]["fee"]["cost"]) > 0, trades[0]["fee"]
        closing = self.params({"reduceOnly": True})
        client.create_order(SYMBOL, "market", "sell", 0.02, None, closing)
        held = [one for one in client.fetch_positions([SYMBOL]) if one["contracts"]]
        assert held == [], held
        balance = client.fetch_balance()["USDT"]["total"]
        assert 9_990 < balance < 10_010 and balance != 10_000, balance

    def triggers(self, last):
        client = self.client
        if self.v3:
            # Of a unified account ccxt makes strategy orders of stops alone, and those want a position.
            client.create_order(SYMBOL, "market", "buy", 0.01, None, self.params())
            below = client.price_to_precision(SYMBOL, last * 0.9)
            stop = self.params({"stopLossPrice": below, "reduceOnly": True})
            order = client.create_order(SYMBOL, "market", "sell", 0.01, None, stop)
        else:
            above = client.price_to_precision(SYMBOL, last * 1.04)
            trigger = self.params({"triggerPrice": above})
            order = client.create_order(SYMBOL, "market", "buy", 0.01, None, trigger)
        assert self.open_orders() == []
        listed = self.open_orders(trigger=True)
        assert [one["id"] for one in listed] == [order["id"]], listed
        client.cancel_order(order["id"], SYMBOL, {"trigger": True})
        assert self.open_orders(trigger=True) == []
        if self.v3:
            client.create_order(SYMBOL, "market", "sell", 0.01, None, self.params({"reduceOnly": True}))


async def streams(client, kind):
    await client.load_markets()
    ticker = await asyncio.wait_for(client.watch_ticker(SYMBOL), 20)
    assert ticker["last"] > 1_000, ticker
    for _ in range(3):
        book = await asyncio.wait_for(client.watch_order_book(SYMBOL), 20)
        assert book["bids"][0][0] < book["asks"][0][0]
    trades = await asyncio.wait_for(client.watch_trades(SYMBOL), 20)
    assert trades[-1]["price"] > 1_000
    candles = await asyncio.wait_for(client.watch_ohlcv(SYMBOL, "1m"), 20)
    assert candles[-1][4] > 1_000
    params = {"hedged": kind["mode"] == "hedge"}
    orders = asyncio.ensure_future(client.watch_orders(SYMBOL))
    mine = asyncio.ensure_future(client.watch_my_trades(SYMBOL))
    await asyncio.sleep(2)
    order = await client.create_order(SYMBOL, "market", "buy", 0.01, None, params)
    told = await asyncio.wait_for(orders, 20)
    assert told[-1]["id"] == order["id"], told
    fills = await asyncio.wait_for(mine, 20)
    assert fills[-1]["order"] == order["id"] and fills[-1]["side"] == "buy", fills
    balance = await asyncio.wait_for(client.watch_balance(), 20)
    assert balance["USDT"]["total"] > 9_000, balance["USDT"]
    await client.close()


def run(omega, name):
    kind = KINDS[name]
    process, urls = started(omega, kind)
    try:
        day = Day(configured(ccxt.bitget(settings()), urls, kind), kind)
        last = day.market_data()
        day.account()
        for part in (day.resting, day.position, day.triggers):
            part(last)
        print(f"{name}: rest ok", flush=True)
        asyncio.run(streams(configured(ccxt.pro.bitget(settings()), urls, kind), kind))
        print(f"{name}: streams ok", flush=True)
    finally:
        process.kill()
        process.wait()


def main():
    omega, names = sys.argv[1], sys.argv[2:] or list(KINDS)
    for name in names:
        run(omega, name)


if __name__ == "__main__":
    main()
