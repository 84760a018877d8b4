//! `omega pnl`: what a position comes to, by the arithmetic of the simulated venue, without a market.
//!
//! It refuses what the venue would refuse, and a figure for a price that does not exist.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::market_flags;
use crate::parse::{self, Refused};
use crate::table::{Align, Cell, Grid, Tone};
use crate::{figures, table};
use clap::{Args, ValueEnum};
use model::{Instrument, Liquidity, MarginMode, Mark, Price, Qty, Rate, Usd};
use std::fmt;
use venue::LiquidationLevels;
use venue::round_trip::{FUNDING_PAYMENTS_MAX, RoundTrip, Settled, Unbookable};

pub(super) const COMMAND: Command = Command {
    name: "pnl",
    about: "Work out a position: profit, fees, funding, liquidation and break-even price",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    Long,
    Short,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Margin {
    Isolated,
    Cross,
}

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega pnl --side long --entry 40000 --exit 41000 --quantity 0.1 --leverage 10
  omega pnl --side short --entry 40000 --exit 39500.5 --quantity 2 --leverage 20 --funding 0.0001 --funding-payments 9
  omega pnl --side long --entry 60000 --exit 61000 --quantity 1 --leverage 50 --margin-mode cross --balance 5000 --json")]
struct Arguments {
    /// Which way
    #[arg(long)]
    side: Side,
    /// Price it is opened at
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    entry: String,
    /// Price it is closed at
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    exit: String,
    /// Size in coins
    #[arg(long, value_name = "COINS", allow_negative_numbers = true)]
    quantity: String,
    /// Leverage
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    leverage: u16,
    /// What is traded
    #[arg(long, default_value = "BTCUSDT")]
    symbol: String,
    /// Taker fee as a fraction [default: the instrument's, 0.0006]
    #[arg(long, value_name = "RATE", value_parser = parse::fee_taker, allow_negative_numbers = true)]
    fee_taker: Option<Rate>,
    /// Maker fee as a fraction [default: the instrument's, 0.0002]
    #[arg(long, value_name = "RATE", value_parser = parse::fee_maker, allow_negative_numbers = true)]
    fee_maker: Option<Rate>,
    /// The entry pays the maker fee, not the taker's
    #[arg(long)]
    entry_maker: bool,
    /// The exit pays the maker fee, not the taker's
    #[arg(long)]
    exit_maker: bool,
    /// Rate of each funding payment, on the notional at entry; a long pays a positive one
    #[arg(long, value_name = "RATE", default_value = "0", value_parser = parse::funding_rate, allow_negative_numbers = true)]
    funding: Rate,
    /// Funding payments while it is held [default: 1 with --funding, else 0]
    #[arg(long, value_name = "N", requires = "funding", value_parser = clap::value_parser!(u32).range(0..=i64::from(FUNDING_PAYMENTS_MAX)))]
    funding_payments: Option<u32>,
    /// What stands behind it: its own margin, or the whole account
    #[arg(long, value_name = "MODE", default_value = "isolated")]
    margin_mode: Margin,
    /// USDT in the account before; needed with cross
    #[arg(long, value_name = "USDT", value_parser = parse::capital, allow_negative_numbers = true)]
    balance: Option<Usd>,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let instrument = market_flags::instrument(&arguments.symbol, arguments.fee_taker, arguments.fee_maker)?;
    let trip = round_trip(arguments, &instrument)?;
    let settled = trip.settle(&instrument).map_err(|refused| explain(refused, arguments, &instrument))?;
    if settled.liquidated_first {
        console.warn(
            "the position is liquidated before it reaches the exit: the figures are those of one that is not",
        );
    }
    let answer = Answer { instrument: &instrument, trip: &trip, settled: &settled };
    if arguments.json {
        return console.print(&answer.json().document());
    }
    console.print(&answer.text(console.has_colour()))
}

fn round_trip(arguments: &Arguments, instrument: &Instrument) -> Result<RoundTrip, Failure> {
    fn named<T>(flag: &str, text: &str, read: Result<T, Refused>) -> Result<T, Failure> {
        read.map_err(|refused| Failure::usage(format!("{flag} {text}: {refused}"), refused.hint.clone()))
    }
    let price = |flag: &str, text: &str| named(flag, text, parse::price(text, instrument));
    let quantity =
        named("--quantity", &arguments.quantity, parse::quantity(&arguments.quantity, instrument))?;
    let pays = |maker: bool| if maker { Liquidity::Maker } else { Liquidity::Taker };
    let payments = arguments.funding_payments.unwrap_or(u32::from(arguments.funding != Rate::ZERO));
    Ok(RoundTrip {
        qty: if arguments.side == Side::Long { quantity } else { -quantity },
        entry: price("--entry", &arguments.entry)?,
        exit: price("--exit", &arguments.exit)?,
        entry_as: pays(arguments.entry_maker),
        exit_as: pays(arguments.exit_maker),
        leverage: arguments.leverage,
        margin: match arguments.margin_mode {
            Margin::Isolated => MarginMode::Isolated,
            Margin::Cross => MarginMode::Cross,
        },
        balance: arguments.balance,
        funding: arguments.funding,
        funding_payments: payments,
    })
}

/// The venue's refusal in terms of the flags, with the nearest that it would take.
fn explain(refused: Unbookable, arguments: &Arguments, instrument: &Instrument) -> Failure {
    let usdt = figures::money;
    let (leverage, quantity) = (arguments.leverage, &arguments.quantity);
    match refused {
        Unbookable::QuantityTooSmall => {
            let min = instrument.format_qty(instrument.qty_min);
            Failure::usage(
                format!("--quantity {quantity} is below the smallest order"),
                format!("give {min} or more"),
            )
        }
        Unbookable::PriceNotPositive => Failure::usage("a price is above zero", "give prices such as 40000"),
        Unbookable::PriceTooHigh(max) => {
            let hint = format!("give prices of at most {}", instrument.format_price(max));
            Failure::usage("a price is too high for this quantity to be worked out exactly", hint)
        }
        Unbookable::PositionTooLarge(max) => {
            let problem =
                format!("--quantity {quantity} is more than the largest position of {} USDT", usdt(max));
            Failure::usage(problem, format!("give {}", largest(max, arguments, instrument)))
        }
        Unbookable::NotionalTooSmall(notional) => {
            let problem = format!(
                "--quantity {quantity} is worth {} USDT, less than the smallest order of {} USDT",
                usdt(notional),
                usdt(instrument.notional_min)
            );
            Failure::usage(problem, "give a larger quantity")
        }
        Unbookable::LeverageTooHigh { notional, leverage_max } => {
            let problem = format!(
                "--leverage {leverage} is above {leverage_max}, the most that a position of {} USDT may use",
                usdt(notional)
            );
            let fits = instrument.tiers.iter().rfind(|tier| tier.leverage_max >= leverage);
            let smaller =
                fits.map(|tier| format!("; or {}", largest(tier.notional_max, arguments, instrument)));
            Failure::usage(problem, format!("give at most {leverage_max}{}", smaller.unwrap_or_default()))
        }
        Unbookable::NoBalance => Failure::usage(
            "--margin-mode cross needs the money that stands behind the position",
            "give --balance USDT, or --margin-mode isolated",
        ),
        Unbookable::BalanceTooSmall(needed) => Failure::usage(
            format!("--balance does not carry the initial margin and a taker's fee, {needed} USDT together"),
            "give a larger balance or leverage, or a smaller quantity",
        ),
    }
}

/// The largest quantity of a notional at the entry price, as a hint.
fn largest(notional: Usd, arguments: &Arguments, instrument: &Instrument) -> String {
    let lot = parse::price(&arguments.entry, instrument).map(|entry| instrument.notional(Qty(1), entry));
    match lot {
        Ok(lot) if lot > Usd::ZERO && lot <= notional => {
            format!("a quantity of at most {}", instrument.format_qty(Qty(notional.0 / lot.0)))
        }
        _ => "a smaller quantity".to_owned(),
    }
}

/// What was asked and what came of it.
struct Answer<'a> {
    instrument: &'a Instrument,
    trip: &'a RoundTrip,
    settled: &'a Settled,
}

