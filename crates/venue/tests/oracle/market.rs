//! Random markets, accounts and commands, looking at what the oracle holds so that most commands are about something.
//!
//! From a seed alone. It refuses to be sensible all the time: zero, absurd, repeated and misplaced are part of it.

use crate::duel::{Command, Duel, Tally};
use crate::picture::Picture;
use model::*;
use venue::{AccountSettings, MarkBar, Models};

/// Bars of one duel.
const BARS: i64 = 100;

/// What the dice of one duel are loaded with.
struct Temper {
    instrument: Instrument,
    /// Ticks a bar reaches up or down at most.
    reach: u64,
    /// Most commands before a bar.
    busy: u64,
    bots: u64,
    /// Distance of resting orders, in ticks.
    near: u64,
    brackets: Brackets,
    marks: Marks,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Brackets {
    Often,
    Seldom,
}

/// Where marks are beside the trades.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// A basis.
    Beside,
    /// Bars of their own around it.
    Around,
    /// Anywhere.
    Wild,
}

struct Dice(Rng);

impl Dice {
    fn below(&mut self, n: u64) -> i64 {
        self.0.below(n) as i64
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.0.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.0.below(from.len() as u64) as usize]
    }

    /// Between minus and plus `n`.
    fn around(&mut self, n: u64) -> i64 {
        self.below(2 * n + 1) - n as i64
    }
}

fn instrument(dice: &mut Dice) -> Instrument {
    let tier = |usdt: i64, bps: i64, deduction: i64, leverage_max| MarginTier {
        notional_max: Usd(usdt * Usd::ONE.0),
        maintenance: Rate::bps(bps),
        deduction: Usd(deduction * Usd::ONE.0),
        leverage_max,
    };
    let fees = FeeSchedule { maker: Rate::bps(-1), taker: Rate::bps(6), liquidation: Rate::bps(13) };
    let jumping = Instrument {
        symbol: "JUMPING".to_owned(),
        tick: Step::decimal(0),
        lot: Step::decimal(3),
        qty_min: Qty(2),
        notional_min: Usd(5 * Usd::ONE.0),
        fees,
        tiers: vec![
            tier(1_000, 50, 0, 50),
            tier(3_000, 150, 0, 30),
            tier(10_000, 400, 0, 12),
            tier(60_000, 900, 0, 5),
        ],
        funding_interval: Interval(8 * Interval::HOUR.0),
        leverage_max: 50,
    };
    match dice.below(3) {
        0 => jumping,
        // Requirements without jumps, a lot of seven and a tick of a quarter.
        1 => Instrument {
            symbol: "SMOOTH".to_owned(),
            tick: Step { mantissa: 25, decimals: 2 },
            lot: Step { mantissa: 7, decimals: 3 },
            qty_min: Qty(1),
            fees: FeeSchedule { maker: Rate::bps(2), taker: Rate::bps(5), liquidation: Rate::bps(5) },
            tiers: vec![tier(1_000, 100, 0, 40), tier(5_000, 200, 10, 20), tier(50_000, 500, 160, 10)],
            leverage_max: 40,
            ..jumping
        },
        // A forced close that is cheaper than a trade.
        _ => Instrument {
            symbol: "CHEAP".to_owned(),
            tick: Step::decimal(1),
            lot: Step::decimal(2),
            fees: FeeSchedule { maker: Rate(0), taker: Rate(123_456_789), liquidation: Rate::ZERO },
            tiers: vec![tier(2_000, 30, 0, 100), tier(2_000_000, 500, 0, 25)],
            leverage_max: 100,
            ..jumping
        },
    }
}

fn temper(dice: &mut Dice) -> Temper {
    Temper {
        instrument: instrument(dice),
        reach: dice.pick(&[3, 15, 40, 90]),
        busy: dice.pick(&[1, 2, 4, 4, 12]),
        bots: dice.pick(&[1, 1, 2, 3, 100]),
        near: dice.pick(&[4, 30, 60]),
        brackets: dice.pick(&[Brackets::Often, Brackets::Seldom]),
        marks: dice.pick(&[Marks::Beside, Marks::Beside, Marks::Around, Marks::Wild]),
    }
}

