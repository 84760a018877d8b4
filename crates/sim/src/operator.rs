//! Who steers the farms of a run: over the same bad lines, by a clock that is some seconds off, and not always wisely.
//!
//! What is told is drawn by keys like every fault, so that a run can be repeated without it. A command is repeated under its
//! id until it is answered or given up. The operator refuses to know what nobody told him.

use crate::checks::Broken;
use crate::company::{Attended, NOBODY};
use crate::fault::Fault;
use crate::front::is_foreign;
use crate::market::minute_of;
use crate::oracle::Oracle;
use crate::run::World;
use crate::strike::{Key, Target, up_to};
use crate::wire::Letter;
use farm::{Difference, Farm, News, Notice, Word};
use model::{
    AccountId, BotId, Command, CommandId, Instruction, Interval, Leg, OrderId, Purse, RiskLevel, Rng, Role,
    Scope, Time, Usd,
};
use risk::Rules;

/// How long somebody waits for an answer before he says it again, and how often he does.
const AGAIN: Interval = Interval(5_000);
const TRIES_MAX: u32 = 24;
/// The longest that a command is held back, and that one is said again though it was answered.
const HELD_BACK_MAX: Interval = Interval(240_000);
/// The farthest that his clock is off.
const OFF_MAX: i64 = 5_000;
/// The most that is said in a flood.
const FLOOD_MAX: u64 = 300;
/// A trade is approved, or not, within so long: sometimes too late.
const PONDERING_MAX: Interval = Interval(150_000);
/// What he does about an alarm he does within so long.
const REACTION_MAX: Interval = Interval(300_000);
/// What is drawn about a trade that waits, and about an alarm.
const PONDERING: u64 = 1 << 40;

/// Something that is to be said at an instant, for the first time or once more.
#[derive(Clone, Copy, Debug)]
struct Due {
    at: Time,
    shard: u8,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// To be given then.
    Instruction(Instruction),
    /// Given before.
    Command(Command),
}

/// A command that was not answered yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    shard: u8,
    command: Command,
    again: Time,
    tries: u32,
}

/// What he hears of a farm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Heard {
    /// An order waits for approval.
    Waits(OrderId),
    /// Something is unusual, or somebody was stopped.
    Alarm,
    /// An account holds what its books do not explain.
    Unexplained(AccountId, Difference),
    /// Everything is flat after the kill switch.
    Flat,
}

/// The operator.
#[derive(Debug, Default)]
pub(crate) struct Operator {
    off: Interval,
    due: Vec<Due>,
    open: Vec<Open>,
    /// The minute of the last command, and how many were given in it.
    given: (u32, u32),
    pub(crate) oracle: Oracle,
    pub(crate) counts: Steering,
    /// Whether a farm that is halted when everything has healed stays so.
    is_final: bool,
}

/// What was told and heard in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steering {
    /// Commands that were given.
    pub commands: u64,
    /// Answers that a farm gave, by objection; the first are those of what was done.
    pub answers: [u64; farm::Objection::ALL.len() + 1],
    /// Alarms, by kind.
    pub alarms: [u64; farm::Unusual::ALL.len()],
    /// Accounts that held what nobody could explain, and kill switches that ended in a flat book.
    pub unexplained: u64,
    /// Books seen flat after a kill switch.
    pub flat: u64,
    /// Orders that nobody knew, and orders that were gone.
    pub orphans: u64,
    /// Orders that were gone.
    pub vanished: u64,
    /// Readings that were none.
    pub no_readings: u64,
    /// Trades that waited for approval.
    pub waited: u64,
    /// Changes of a farm's rules.
    pub rules: u64,
}

impl Operator {
    pub(crate) fn new(seed: u64, oracle: Oracle) -> Operator {
        let mut rng = Rng::new(seed ^ 0x09E2_A702_5EED_0001);
        let off = Interval(i64::try_from(rng.below(2 * OFF_MAX.unsigned_abs())).expect("small") - OFF_MAX);
        Operator { off, oracle, is_final: rng.below(2) == 0, ..Operator::default() }
    }

