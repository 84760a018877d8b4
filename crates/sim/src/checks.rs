//! What must never break, each looked at by code of its own.
//!
//! Nothing here asks the farm whether the farm is right: books are held against the venue's, the venue's against the
//! record of what it said, lives against their journal.

use crate::company::SHARED;
use crate::disk::Disk;
use crate::front::Front;
use crate::sharers;
use execution::OrderStatus;
use farm::journal::{Input, Origin, Pen, Replayed, replay_with, rise};
use farm::{Action, Desk, Farm};
use model::{
    BotId, Event, Fill, Leg, OrderId, OrderKind, OrderRequest, PositionSide, RejectReason, Report, Request,
};
use risk::Rules;
use std::collections::{BTreeMap, BTreeSet};

/// What broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The venue's books do not balance.
    VenueBooks,
    /// The bot's wallet or position is not the venue's.
    Ledger(BotId, String),
    /// What the bot believes to rest does not, or the other way round.
    Orders(BotId, String),
    /// The record of what the venue said does not explain its books.
    Record(BotId, String),
    /// More of an order was filled than was asked for.
    Overfilled(OrderId),
    /// Two orders went by one id.
    TwoOfOneId(OrderId),
    /// An order carries an epoch under which nobody held its shard.
    NoSuchEpoch(OrderId),
    /// The venue was asked for what no journal explains.
    Unexplained(OrderId),
    /// What was given up as expired was carried out, by a venue that kept its word.
    GivenUp(OrderId),
    /// A persona's position stood without a stop for so long while the venue answered.
    Naked(BotId, u64),
    /// The journal does not lead to the state that was lived.
    Replay(String),
    /// The venue did something for a seat of a shard after a later one had been taken.
    TwoVoices {
        /// Which shard.
        shard: u8,
        /// The seat that had been taken.
        later: u32,
        /// The one it served.
        earlier: u32,
    },
    /// A seat wrote a journal that had been taken over.
    TwoWriters {
        /// Whose journal.
        shard: u8,
        /// Which seat.
        writer: u32,
    },
    /// A command was not done as it was told, or answered.
    Steered(String),
    /// After everything had healed somebody still waited.
    Stuck(String),
}

impl Broken {
    /// The exit code it asks for: a liveness failure is 128, a correctness failure 129.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Broken::Stuck(_) => 128,
            _ => 129,
        }
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Broken::VenueBooks => f.write_str("the venue's books do not balance"),
            Broken::Ledger(bot, what) => write!(f, "b{}'s ledger is not the venue's: {what}", bot.0),
            Broken::Orders(bot, what) => write!(f, "b{}'s orders are not the venue's: {what}", bot.0),
            Broken::Record(bot, what) => {
                write!(f, "b{}'s record does not explain its account: {what}", bot.0)
            }
            Broken::Overfilled(id) => write!(f, "{id} was filled for more than was asked"),
            Broken::TwoOfOneId(id) => write!(f, "two orders go by the id {id}"),
            Broken::NoSuchEpoch(id) => write!(f, "{id} carries an epoch under which nobody held its shard"),
            Broken::Unexplained(id) => write!(f, "the venue was asked for {id}, which no journal explains"),
            Broken::GivenUp(id) => {
                write!(f, "{id} was given up as expired, and the venue carried it out in time")
            }
            Broken::Naked(bot, seconds) => write!(f, "b{} stood {seconds} s without a stop", bot.0),
            Broken::Replay(what) => write!(f, "the journal leads elsewhere: {what}"),
            Broken::TwoVoices { shard, later, earlier } => {
                write!(f, "the venue served seat {earlier} of s{shard} after seat {later} had been taken")
            }
            Broken::TwoWriters { shard, writer } => {
                write!(f, "seat {writer} wrote the journal of s{shard} after it had lost it")
            }
            Broken::Steered(what) => write!(f, "what was told is not what was done: {what}"),
            Broken::Stuck(what) => write!(f, "nothing is broken any more, and still {what}"),
        }
    }
}

/// The longest that a persona's position may stand without its stop, in seconds.
pub(crate) const NAKED_MAX_S: u64 = 2;

/// The venue's own books balance.
pub(crate) fn venue_books(front: &Front) -> Result<(), Broken> {
    if front.venue().balanced() { Ok(()) } else { Err(Broken::VenueBooks) }
}

/// After healing: a farm is under the rules that its operator gave last.
pub(crate) fn rules(farm: &Farm, wanted: &Rules) -> Result<(), Broken> {
    if farm.rules() == wanted {
        return Ok(());
    }
    Err(Broken::Steered(format!("{wanted:?} was wanted, and it is under {:?}", farm.rules())))
}

