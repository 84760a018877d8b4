//! A farm that is told what to do, and one account that several bots share.

#![allow(missing_docs, reason = "tests say what they hold")]

use farm::{
    AccountPlan, Action, Actions, Character, Farm, News, Notice, Objection, Recruit, Reply, Roster, Unusual,
};
use model::event::Audit;
use model::{
    AccountId, BotId, Command, CommandId, Event, Fill, Instruction, Instrument, Interval, Leg, Liquidity,
    Mark, OrderId, PositionMode, PositionSide, Price, Purse, Qty, Rate, Report, Request, RiskLevel, Rng,
    Role, Scope, Time, Usd,
};
use risk::Rules;

const SHARED: AccountId = AccountId(9);
const OWN: AccountId = AccountId(3);
const START: Time = Time(1_735_689_600_000);
const THOUSAND: Usd = Usd(1_000 * Usd::ONE.0);
/// What the shared account opens with: three bots' money and a treasury.
const WHOLE: Usd = Usd(31 * THOUSAND.0);

/// Three on one hedged account with a treasury, and one by itself.
fn farm() -> Farm {
    let character = || {
        let profile = persona::catalogue::profile("strategic").expect("listed").expect("valid");
        Character::Twin(Box::new(profile))
    };
    let alone = |bot| Recruit::alone(BotId(bot), character(), Usd(10 * THOUSAND.0), 1);
    let together = (0..3).map(|bot| Recruit { account: SHARED, ..alone(bot) });
    let recruits: Vec<Recruit> = together.chain([alone(3)]).collect();
    let plan = AccountPlan { id: SHARED, mode: PositionMode::Hedge, treasury: THOUSAND };
    let roster = Roster::of(&recruits, &[plan]).expect("nobody can oppose anybody");
    let farm = Farm::new(Instrument::btcusdt(), Interval::MINUTE, roster, cosmos::Sky::none());
    farm.expect("its bars fit").with_rules(Rules::TRADING)
}

/// A farm that is fed by hand.
struct Fed {
    farm: Farm,
    now: Time,
    number: u64,
}

impl Fed {
    fn new() -> Fed {
        let mut fed = Fed { farm: farm(), now: START, number: 0 };
        fed.feed(Event::Tick(Price(400_000)));
        fed
    }

    fn feed(&mut self, event: Event) -> Vec<Action> {
        let mut out = Actions::default();
        self.farm.on_event(self.now, &event, &mut out);
        out.as_slice().to_vec()
    }

    fn command(&mut self, instruction: Instruction) -> Command {
        self.number += 1;
        Command { id: CommandId(self.number), role: Role::Admin, given_at: self.now, instruction }
    }

    fn give(&mut self, command: Command) -> Reply {
        let actions = self.feed(Event::Command(command));
        let reply = actions.iter().rev().find_map(|action| match action {
            Action::Reply(id, reply) if *id == command.id => Some(*reply),
            _ => None,
        });
        reply.expect("every command is answered")
    }

    fn tell(&mut self, instruction: Instruction) -> Reply {
        let command = self.command(instruction);
        self.give(command)
    }

    fn audit(&mut self, account: AccountId, wallet: Usd, lots: [i64; 2], orders: &[OrderId]) -> Vec<Action> {
        let begin = Audit::Begin { wallet, positions: lots.map(Qty) };
        let pieces = orders.iter().copied().map(Audit::Order);
        let all: Vec<Audit> = [begin].into_iter().chain(pieces).chain([Audit::End]).collect();
        all.into_iter().flat_map(|piece| self.feed(Event::Audit(account, piece))).collect()
    }

    fn wallet(&self, bot: u16) -> Usd {
        self.farm.bots()[usize::from(bot)].ledger().books().wallet()
    }

    fn held(&self, bot: u16) -> i64 {
        self.farm.bots()[usize::from(bot)].ledger().position().qty.0
    }

    /// A fill of the order with which a bot of the shared account leaves a long.
    fn fill_close(&mut self, bot: u16, lots: i64, price: i64) {
        let orders = self.farm.bots()[usize::from(bot)].orders();
        let closing = orders.iter().find(|order| order.reduce_only && order.id.leg == Leg::Own);
        let id = closing.expect("it leaves").id;
        self.fill_as(id, PositionSide::Long, lots, price);
    }