fn mode(dice: &mut Dice, leverage_max: u16) -> AccountMode {
    AccountMode {
        position: dice.pick(&[PositionMode::OneWay, PositionMode::Hedge]),
        margin: dice.pick(&[MarginMode::Cross, MarginMode::Isolated]),
        leverage: (dice.below(u64::from(leverage_max)) as u16 + 1).min(dice.below(40) as u16 + 1),
    }
}

fn settings(dice: &mut Dice, id: u16, temper: &Temper) -> AccountSettings {
    let slippage = if dice.one_in(2) { 0 } else { dice.below(80) };
    let latency = if dice.one_in(2) { 0 } else { dice.below(100_000) };
    let share = dice.below(4_000) + 200;
    AccountSettings {
        id: AccountId(id),
        mode: mode(dice, temper.instrument.leverage_max),
        balance: Usd(dice.below(4_000) * Usd::ONE.0),
        models: Models {
            slippage: Rate::bps(slippage),
            latency: Interval(latency),
            participation: dice.one_in(3).then_some(Rate::bps(share)),
        },
    }
}

/// What a duel goes on with.
struct Play<'a, 'b> {
    dice: Dice,
    temper: Temper,
    duel: Duel<'a>,
    accounts: &'b [AccountSettings],
    decisions: Vec<u32>,
    last: i64,
    basis: i64,
}

/// One duel of a seed, to its end.
pub fn duel(seed: u64, tally: &mut Tally) {
    let mut dice = Dice(Rng::new(seed));
    let temper = temper(&mut dice);
    let count = dice.pick(&[1, 1, 2, 3]);
    let accounts: Vec<AccountSettings> = (0..count).map(|id| settings(&mut dice, id, &temper)).collect();
    let duel = Duel::new(seed, &temper.instrument, &accounts, tally);
    let decisions = vec![0; 100];
    let basis = dice.around(9) * 3_333_333_333;
    let mut play = Play { dice, temper, duel, accounts: &accounts, decisions, last: 1_000, basis };
    for bar in 0..BARS {
        let busy = play.temper.busy;
        for _ in 0..play.dice.below(busy + 1) {
            let command = play.command(bar);
            play.duel.play(command);
        }
        let command = play.bar(bar);
        play.duel.play(command);
    }
}

impl Play<'_, '_> {
    fn bar(&mut self, index: i64) -> Command {
        let reach = self.temper.reach;
        let gap =
            if self.dice.one_in(12) { self.dice.around(4 * reach) } else { self.dice.around(reach / 6) };
        let open = (self.last + gap).clamp(30, 20_000);
        let reach = if self.dice.one_in(15) { 3 * reach } else { reach };
        let (up, down) = (self.dice.below(reach + 1), self.dice.below(reach + 1));
        let (high, low) = (open + up, (open - down).max(2));
        let close = low + self.dice.below((high - low) as u64 + 1);
        self.last = close;
        let volume = if self.dice.one_in(5) { 0.0 } else { self.dice.below(40) as f64 };
        let bar = Bar {
            open_time: Time(index * Interval::MINUTE.0),
            open: Price(open),
            high: Price(high),
            low: Price(low),
            close: Price(close),
            volume,
        };
        if self.dice.one_in(20) {
            self.basis = self.dice.around(12) * 3_333_333_333;
        }
        let marks = self.marks(&bar);
        Command::Bar(bar, marks)
    }

    fn marks(&mut self, bar: &Bar) -> MarkBar {
        let per_tick = self.temper.instrument.mark_per_tick();
        let basis = if self.temper.marks == Marks::Wild && self.dice.one_in(4) {
            self.dice.around(self.last as u64 / 3) * per_tick
        } else {
            self.basis
        };
        let beside = MarkBar::from_basis(per_tick, bar, Mark(basis));
        if self.temper.marks == Marks::Beside {
            return beside;
        }
        let mut off = |n| self.dice.around(n) * (per_tick / 3);
        let at = |mark: Mark, off: i64| Mark((mark.0 + off).max(1));
        let (open, close) = (at(beside.open, off(6)), at(beside.close, off(6)));
        let low = at(beside.low, off(20)).min(open).min(close);
        let high = at(beside.high, off(20)).max(open).max(close);
        MarkBar { open, high, low, close }
    }

