//! A small language for scenarios, so that a trader can read the tests: what is ordered, which bars follow, what
//! the venue says. One tick is 1 USDT, one lot is 1 coin; fees are zero unless the script sets them. `bot 2` hands the
//! pen to another bot of the same account; what it orders is called `b2-0-1`, where the first bot's is plainly `1`.
//! `ask O H L C` asks whether such a bar would touch anything.

use model::*;
use std::collections::BTreeMap;
use venue::{AccountSettings, MarkBar, MarkPath, Models, Venue};

const BOT: BotId = BotId(1);

struct Script {
    venue: Venue,
    settings: AccountSettings,
    instrument: Instrument,
    basis: i64,
    marks: Option<MarkBar>,
    opened: bool,
    bars: i64,
    bot: BotId,
    decisions: BTreeMap<BotId, u32>,
    said: Vec<String>,
}

/// Runs a script and compares what the venue says, line by line.
pub fn check(script: &str, want: &str) {
    let mut run = Script::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        run.line(line);
    }
    assert!(run.venue.balanced());
    let want: Vec<&str> = want.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(run.said, want, "\nsaid:\n{}\n", run.said.join("\n"));
}

fn plain_instrument() -> Instrument {
    Instrument {
        symbol: "PLAIN".to_owned(),
        tick: Step::decimal(0),
        lot: Step::decimal(0),
        qty_min: Qty(1),
        notional_min: Usd::ZERO,
        fees: FeeSchedule { maker: Rate::ZERO, taker: Rate::ZERO, liquidation: Rate::ZERO },
        tiers: vec![MarginTier {
            notional_max: Usd(1_000_000_000_000),
            maintenance: Rate::bps(100),
            deduction: Usd::ZERO,
            leverage_max: 100,
        }],
        funding_interval: Interval(8 * Interval::HOUR.0),
        leverage_max: 100,
    }
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| panic!("a whole number, not {text:?}"))
}

fn rate(text: &str) -> Rate {
    Rate(Decimal::parse(text).and_then(|d| d.scaled(Rate::DECIMALS)).unwrap_or_else(|_| panic!("{text:?}")))
}

fn id(bot: BotId, text: &str) -> OrderId {
    let (decision, leg) = text.split_once('-').unwrap_or((text, ""));
    let leg = match leg {
        "" => Leg::Own,
        "sl" => Leg::Stop,
        rung => Leg::Target(number(&rung[2..]) as u8 - 1),
    };
    OrderId { bot, epoch: 0, decision: number(decision) as u32, leg }
}

fn short(id: OrderId) -> String {
    id.to_string().trim_start_matches("b1-0-").to_owned()
}

