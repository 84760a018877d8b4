//! What commands may have done, told from outside: what was sent, what was answered, what reached the venue.
//!
//! It never looks into a farm before everything has healed, and then only at what the books say was moved. It refuses to
//! take what it cannot know for broken: a command whose answer was forgotten counts as perhaps done.

use crate::checks::Broken;
use execution::Posting;
use farm::{Farm, Objection, Reply};
use model::order::REQUEST_VALIDITY;
use model::{
    BotId, Command, CommandId, Instruction, Interval, OrderId, OrderRequest, Purse, RiskLevel, Time, Usd,
};
use std::collections::{BTreeMap, BTreeSet};

/// So many commands later an answer may be forgotten; a farm remembers a few more.
const REMEMBERED: u64 = 200;
/// Commands that were given closer together than this may be taken in another order than they were given in.
const CLOSE: Interval = Interval(60_000);
/// More transfers of which nothing is known than are tried in every combination.
const UNKNOWN_MAX: usize = 12;

/// A command, and what was answered.
#[derive(Clone, Debug)]
struct Sent {
    shard: u8,
    command: Command,
    /// How many had been sent to its shard.
    number: u64,
    /// The last answer that counts: one that a farm remembers is not replaced by one that it does not.
    said: Option<Reply>,
}

/// What is known of a shard's kill switch.
#[derive(Clone, Debug, Default)]
struct Switch {
    /// Since when it is thrown for sure, unless one of the commands below has lifted it.
    since: Option<Time>,
    lifting: BTreeSet<CommandId>,
}

/// The oracle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oracle {
    sent: BTreeMap<CommandId, Sent>,
    counts: BTreeMap<u8, u64>,
    switches: BTreeMap<u8, Switch>,
    /// How long a trade waits for approval, where a rule says so.
    expiry: Option<Interval>,
    /// Until when an order that waited for approval may be decided, and whether anybody approved it.
    waits: BTreeMap<OrderId, (Time, Option<CommandId>)>,
    broken: Option<Broken>,
}

/// Whether a farm remembers that it answered so.
fn is_remembered(reply: Reply) -> bool {
    !matches!(
        reply,
        Err(Objection::NotAllowed | Objection::TooLate | Objection::Overtaken | Objection::Flood)
    )
}

impl Oracle {
    pub(crate) fn new(expiry: Option<Interval>) -> Oracle {
        Oracle { expiry, ..Oracle::default() }
    }

    /// What it has found.
    pub(crate) fn verdict(&self) -> Result<(), Broken> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    /// Something is not as it was told.
    pub(crate) fn find(&mut self, what: String) {
        self.broken.get_or_insert(Broken::Steered(what));
    }

    /// A command is sent for the first time.
    pub(crate) fn sent(&mut self, shard: u8, command: &Command) {
        let number = self.counts.entry(shard).or_default();
        *number += 1;
        self.sent.insert(command.id, Sent { shard, command: *command, number: *number, said: None });
        let may = command.role >= command.instruction.role();
        match command.instruction {
            Instruction::Rearm if may => {
                self.switches.entry(shard).or_default().lifting.insert(command.id);
            }
            Instruction::Approve(id) if may => {
                if let Some((_, approved)) = self.waits.get_mut(&id) {
                    *approved = Some(command.id);
                }
            }
            _ => {}
        }
    }

    /// Its shard said this, heard or not: it lies in the journal.
    pub(crate) fn said(&mut self, at: Time, id: CommandId, reply: Reply) {
        let Some(sent) = self.sent.get(&id).cloned() else {
            return self.find(format!("command {} was answered and never given", id.0));
        };
        let Sent { shard, command, number, said } = sent;
        if command.role < command.instruction.role() && reply != Err(Objection::NotAllowed) {
            self.find(format!("{command:?} was answered {reply:?}"));
        }
        if said.is_some_and(is_remembered) {
            // It may be forgotten after very many others.
            if said != Some(reply) && self.counts[&shard] - number < REMEMBERED {
                self.find(format!("{command:?} was answered {said:?} and then {reply:?}"));
            }
            return;
        }
        self.sent.get_mut(&id).expect("it was found above").said = Some(reply);
        self.learn(at, shard, &command, reply);
    }

    /// What an answer tells of the kill switch.
    fn learn(&mut self, at: Time, shard: u8, command: &Command, reply: Reply) {
        let later = |instruction: Instruction| {
            let of_it = self.sent.values().filter(|sent| sent.shard == shard);
            of_it
                .filter(|sent| sent.command.instruction == instruction)
                .any(|sent| sent.command.given_at > command.given_at)
        };
        match (command.instruction, reply) {
            // A rearm that was given after it may have come before or after it.
            (Instruction::Panic, Ok(())) if !later(Instruction::Rearm) => {
                self.switches.entry(shard).or_default().since.get_or_insert(at);
            }
            (Instruction::Rearm, reply) => {
                let outdates = reply.is_ok() && !later(Instruction::Panic);
                let switch = self.switches.entry(shard).or_default();
                if reply != Err(Objection::Flood) {
                    switch.lifting.remove(&command.id);
                }
                if outdates {
                    switch.since = None;
                }
            }
            _ => {}
        }
    }

    /// Since when a shard is halted for sure.
    pub(crate) fn halted(&self, shard: u8) -> Option<Time> {
        let switch = self.switches.get(&shard)?;
        switch.since.filter(|_| switch.lifting.is_empty())
    }