    /// A fill of an order of a bot on the shared account.
    fn fill(&mut self, bot: u16, side: PositionSide, lots: i64, price: i64) -> Vec<Action> {
        let id = OrderId { bot: BotId(bot), epoch: 0, decision: 900, leg: Leg::Own };
        self.fill_as(id, side, lots, price)
    }

    fn fill_as(&mut self, id: OrderId, side: PositionSide, lots: i64, price: i64) -> Vec<Action> {
        let fee = Usd(lots.abs() * 7);
        let (qty, price, liquidity, remaining) = (Qty(lots), Price(price), Liquidity::Taker, Qty::ZERO);
        let fill = Fill { id, position_side: side, qty, price, fee, liquidity, remaining };
        self.feed(Event::Report(SHARED, Report::Filled(fill)))
    }
}

/// The requests among what was asked.
fn requests(said: &[Action]) -> Vec<Request> {
    let request = |action: &Action| match action {
        Action::Submit(_, approved) => Some(*approved.request()),
        _ => None,
    };
    said.iter().filter_map(request).collect()
}

#[test]
fn money_moves_once_inside_an_account_and_nowhere_else() {
    let mut fed = Fed::new();
    let transfer = |from, to, amount| Instruction::Transfer { from, to, amount };
    let (treasury, bot) = (Purse::Treasury(SHARED), Purse::Bot(BotId(1)));
    let command = fed.command(transfer(treasury, bot, Usd(300)));
    for _ in 0..3 {
        assert_eq!(fed.give(command), Ok(()));
    }
    assert_eq!(fed.wallet(1), Usd(10 * THOUSAND.0 + 300));
    assert_eq!(fed.farm.treasury(SHARED), Some(Usd(THOUSAND.0 - 300)));
    assert_eq!(fed.tell(transfer(bot, Purse::Bot(BotId(2)), Usd(300))), Ok(()));
    for (from, to, amount, why) in [
        (treasury, bot, THOUSAND, Objection::Unaffordable),
        (treasury, bot, Usd(0), Objection::Pointless),
        (bot, bot, Usd(1), Objection::Pointless),
        (bot, Purse::Bot(BotId(3)), Usd(1), Objection::OtherAccount),
        (bot, Purse::Bot(BotId(8)), Usd(1), Objection::Unknown),
        (Purse::Treasury(AccountId(77)), bot, Usd(1), Objection::Unknown),
    ] {
        assert_eq!(fed.tell(transfer(from, to, amount)), Err(why), "{from:?} {to:?}");
    }
    // What is held needs its money.
    fed.fill(1, PositionSide::Long, 10, 400_000);
    assert_eq!(fed.tell(transfer(bot, treasury, Usd(1))), Err(Objection::Unaffordable));
}