impl Script {
    fn new() -> Script {
        let instrument = plain_instrument();
        let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage: 10 };
        let settings = AccountSettings {
            id: BOT.own_account(),
            mode,
            balance: Usd(10_000 * Usd::ONE.0),
            models: Models::NONE,
        };
        let venue = Venue::new(instrument.clone());
        Script {
            venue,
            settings,
            instrument,
            basis: 0,
            marks: None,
            opened: false,
            bars: 0,
            bot: BOT,
            decisions: BTreeMap::new(),
            said: vec![],
        }
    }

    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let set_up =
            matches!(words[0], "account" | "fees" | "tier" | "slippage" | "latency" | "participation");
        if !set_up && !self.opened {
            self.venue = Venue::new(self.instrument.clone());
            self.venue.open_account(self.settings);
            self.opened = true;
        }
        match words[0] {
            "account" => self.account(&words[1..]),
            "fees" => {
                let [maker, taker, liquidation] = [1, 2, 3].map(|at| rate(words[at]));
                self.instrument.fees = FeeSchedule { maker, taker, liquidation };
            }
            "tier" => self.tier(&words[1..]),
            "slippage" => self.settings.models.slippage = rate(words[1]),
            "latency" => self.settings.models.latency = Interval(number(words[1])),
            "participation" => self.settings.models.participation = Some(rate(words[1])),
            "basis" => self.basis = number(words[1]) * 10_000_000_000,
            "marks" => {
                let [open, high, low, close] =
                    [1, 2, 3, 4].map(|at| Mark(number(words[at]) * 10_000_000_000));
                self.marks = Some(MarkBar { open, high, low, close });
            }
            "buy" | "sell" => self.order(&words),
            "bot" => self.bot = BotId(number(words[1]) as u16),
            "again" => {
                *self.decisions.entry(self.bot).or_default() -= 1;
                self.order(&words[1..]);
            }
            "cancel" => self.submit(Request::Cancel(id(self.bot, words[1]))),
            "amend" => {
                self.submit(Request::Amend { id: id(self.bot, words[1]), price: Price(number(words[2])) })
            }
            "bar" => {
                let (bar, mark) = self.next_bar(&words[1..]);
                self.venue.step(&bar, Interval::MINUTE, mark);
                self.listen();
                self.bars += 1;
            }
            "ask" => {
                let (bar, mark) = self.next_bar(&words[1..]);
                let mut bars = BarColumns::new(Interval::MINUTE);
                bars.push(bar);
                let mark = MarkPath::Bars { high: &[mark.high], low: &[mark.low] };
                let quiet = self.venue.quiet(bars.as_bars(), mark) == 1;
                self.said.push((if quiet { "quiet" } else { "touched" }).to_owned());
            }
            "funding" => {
                let mark = self.venue.mark();
                self.venue.settle_funding(self.now(), mark, rate(words[1]));
                self.listen();
            }
            "seize" => {
                self.venue.seize(self.now(), BOT.own_account());
                self.listen();
            }
            "deleverage" => self.deleverage(&words[1..]),
            "show" => self.show(),
            other => panic!("no such line: {other}"),
        }
    }

    fn account(&mut self, words: &[&str]) {
        for word in words {
            match *word {
                "one-way" => self.settings.mode.position = PositionMode::OneWay,
                "hedge" => self.settings.mode.position = PositionMode::Hedge,
                "cross" => self.settings.mode.margin = MarginMode::Cross,
                "isolated" => self.settings.mode.margin = MarginMode::Isolated,
                leverage if leverage.starts_with('x') => {
                    self.settings.mode.leverage = number(&leverage[1..]) as u16;
                }
                balance => self.settings.balance = Usd(number(balance) * Usd::ONE.0),
            }
        }
    }

    /// `tier MAX RATE LEVERAGE` goes below the one tier there is.
    fn tier(&mut self, words: &[&str]) {
        let tier = MarginTier {
            notional_max: Usd(number(words[0]) * Usd::ONE.0),
            maintenance: rate(words[1]),
            deduction: Usd::ZERO,
            leverage_max: number(words[2]) as u16,
        };
        self.instrument.tiers.push(tier);
        self.instrument.tiers.sort_by_key(|tier| tier.notional_max);
    }

    fn now(&self) -> Time {
        Time(self.bars * Interval::MINUTE.0)
    }

    fn submit(&mut self, request: Request) {
        self.venue.submit(self.now(), BOT.own_account(), request);
    }

    fn order(&mut self, words: &[&str]) {
        let decision = self.decisions.entry(self.bot).or_default();
        *decision += 1;
        let decision = *decision;
        let side = if words[0] == "buy" { Side::Buy } else { Side::Sell };
        let mut order = OrderRequest {
            id: OrderId { bot: self.bot, epoch: 0, decision, leg: Leg::Own },
            side,
            position_side: PositionSide::Net,
            qty: Qty(number(words[1])),
            kind: OrderKind::Market,
            reduce_only: false,
            bracket: None,
            one_cancels_other: None,
        };
        let price = |at: usize| Price(number(words[at]));
        let limit = |price, tif| OrderKind::Limit { price, tif };
        let mut rest = 4;
        order.kind = match words[2] {
            "market" => {
                rest = 3;
                OrderKind::Market
            }
            "limit" => limit(price(3), TimeInForce::GoodTillCancelled),
            "post-only" => limit(price(3), TimeInForce::PostOnly),
            "ioc" => limit(price(3), TimeInForce::ImmediateOrCancel),
            "fok" => limit(price(3), TimeInForce::FillOrKill),
            "stop-market" => OrderKind::StopMarket { trigger: price(3) },
            "take-profit" => OrderKind::TakeProfit { trigger: price(3) },
            "stop-limit" => {
                rest = 5;
                OrderKind::StopLimit { trigger: price(3), price: price(4) }
            }
            "trail" => OrderKind::TrailingStop { activation: None, distance: price(3) },
            other => panic!("no such kind: {other}"),
        };
        options(&mut order, &words[rest..]);
        self.submit(Request::Place(order));
    }

    fn next_bar(&mut self, words: &[&str]) -> (Bar, MarkBar) {
        let price = |at: usize| Price(number(words[at]));
        let volume = words.get(4).map_or(1_000_000.0, |volume| number(volume) as f64);
        let bar = Bar {
            open_time: self.now(),
            open: price(0),
            high: price(1),
            low: price(2),
            close: price(3),
            volume,
        };
        let shifted = MarkBar::from_basis(self.instrument.mark_per_tick(), &bar, Mark(self.basis));
        (bar, self.marks.take().unwrap_or(shifted))
    }

    /// `deleverage LOTS PRICE [long | short]` says how many lots were closed, after what the venue says of it.
    fn deleverage(&mut self, words: &[&str]) {
        let side = match words.get(2) {
            None => PositionSide::Net,
            Some(&"long") => PositionSide::Long,
            Some(_) => PositionSide::Short,
        };
        let (lots, price) = (Qty(number(words[0])), Price(number(words[1])));
        let closed = self.venue.deleverage(self.now(), BOT.own_account(), side, lots, price);
        self.listen();
        self.said.push(format!("closed {}", closed.0));
    }

    fn listen(&mut self) {
        while let Some((at, _, report)) = self.venue.poll() {
            let (bar, ms) = (at.0 / 60_000, at.0 % 60_000);
            let when = match ms {
                0 => format!("{bar} open"),
                59_999 => format!("{bar} in"),
                _ => format!("{bar} +{ms}ms"),
            };
            self.said.push(format!("{when}: {}", text(&report)));
        }
    }

    /// What the account looks like now, at the last mark.
    fn show(&mut self) {
        let account = self.venue.account(BOT.own_account());
        let usdt = |amount: Usd| amount.to_string().trim_end_matches('0').trim_end_matches('.').to_owned();
        let mut line = format!("wallet {}", usdt(account.wallet()));
        for (side, name) in [(PositionSide::Long, "first"), (PositionSide::Short, "second")] {
            let qty = account.position(side).qty.0;
            if qty != 0 {
                line += &format!(" {name} {qty:+}");
            }
        }
        line += &format!(
            " equity {} fees {}",
            usdt(account.equity(self.venue.mark())),
            usdt(account.fees_paid())
        );
        line += &format!(" free {}", usdt(account.free_margin(self.venue.mark())));
        for order in account.open_orders() {
            line += &format!(" [{} {} {:?}]", short(order.id), order.remaining.0, order.kind);
        }
        self.said.push(line);
    }
}