    /// Whether he waits for nothing.
    pub(crate) fn is_quiet(&self) -> bool {
        self.open.is_empty()
    }

    fn plan(&mut self, at: Time, shard: u8, instruction: Instruction) {
        self.due.push(Due { at, shard, what: What::Instruction(instruction) });
    }

    /// Gives a command its number, which says when it was given.
    fn number(&mut self, now: Time) -> CommandId {
        let minute = minute_of(now);
        self.given = if self.given.0 == minute { (minute, self.given.1 + 1) } else { (minute, 0) };
        CommandId(u64::from(minute) * 1_000 + u64::from(self.given.1))
    }
}

impl World<'_> {
    /// What the operator does in this minute.
    pub(crate) fn operate(&mut self, minute: u32) {
        if self.company.attended == Attended::Never {
            return;
        }
        let key = Key::Minute(Target::Operator, minute);
        if let Some(mut rng) = self.fates.strike(self.now, Fault::Instructed, key) {
            let (shard, at) = (self.some_shard(&mut rng), self.now + up_to(&mut rng, Interval::MINUTE));
            let instruction = self.some_instruction(shard, &mut rng);
            self.operator.plan(at, shard, instruction);
            if instruction == Instruction::Panic {
                // Nobody is left halted for good, whatever is lost of what is said.
                for k in 1..20 {
                    let at = at + Interval(k * 600_000);
                    self.operator.due.push(Due { at, shard, what: What::Instruction(Instruction::Rearm) });
                }
            }
        }
        if let Some(mut rng) = self.fates.strike(self.now, Fault::Ruled, key) {
            self.rule(&mut rng);
        }
        if let Some(mut rng) = self.fates.strike(self.now, Fault::Contradicted, key) {
            let (shard, at) = (self.some_shard(&mut rng), self.now + up_to(&mut rng, Interval::MINUTE));
            let scope = self.some_scope(shard, &mut rng);
            let mut all = [
                Instruction::Pause(scope),
                Instruction::Resume(scope),
                Instruction::Close(scope),
                Instruction::ReduceOnly(Scope::Farm),
                Instruction::Resume(Scope::Farm),
            ];
            all.rotate_left(usize::try_from(rng.below(5)).expect("few"));
            all.into_iter().for_each(|instruction| self.operator.plan(at, shard, instruction));
        }
        if let Some(mut rng) = self.fates.strike(self.now, Fault::Unauthorised, key) {
            let shard = self.some_shard(&mut rng);
            let instruction = self.some_instruction(shard, &mut rng);
            let role = if instruction.role() == Role::Admin && rng.below(2) == 0 {
                Role::Operator
            } else {
                Role::Viewer
            };
            self.give(shard, role, instruction);
        }
        if let Some(mut rng) = self.fates.strike(self.now, Fault::Flooded, key) {
            let shard = self.some_shard(&mut rng);
            for _ in 0..rng.below(FLOOD_MAX) {
                let at = self.now + up_to(&mut rng, Interval::MINUTE);
                let instruction = self.some_instruction(shard, &mut rng);
                let harmless = !matches!(instruction, Instruction::Panic);
                if harmless {
                    self.operator.plan(at, shard, instruction);
                }
            }
        }
    }

    /// He changes the rules of a farm: whoever holds it, or will, is under them. What waits for his approval he does not touch.
    fn rule(&mut self, rng: &mut Rng) {
        let shard = self.some_shard(rng);
        let shard = &mut self.shards[usize::from(shard)];
        let made = shard.origin.rules;
        let mut limit = |was: Option<u32>, most: u64| match rng.below(4) {
            0 => None,
            1 => was,
            _ => Some(1 + u32::try_from(rng.below(most)).expect("small")),
        };
        shard.rules = Rules {
            daily_loss_max_bps: limit(made.daily_loss_max_bps, 300),
            drawdown_max_bps: limit(made.drawdown_max_bps, 600),
            exposure_max_bps: limit(made.exposure_max_bps, 20_000),
            entries_per_minute_max: limit(made.entries_per_minute_max, 20),
            cool_down: made.cool_down.filter(|_| rng.below(3) > 0),
            vigilance: made.vigilance.filter(|_| rng.below(3) > 0),
            ..made
        };
        self.operator.counts.rules += 1;
        let (now, rules) = (self.now, shard.rules);
        self.fates.trace(now, || format!("operator rules {rules:?}"));
    }

    fn some_shard(&self, rng: &mut Rng) -> u8 {
        u8::try_from(rng.below(self.shards.len() as u64)).expect("few shards")
    }

    fn some_bot(&self, shard: u8, rng: &mut Rng) -> (BotId, AccountId) {
        let recruits = &self.shards[usize::from(shard)].origin.recruits;
        if recruits.is_empty() {
            return (BotId(0), AccountId(0));
        }
        let recruit = &recruits[usize::try_from(rng.below(recruits.len() as u64)).expect("few bots")];
        (recruit.bot, recruit.account)
    }

    fn some_scope(&self, shard: u8, rng: &mut Rng) -> Scope {
        let (bot, _) = self.some_bot(shard, rng);
        if rng.below(3) == 0 { Scope::Farm } else { Scope::Bot(bot) }
    }

    fn some_instruction(&self, shard: u8, rng: &mut Rng) -> Instruction {
        let scope = self.some_scope(shard, rng);
        let (bot, account) = self.some_bot(shard, rng);
        match rng.below(100) {
            0..40 => Instruction::Resume(Scope::Farm),
            40..46 => Instruction::Pause(scope),
            46..50 => Instruction::ReduceOnly(scope),
            50..58 => Instruction::Close(scope),
            58..63 => {
                let level = RiskLevel::ALL[usize::try_from(rng.below(3)).expect("few")];
                Instruction::SetRisk(bot, level)
            }
            63..68 => Instruction::Cancel(scope),
            68..80 => {
                let amount = Usd(1 + i64::try_from(rng.below(40_000_000)).expect("small"));
                let (other, _) = self.some_bot(shard, rng);
                let to = if rng.below(3) == 0 { Purse::Bot(other) } else { Purse::Treasury(account) };
                let (from, to) = (Purse::Bot(bot), to);
                let (from, to) = if rng.below(2) == 0 { (from, to) } else { (to, from) };
                Instruction::Transfer { from, to, amount }
            }
            80..88 => Instruction::Reconcile(account),
            88..92 => Instruction::Panic,
            92..95 => Instruction::Rearm,
            _ => {
                let decision = u32::try_from(rng.below(100)).expect("small");
                // Sometimes of a bot that is nowhere.
                let bot = if rng.below(4) == 0 { BotId(NOBODY) } else { bot };
                Instruction::Approve(OrderId { bot, epoch: 0, decision, leg: Leg::Own })
            }
        }
    }

    /// Gives a command, or holds it back.
    fn give(&mut self, shard: u8, role: Role, instruction: Instruction) {
        let operator = &mut self.operator;
        let id = operator.number(self.now);
        let given_at = self.now + operator.off;
        let command = Command { id, role, given_at, instruction };
        operator.oracle.sent(shard, &command);
        operator.counts.commands += 1;
        let key = Key::Minute(Target::Operator, u32::try_from(id.0).expect("a run is short"));
        let held_back = self.fates.strike(self.now, Fault::HeldBack, key);
        let held_back = held_back.map_or(Interval(0), |mut rng| up_to(&mut rng, HELD_BACK_MAX));
        let again = self.now + held_back;
        let operator = &mut self.operator;
        operator.open.push(Open { shard, command, again, tries: 0 });
        if let Some(mut rng) = self.fates.strike(self.now, Fault::Duplicated, key) {
            let at = again + up_to(&mut rng, HELD_BACK_MAX);
            self.operator.due.push(Due { at, shard, what: What::Command(command) });
        }
        self.fates.trace(self.now, || format!("operator gives s{shard} {command:?}"));
    }

    /// What is due at the end of a second: what was planned is given, what was not answered is said again.
    pub(crate) fn keep_operating(&mut self) {
        let now = self.now;
        let mut due = Vec::new();
        self.operator.due.retain(|one| {
            let is_due = one.at <= now;
            due.extend(is_due.then_some(*one));
            !is_due
        });
        for Due { shard, what, .. } in due {
            match what {
                What::Instruction(instruction) => self.give(shard, Role::Admin, instruction),
                What::Command(command) => self.say(shard, command),
            }
        }
        for i in 0..self.operator.open.len() {
            let Open { shard, command, again, tries } = self.operator.open[i];
            // Who has given up asks again once everything has healed.
            let tries = if self.fates.is_healed() { 0 } else { tries };
            if again <= now && tries < TRIES_MAX {
                let open = &mut self.operator.open[i];
                (open.again, open.tries) = (now + AGAIN, tries + 1);
                self.say(shard, command);
            }
        }
    }

    /// Tells everybody, for nobody knows who holds the shard.
    fn say(&mut self, shard: u8, command: Command) {
        for node in 0..self.nodes.len() {
            let node = self.nodes[node].number;
            self.wire.send(self.now, Letter::Told(node, shard, command), &mut self.fates);
        }
    }

    /// What a seat answers and says, once its journal is safe.
    pub(crate) fn speak(&mut self, node: usize, shard: usize, at: Time) {
        let (number, place) = (self.nodes[node].number, &mut self.nodes[node].places[shard]);
        let Some(occupied) = &mut place.seat else { return };
        let (replies, words) = (occupied.seat.take_replies(), occupied.seat.take_words());
        let shard = u8::try_from(shard).expect("few shards");
        for (id, reply) in replies {
            self.fates.trace(at, || format!("n{number}, s{shard} answers {} {reply:?}", id.0));
            self.operator.oracle.said(at, id, reply);
            self.operator.counts.answers[reply.err().map_or(0, |objection| 1 + objection as usize)] += 1;
            self.wire.send(at, Letter::Replied(number, shard, id, reply), &mut self.fates);
        }
        for (_, word) in words {
            if let Some(heard) = self.operator.hear_word(at, &word) {
                self.doubt(at, shard, heard);
                self.fates.trace(at, || format!("n{number}, s{shard} says {heard:?}"));
                self.wire.send(at, Letter::Word(number, shard, heard), &mut self.fates);
            }
        }
    }

    /// Nothing is flat where somebody holds or waits for something by hand.
    fn doubt(&mut self, at: Time, shard: u8, heard: Heard) {
        let mut recruits = self.shards[usize::from(shard)].origin.recruits.iter();
        if heard == Heard::Flat && recruits.any(|recruit| self.hands.lasts(at, recruit.account)) {
            self.operator.oracle.find(format!("s{shard} is called flat, and somebody's hand is in it"));
        }
    }

    /// The operator hears something.
    pub(crate) fn hear_said(&mut self, at: Time, shard: u8, heard: Heard) {
        if self.company.attended == Attended::Never || self.fates.is_healed() && self.operator.is_final {
            return;
        }
        let word = match heard {
            Heard::Waits(id) => id.word(),
            Heard::Unexplained(account, _) => u64::from(account.0),
            Heard::Alarm | Heard::Flat => u64::from(shard),
        };
        let key = Key::Minute(Target::Operator, minute_of(at));
        let mut rng = self.fates.luck(PONDERING ^ word, key);
        let later = |rng: &mut Rng, most| at + up_to(rng, most);
        match heard {
            Heard::Waits(id) => {
                let when = later(&mut rng, PONDERING_MAX);
                match rng.below(10) {
                    0..6 => self.operator.plan(when, shard, Instruction::Approve(id)),
                    6..8 => self.operator.plan(when, shard, Instruction::Decline(id)),
                    _ => {}
                }
            }
            Heard::Alarm => {
                let when = later(&mut rng, REACTION_MAX);
                self.operator.plan(when, shard, Instruction::Resume(Scope::Farm));
            }
            Heard::Unexplained(account, difference) => {
                if difference.positions.iter().all(|lots| lots.0 == 0) {
                    let when = later(&mut rng, REACTION_MAX);
                    self.operator.plan(when, shard, Instruction::Reconcile(account));
                    self.operator.plan(when + AGAIN, shard, Instruction::Resume(Scope::Farm));
                }
            }
            Heard::Flat => {
                let when = later(&mut rng, REACTION_MAX);
                self.operator.plan(when, shard, Instruction::Rearm);
            }
        }
    }

    /// After healing: what nobody explained is closed and reconciled, and everybody goes on; who is halted stays so in every
    /// other run.
    pub(crate) fn tidy_up(&mut self, minute: u32) {
        if self.company.attended == Attended::Never {
            return;
        }
        let is_final = self.operator.is_final;
        if minute == 0 {
            let stays = |due: &Due| match due.what {
                What::Instruction(instruction) => !is_final || instruction != Instruction::Rearm,
                What::Command(_) => true,
            };
            self.operator.due.retain(stays);
        }
        for shard in 0..self.shards.len() {
            if minute.is_multiple_of(8) {
                self.close_mixed(shard, minute);
            }
            self.explain(shard, minute);
        }
    }

    /// Whether no farm holds what it cannot explain, and nobody's hand is left in it.
    pub(crate) fn is_explained(&self) -> bool {
        let explains = |shard: usize| {
            let Some(holder) = self.holder(shard) else { return false };
            let farm = holder.seat.farm();
            farm.accounts().all(|account| farm.unexplained(account).is_none())
        };
        self.company.attended == Attended::Never || (0..self.shards.len()).all(explains)
    }

    /// What nobody explained is closed, covered, taken in; then everybody goes on.
    fn explain(&mut self, shard: usize, minute: u32) {
        let Some(holder) = self.holder(shard) else { return };
        let farm = holder.seat.farm();
        let accounts: Vec<AccountId> = farm.accounts().filter(|id| farm.unexplained(*id).is_some()).collect();
        let instructions: Vec<Instruction> = match minute % 4 {
            _ if accounts.is_empty() => return,
            0 => vec![Instruction::Close(Scope::Farm)],
            1 => accounts.into_iter().flat_map(|account| cover(farm, account)).collect(),
            2 => accounts.into_iter().map(Instruction::Reconcile).collect(),
            _ => vec![Instruction::Resume(Scope::Farm)],
        };
        let number = u8::try_from(shard).expect("few shards");
        instructions.into_iter().for_each(|instruction| self.give(number, Role::Admin, instruction));
    }

    /// Where lots were traded by hand the venue's average is not a bot's own: what differs shows only once they are closed.
    fn close_mixed(&mut self, shard: usize, minute: u32) {
        if minute > 8 {
            return;
        }
        let number = u8::try_from(shard).expect("few shards");
        let recruits = self.shards[shard].origin.recruits.iter();
        let mixed: Vec<BotId> = recruits
            .filter(|recruit| self.front.is_mixed(recruit.account))
            .map(|recruit| recruit.bot)
            .collect();
        mixed.into_iter().for_each(|bot| self.give(number, Role::Admin, Instruction::Close(Scope::Bot(bot))));
    }

    /// After healing: what was acknowledged was done, and what is halted is flat, and knows it.
    pub(crate) fn check_steering(&self, shard: usize) -> Result<(), Broken> {
        let number = u8::try_from(shard).expect("few shards");
        let holder = self.holder(shard).expect("who has come to rest has a holder");
        let farm = holder.seat.farm();
        let capital = |bot| {
            let recruit = self.recruits.iter().find(|recruit| recruit.bot == bot);
            recruit.map_or(Usd::ZERO, |recruit| recruit.capital)
        };
        self.operator.oracle.moved(number, farm, capital)?;
        self.operator.oracle.levelled(number, farm)?;
        if self.operator.oracle.halted(number).is_none() {
            return Ok(());
        }
        // A close that rests waits for volume: more nobody can do.
        let is_leaving = farm.accounts().any(|id| {
            let mut orders = self.front.venue().account(id).open_orders();
            orders.any(|order| order.reduce_only && order.id.leg == Leg::Own && !is_foreign(order.id))
        });
        let is_held = farm.accounts().any(|id| {
            let account = self.front.venue().account(id);
            let held = crate::sharers::LINES.iter().any(|side| account.position(*side).qty.0 != 0);
            held || account.open_orders().len() > 0
        });
        match farm.halted() {
            _ if is_leaving => Ok(()),
            _ if is_held => Err(Broken::Steered(format!("s{shard} is halted, and not flat"))),
            Some((_, Some(_))) => Ok(()),
            seen => Err(Broken::Steered(format!("s{shard} is halted and flat, and says {seen:?}"))),
        }
    }

    /// Whoever holds a shard that is halted for sure knows it.
    pub(crate) fn check_halts(&self) -> Result<(), Broken> {
        self.operator.oracle.verdict()?;
        for shard in 0..self.shards.len() {
            let number = u8::try_from(shard).expect("few shards");
            if self.operator.oracle.halted(number).is_some()
                && self.holder(shard).is_some_and(|holder| holder.seat.farm().halted().is_none())
            {
                let what = format!("s{shard} is halted, and who holds it does not know it");
                return Err(Broken::Steered(what));
            }
        }
        Ok(())
    }
}