#[test]
fn who_may_not_who_is_late_and_who_floods_is_turned_away() {
    let mut fed = Fed::new();
    let pause = fed.command(Instruction::Pause(Scope::Farm));
    assert_eq!(fed.give(Command { role: Role::Viewer, ..pause }), Err(Objection::NotAllowed));
    // That left no trace: with the right to it, it is done.
    assert_eq!(fed.give(pause), Ok(()));
    assert_eq!(fed.farm.bots()[0].status().name(), "paused");
    let rearm = fed.command(Instruction::Rearm);
    assert_eq!(fed.give(Command { role: Role::Operator, ..rearm }), Err(Objection::NotAllowed));
    for given_at in [fed.now - Interval(60_001), fed.now + Interval(30_001)] {
        let resume = fed.command(Instruction::Resume(Scope::Farm));
        assert_eq!(fed.give(Command { given_at, ..resume }), Err(Objection::TooLate));
    }
    // What was given before the last word is overtaken by it, of one bot and of all.
    let before = fed.command(Instruction::ReduceOnly(Scope::Bot(BotId(2))));
    fed.now = fed.now + Interval(1);
    assert_eq!(fed.tell(Instruction::Resume(Scope::Bot(BotId(2)))), Ok(()));
    assert_eq!(fed.give(before), Err(Objection::Overtaken));
    // What one bot was told does not speak for all, and two that are both safer do not contradict each other.
    let again = |id, instruction| Command { id: CommandId(id), instruction, ..before };
    assert_eq!(fed.give(again(1_000, Instruction::Close(Scope::Farm))), Ok(()));
    assert_eq!(fed.give(again(1_001, Instruction::Pause(Scope::Farm))), Ok(()));
    let resume =
        Command { given_at: before.given_at - Interval(1), ..again(1_002, Instruction::Resume(Scope::Farm)) };
    assert_eq!(fed.give(resume), Err(Objection::Overtaken));
    let answers: Vec<Reply> = (0..70).map(|_| fed.tell(Instruction::Resume(Scope::Bot(BotId(0))))).collect();
    assert_eq!(answers.last(), Some(&Err(Objection::Flood)));
    // Whatever makes things safer is never one too many, too late or too early.
    let ages = [Time(i64::MIN), fed.now - Interval::DAY, fed.now + Interval::DAY];
    for (i, given_at) in (0..).zip(ages) {
        let panic = Command { given_at, ..again(2_000 + i, Instruction::Panic) };
        assert_eq!(fed.give(panic), Ok(()));
    }
    fed.now = fed.now + Interval::MINUTE;
    assert_eq!(fed.tell(Instruction::Resume(Scope::Bot(BotId(0)))), Err(Objection::Halted));
}

#[test]
fn the_kill_switch_leaves_everything_and_is_lifted_only_from_a_book_seen_flat() {
    let mut fed = Fed::new();
    assert_eq!(fed.tell(Instruction::Rearm), Err(Objection::Pointless));
    fed.fill(0, PositionSide::Long, 10, 400_000);
    let command = fed.command(Instruction::Panic);
    let said = fed.feed(Event::Command(command));
    assert!(said.iter().any(|action| matches!(action, Action::Announce(News::Halted(_)))));
    let asked = said.iter().filter(|action| matches!(action, Action::Verify(_))).count();
    assert_eq!(asked, 2, "both accounts are asked");
    assert!(fed.farm.bots().iter().all(|bot| bot.status().name() == "halted"));
    for (instruction, why) in [
        (Instruction::Resume(Scope::Farm), Objection::Halted),
        (Instruction::Resume(Scope::Bot(BotId(1))), Objection::Halted),
        (Instruction::Rearm, Objection::NotFlat),
    ] {
        assert_eq!(fed.tell(instruction), Err(why));
    }
    // It is left again and again until nothing is held.
    fed.now = fed.farm.next_wake().expect("it has to be left").0;
    let wallet = WHOLE - Usd(70);
    assert!(fed.audit(SHARED, wallet, [10, 0], &[]).is_empty(), "explained, and not flat");
    fed.fill_close(0, -10, 400_000);
    fed.audit(SHARED, wallet - Usd(70), [0, 0], &[]);
    assert_eq!(fed.tell(Instruction::Rearm), Err(Objection::NotFlat), "the other account was not seen");
    let said = fed.audit(OWN, Usd(10 * THOUSAND.0), [0, 0], &[]);
    assert_eq!(said, [Action::Announce(News::Flat(fed.now))]);
    assert_eq!(fed.tell(Instruction::Rearm), Ok(()));
    assert_eq!(fed.farm.halted(), None);
    assert_eq!(fed.farm.bots()[3].status().name(), "trading");
    // A copy of it that was long on its way does not throw it again.
    let copy = Command { id: CommandId(5_000), given_at: command.given_at, ..command };
    assert_eq!(fed.give(copy), Err(Objection::Overtaken));
}

