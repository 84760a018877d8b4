//! What operators tell a farm, and what it answers: each command acts once, whoever delivers it how often.
//!
//! It refuses what comes too late, what somebody said no longer since, what its giver may not do, and a flood; never the
//! kill switch. An answer is the same as often as its command comes.

use crate::action::{Action, Actions, News};
use crate::flock::Farm;
use execution::Posting;
use model::{
    AccountId, BotId, Command, CommandId, Instruction, Interval, OrderId, Purse, Scope, StateHash, Time, Usd,
};
use risk::TradingState;

/// Commands that are remembered: more than can be acted on while one of them is valid.
const REMEMBERED_MAX: usize = 256;
/// Commands within a minute; a flood is turned away.
const PER_MINUTE_MAX: usize = 60;
/// A giver's clock may be ahead by so much.
const AHEAD_MAX: Interval = Interval(30_000);

/// Why a command was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Objection {
    /// Its giver may not.
    NotAllowed,
    /// It was given too long ago, or in the future.
    TooLate,
    /// Something given later was done already.
    Overtaken,
    /// Too many within a minute.
    Flood,
    /// No such bot or account here.
    Unknown,
    /// The kill switch was thrown.
    Halted,
    /// The book is not known to be flat.
    NotFlat,
    /// No trade of this id waits for approval.
    NothingWaits,
    /// There is not so much money, or what is held needs it.
    Unaffordable,
    /// Money cannot move between accounts here.
    OtherAccount,
    /// What its books do not explain has to be explained first.
    Unexplained,
    /// It changes nothing.
    Pointless,
    /// The gate of risk refused the trade.
    Refused,
}

model::value!(enum Objection {
    0 => NotAllowed,
    1 => TooLate,
    2 => Overtaken,
    3 => Flood,
    4 => Unknown,
    5 => Halted,
    6 => NotFlat,
    7 => NothingWaits,
    8 => Unaffordable,
    9 => OtherAccount,
    10 => Unexplained,
    11 => Pointless,
    12 => Refused,
});

impl Objection {
    /// All of them.
    pub const ALL: [Objection; 13] = [
        Objection::NotAllowed,
        Objection::TooLate,
        Objection::Overtaken,
        Objection::Flood,
        Objection::Unknown,
        Objection::Halted,
        Objection::NotFlat,
        Objection::NothingWaits,
        Objection::Unaffordable,
        Objection::OtherAccount,
        Objection::Unexplained,
        Objection::Pointless,
        Objection::Refused,
    ];

    /// The word in files and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Objection::NotAllowed => "not_allowed",
            Objection::TooLate => "too_late",
            Objection::Overtaken => "overtaken",
            Objection::Flood => "flood",
            Objection::Unknown => "unknown",
            Objection::Halted => "halted",
            Objection::NotFlat => "not_flat",
            Objection::NothingWaits => "nothing_waits",
            Objection::Unaffordable => "unaffordable",
            Objection::OtherAccount => "other_account",
            Objection::Unexplained => "unexplained",
            Objection::Pointless => "pointless",
            Objection::Refused => "refused",
        }
    }
}

/// What a command is answered.
pub type Reply = Result<(), Objection>;

/// What was acted on lately.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    acted: Vec<(CommandId, Reply)>,
    next: usize,
    /// When the last ones came.
    came: [Time; PER_MINUTE_MAX],
    comes: usize,
    /// When what was done last was given: for the farm, and for each bot it concerned.
    farm_told: Told,
    told: Vec<(BotId, Told)>,
}

/// When something safer, and when something freer, was given last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    safer: Time,
    freer: Time,
}

model::value!(Told { safer, freer });

impl Told {
    const NEVER: Told = Told { safer: Time(i64::MIN), freer: Time(i64::MIN) };

    fn later(self, other: Told) -> Told {
        Told { safer: self.safer.max(other.safer), freer: self.freer.max(other.freer) }
    }
}

/// Which way an instruction goes that another can contradict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Safer,
    Freer,
}

