//! Where a case is played: it says, waits until it was told, and holds what it was told against what it expects.
//!
//! Refuses to wait for ever, and to believe that nothing happens because nothing has happened yet: that an account is at
//! rest is known from its holding, which is told only when everything before it was.

use super::Subject;
use super::books::Books;
use model::{
    AccountId, BotId, Bracket, CancelReason, FromVenue, Holding, Interval, Leg, OrderId, OrderKind,
    OrderRequest, PositionMode, PositionSide, Price, Qty, Rate, RejectReason, Report, Request, Side,
    TARGETS_MAX, Target, Time, TimeInForce, ToVenue,
};

/// How often is listened for something before it is given up.
const LISTENS_MAX: u32 = 3_000;
/// A holding that does not come, or came too early, is asked for again after so many.
const LISTENS_AGAIN: u32 = 60;
/// How long a request is valid.
const VALID: Interval = Interval(20_000);
const BOT: BotId = BotId(3);

/// What is heard of an order; `Told` is an acceptance, which is expected only where it is not free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Taken,
    WentOff,
    /// Lots, signed, and whether it was the end of the order.
    Filled(i64, End),
    Gone(&'static [CancelReason]),
    Refused(&'static [RejectReason]),
    Moved(Price),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    Part,
}

/// It.
pub(super) struct Stage<'s> {
    pub(super) subject: &'s mut dyn Subject,
    pub(super) books: [Books; 2],
    histories: Vec<FromVenue>,
    holdings: Vec<(AccountId, Holding)>,
    decisions: u32,
    began: Time,
    story: Vec<String>,
    /// Somebody else has traded on an account: its money is not ours alone.
    stained: bool,
}

type Played = Result<(), String>;
/// The reports of a history, and the number of the last there is.
pub(super) type History = (Vec<(u64, Time, Report)>, u64);

impl<'s> Stage<'s> {
    pub(super) fn new(subject: &'s mut dyn Subject) -> Stage<'s> {
        let balance = subject.balance();
        let books = subject.accounts().map(|account| Books::new(account, balance));
        let (histories, holdings, story) = (Vec::new(), Vec::new(), Vec::new());
        let began = subject.now();
        Stage { subject, books, histories, holdings, decisions: 0, began, story, stained: false }
    }

    pub(super) fn story(&self) -> String {
        self.story.join("\n")
    }

    pub(super) fn note(&mut self, words: impl FnOnce() -> String) {
        let at = self.subject.now() - self.began;
        self.story.push(format!("{:>8} {}", at.0, words()));
    }

    pub(super) fn is_hedge(&self) -> bool {
        self.subject.mode() == PositionMode::Hedge
    }

    pub(super) fn first(&self) -> AccountId {
        self.books[0].account
    }

    // What is said.

    /// An order that opens.
    pub(super) fn entry(&mut self, side: Side, lots: i64, kind: OrderKind) -> OrderRequest {
        self.decisions += 1;
        OrderRequest {
            id: OrderId { bot: BOT, epoch: 1, decision: self.decisions, leg: Leg::Own },
            side,
            position_side: self.subject.mode().opened_by(side),
            qty: Qty(lots),
            kind,
            reduce_only: false,
            bracket: None,
            one_cancels_other: None,
        }
    }

    /// An order that closes what was opened by the other side.
    pub(super) fn exit(&mut self, side: Side, lots: i64, kind: OrderKind) -> OrderRequest {
        let position_side = self.subject.mode().opened_by(side.opposite());
        OrderRequest { position_side, reduce_only: true, ..self.entry(side, lots, kind) }
    }

    /// The same with a stop and a ladder, so far from the price.
    pub(super) fn with_exits(&self, entry: OrderRequest, stop: i64, rungs: &[(i64, i64)]) -> OrderRequest {
        let (price, sign) = (self.subject.price().0, entry.side.sign());
        let mut targets = [Target::default(); TARGETS_MAX];
        for (target, (away, lots)) in targets.iter_mut().zip(rungs) {
            *target = Target { price: Price(price + sign * away), qty: Qty(*lots) };
        }
        OrderRequest { bracket: Some(Bracket { stop: Price(price - sign * stop), targets }), ..entry }
    }

    /// So far above the price, or below it.
    pub(super) fn at(&self, away: i64) -> Price {
        Price(self.subject.price().0 + away)
    }

    pub(super) fn limit(&self, away: i64, tif: TimeInForce) -> OrderKind {
        OrderKind::Limit { price: self.at(away), tif }
    }

    pub(super) fn place(&mut self, order: OrderRequest) -> OrderId {
        self.place_on(0, order)
    }

    pub(super) fn place_on(&mut self, which: usize, order: OrderRequest) -> OrderId {
        self.books[which].ask(&order);
        let account = self.books[which].account;
        self.request_on(account, Request::Place(order), VALID);
        order.id
    }

    pub(super) fn cancel(&mut self, id: OrderId) {
        self.request_on(self.first(), Request::Cancel(id), VALID);
    }

    pub(super) fn amend(&mut self, id: OrderId, price: Price) {
        self.request_on(self.first(), Request::Amend { id, price }, VALID);
    }

    pub(super) fn request_on(&mut self, account: AccountId, request: Request, valid: Interval) {
        self.note(|| format!("says    {request:?}"));
        let valid_until = self.subject.now() + valid;
        self.subject.say(ToVenue::Request { account, request, valid_until });
    }

    // The market.

    /// It goes this far from the price.
    pub(super) fn go(&mut self, away: i64) {
        let (from, to) = (self.subject.price(), self.at(away));
        self.note(|| format!("trades  {from:?} to {to:?}"));
        self.subject.trade(from, to);
    }

    /// It opens this far from the price, with nothing between.
    pub(super) fn gap(&mut self, away: i64) {
        let to = self.at(away);
        self.note(|| format!("gaps    to {to:?}"));
        self.subject.trade(to, to);
    }

    pub(super) fn fund(&mut self, rate: Rate) {
        self.note(|| format!("funds   {rate:?}"));
        self.subject.fund(rate);
    }

    // What is heard.

    pub(super) fn listen(&mut self) -> Played {
        for said in self.subject.listen() {
            self.note(|| format!("hears   {said:?}"));
            let instrument = self.subject.instrument();
            match said {
                FromVenue::Report { account, number, at, report } => {
                    let books = self.books.iter_mut().find(|books| books.account == account);
                    let books = books.ok_or("a report of an account that is nobody's")?;
                    books.hear(instrument, number, at, report)?;
                }
                FromVenue::History { account, ref reports, last, .. } => {
                    let ascends = reports.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0);
                    if !ascends || reports.last().is_some_and(|(number, ..)| *number > last) {
                        return Err(format!("a history with a gap, or beyond its end: {said:?}"));
                    }
                    let books = self.books.iter_mut().find(|books| books.account == account);
                    let books = books.ok_or("a history of an account that is nobody's")?;
                    for (number, at, report) in reports {
                        books.hear(instrument, *number, *at, *report)?;
                    }
                    self.histories.push(said);
                }
                FromVenue::Holding { account, holding, .. } => self.holdings.push((account, holding)),
                FromVenue::Linked => {}
            }
        }
        Ok(())
    }

