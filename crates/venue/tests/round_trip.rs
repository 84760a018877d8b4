//! The calculator and the venue say the same: any position is opened and closed at a venue and worked out beside it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that fails should stop and say so")]

use model::*;
use proptest::prelude::*;
use venue::round_trip::{RoundTrip, Settled};
use venue::{AccountSettings, Entry, LiquidationLevels, MarkBar, Models, Venue};

const BOT: BotId = BotId(1);

/// A venue with one account, walked bar by bar.
struct Walked {
    venue: Venue,
    bars: i64,
    decisions: u32,
    heard: Vec<Report>,
}

impl Walked {
    fn new(instrument: Instrument, trip: &RoundTrip, balance: Usd) -> Walked {
        let mut venue = Venue::new(instrument);
        let mode =
            AccountMode { position: PositionMode::OneWay, margin: trip.margin, leverage: trip.leverage };
        venue.open_account(AccountSettings { id: BOT.own_account(), mode, balance, models: Models::NONE });
        Walked { venue, bars: 0, decisions: 0, heard: Vec::new() }
    }

    fn now(&self) -> Time {
        Time(self.bars * Interval::MINUTE.0)
    }

    /// Trades a signed quantity at exactly `price`: at the open of a flat bar, or by a bar that goes a tick through.
    fn trade(&mut self, qty: Qty, price: Price, how: Liquidity, reduce_only: bool) {
        self.decisions += 1;
        let side = if qty.0 > 0 { Side::Buy } else { Side::Sell };
        let kind = match how {
            Liquidity::Taker => OrderKind::Market,
            Liquidity::Maker => OrderKind::Limit { price, tif: TimeInForce::PostOnly },
        };
        let id = OrderId { bot: BOT, epoch: 0, decision: self.decisions, leg: Leg::Own };
        self.venue.submit(
            self.now(),
            BOT.own_account(),
            Request::Place(OrderRequest {
                id,
                side,
                position_side: PositionSide::Net,
                qty: qty.abs(),
                kind,
                reduce_only,
                bracket: None,
                one_cancels_other: None,
            }),
        );
        match how {
            Liquidity::Taker => self.bar(price, price),
            Liquidity::Maker => self.bar(Price(price.0 + side.sign()), Price(price.0 - side.sign())),
        }
    }

    fn bar(&mut self, open: Price, close: Price) {
        let (high, low) = (open.max(close), open.min(close));
        let bar = Bar { open_time: self.now(), open, high, low, close, volume: 1e9 };
        let per_tick = self.venue.instrument().mark_per_tick();
        let mark = MarkBar::from_basis(per_tick, &bar, Mark::ZERO);
        self.venue.step(&bar, Interval::MINUTE, mark);
        self.bars += 1;
        while let Some((_, _, report)) = self.venue.poll() {
            self.heard.push(report);
        }
    }

    fn levels(&self) -> LiquidationLevels {
        self.venue.account(BOT.own_account()).liquidation_levels(PositionSide::Net)
    }

    fn was_liquidated(&self) -> bool {
        self.heard.iter().any(|report| matches!(report, Report::Liquidated { .. }))
    }
}

/// Small marks, a rebate, tiers that jump and one with a deduction.
fn instruments() -> [Instrument; 3] {
    let plain = Instrument::btcusdt();
    let mut rebate = plain.clone();
    rebate.fees.maker = Rate(-123_456_789);
    rebate.tiers[1].deduction = Usd(150 * Usd::ONE.0);
    [plain.clone(), rebate, plain.with_price_decimals(3)]
}

fn liquidity() -> impl Strategy<Value = Liquidity> {
    prop_oneof![Just(Liquidity::Maker), Just(Liquidity::Taker)]
}

fn trips() -> impl Strategy<Value = RoundTrip> {
    let prices = (20_000_i64..2_000_000, -4_000_i64..4_000);
    let size = prop_oneof![1_i64..200, 1_i64..30_000];
    let margin = prop_oneof![Just(MarginMode::Isolated), Just(MarginMode::Cross)];
    let funding = (-2_000_000_000_i64..2_000_000_000, 0_u32..6);
    (prices, size, any::<bool>(), 1_u16..=125, margin, (liquidity(), liquidity()), funding, 1_i64..60_000)
        .prop_map(|(prices, size, long, leverage, margin, (entry_as, exit_as), funding, balance)| {
            let (entry, moved_per_myriad) = prices;
            RoundTrip {
                qty: Qty(if long { size } else { -size }),
                entry: Price(entry),
                exit: Price(entry + entry * moved_per_myriad / 10_000),
                entry_as,
                exit_as,
                leverage,
                margin,
                balance: Some(Usd(balance * balance * 1_000)),
                funding: Rate(funding.0),
                funding_payments: funding.1,
            }
        })
}

fn opened(walked: &mut Walked, trip: &RoundTrip, settled: &Settled) {
    walked.trade(trip.qty, trip.entry, trip.entry_as, false);
    if walked.was_liquidated() {
        assert!(settled.liquidated_first || trip.entry_as == Liquidity::Maker, "{settled:?}");
        return;
    }
    assert_eq!(
        walked.venue.account(BOT.own_account()).position(PositionSide::Net).qty,
        trip.qty,
        "{:?}",
        walked.heard
    );
    assert_eq!(walked.venue.account(BOT.own_account()).fees_paid(), settled.fee_entry);
    assert_eq!(walked.levels(), settled.levels);
    let mark = walked.venue.instrument().mark_of(trip.entry);
    for _ in 0..trip.funding_payments {
        let now = walked.now();
        walked.venue.settle_funding(now, mark, trip.funding);
    }
    assert_eq!(walked.levels(), settled.levels_after_funding);
}