model::state!(Memory { acted, next, came, comes, farm_told, told } if |memory| {
    memory.acted.len() <= REMEMBERED_MAX && memory.next < REMEMBERED_MAX && memory.told.len() <= crate::roster::BOTS_MAX
});

impl Default for Memory {
    fn default() -> Self {
        Memory {
            acted: Vec::with_capacity(REMEMBERED_MAX),
            next: 0,
            came: [Time(i64::MIN); PER_MINUTE_MAX],
            comes: 0,
            farm_told: Told::NEVER,
            told: Vec::with_capacity(crate::roster::BOTS_MAX),
        }
    }
}

impl Memory {
    fn answered(&self, id: CommandId) -> Option<Reply> {
        self.acted.iter().find(|(known, _)| *known == id).map(|(_, reply)| *reply)
    }

    fn remember(&mut self, id: CommandId, reply: Reply) {
        if self.acted.len() < REMEMBERED_MAX {
            self.acted.push((id, reply));
        } else {
            self.acted[self.next] = (id, reply);
        }
        self.next = (self.next + 1) % REMEMBERED_MAX;
    }

    fn is_flooded(&mut self, now: Time) -> bool {
        let recent = self.came.iter().filter(|at| at.0 > now.0 - Interval::MINUTE.0).count();
        if recent < PER_MINUTE_MAX {
            self.came[self.comes % PER_MINUTE_MAX] = now;
            self.comes += 1;
        }
        recent >= PER_MINUTE_MAX
    }

    /// What was last done about a scope. What a single bot was told does not speak for all.
    fn last_told(&self, scope: Scope) -> Told {
        match scope {
            Scope::Farm => self.farm_told,
            Scope::Bot(bot) => {
                let own = self.told.iter().find(|(known, _)| *known == bot);
                own.map_or(self.farm_told, |(_, told)| self.farm_told.later(*told))
            }
        }
    }

    fn tell(&mut self, scope: Scope, way: Way, given_at: Time) {
        let never = Told::NEVER;
        let told = match way {
            Way::Safer => Told { safer: given_at, ..never },
            Way::Freer => Told { freer: given_at, ..never },
        };
        match scope {
            Scope::Farm => self.farm_told = self.farm_told.later(told),
            Scope::Bot(bot) => match self.told.iter_mut().find(|(known, _)| *known == bot) {
                Some((_, last)) => *last = last.later(told),
                None => self.told.push((bot, told)),
            },
        }
    }

    /// Whether something later says otherwise: what is safer gives way only to what is freer, and the other way round.
    fn is_overtaken(&self, scope: Scope, way: Way, given_at: Time) -> bool {
        let last = self.last_told(scope);
        let other = if way == Way::Safer { last.freer } else { last.safer };
        other > given_at
    }

    pub(crate) fn hash(&self, hash: &mut StateHash) {
        for (id, reply) in &self.acted {
            hash.word(id.0);
            hash.word(reply.err().map_or(0, |objection| 1 + objection as u64));
        }
        for told in self.told.iter().map(|(_, told)| told).chain([&self.farm_told]) {
            hash.int(told.safer.0);
            hash.int(told.freer.0);
        }
        hash.word(self.comes as u64);
    }
}

/// The scope of an instruction that a later one can contradict, and which way it goes.
const fn contradictable(instruction: &Instruction) -> Option<(Scope, Way)> {
    match instruction {
        Instruction::Pause(scope) | Instruction::ReduceOnly(scope) | Instruction::Close(scope) => {
            Some((*scope, Way::Safer))
        }
        Instruction::Panic => Some((Scope::Farm, Way::Safer)),
        Instruction::Resume(scope) => Some((*scope, Way::Freer)),
        Instruction::Rearm => Some((Scope::Farm, Way::Freer)),
        _ => None,
    }
}

impl Farm {
    /// Hears a command and answers it.
    pub(crate) fn hear_command(&mut self, now: Time, command: &Command, out: &mut Actions) {
        let reply = match self.commands.answered(command.id) {
            Some(reply) => reply,
            None => self.judge(now, command).and_then(|()| {
                let reply = self.carry_out(now, command, out);
                if let (Ok(()), Some((scope, way))) = (reply, contradictable(&command.instruction)) {
                    // Somebody's clock that is ahead must not silence everybody else.
                    self.commands.tell(scope, way, command.given_at.min(now));
                }
                self.commands.remember(command.id, reply);
                reply
            }),
        };
        out.push(Action::Reply(command.id, reply));
    }