    fn command(&mut self, bar: i64) -> Command {
        let account = self.dice.pick(self.accounts).id;
        let broke = self.duel.naive.account(account).purse.owned() <= 0;
        if broke && self.dice.one_in(3) {
            return Command::Transfer(account, Usd(self.dice.below(2_000) * Usd::ONE.0));
        }
        match self.dice.below(100) {
            0..=3 => {
                let off = self.dice.around(6);
                let mark = self.duel.naive.mark.0 + off * self.temper.instrument.mark_per_tick() / 3;
                Command::Funding(Mark(mark.max(1)), Rate(self.dice.around(30_000) * 1_000_003))
            }
            4 => Command::Transfer(account, Usd(self.dice.around(500) * Usd::ONE.0)),
            5 => Command::SetMode(account, mode(&mut self.dice, self.temper.instrument.leverage_max + 1)),
            6 if bar > 0 && self.dice.one_in(4) => Command::Seize(account),
            7..=8 if bar > 0 => {
                let hedged = self.duel.naive.account(account).is_hedged();
                let short = self.dice.pick(&[PositionSide::Long, PositionSide::Short]);
                let side = if hedged { short } else { PositionSide::Net };
                let lots = Qty(self.dice.below(2_000));
                let off = self.dice.around(200);
                Command::Deleverage(account, side, lots, Price((self.last + off).max(1)))
            }
            9 => {
                let known = self.known(account);
                Command::Lose(account, known)
            }
            10..=14 if bar > 0 => {
                let request = self.request(account);
                Command::Execute(account, request)
            }
            _ => {
                let request = self.request(account);
                Command::Submit(account, request)
            }
        }
    }

    /// An order that rests, or may never have been.
    fn known(&mut self, account: AccountId) -> OrderId {
        let orders: Vec<OrderId> =
            self.duel.naive.account(account).orders.iter().map(|order| order.id).collect();
        if orders.is_empty() || self.dice.one_in(8) {
            let decision = self.dice.below(20) as u32;
            return OrderId { bot: BotId(1), epoch: 0, decision, leg: Leg::Own };
        }
        self.dice.pick(&orders)
    }

    fn request(&mut self, account: AccountId) -> Request {
        let rests = !self.duel.naive.account(account).orders.is_empty();
        let what = if rests || self.dice.one_in(10) { self.dice.below(12) } else { 12 };
        match what {
            0 => Request::Cancel(self.known(account)),
            1..=2 => {
                let id = self.known(account);
                Request::Amend { id, price: self.price() }
            }
            _ => Request::Place(self.order(account)),
        }
    }

    fn price(&mut self) -> Price {
        if self.dice.one_in(60) {
            return Price(self.dice.pick(&[0, -5, i64::MAX, i64::MIN, 1, 50_000]));
        }
        let near = self.temper.near;
        Price((self.last + self.dice.around(near)).max(1))
    }

    /// A price on this side of the last one.
    fn beyond(&mut self, side: i64) -> Price {
        let near = self.temper.near;
        let side = if self.dice.one_in(12) { -side } else { side };
        Price((self.last + side * (self.dice.below(near) + 1)).max(1))
    }

    fn qty(&mut self, account: AccountId) -> i64 {
        let mark = self.duel.naive.mark;
        let account = &self.duel.naive.accounts[usize::from(account.0)];
        let picture = Picture::of_naive(&self.duel.naive.terms, account, mark);
        let thousand = self.duel.naive.terms.notional(1_000, i128::from(self.last)) as i64;
        let power = picture.owned().0.max(0) * i64::from(account.mode().leverage);
        let affordable = (i128::from(power) * 1_000 / i128::from(thousand.max(1))).max(4) as u64;
        match self.dice.below(40) {
            0 => self.dice.pick(&[0, -7, 1, i64::MAX, i64::MIN, 9_000_000_000_000_000_000]),
            1..=2 => self.dice.below(affordable * 3) + 1,
            3..=12 => self.dice.below(affordable) + 1,
            13..=20 => self.dice.below(12) + 1,
            21..=30 => {
                let held = self.dice.pick(&picture.held).qty.abs().0;
                if held > 0 { held } else { self.dice.below(affordable / 4 + 1) + 1 }
            }
            _ => self.dice.below(affordable / 4 + 1) + 1,
        }
    }