/// After healing: bot by bot the same money, position and orders on both sides.
pub(crate) fn both_sides(farm: &Farm, front: &Front) -> Result<(), Broken> {
    for bot in farm.bots().iter().filter(|bot| bot.account() != SHARED) {
        let (id, account) = (bot.id(), front.venue().account(bot.account()));
        // Where lots were traded by hand the venue's are averaged, and only money and lots together are equal.
        if front.is_mixed(bot.account()) {
            sharers::value(farm, front, bot.account())?;
        }
        let treasury = farm.treasury(bot.account()).unwrap_or_default();
        let (ours, theirs) = (treasury + bot.ledger().books().wallet(), account.wallet());
        if !front.is_mixed(bot.account()) && ours != theirs {
            return Err(Broken::Ledger(id, format!("wallet {ours}, the venue has {theirs}")));
        }
        let ours = bot.ledger().position();
        // Of a hedged account the bot has one line, and the other is flat.
        let lines = sharers::sides(account).iter().map(|side| *account.position(*side));
        let theirs = lines.reduce(|one, other| if one.is_flat() { other } else { one });
        let theirs = theirs.expect("an account has a position");
        let both = sharers::LINES.iter().all(|side| account.position(*side).qty.0 != 0);
        let is_same = if front.is_mixed(bot.account()) { ours.qty == theirs.qty } else { *ours == theirs };
        if !is_same || both {
            return Err(Broken::Ledger(id, format!("position {ours:?}, the venue has {theirs:?}")));
        }
        // Legs that wait for their entry do not rest yet.
        let at_rest = bot.orders().iter().filter(|order| order.status != OrderStatus::Attached);
        let ours: BTreeSet<OrderId> = at_rest.map(|order| order.id).collect();
        let theirs: BTreeSet<OrderId> = account.open_orders().map(|order| order.id).collect();
        if ours != theirs {
            return Err(Broken::Orders(id, format!("{ours:?}, the venue has {theirs:?}")));
        }
    }
    Ok(())
}

/// The venue's books out of what it said alone: cash in and out of fills, fees, funding.
pub(crate) fn record(front: &Front) -> Result<(), Broken> {
    let instrument = front.venue().instrument();
    'accounts: for account in front.venue().accounts() {
        let (bot, capital) = (BotId(account.id().0), front.paid(account.id()));
        let (mut lots, mut cost, mut cash, mut roundings) = (0_i128, 0_i128, i128::from(capital.0), 0_i128);
        for (_, report) in front.record(account.id()).iter().chain(front.foreign(account.id())) {
            match *report {
                Report::Filled(fill) => {
                    lots += i128::from(fill.qty.0);
                    cost += i128::from(fill.qty.0) * i128::from(fill.price.0);
                    cash -= i128::from(fill.fee.0);
                    roundings += 1;
                }
                Report::Funding { amount, .. } => cash += i128::from(amount.0),
                Report::Deleveraged { qty, price, .. } => {
                    lots += i128::from(qty.0);
                    cost += i128::from(qty.0) * i128::from(price.0);
                }
                // A takeover is not a trade at a price: its settlement says what it did to the money.
                Report::Liquidated { .. } => continue 'accounts,
                _ => {}
            }
        }
        // Of a hedged account the long and the short line together; a net one has no second.
        let lines = [PositionSide::Long, PositionSide::Short].map(|side| account.position(side));
        let held: i128 = lines.iter().map(|position| i128::from(position.qty.0)).sum();
        if held != lots {
            return Err(Broken::Record(bot, format!("{lots} lots, its account holds {held}")));
        }
        // Valued at any one price, money and position together are the sum of the flows.
        let price = i128::from(front.venue().mark().0 / instrument.mark_per_tick());
        let by_flows = cash + i128::from(instrument.usd(lots * price - cost).0);
        let price = model::Price(i64::try_from(price).expect("a price fits"));
        let unrealised: i128 = lines.iter().map(|position| position.unrealised(price)).sum();
        let by_account = i128::from((account.wallet() + instrument.usd(unrealised)).0);
        if (by_flows - by_account).abs() > roundings + 1 {
            return Err(Broken::Record(bot, format!("{by_flows} by its flows, {by_account} by its account")));
        }
    }
    Ok(())
}

/// No order was filled for more than it was.
pub(crate) fn overfilled(front: &Front, asked: &BTreeMap<OrderId, OrderRequest>) -> Result<(), Broken> {
    for account in front.venue().accounts() {
        let mut filled: BTreeMap<OrderId, i64> = BTreeMap::new();
        for (_, report) in front.record(account.id()) {
            if let Report::Filled(fill) = report
                && fill.id.leg == Leg::Own
            {
                *filled.entry(fill.id).or_default() += fill.qty.0.abs();
            }
        }
        for (id, lots) in filled {
            if asked.get(&id).is_none_or(|asked| lots > asked.qty.0) {
                return Err(Broken::Overfilled(id));
            }
        }
    }
    Ok(())
}

/// What a journal comes to.
pub(crate) struct Life {
    state: u64,
    decided: BTreeMap<OrderId, OrderRequest>,
    given_up: BTreeSet<OrderId>,
}