fn options(order: &mut OrderRequest, words: &[&str]) {
    let mut words = words.iter();
    let mut rung = 0;
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{word} needs a value"));
        match *word {
            "reduce" => order.reduce_only = true,
            "long" => order.position_side = PositionSide::Long,
            "short" => order.position_side = PositionSide::Short,
            "oco" => order.one_cancels_other = Some(number(value()) as u32),
            "from" => {
                let from = Price(number(value()));
                if let OrderKind::TrailingStop { activation, .. } = &mut order.kind {
                    *activation = Some(from);
                }
            }
            "stop" => {
                let stop = Price(number(value()));
                order.bracket = Some(Bracket { stop, targets: Default::default() });
            }
            "target" => {
                let (qty, price) = value().split_once('@').expect("QTY@PRICE");
                let bracket = order.bracket.as_mut().expect("a target follows a stop");
                bracket.targets[rung] = Target { price: Price(number(price)), qty: Qty(number(qty)) };
                rung += 1;
            }
            other => panic!("no such option: {other}"),
        }
    }
}

fn text(report: &Report) -> String {
    match report {
        Report::Accepted { id } => format!("accepted {}", short(*id)),
        Report::Rejected { id, reason } => format!("rejected {} {reason:?}", short(*id)),
        Report::Triggered { id } => format!("triggered {}", short(*id)),
        Report::Filled(fill) => {
            let mut line = format!("filled {} {:+} at {}", short(fill.id), fill.qty.0, fill.price.0);
            if fill.liquidity == Liquidity::Maker {
                line += " maker";
            }
            if fill.fee.0 != 0 {
                line += &format!(" fee {}", fill.fee.to_string().trim_end_matches('0').trim_end_matches('.'));
            }
            if fill.remaining.0 != 0 {
                line += &format!(" remaining {}", fill.remaining.0);
            }
            line
        }
        Report::Cancelled { id, reason } => format!("cancelled {} {reason:?}", short(*id)),
        Report::Amended { id, price } => format!("amended {} to {}", short(*id), price.0),
        Report::Funding { position, amount, .. } => format!("funding {:+}: {amount}", position.0),
        Report::Deleveraged { qty, price, .. } => format!("deleveraged {:+} at {}", qty.0, price.0),
        Report::Liquidated { qty, price, fee, settlement, .. } => {
            format!("liquidated {:+} at {} fee {fee} settlement {settlement}", qty.0, price.0)
        }
    }
}