    fn id(&mut self) -> OrderId {
        let bot = self.dice.below(self.temper.bots) as u16 + 1;
        let decision = &mut self.decisions[usize::from(bot) - 1];
        *decision += 1;
        let repeated = self.dice.one_in(40);
        let decision = if repeated { decision.saturating_sub(self.dice.below(3) as u32) } else { *decision };
        let odd = self.dice.one_in(60);
        let leg = if odd { self.dice.pick(&[Leg::Stop, Leg::Target(1)]) } else { Leg::Own };
        OrderId { bot: BotId(bot), epoch: 0, decision, leg }
    }

    fn order(&mut self, account: AccountId) -> OrderRequest {
        let hedged = self.duel.naive.account(account).is_hedged();
        let side = self.dice.pick(&[Side::Buy, Side::Sell]);
        let mut reduce_only = self.dice.one_in(4);
        let opened =
            if (side == Side::Buy) != reduce_only { PositionSide::Long } else { PositionSide::Short };
        let mut position_side = if hedged { opened } else { PositionSide::Net };
        if self.dice.one_in(50) {
            position_side = self.dice.pick(&[PositionSide::Net, PositionSide::Long, PositionSide::Short]);
            reduce_only = self.dice.one_in(2);
        }
        let qty = self.qty(account);
        let kind = self.kind(side.sign());
        let often = if self.temper.brackets == Brackets::Often { 2 } else { 12 };
        let wanted = self.dice.one_in(often) && (!reduce_only || self.dice.one_in(20));
        OrderRequest {
            id: self.id(),
            side,
            position_side,
            qty: Qty(qty),
            kind,
            reduce_only,
            bracket: wanted.then(|| self.bracket(side.sign(), qty)),
            one_cancels_other: self.dice.one_in(6).then_some(self.dice.below(3) as u32),
        }
    }

    fn kind(&mut self, up: i64) -> OrderKind {
        let tif = self.dice.pick(&[
            TimeInForce::GoodTillCancelled,
            TimeInForce::GoodTillCancelled,
            TimeInForce::PostOnly,
            TimeInForce::ImmediateOrCancel,
            TimeInForce::FillOrKill,
        ]);
        match self.dice.below(12) {
            0..=3 => OrderKind::Market,
            4..=5 => OrderKind::Limit { price: self.beyond(-up), tif },
            6 => OrderKind::Limit { price: self.price(), tif },
            7 => OrderKind::StopMarket { trigger: self.beyond(up) },
            8 => OrderKind::StopLimit { trigger: self.beyond(up), price: self.price() },
            9 => OrderKind::TakeProfit { trigger: self.beyond(-up) },
            _ => OrderKind::TrailingStop {
                activation: self.dice.one_in(2).then(|| self.price()),
                distance: Price(self.dice.below(self.temper.near / 2 + 2)),
            },
        }
    }

    fn bracket(&mut self, up: i64, qty: i64) -> Bracket {
        let mut targets = [Target::default(); TARGETS_MAX];
        let rungs = self.dice.below(TARGETS_MAX as u64 + 1) as usize;
        let part = (qty.clamp(0, 1 << 40) / (rungs as i64).max(1)).max(1);
        for target in &mut targets[..rungs] {
            *target = Target { price: self.beyond(up), qty: Qty(self.dice.below(part as u64) + 1) };
        }
        if self.dice.one_in(30) {
            self.dice.pick(&[0, 1, 2, 3]);
            targets[self.dice.below(TARGETS_MAX as u64) as usize].qty =
                Qty(self.dice.pick(&[0, -1, 1 << 50]));
        }
        let near = self.temper.near;
        let off = self.dice.below(near + 1) + near as i64 / 2;
        let stop = if self.dice.one_in(20) { self.price() } else { Price((self.last - up * off).max(1)) };
        Bracket { stop, targets }
    }
}