#[test]
fn what_the_books_do_not_explain_stops_everybody_on_the_account() {
    let mut fed = Fed::new();
    assert!(fed.audit(SHARED, WHOLE, [0, 0], &[]).is_empty());
    let said = fed.audit(SHARED, WHOLE + Usd(5), [0, 0], &[]);
    let is_alarm =
        |action: &&Action| matches!(action, Action::Notify(_, Notice::Unusual(_, Unusual::Unexplained)));
    assert_eq!(said.iter().filter(is_alarm).count(), 3);
    assert_eq!(fed.farm.bots()[3].status().name(), "trading", "another account is not concerned");
    assert!(fed.audit(SHARED, WHOLE + Usd(5), [0, 0], &[]).is_empty(), "it is said once");
    assert_eq!(fed.tell(Instruction::Resume(Scope::Bot(BotId(0)))), Err(Objection::Unexplained));
    assert_eq!(fed.tell(Instruction::Reconcile(OWN)), Err(Objection::Pointless));
    assert_eq!(fed.tell(Instruction::Reconcile(SHARED)), Ok(()));
    assert_eq!(fed.farm.treasury(SHARED), Some(THOUSAND + Usd(5)));
    assert_eq!(fed.tell(Instruction::Resume(Scope::Farm)), Ok(()));
    // Lots are no matter of a word.
    fed.audit(SHARED, WHOLE + Usd(5), [4, 0], &[]);
    assert_eq!(fed.tell(Instruction::Reconcile(SHARED)), Err(Objection::Unexplained));
    // A healthy account is resumed beside it.
    assert_eq!(fed.tell(Instruction::Pause(Scope::Farm)), Ok(()));
    fed.now = fed.now + Interval(1);
    assert_eq!(fed.tell(Instruction::Resume(Scope::Farm)), Ok(()));
    let status = |bot: usize| fed.farm.bots()[bot].status().name();
    assert_eq!([status(0), status(3)], ["paused", "trading"]);
}

#[test]
fn orphans_are_swept_but_what_may_protect_an_unknown_position_stays() {
    let mut fed = Fed::new();
    let [entry, stop] =
        [Leg::Own, Leg::Stop].map(|leg| OrderId { bot: BotId(1), epoch: 0, decision: 5, leg });
    let swept = requests(&fed.audit(SHARED, WHOLE, [0, 0], &[entry, stop]));
    assert_eq!(swept, [Request::Cancel(entry), Request::Cancel(stop)]);
    let swept = requests(&fed.audit(SHARED, WHOLE, [7, 0], &[entry, stop]));
    assert_eq!(swept, [Request::Cancel(entry)]);
}

/// The sums themselves are asserted after every report (`sharing.rs`); here everything happens that can.
#[test]
fn one_account_is_the_sum_of_its_bots_whatever_happens_to_it() {
    let (mut crossed, mut strays) = (0, 0);
    for seed in 0..100 {
        let (mut rng, mut fed) = (Rng::new(seed), Fed::new());
        for _ in 0..60 {
            fed.now = fed.now + Interval(1_000);
            let (bot, price) = (rng.below(3) as u16, 390_000 + rng.below(20_000) as i64);
            let side = [PositionSide::Long, PositionSide::Short][rng.below(2) as usize];
            let sign = if side == PositionSide::Long { 1 } else { -1 };
            let line = |fed: &Fed| -> i64 { (0..3).map(|bot| (fed.held(bot) * sign).max(0)).sum() };
            let (before, own) = (line(&fed), fed.held(bot) * sign);
            match rng.below(8) {
                0..4 => {
                    fed.fill(bot, side, sign * (1 + rng.below(40) as i64), price);
                    strays += u32::from(own < 0);
                    assert!(
                        own >= 0 || fed.held(bot) * sign == own,
                        "its books are net: it cannot hold both"
                    );
                }
                4..6 if before > 0 => {
                    let lots = 1 + rng.below(before as u64) as i64;
                    fed.fill(bot, side, -sign * lots, price);
                    crossed += u32::from(lots > own.max(0));
                    assert!((0..=lots).contains(&(before - line(&fed))), "the rest was nobody's");
                }
                6 if before > 0 => {
                    let amount = Usd(rng.below(2_000_001) as i64 - 1_000_000);
                    let money = |fed: &Fed| {
                        let treasury = fed.farm.treasury(SHARED).expect("known");
                        (0..3).fold(treasury, |sum, bot| sum + fed.wallet(bot))
                    };
                    let (had, position) = (money(&fed), Qty(before * sign));
                    let (mark, rate) = (Mark(0), Rate(0));
                    let funding = Report::Funding { position_side: side, position, mark, rate, amount };
                    fed.feed(Event::Report(SHARED, funding));
                    assert_eq!(money(&fed) - had, amount, "every part of it lands somewhere");
                }
                _ if before / 3 > 0 => {
                    let (qty, price) = (Qty(-sign * (before / 3)), Price(price));
                    let taken = Report::Deleveraged { position_side: side, qty, price };
                    fed.feed(Event::Report(SHARED, taken));
                }
                _ => {}
            }
        }
    }
    assert!(crossed > 100 && strays > 100, "{crossed} {strays}");
}