    /// Listens until something is so.
    pub(super) fn until(&mut self, what: &str, is_so: impl Fn(&Stage<'_>) -> bool) -> Played {
        for _ in 0..LISTENS_MAX {
            if is_so(self) {
                return Ok(());
            }
            self.listen()?;
        }
        if is_so(self) { Ok(()) } else { Err(format!("it was waited for in vain: {what}")) }
    }

    /// What was said of an order of the first account.
    pub(super) fn said_of(&self, which: usize, id: OrderId) -> Vec<Report> {
        let reports = self.books[which].heard.iter().map(|(_, report)| *report);
        reports.filter(|report| report.order() == Some(id)).collect()
    }

    /// Hears exactly this of an order.
    pub(super) fn hears(&mut self, id: OrderId, words: &[Word]) -> Played {
        self.hears_on(0, id, words)
    }

    pub(super) fn hears_on(&mut self, which: usize, id: OrderId, words: &[Word]) -> Played {
        for _ in 0..LISTENS_MAX {
            let said = self.said_of(which, id);
            match compare(&said, words) {
                Match::All => return Ok(()),
                Match::SoFar => self.listen()?,
                Match::No => return Err(format!("of {id} was to be heard {words:?}, and was {said:?}")),
            }
        }
        let said = self.said_of(which, id);
        Err(format!("of {id} was to be heard {words:?}, and was no more than {said:?}"))
    }

    /// The fill that was heard of an order last.
    pub(super) fn fill(&self, id: OrderId) -> Result<model::Fill, String> {
        let mut fills = self.said_of(0, id).into_iter().filter_map(|report| match report {
            Report::Filled(fill) => Some(fill),
            _ => None,
        });
        fills.next_back().ok_or_else(|| format!("no fill of {id} was heard"))
    }

    pub(super) fn held(&self, side: PositionSide) -> i64 {
        self.books[0].positions[usize::from(side == PositionSide::Short)].qty.0
    }

    /// The line that a side opens.
    pub(super) fn line(&self, side: Side) -> PositionSide {
        self.subject.mode().opened_by(side)
    }

    pub(super) fn ask_history(&mut self, after: u64) -> Result<History, String> {
        let (account, asked_at) = (self.first(), self.subject.now());
        self.histories.clear();
        self.subject.say(ToVenue::AskHistory { account, after, asked_at });
        self.until("a history", |stage| !stage.histories.is_empty())?;
        match self.histories.pop() {
            Some(FromVenue::History { reports, last, .. }) => Ok((reports, last)),
            _ => Err("what was kept as a history is none".to_owned()),
        }
    }

    /// What an account holds, once everything before it was told.
    pub(super) fn holding(&mut self, which: usize) -> Result<Holding, String> {
        let account = self.books[which].account;
        self.holdings.clear();
        for listen in 0..LISTENS_MAX {
            if listen % LISTENS_AGAIN == 0 {
                let asked_at = self.subject.now();
                let after = self.books[which].heard.len() as u64;
                self.subject.say(ToVenue::AskHistory { account, after, asked_at });
                self.subject.say(ToVenue::AskHolding { account, asked_at });
            }
            let heard = self.books[which].heard.len() as u64;
            let whole = |(of, holding): &&(AccountId, Holding)| *of == account && holding.last == heard;
            if let Some((_, holding)) = self.holdings.iter().find(whole) {
                return Ok(holding.clone());
            }
            self.listen()?;
        }
        Err(format!("no holding of {account} came after all that was told"))
    }

    /// Somebody else has traded on an account, and has closed what he had.
    pub(super) fn stain(&mut self) {
        self.stained = true;
    }

    /// How every case ends: at rest, unless somebody else's money is between.
    pub(super) fn end(&mut self) -> Played {
        if self.stained { Ok(()) } else { self.settle() }
    }

    /// Both accounts are at rest, and have what was told.
    pub(super) fn settle(&mut self) -> Played {
        self.settle_beside(&[], [Qty::ZERO; 2])
    }

    /// The same beside what somebody else has there: his orders at rest, and his lots.
    pub(super) fn settle_beside(&mut self, foreign: &[Option<OrderId>], lots: [Qty; 2]) -> Played {
        for which in [0, 1] {
            let holding = self.holding(which)?;
            let books = &self.books[which];
            let (account, wallet) = (books.account, books.wallet);
            let (foreign, lots) = if which == 0 { (foreign, lots) } else { (&[][..], [Qty::ZERO; 2]) };
            let told = [0, 1].map(|line: usize| books.positions[line].qty + lots[line]);
            let mut orders: Vec<_> = books.resting().into_iter().map(Some).chain(foreign.to_vec()).collect();
            let mut there = holding.orders.clone();
            orders.sort_unstable();
            there.sort_unstable();
            let really = self.subject.wallet(account);
            if holding.positions != told {
                return Err(format!("{account} holds {:?}, and {told:?} was told", holding.positions));
            }
            if there != orders {
                return Err(format!("{there:?} rest on {account}, and {orders:?} was told"));
            }
            if lots == [Qty::ZERO; 2] && (holding.wallet != wallet || really != wallet) {
                return Err(format!(
                    "{account} has {really} and says {}, and {wallet} was told",
                    holding.wallet
                ));
            }
        }
        Ok(())
    }

    /// The process dies, and rises with what it was told.
    pub(super) fn die(&mut self) {
        self.note(|| "dies".to_owned());
        self.subject.die();
        self.books.iter_mut().for_each(Books::lose_early);
        self.histories.clear();
        self.holdings.clear();
    }

    pub(super) fn rise(&mut self) {
        let known = self.books.iter().map(|books| books.known(self.began)).collect();
        self.note(|| format!("rises   {known:?}"));
        self.subject.rise(known);
    }
}

enum Match {
    All,
    SoFar,
    No,
}

/// Holds what was said against what was to be heard. An acceptance is free before anything else was said.
fn compare(said: &[Report], words: &[Word]) -> Match {
    let mut said = said.iter().peekable();
    for word in words {
        if *word != Word::Taken {
            while said.next_if(|report| matches!(report, Report::Accepted { .. })).is_some() {}
        }
        match said.next() {
            None => return Match::SoFar,
            Some(report) if fits(report, word) => {}
            Some(_) => return Match::No,
        }
    }
    if said.next().is_none() { Match::All } else { Match::No }
}

fn fits(report: &Report, word: &Word) -> bool {
    match (*report, word) {
        (Report::Accepted { .. }, Word::Taken) | (Report::Triggered { .. }, Word::WentOff) => true,
        (Report::Filled(fill), Word::Filled(lots, end)) => {
            let ends = if fill.remaining.0 == 0 { End::Whole } else { End::Part };
            fill.qty.0 == *lots && ends == *end
        }
        (Report::Cancelled { reason, .. }, Word::Gone(reasons)) => {
            reasons.is_empty() || reasons.contains(&reason)
        }
        (Report::Rejected { reason, .. }, Word::Refused(reasons)) => {
            reasons.is_empty() || reasons.contains(&reason)
        }
        (Report::Amended { price, .. }, Word::Moved(to)) => price == *to,
        _ => false,
    }
}