    /// A shard said that an order waits for approval.
    pub(crate) fn waits(&mut self, at: Time, id: OrderId) {
        if let Some(expiry) = self.expiry {
            self.waits.entry(id).or_insert((at + expiry, None));
        }
    }

    /// The venue takes an order of a shard.
    pub(crate) fn placed(&mut self, shard: u8, order: &OrderRequest, valid_until: Time) {
        if order.reduce_only {
            return;
        }
        // Nothing is valid for longer than from its decision, by a clock that is never ahead of the venue's.
        let decided_at = valid_until - REQUEST_VALIDITY;
        if self.halted(shard).is_some_and(|since| decided_at > since) {
            self.find(format!(
                "{} opens, decided at {decided_at} or later, and s{shard} is halted",
                order.id
            ));
        }
        match self.waits.get(&order.id) {
            Some((_, None)) => self.find(format!("{} opens, and nobody approved it", order.id)),
            Some((until, _)) if decided_at > *until => {
                self.find(format!("{} opens, approved too late: it waited until {until}", order.id));
            }
            _ => {}
        }
    }

    /// After healing: money moved as often as was acknowledged.
    pub(crate) fn moved(&self, shard: u8, farm: &Farm, capital: impl Fn(BotId) -> Usd) -> Result<(), Broken> {
        let (mut sure, mut perhaps) = (BTreeMap::<BotId, i64>::new(), Vec::new());
        for sent in self.sent.values().filter(|sent| sent.shard == shard) {
            let Instruction::Transfer { from, to, amount } = sent.command.instruction else { continue };
            let is_forgotten = self.counts[&shard] - sent.number >= REMEMBERED;
            let flow = [(from, -amount.0), (to, amount.0)];
            match sent.said {
                Some(Ok(())) => flow.iter().for_each(|(purse, amount)| add(&mut sure, *purse, *amount)),
                None | Some(Err(Objection::Flood)) => perhaps.push(flow),
                Some(Err(Objection::TooLate)) if is_forgotten => perhaps.push(flow),
                Some(Err(_)) => {}
            }
        }
        if perhaps.len() > UNKNOWN_MAX {
            return Ok(());
        }
        let books = farm
            .bots()
            .iter()
            .map(|bot| (bot.id(), (bot.ledger().books().total(Posting::Transfer) - capital(bot.id())).0));
        let moved: BTreeMap<BotId, i64> = books.filter(|(_, amount)| *amount != 0).collect();
        let explains = |chosen: u32| {
            let mut sums = sure.clone();
            let done = perhaps.iter().enumerate().filter(|(i, _)| chosen >> i & 1 == 1);
            done.flat_map(|(_, flow)| flow).for_each(|(purse, amount)| add(&mut sums, *purse, *amount));
            sums.retain(|_, amount| *amount != 0);
            sums == moved
        };
        if (0..1_u32 << perhaps.len()).any(explains) {
            return Ok(());
        }
        let what = format!("s{shard} moved {moved:?}, acknowledged was {sure:?}");
        Err(Broken::Steered(what))
    }
}

impl Oracle {
    /// After healing: each bot uses the part of its band that it was told last, of what was acknowledged or may have been done.
    pub(crate) fn levelled(&self, shard: u8, farm: &Farm) -> Result<(), Broken> {
        for bot in farm.bots() {
            let given: Vec<(Time, RiskLevel, bool)> = self.given_levels(shard, bot.id()).collect();
            let sure = given.iter().filter(|(_, _, is_sure)| *is_sure).map(|(at, _, _)| *at).max();
            // A clock that was ahead is believed only up to the farm's own: commands this close may be taken either way round.
            let since = sure.map(|at| at - CLOSE);
            let may = |level: RiskLevel| {
                let told = |(at, given, _): &(Time, RiskLevel, bool)| {
                    *given == level && since.is_none_or(|since| *at >= since)
                };
                given.iter().any(told) || sure.is_none() && level == RiskLevel::Medium
            };
            let (level, _) = bot.risk_level();
            // A control has no band, and never another level.
            let is_right = if bot.profile().is_some() { may(level) } else { level == RiskLevel::Medium };
            if !is_right {
                let what =
                    format!("s{shard}: {:?} uses {level:?} of its band, and was given {given:?}", bot.id());
                return Err(Broken::Steered(what));
            }
        }
        Ok(())
    }

    /// Levels that a bot was given and that may have been taken, and whether they were for sure.
    fn given_levels(&self, shard: u8, bot: BotId) -> impl Iterator<Item = (Time, RiskLevel, bool)> + '_ {
        let sent = self.sent.values().filter(move |sent| sent.shard == shard);
        sent.filter_map(move |sent| {
            let Command { role, given_at, instruction, .. } = sent.command;
            match (instruction, sent.said) {
                (Instruction::SetRisk(told, level), said) if told == bot && role >= instruction.role() => {
                    // One that changed nothing was heard all the same.
                    let is_sure = matches!(said, Some(Ok(()) | Err(Objection::Pointless)));
                    Some((given_at, level, is_sure))
                }
                _ => None,
            }
        })
    }
}

fn add(sums: &mut BTreeMap<BotId, i64>, purse: Purse, amount: i64) {
    if let Purse::Bot(bot) = purse {
        *sums.entry(bot).or_default() += amount;
    }
}