#[test]
fn who_closes_more_than_he_has_takes_it_from_who_has_most() {
    let mut fed = Fed::new();
    for (bot, lots) in [(0, 10), (1, 30), (2, 20)] {
        fed.fill(bot, PositionSide::Long, lots, 400_000);
    }
    fed.fill(0, PositionSide::Long, -25, 410_000);
    assert_eq!([fed.held(0), fed.held(1), fed.held(2)], [0, 15, 20]);
    // 15 lots of 0.001 at 1 000 more, less 7 a lot of its own entry and of the part that closed.
    assert_eq!(fed.wallet(1), Usd(10 * THOUSAND.0 + 15 * Usd::ONE.0 - 45 * 7));
}

#[test]
fn a_fill_nobody_expects_is_left_at_once() {
    let mut fed = Fed::new();
    let asked = requests(&fed.fill(2, PositionSide::Short, -8, 400_000));
    let [Request::Place(order)] = asked[..] else { panic!("{asked:?}") };
    assert!(order.reduce_only && order.position_side == PositionSide::Short && order.qty == Qty(8));
}

/// Nobody can have asked for them: they are left at market for the account, and then everything is explained.
#[test]
fn lots_that_are_nobodys_are_left_for_the_account() {
    let mut fed = Fed::new();
    fed.fill(1, PositionSide::Long, 10, 400_000);
    // A short of a bot that is long: its books are net.
    fed.fill(1, PositionSide::Short, -4, 400_000);
    assert_eq!(fed.held(1), 10);
    let wallet = WHOLE - Usd(14 * 7);
    let said = fed.audit(SHARED, wallet, [10, -4], &[]);
    let asked = requests(&said);
    let [Request::Place(order)] = asked[..] else { panic!("{asked:?}") };
    assert!(order.reduce_only && order.position_side == PositionSide::Short && order.qty == Qty(4));
    assert_eq!(fed.tell(Instruction::Resume(Scope::Bot(BotId(2)))), Err(Objection::Unexplained));
    fed.fill_as(order.id, PositionSide::Short, 4, 400_000);
    assert_eq!(fed.held(1), 10);
    fed.audit(SHARED, wallet - Usd(28), [10, 0], &[]);
    assert_eq!(fed.tell(Instruction::Resume(Scope::Bot(BotId(2)))), Ok(()));
}

/// A kill switch that is thrown while an entry is on its way leaves what the entry opens, and is not lifted before.
#[test]
fn what_fills_behind_the_kill_switch_is_left_too() {
    let mut fed = Fed::new();
    assert_eq!(fed.tell(Instruction::Panic), Ok(()));
    for (account, wallet) in [(SHARED, WHOLE), (OWN, Usd(10 * THOUSAND.0))] {
        fed.audit(account, wallet, [0, 0], &[]);
    }
    assert!(fed.farm.halted().is_some_and(|(_, flat)| flat.is_some()));
    let asked = requests(&fed.fill(2, PositionSide::Long, 5, 400_000));
    assert!(matches!(asked[..], [Request::Place(order)] if order.reduce_only), "{asked:?}");
    assert_eq!(fed.tell(Instruction::Rearm), Err(Objection::NotFlat));
}

