//! A farm that shares accounts, is told what to do and learns readings is, risen, the same farm in every field.

#![allow(missing_docs, reason = "tests say what they hold")]

use farm::journal::{Origin, Pen, replay_with, rise};
use farm::{AccountPlan, Actions, Character, Farm, Recruit, Step};
use model::event::{Audit, Measured, Shock, Wake};
use model::{
    AccountId, Bar, BarColumns, BotId, CancelReason, Command, CommandId, Event, Fill, Instruction,
    Instrument, Interval, Leg, Liquidity, Mark, OrderId, PositionMode, PositionSide, Price, Purse, Qty, Rate,
    Report, RiskLevel, Rng, Role, Scope, Time, Usd,
};
use persona::{ControlSettings, Gains};
use risk::{ApprovalRule, Rules};
use std::sync::Arc;

const SHARED: AccountId = AccountId(9);
const START: Time = Time(1_735_689_600_000);

/// Three on one hedged account with a treasury, two by themselves, and a series that learns.
fn origin() -> Origin {
    let profile = |name: &str| Box::new(persona::catalogue::profile(name).expect("listed").expect("valid"));
    let alone = |bot, character| Recruit::alone(BotId(bot), character, Usd(10_000 * Usd::ONE.0), 1);
    let felt = |bot, name| alone(bot, Character::Persona(profile(name), Gains::FULL));
    let together = [felt(0, "newbie"), felt(1, "aggressive"), felt(2, "cosmic")];
    let shared = together.into_iter().map(|recruit| Recruit { account: SHARED, ..recruit });
    let control = ControlSettings { fast: 5, slow: 9, quantity: Qty(10) };
    let own = [felt(3, "scalper"), alone(4, Character::Control("ema_cross", control))];
    let terms = cosmos::Terms {
        source: "a test".to_owned(),
        unit: "Kp".to_owned(),
        interval: Interval::minutes(10),
        lag: Interval::MINUTE,
        stale_after: Interval::DAY,
    };
    let rows = (0..30).map(|i| (START - Interval::minutes(600 - i * 10), (i % 9) as f64)).collect();
    let series = cosmos::Series::new(cosmos::Factor::Kp, terms, rows).expect("readings of Kp");
    Origin {
        instrument: Instrument::btcusdt(),
        interval: Interval::MINUTE,
        sky: cosmos::Sky::none().with_series(Arc::new(series)).with_factors(cosmos::FactorSet::ALL),
        recruits: shared.chain(own).collect(),
        accounts: vec![AccountPlan { id: SHARED, mode: PositionMode::Hedge, treasury: Usd(5_000_000) }],
        rules: Rules {
            approval: Some(ApprovalRule { risk_bps: 1, expiry: Interval::minutes(20) }),
            ..Rules::TRADING
        },
    }
}

/// A life of everything that can be heard, and its journal.
struct Life {
    origin: Origin,
    farm: Farm,
    pen: Pen<Vec<u8>>,
    rng: Rng,
    now: Time,
    price: i64,
    commands: u64,
    epoch: u16,
    proposals: u32,
    learned: u32,
    ruled: u32,
    /// What rules are drawn from: what else happens does not depend on it.
    ruling: Rng,
}

impl Life {
    fn of(seed: u64) -> Life {
        let origin = origin();
        Life {
            farm: origin.farm().expect("made of listed personas"),
            pen: Pen::new(Vec::new(), &origin),
            origin,
            rng: Rng::new(seed),
            now: START,
            price: 400_000,
            commands: 0,
            epoch: 0,
            proposals: 0,
            learned: 0,
            ruled: 0,
            ruling: Rng::new(seed ^ 0x0852_1E5E),
        }
    }

    fn event(&mut self, event: Event) {
        self.pen.input(&Step::Event(self.now, event));
        self.farm.on_event(self.now, &event, &mut Actions::default());
    }

    /// A quarter of an hour of minutes, as far as the farm takes them.
    fn bars(&mut self) {
        let mut columns = BarColumns::new(Interval::MINUTE);
        for i in 0..15 {
            let open = self.price;
            self.price = (open + self.rng.below(2_401) as i64 - 1_200).max(200_000);
            let (high, low) = (Price(open.max(self.price) + 40), Price(open.min(self.price) - 40));
            let open_time = self.now.floor(Interval::MINUTE) + Interval::minutes(1 + i);
            let volume = self.rng.unit() * 500.0;
            columns.push(Bar { open_time, open: Price(open), high, low, close: Price(self.price), volume });
        }
        let bars = columns.as_bars();
        let mut from = 0;
        while from < bars.len() {
            let lent = bars.slice(from, bars.len());
            self.pen.input(&Step::Bars(lent));
            from += self.farm.on_bars(lent, &mut Actions::default());
            self.proposals += self.farm.bots().iter().filter(|bot| bot.proposal().is_some()).count() as u32;
        }
        self.now = bars.close_time(bars.len() - 1);
    }