fn check(instrument: Instrument, trip: RoundTrip) {
    let balance = trip.balance.unwrap();
    let mut walked = Walked::new(instrument.clone(), &trip, balance);
    let settled = match trip.settle(&instrument) {
        Ok(settled) => settled,
        Err(refused) => {
            // An account may have a leverage that its position may not.
            walked.trade(trip.qty, trip.entry, Liquidity::Taker, false);
            let said = walked.heard.first().map(|report| match report {
                Report::Rejected { reason, .. } => Some(*reason),
                _ => None,
            });
            assert_eq!(said, Some(refused.reason()), "{refused:?}");
            return;
        }
    };
    assert_eq!(settled.net, settled.gross - settled.fee_entry - settled.fee_exit + settled.funding);
    opened(&mut walked, &trip, &settled);
    if !walked.was_liquidated() {
        walked.bar(trip.entry, trip.entry);
    }
    // A tick beside the exit, where a maker's bar begins or ends, may already be beyond the level.
    let beside = |ticks: i64| {
        let exit = Price((trip.exit.0 + ticks).max(1));
        RoundTrip { exit, ..trip }.settle(&instrument).unwrap().liquidated_first
    };
    if !walked.was_liquidated() && trip.exit_as == Liquidity::Maker && beside(-1) != beside(1) {
        return;
    }
    if !walked.was_liquidated() {
        walked.trade(-trip.qty, trip.exit, trip.exit_as, true);
    }
    assert_eq!(walked.was_liquidated(), settled.liquidated_first, "{settled:?} {:?}", walked.heard);
    if settled.liquidated_first {
        return;
    }
    let account = walked.venue.account(BOT.own_account());
    assert!(account.position(PositionSide::Net).is_flat(), "{:?}", walked.heard);
    assert_eq!(-account.books().balance(Entry::Trade), settled.gross);
    assert_eq!(account.fees_paid(), settled.fee_entry + settled.fee_exit);
    assert_eq!(account.funding_received(), settled.funding);
    assert_eq!(account.wallet() - balance, settled.net);
}

/// Whatever a command line lets through: sizes, prices and rates of all magnitudes.
fn wild() -> impl Strategy<Value = (RoundTrip, Instrument)> {
    let magnitude = |max: u32| (0..=max, 1_i64..=9).prop_map(|(zeros, digit)| digit * 10_i64.pow(zeros));
    let rates = (0_i64..=10_000_000_000, -10_000_000_000_i64..=10_000_000_000);
    let funding = (-100_000_000_000_i64..=100_000_000_000, 0_u32..=10_000);
    (trips(), magnitude(9), magnitude(17), magnitude(17), magnitude(14), rates, funding).prop_map(
        |(trip, qty, entry, exit, balance, (taker, maker), (funding, payments))| {
            let mut instrument = Instrument::btcusdt();
            instrument.fees = FeeSchedule {
                maker: Rate(maker),
                taker: Rate(taker),
                liquidation: Rate(taker.max(600_000_000)),
            };
            let trip = RoundTrip {
                qty: Qty(qty * trip.qty.0.signum()),
                entry: Price(entry),
                exit: Price(exit - 1),
                balance: Some(Usd(balance * 10)),
                funding: Rate(funding),
                funding_payments: payments,
                ..trip
            };
            (trip, instrument)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_venue_books_what_was_worked_out(trip in trips(), which in 0_usize..3) {
        check(instruments()[which].clone(), trip);
    }

    #[test]
    fn anything_is_answered_or_refused((trip, instrument) in wild()) {
        if let Ok(settled) = trip.settle(&instrument) {
            let sum = settled.gross - settled.fee_entry - settled.fee_exit + settled.funding;
            prop_assert_eq!(settled.net, sum);
        }
    }

    #[test]
    fn break_even_is_where_nothing_is_lost_any_more(trip in trips(), which in 0_usize..3) {
        let instrument = &instruments()[which];
        let Ok(settled) = trip.settle(instrument) else { return Ok(()) };
        let Some(price) = settled.break_even else { return Ok(()) };
        let net = |exit: i64| RoundTrip { exit: Price(exit), ..trip }.settle(instrument).unwrap().net;
        prop_assert!(net(price.0) >= Usd::ZERO);
        prop_assert!(net(price.0 - trip.qty.0.signum()) < Usd::ZERO);
    }
}

/// Near the edge of a tier a long has a level above it too; an open that gapped through it leaves nothing to sell.
#[test]
fn a_level_on_the_good_side_is_met_by_a_gap_too() {
    let trip = RoundTrip {
        qty: Qty(8_641),
        entry: Price(1_154_952),
        exit: Price(1_157_377),
        entry_as: Liquidity::Maker,
        exit_as: Liquidity::Taker,
        leverage: 96,
        margin: MarginMode::Isolated,
        balance: Some(Usd(10_995_856_000)),
        funding: Rate(1_805_369_405),
        funding_payments: 1,
    };
    check(instruments()[0].clone(), trip);
}