    /// Whether it may be done at all. What is turned away here leaves no trace: it may be tried again.
    fn judge(&mut self, now: Time, command: &Command) -> Reply {
        let Command { role, given_at, instruction, .. } = command;
        if *role < instruction.role() {
            return Err(Objection::NotAllowed);
        }
        // What only makes things safer is neither too late, nor too early, nor one too many.
        if let Some(validity) = instruction.validity() {
            let ago = i128::from(now.0) - i128::from(given_at.0);
            if !(-i128::from(AHEAD_MAX.0)..=i128::from(validity.0)).contains(&ago) {
                return Err(Objection::TooLate);
            }
        }
        if let Some((scope, way)) = contradictable(instruction)
            && self.commands.is_overtaken(scope, way, *given_at)
        {
            return Err(Objection::Overtaken);
        }
        if let Instruction::SetRisk(id, _) = instruction
            && let Some(bot) = self.bots().iter().find(|bot| bot.id() == *id)
            && bot.risk_level().1 > *given_at
        {
            return Err(Objection::Overtaken);
        }
        if instruction.validity().is_some() && self.commands.is_flooded(now) {
            return Err(Objection::Flood);
        }
        Ok(())
    }

    fn carry_out(&mut self, now: Time, command: &Command, out: &mut Actions) -> Reply {
        match command.instruction {
            Instruction::Pause(scope) => self.tell(now, scope, TradingState::Paused, out),
            Instruction::ReduceOnly(scope) => self.tell(now, scope, TradingState::ReduceOnly, out),
            Instruction::Resume(scope) => self.resume(now, scope, command.given_at, out),
            Instruction::Close(scope) => self.each(scope, |bot| bot.leave(now, out)),
            Instruction::Panic => {
                self.panic(now, out);
                Ok(())
            }
            Instruction::Rearm => self.rearm(now, out),
            Instruction::Approve(id) => self.approve(now, id, out),
            Instruction::Decline(id) => self.decline(id, out),
            Instruction::Transfer { from, to, amount } => self.transfer(from, to, amount),
            Instruction::Reconcile(account) => self.reconcile(now, account, out),
            Instruction::Cancel(scope) => self.each(scope, |bot| bot.take_back(out)),
            Instruction::SetRisk(id, level) => {
                let given_at = command.given_at.min(now);
                let bot = self.roster.bot_mut(id).ok_or(Objection::Unknown)?;
                if bot.set_risk(level, given_at) { Ok(()) } else { Err(Objection::Pointless) }
            }
        }
    }

    fn each(&mut self, scope: Scope, mut act: impl FnMut(&mut crate::bot::Bot)) -> Reply {
        match scope {
            Scope::Farm => self.roster.bots_mut().iter_mut().for_each(act),
            Scope::Bot(id) => act(self.roster.bot_mut(id).ok_or(Objection::Unknown)?),
        }
        Ok(())
    }

    fn tell(&mut self, now: Time, scope: Scope, state: TradingState, out: &mut Actions) -> Reply {
        self.each(scope, |bot| bot.tell(now, state, out))
    }

    /// Lets trade again who was not told to wait since, and whose account is explained. The whole farm's drawdown is counted
    /// from here too, where the whole farm is resumed.
    fn resume(&mut self, now: Time, scope: Scope, given_at: Time, out: &mut Actions) -> Reply {
        if self.halted_at.is_some() {
            return Err(Objection::Halted);
        }
        let (price, _) = self.last_price();
        let Farm { instrument, roster, accounts, commands, rules, .. } = self;
        let (mut known, mut resumed) = (false, false);
        for bot in roster.bots_mut() {
            if matches!(scope, Scope::Bot(id) if id != bot.id()) {
                continue;
            }
            known = true;
            let is_explained = accounts
                .iter()
                .all(|account| account.id != bot.account() || !account.is_grave(rules.unexplained_max));
            if is_explained && !commands.is_overtaken(Scope::Bot(bot.id()), Way::Freer, given_at) {
                bot.resume(now, instrument, price, out);
                resumed = true;
            }
        }
        match (known, resumed) {
            (false, _) => return Err(Objection::Unknown),
            (true, false) => return Err(Objection::Unexplained),
            (true, true) => {}
        }
        if scope == Scope::Farm {
            self.forget_drawdown();
        }
        Ok(())
    }