    fn held(&self, bot: u16) -> i64 {
        self.farm.bots()[usize::from(bot)].ledger().position().qty.0
    }

    /// Fills of the shared account, money for it, and lots taken from it.
    fn report(&mut self) {
        let bot = self.rng.below(3) as u16;
        let side = [PositionSide::Long, PositionSide::Short][self.rng.below(2) as usize];
        let sign = if side == PositionSide::Long { 1 } else { -1 };
        let line: i64 = (0..3).map(|bot| (self.held(bot) * sign).max(0)).sum();
        let price = Price(self.price);
        let report = match self.rng.below(6) {
            0 if line > 0 => {
                let amount = Usd(self.rng.below(2_000_001) as i64 - 1_000_000);
                let (position, mark, rate) = (Qty(line * sign), Mark(0), Rate(0));
                Report::Funding { position_side: side, position, mark, rate, amount }
            }
            1 if line / 3 > 0 => {
                Report::Deleveraged { position_side: side, qty: Qty(-sign * (line / 3)), price }
            }
            kind => {
                let lots = match kind {
                    2 | 3 if line > 0 => -(1 + self.rng.below(line as u64) as i64),
                    _ => 1 + self.rng.below(30) as i64,
                };
                let leg = if lots < 0 { Leg::Stop } else { Leg::Own };
                let id = OrderId { bot: BotId(bot), epoch: 0, decision: 900, leg };
                let (qty, fee, remaining) = (Qty(sign * lots), Usd(lots.abs() * 7), Qty::ZERO);
                let liquidity = Liquidity::Taker;
                Report::Filled(Fill { id, position_side: side, qty, price, fee, liquidity, remaining })
            }
        };
        self.event(Event::Report(SHARED, report));
    }

    fn command(&mut self) {
        let scope = match self.rng.below(6) {
            5 => Scope::Farm,
            bot => Scope::Bot(BotId(bot as u16)),
        };
        let waits = self.farm.bots().iter().find_map(|bot| bot.proposal()).map(|(id, _)| id);
        let instruction = match (self.rng.below(11), waits) {
            (0, _) => Instruction::Pause(scope),
            (1, _) => Instruction::ReduceOnly(scope),
            (2, _) => Instruction::Close(scope),
            (3, _) if self.rng.below(6) == 0 => Instruction::Panic,
            (4, _) => Instruction::Rearm,
            (5, _) => {
                let (from, to) = (Purse::Treasury(SHARED), Purse::Bot(BotId(self.rng.below(3) as u16)));
                Instruction::Transfer { from, to, amount: Usd(self.rng.below(1_000) as i64) }
            }
            (6, Some(id)) => Instruction::Approve(id),
            (7, Some(id)) => Instruction::Decline(id),
            (8, _) => Instruction::Reconcile(SHARED),
            (9, _) => Instruction::Cancel(scope),
            (10, _) => {
                let (bot, level) = (self.rng.below(5) as u16, self.rng.below(3) as usize);
                Instruction::SetRisk(BotId(bot), RiskLevel::ALL[level])
            }
            _ => Instruction::Resume(scope),
        };
        self.commands += 1;
        let (id, given_at) = (CommandId(self.commands), self.now);
        self.event(Event::Command(Command { id, role: Role::Admin, given_at, instruction }));
    }

    /// An answer, which may be cut off in its middle.
    fn audit(&mut self) {
        let wallet = Usd(30_005_000_000 + self.rng.below(3) as i64);
        let positions = [0, 1].map(|_| Qty(self.rng.below(3) as i64));
        let order = OrderId { bot: BotId(1), epoch: 0, decision: 5, leg: Leg::Stop };
        let whole = [Audit::Begin { wallet, positions }, Audit::Order(order), Audit::Foreign, Audit::End];
        let cut = 1 + self.rng.below(4) as usize;
        for piece in &whole[..cut] {
            self.event(Event::Audit(SHARED, *piece));
        }
    }

    /// What is held on the shared account is closed, and accounts are seen flat and empty: after the kill switch, and where
    /// it is all of them, that is the end of it.
    fn audit_flat(&mut self) {
        for bot in 0..3 {
            let qty = Qty(-self.held(bot));
            let position_side = if qty.0 < 0 { PositionSide::Long } else { PositionSide::Short };
            let id = OrderId { bot: BotId(bot), epoch: 0, decision: 901, leg: Leg::Own };
            let (price, fee, liquidity, remaining) = (Price(self.price), Usd(3), Liquidity::Taker, Qty::ZERO);
            let fill = Fill { id, position_side, qty, price, fee, liquidity, remaining };
            if qty.0 != 0 {
                self.event(Event::Report(SHARED, Report::Filled(fill)));
            }
        }
        let orders = |bot: &farm::Bot| -> Vec<(AccountId, OrderId)> {
            bot.orders().iter().map(|order| (bot.account(), order.id)).collect()
        };
        let open: Vec<(AccountId, OrderId)> = self.farm.bots().iter().flat_map(orders).collect();
        for (account, id) in open {
            let reason = CancelReason::Requested;
            self.event(Event::Report(account, Report::Cancelled { id, reason }));
        }
        for account in [SHARED, AccountId(3), AccountId(4)].into_iter().take(1 + self.rng.below(6) as usize) {
            let begin = Audit::Begin { wallet: Usd(30_005_000_000), positions: [Qty::ZERO; 2] };
            self.event(Event::Audit(account, begin));
            self.event(Event::Audit(account, Audit::End));
        }
    }