/// A figure, or why there is none.
type Known<T> = Result<T, &'static str>;

fn shown(known: Known<impl fmt::Display>) -> String {
    known.map_or_else(|why| format!("n/a ({why})"), |figure| figure.to_string())
}

impl Answer<'_> {
    fn roe(&self) -> f64 {
        self.settled.net.as_f64() / self.settled.initial_margin.as_f64()
    }

    /// The mark at which the position is lost on its bad side.
    fn liquidation(&self, levels: LiquidationLevels) -> Known<String> {
        let level = if self.trip.qty > Qty::ZERO { levels.below } else { levels.above };
        level.map(exact_mark).ok_or("its margin covers every price")
    }

    /// The same on its good side: where profit lifts it into a margin tier that asks for more than it has.
    fn liquidation_in_profit(&self) -> Known<String> {
        let levels = self.settled.levels_after_funding;
        let level = if self.trip.qty > Qty::ZERO { levels.above } else { levels.below };
        level.map(exact_mark).ok_or("no margin tier is too dear for it")
    }

    fn break_even(&self) -> Known<String> {
        let price = |price: Price| self.instrument.format_price(price).to_string();
        let why =
            if self.settled.net < Usd::ZERO { "no price earns the costs back" } else { "no price loses" };
        self.settled.break_even.map(price).ok_or(why)
    }

    fn fee_rate(&self, liquidity: Liquidity) -> Rate {
        match liquidity {
            Liquidity::Maker => self.instrument.fees.maker,
            Liquidity::Taker => self.instrument.fees.taker,
        }
    }

    fn text(&self, colour: bool) -> String {
        let (trip, settled) = (self.trip, self.settled);
        let price = |price: Price| self.instrument.format_price(price).to_string();
        let heading = format!(
            "{} {} {} at {}, closed at {}, {}x {}",
            side(trip.qty),
            self.instrument.format_qty(trip.qty.abs()),
            self.instrument.symbol,
            price(trip.entry),
            price(trip.exit),
            trip.leverage,
            margin(trip.margin)
        );
        let fee =
            |liquidity| format!("{} {}", role(liquidity), figures::rate_percent(self.fee_rate(liquidity)));
        let funding = format!("{} x {}", trip.funding_payments, figures::rate_percent(trip.funding));
        let mut grid = Grid::new(&[("", Align::Left), ("USDT", Align::Right), ("", Align::Left)]);
        let mut row = |name: &str, cell: Cell, note: String| {
            grid.row(vec![Cell::plain(name), cell, Cell::new(note, Tone::Quiet)]);
        };
        let plain = |usd: Usd| Cell::plain(usd.to_string());
        let signed = |usd: Usd| Cell::signed(usd.to_string(), usd.0);
        row("notional", plain(settled.notional), "at entry".to_owned());
        row("initial margin", plain(settled.initial_margin), format!("notional / {}", trip.leverage));
        row("gross", signed(settled.gross), "the prices alone".to_owned());
        row("fee of the entry", signed(-settled.fee_entry), fee(trip.entry_as));
        row("fee of the exit", signed(-settled.fee_exit), fee(trip.exit_as));
        row("funding", signed(settled.funding), funding);
        row("net", signed(settled.net), "gross, fees and funding".to_owned());
        let roe = Cell::signed(figures::percent(self.roe()), settled.net.0);
        row("ROE", roe, "net / initial margin".to_owned());
        let liquidation = self.liquidation(settled.levels_after_funding);
        row("liquidation price", Cell::plain(shown(liquidation)), "of the mark".to_owned());
        if let Ok(level) = self.liquidation_in_profit() {
            row("and in profit at", Cell::plain(level), "a dearer margin tier begins".to_owned());
        }
        row(
            "break-even price",
            Cell::plain(shown(self.break_even())),
            "first exit that loses nothing".to_owned(),
        );
        let heading = Tone::Strong.paint(&heading, colour);
        let source = "To the micro-USDT what the simulated venue of `omega backtest` books.";
        format!("{heading}\n\n{}\n{}", grid.render(colour), table::wrap(source, "  "))
    }

    fn json(&self) -> Json {
        let (trip, settled) = (self.trip, self.settled);
        let exact = |figure: String| Json::Exact(figure);
        let price = |price: Price| Json::Exact(self.instrument.format_price(price).to_string());
        let mut reasons = Vec::new();
        let mut known = |key: &str, figure: Known<String>| {
            let why = figure.as_ref().err().map(|why| (key.to_owned(), Json::text(why)));
            reasons.extend(why);
            Json::optional(figure.ok(), exact)
        };
        let liquidation = known("liquidation_price", self.liquidation(settled.levels_after_funding));
        let before = known("liquidation_price_before_funding", self.liquidation(settled.levels));
        let in_profit = known("liquidation_price_in_profit", self.liquidation_in_profit());
        let break_even = known("break_even_price", self.break_even());
        Json::object([
            ("symbol", Json::text(&self.instrument.symbol)),
            ("side", Json::text(side(trip.qty).to_lowercase())),
            ("quantity", exact(self.instrument.format_qty(trip.qty.abs()).to_string())),
            ("entry", price(trip.entry)),
            ("exit", price(trip.exit)),
            ("leverage", Json::Whole(i64::from(trip.leverage))),
            ("margin_mode", Json::text(margin(trip.margin))),
            ("balance", Json::optional(trip.balance, Json::money)),
            ("notional", Json::money(settled.notional)),
            ("initial_margin", Json::money(settled.initial_margin)),
            ("gross_pnl", Json::money(settled.gross)),
            ("fee_entry", Json::money(settled.fee_entry)),
            ("fee_exit", Json::money(settled.fee_exit)),
            ("funding", Json::money(settled.funding)),
            ("net_pnl", Json::money(settled.net)),
            ("roe", Json::Number(self.roe())),
            ("liquidation_price", liquidation),
            ("liquidation_price_before_funding", before),
            ("liquidation_price_in_profit", in_profit),
            ("liquidated_first", Json::Truth(settled.liquidated_first)),
            ("break_even_price", break_even),
            ("reasons", Json::Object(reasons)),
        ])
    }
}

fn exact_mark(mark: Mark) -> String {
    figures::decimal(mark.0, Mark::DECIMALS)
}

fn side(qty: Qty) -> &'static str {
    if qty > Qty::ZERO { "Long" } else { "Short" }
}

fn margin(mode: MarginMode) -> &'static str {
    match mode {
        MarginMode::Cross => "cross",
        MarginMode::Isolated => "isolated",
    }
}

fn role(liquidity: Liquidity) -> &'static str {
    match liquidity {
        Liquidity::Maker => "maker",
        Liquidity::Taker => "taker",
    }
}