/// In cross margin one account is one purse: who had no lots has lost his money too.
#[test]
fn an_account_that_is_lost_is_lost_by_all() {
    let mut fed = Fed::new();
    fed.fill(0, PositionSide::Long, 30, 400_000);
    fed.fill(1, PositionSide::Long, 10, 400_000);
    let loss = 40 * 100_000 * 100;
    let left = WHOLE - Usd(40 * 7 + loss + 500);
    let taken = Report::Liquidated {
        position_side: PositionSide::Long,
        qty: Qty(-40),
        price: Price(300_000),
        fee: Usd(500),
        settlement: -left,
    };
    fed.feed(Event::Report(SHARED, taken));
    assert_eq!([0, 1, 2].map(|bot| fed.wallet(bot)), [Usd::ZERO; 3]);
    assert_eq!(fed.farm.treasury(SHARED), Some(Usd::ZERO));
    assert_eq!(fed.wallet(3), Usd(10 * THOUSAND.0), "another account is another purse");
}

/// Opening orders go back, and nothing else: what is held keeps its stop, and trading goes on.
#[test]
fn a_cancel_takes_back_what_would_open_and_nothing_else() {
    let mut fed = Fed::new();
    fed.fill(0, PositionSide::Long, 10, 400_000);
    let before: Vec<OrderId> = fed.farm.bots()[0].orders().iter().map(|order| order.id).collect();
    let command = fed.command(Instruction::Cancel(Scope::Farm));
    let said = fed.feed(Event::Command(command));
    assert_eq!(said, [Action::Reply(command.id, Ok(()))], "nothing of it would open");
    let after: Vec<OrderId> = fed.farm.bots()[0].orders().iter().map(|order| order.id).collect();
    assert_eq!((before, fed.held(0)), (after, 10));
    assert_eq!(fed.farm.bots()[0].status().name(), "trading");
    assert_eq!(fed.tell(Instruction::Cancel(Scope::Bot(BotId(8)))), Err(Objection::Unknown));
    // It makes things safer: it is never too late.
    let late = Command { given_at: fed.now - Interval::DAY, ..fed.command(Instruction::Cancel(Scope::Farm)) };
    assert_eq!(fed.give(late), Ok(()));
}

#[test]
fn a_part_of_the_band_is_used_until_another_is_given() {
    let mut fed = Fed::new();
    let level = |fed: &Fed| fed.farm.bots()[1].risk_level().0;
    let set = |level| Instruction::SetRisk(BotId(1), level);
    let untouched = fed.farm.state_hash();
    assert_eq!(level(&fed), RiskLevel::Medium);
    let early = fed.command(set(RiskLevel::High));
    fed.now = fed.now + Interval(10);
    assert_eq!(fed.tell(set(RiskLevel::Low)), Ok(()));
    assert_ne!(fed.farm.state_hash(), untouched);
    assert_eq!(
        fed.give(early),
        Err(Objection::Overtaken),
        "the later word counts, in whatever order they come"
    );
    assert_eq!(level(&fed), RiskLevel::Low);
    let between = fed.command(set(RiskLevel::High));
    fed.now = fed.now + Interval(10);
    assert_eq!(fed.tell(set(RiskLevel::Low)), Err(Objection::Pointless));
    assert_eq!(fed.give(between), Err(Objection::Overtaken), "said again, it was said later");
    assert_eq!(fed.tell(Instruction::SetRisk(BotId(8), RiskLevel::Low)), Err(Objection::Unknown));
    let own = fed.command(set(RiskLevel::High));
    let viewer = Command { role: Role::Viewer, ..own };
    assert_eq!(fed.give(viewer), Err(Objection::NotAllowed));
    assert_eq!(
        fed.give(Command { given_at: own.given_at - Interval(60_001), ..own }),
        Err(Objection::TooLate)
    );
    assert_eq!((fed.give(own), level(&fed)), (Ok(()), RiskLevel::High));
    let allowed = fed.farm.bots()[1].allowance(fed.now).expect("a persona has limits");
    let whole = fed.farm.bots()[1].profile().expect("a persona is somebody").risk.tolerance;
    assert_eq!(allowed.limits.band.tolerance, RiskLevel::High.within(whole));
}