    /// Other rules: each is one of its origin's, off or tighter.
    fn rules(&mut self) {
        let mut rules = self.origin.rules;
        let mut is_off = || self.ruling.below(3) == 0;
        if is_off() {
            rules.approval = None;
        }
        if is_off() {
            rules.cool_down = None;
        }
        if is_off() {
            rules.vigilance = None;
        }
        if is_off() {
            rules.drawdown_max_bps = Some(50);
        }
        if is_off() {
            rules.daily_loss_max_bps = Some(10);
        }
        if is_off() {
            (rules.exposure_max_bps, rules.unexplained_max) = (None, Usd(2));
        }
        if self.ruling.below(8) == 0 {
            rules = Rules::NONE;
        }
        self.ruled += 1;
        self.pen.input(&Step::Rules(self.now, rules));
        self.farm.on_rules(self.now, rules, &mut Actions::default());
    }

    fn anything(&mut self) {
        self.now = self.now + Interval(1_000);
        if self.ruling.below(12) == 0 {
            self.rules();
        }
        if self.farm.halted().is_some() && self.rng.below(4) == 0 {
            return self.audit_flat();
        }
        match self.rng.below(17) {
            0..5 => self.bars(),
            5..9 => self.report(),
            9..12 => self.command(),
            12 => self.audit(),
            13 => {
                let late = Interval::minutes(10 * self.rng.below(40) as i64);
                let stamp = (self.now - Interval::minutes(10) - late).floor(Interval::minutes(10));
                let value = self.rng.below(10) as f64;
                self.learned += 1;
                self.event(Event::Measured(Measured {
                    factor: cosmos::Factor::Kp as u8,
                    stamp,
                    bits: value.to_bits(),
                }));
            }
            14 => self.event(Event::Shock(Shock::Regulation)),
            15 => {
                self.epoch += 1;
                self.event(Event::Tenure(self.epoch));
            }
            _ => {
                let wake = self.farm.next_wake();
                if let Some((at, wake)) = wake {
                    self.now = self.now.max(at);
                    self.event(Event::Wake(wake));
                } else {
                    self.event(Event::Wake(Wake::Unanswered(BotId(0))));
                }
            }
        }
    }
}

fn same(risen: &Farm, lived: &Farm) -> bool {
    risen.state_hash() == lived.state_hash() && format!("{risen:?}") == format!("{lived:?}")
}

#[test]
fn whatever_a_farm_was_told_it_rises_as_the_same() {
    let (mut proposals, mut learned, mut ruled, mut halted, mut flat) = (0, 0, 0, 0, 0);
    for seed in 0..12 {
        let mut life = Life::of(seed);
        life.event(Event::Tick(Price(400_000)));
        for step in 0..160 {
            life.anything();
            if step % 4 != 0 {
                continue;
            }
            life.pen.snapshot(&life.farm);
            let risen = rise(life.pen.keeper()).expect("whole");
            assert_eq!((risen.lived, risen.snapshots.agreed), (0, 1), "{:?}", risen.snapshots);
            assert!(same(&risen.farm, &life.farm), "seed {seed}, step {step}");
            // From here on the risen one lives.
            life.farm = risen.farm;
            halted += u32::from(life.farm.halted().is_some());
            flat += u32::from(life.farm.halted().is_some_and(|(_, flat)| flat.is_some()));
        }
        let whole = replay_with(life.pen.keeper(), |_| {}).expect("whole");
        assert!(same(&whole.farm, &life.farm), "seed {seed}: forty lives are not the one");
        assert_eq!((whole.snapshots.agreed, whole.snapshots.left_aside), (40, 0));
        assert_eq!(format!("{:?}", whole.origin.recruits), format!("{:?}", life.origin.recruits));
        (proposals, learned) = (proposals + life.proposals, learned + life.learned);
        ruled += life.ruled;
    }
    assert!(proposals > 20 && learned > 50, "{proposals} looks at what waits, {learned} readings");
    assert!(ruled > 50, "{ruled} changes of rules");
    assert!(halted > 20 && flat > 3, "{halted} halted, {flat} of them flat");
}