    /// Throws the kill switch. Thrown again it tries again.
    fn panic(&mut self, now: Time, out: &mut Actions) {
        self.halted_at.get_or_insert(now);
        self.flat_at = None;
        for account in &mut self.accounts {
            account.verified = false;
            out.push(Action::Verify(account.id));
        }
        for bot in self.roster.bots_mut() {
            bot.impose(now, TradingState::Halted, out);
        }
        out.push(Action::Announce(News::Halted(now)));
    }

    fn rearm(&mut self, now: Time, out: &mut Actions) -> Reply {
        if self.halted_at.is_none() {
            return Err(Objection::Pointless);
        }
        if self.flat_at.is_none() || !self.is_flat() {
            return Err(Objection::NotFlat);
        }
        (self.halted_at, self.flat_at) = (None, None);
        for bot in self.roster.bots_mut() {
            bot.impose(now, TradingState::Active, out);
        }
        out.push(Action::Announce(News::Rearmed(now)));
        Ok(())
    }

    fn approve(&mut self, now: Time, id: OrderId, out: &mut Actions) -> Reply {
        let mut crowd = self.crowd(now, out);
        let price = self.last_price();
        let Farm { instrument, roster, .. } = self;
        let bot = roster.bot_mut(id.bot).ok_or(Objection::Unknown)?;
        if bot.proposal().is_none_or(|(waits, until)| waits != id || until <= now) {
            return Err(Objection::NothingWaits);
        }
        let is_made = bot.approve(now, instrument, price, &mut crowd, out);
        self.count_entries(now, &crowd);
        if is_made { Ok(()) } else { Err(Objection::Refused) }
    }

    fn decline(&mut self, id: OrderId, out: &mut Actions) -> Reply {
        let bot = self.roster.bot_mut(id.bot).ok_or(Objection::Unknown)?;
        if bot.proposal().is_none_or(|(waits, _)| waits != id) {
            return Err(Objection::NothingWaits);
        }
        bot.decline(out);
        Ok(())
    }

    /// The account of a purse, and what may be taken out of it.
    fn purse(&self, purse: Purse) -> Result<(AccountId, Option<Usd>), Objection> {
        match purse {
            Purse::Bot(bot) => self.free_of(bot).ok_or(Objection::Unknown),
            Purse::Treasury(id) => {
                let account = self.accounts.iter().find(|account| account.id == id);
                account.map(|account| (id, Some(account.treasury()))).ok_or(Objection::Unknown)
            }
        }
    }

    fn transfer(&mut self, from: Purse, to: Purse, amount: Usd) -> Reply {
        let ((account, free), (other, _)) = (self.purse(from)?, self.purse(to)?);
        if account != other {
            return Err(Objection::OtherAccount);
        }
        if amount.0 <= 0 || from == to {
            return Err(Objection::Pointless);
        }
        if free.is_none_or(|free| free < amount) {
            return Err(Objection::Unaffordable);
        }
        for (purse, amount) in [(from, -amount), (to, amount)] {
            match purse {
                Purse::Bot(bot) => {
                    let Farm { instrument, roster, .. } = self;
                    roster.bot_mut(bot).expect("it was found above").transfer(instrument, amount);
                    self.move_marks(amount);
                }
                Purse::Treasury(_) => {
                    let mut accounts = self.accounts.iter_mut();
                    let found = accounts.find(|known| known.id == account).expect("it was found above");
                    found.post(Posting::Transfer, amount);
                }
            }
        }
        Ok(())
    }
}