/// What a treasury lacks to take a loss comes from the bots on its account.
fn cover(farm: &Farm, account: AccountId) -> Vec<Instruction> {
    let difference = farm.unexplained(account).unwrap_or_default();
    let mut lacks = -(farm.treasury(account).unwrap_or_default() + difference.wallet);
    let mut transfers = Vec::new();
    for bot in farm.bots().iter().filter(|bot| bot.account() == account) {
        let amount = lacks.min(bot.ledger().books().wallet());
        if amount.0 > 0 {
            let (from, to) = (Purse::Bot(bot.id()), Purse::Treasury(account));
            transfers.push(Instruction::Transfer { from, to, amount });
            lacks -= amount;
        }
    }
    transfers
}

impl Operator {
    /// He has an answer.
    pub(crate) fn hear_reply(&mut self, id: CommandId) {
        self.open.retain(|open| open.command.id != id);
    }

    /// What of all that a farm says is for an operator.
    fn hear_word(&mut self, at: Time, word: &Word) -> Option<Heard> {
        let counts = &mut self.counts;
        match *word {
            Word::Of(_, Notice::AwaitsApproval(id, _)) => {
                counts.waited += 1;
                self.oracle.waits(at, id);
                Some(Heard::Waits(id))
            }
            Word::Of(_, Notice::Unusual(_, kind)) => {
                counts.alarms[kind as usize] += 1;
                Some(Heard::Alarm)
            }
            Word::All(News::Locked(_)) => Some(Heard::Alarm),
            Word::All(News::Flat(_)) => {
                counts.flat += 1;
                Some(Heard::Flat)
            }
            Word::All(News::Unexplained(account, Some(difference))) => {
                counts.unexplained += 1;
                Some(Heard::Unexplained(account, difference))
            }
            Word::All(News::Orphan(..)) => {
                counts.orphans += 1;
                None
            }
            Word::All(News::Vanished(..)) => {
                counts.vanished += 1;
                None
            }
            Word::All(News::NoReading(..)) => {
                counts.no_readings += 1;
                None
            }
            _ => None,
        }
    }
}