/// Lives through a journal.
pub(crate) fn life(disk: &Disk) -> Result<Life, Broken> {
    let mut life = Life { state: 0, decided: BTreeMap::new(), given_up: BTreeSet::new() };
    let replayed = replay_with(disk.bytes(), |heard| {
        if let Input::Event(_, Event::Report(_, Report::Rejected { id, reason: RejectReason::Expired })) =
            heard.input
        {
            life.given_up.insert(id);
        }
        for action in heard.actions {
            if let Action::Submit(_, approved) = action
                && let Request::Place(order) = approved.request()
            {
                life.decided.insert(order.id, *order);
            }
        }
    });
    let replayed = replayed.map_err(|error| Broken::Replay(error.to_string()))?;
    rises(&replayed)?;
    life.state = replayed.farm.state_hash();
    Ok(life)
}

/// Every snapshot on the way is the farm that got there, and one of its end would be, in every field.
fn rises(Replayed { farm, origin, snapshots, .. }: &Replayed) -> Result<(), Broken> {
    if let Some(left) = &snapshots.first_left_aside {
        return Err(Broken::Replay(format!("snapshot {}: {}", left.number, left.why)));
    }
    let mut pen = Pen::new(Vec::new(), origin);
    pen.snapshot(farm);
    let risen = rise(pen.keeper()).map_err(|error| Broken::Replay(error.to_string()))?;
    if risen.behind.is_none() || format!("{:?}", risen.farm) != format!("{farm:?}") {
        return Err(Broken::Replay(format!("a snapshot of it is not it: {:?}", risen.snapshots)));
    }
    Ok(())
}

/// A life is the fold of its journal, and everything it asked the venue for follows from it.
pub(crate) fn fold(farm: &Farm, life: &Life, asked: &BTreeMap<OrderId, OrderRequest>) -> Result<(), Broken> {
    let lived = farm.state_hash();
    if lived != life.state {
        return Err(Broken::Replay(format!("{:016x}, lived was {lived:016x}", life.state)));
    }
    let mut ours = asked.iter().filter(|(id, _)| farm.bots().iter().any(|bot| bot.id() == id.bot));
    let stray =
        ours.find(|(id, order)| life.decided.get(id) != Some(order) && !is_sent_for(&life.decided, order));
    stray.map_or(Ok(()), |(id, _)| Err(Broken::Unexplained(*id)))
}

/// An adapter sends an entry without its ladder, and its ladder without the entry.
fn is_sent_for(decided: &BTreeMap<OrderId, OrderRequest>, asked: &OrderRequest) -> bool {
    let Some(entry) = decided.get(&asked.id.with_leg(Leg::Own)) else { return false };
    let Some(bracket) = entry.bracket else { return false };
    match asked.id.leg {
        Leg::Own => {
            let stop = asked.bracket.map(|bracket| bracket.stop);
            stop == Some(bracket.stop) && OrderRequest { bracket: entry.bracket, ..*asked } == *entry
        }
        Leg::Target(rung) => bracket.targets().any(|(of, target)| {
            of == rung
                && asked.reduce_only
                && asked.side == entry.side.opposite()
                && asked.qty <= target.qty
                && matches!(asked.kind, OrderKind::Limit { price, .. } if price == target.price)
        }),
        Leg::Stop => false,
    }
}

/// What was given up as expired never happened, where the venue kept its word.
pub(crate) fn given_up(life: &Life, front: &Front) -> Result<(), Broken> {
    for account in front.venue().accounts() {
        for (_, report) in front.record(account.id()) {
            if let Report::Accepted { id } | Report::Filled(Fill { id, .. }) = report
                && life.given_up.contains(id)
                && !front.overlooked.contains(id)
            {
                return Err(Broken::GivenUp(*id));
            }
        }
    }
    Ok(())
}

/// Adds what a farm heard to be refused, each once: its journal says so.
pub(crate) fn count_rejections(journal: &[u8], counts: &mut [u64; RejectReason::ALL.len()]) {
    // A journal that cannot be read is somebody else's finding.
    let _ = replay_with(journal, |heard| {
        if let Input::Event(_, Event::Report(_, Report::Rejected { reason, .. })) = heard.input {
            let at = RejectReason::ALL.iter().position(|known| *known == reason);
            counts[at.expect("every reason is listed")] += 1;
        }
    });
}

/// What strangers were refused for, and who trades by hand.
pub(crate) fn strange(front: &Front) -> [u64; RejectReason::ALL.len()] {
    let mut counts = [0; RejectReason::ALL.len()];
    for account in front.venue().accounts() {
        for (_, report) in front.foreign(account.id()) {
            if let Report::Rejected { reason, .. } = report {
                let at = RejectReason::ALL.iter().position(|known| known == reason);
                counts[at.expect("every reason is listed")] += 1;
            }
        }
    }
    counts
}

/// Everybody has heard everything, and nothing is unanswered.
pub(crate) fn is_quiet(desk: &Desk, origin: &Origin, front: &Front) -> bool {
    desk.open_requests() == 0
        && (front.is_wired()
            || origin
                .recruits
                .iter()
                .all(|recruit| desk.heard(recruit.account) == front.count(recruit.account)))
}
