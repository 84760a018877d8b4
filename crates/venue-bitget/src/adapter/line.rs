//! One account: whether it may be traded, its private socket, and what is heard on it.
//!
//! Refuses to send anything for an account that is not what the farm is set up for, and to change a setting of it.

use super::doing::{Alert, Doing, Door, LineId};
use super::flights::{Flight, For};
use super::post::{Errand, Purpose};
use super::record::{Record, Seen};
use super::shared::Shared;
use super::survey::Surveys;
use crate::account::{Detected, Standing, Wanted, generation_of};
use crate::budget::UserId;
use crate::errors::Fatal;
use crate::meaning::{
    Execution, OrderState, PlanState, Reading, Source, Unread, execution, order_state, plan_state,
};
use crate::request::reads::Read;
use crate::response::Reply;
use crate::sign::Credentials;
use crate::stream::{Connection, Output, Subscription};
use crate::wire::account::{Balance, KeyInfo, Settings};
use crate::wire::{Generation, Pushed, Topic, answer};
use model::order::REQUEST_VALIDITY;
use model::{AccountId, FromVenue, Interval, Known, Request, Time};

/// What could not be read at start is read again after this.
const AGAIN: Interval = Interval(2_000);
/// An account that may not be traded is looked at again after this.
const LOOK_AGAIN: Interval = Interval(60_000);
/// What is heard before the first reading is done; beyond it the reading is done anew.
const EARLY_MAX: usize = 4_096;

/// Where an account stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Its settings are to be asked for then.
    Begin(Time),
    /// They were.
    Asked,
    /// The key is to be asked about then; what is known by now.
    AskKey(Time, Box<Standing>),
    KeyAsked(Box<Standing>),
    /// It may be traded.
    Ready(Generation),
    /// Not until somebody changes something.
    Barred(Time),
}

/// Something heard before the first reading was done.
#[derive(Clone, Debug)]
pub(crate) enum Early {
    Order(Box<OrderState>),
    Plan(Box<PlanState>),
    Execution(Box<Execution>),
}

/// An account.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) account: AccountId,
    pub(crate) user: UserId,
    pub(crate) line: LineId,
    pub(crate) credentials: Credentials,
    pub(crate) wanted: Wanted,
    pub(crate) stage: Stage,
    pub(crate) connection: Option<Connection>,
    pub(crate) record: Record,
    pub(crate) flights: Vec<Flight>,
    pub(crate) next_flight: u64,
    /// Flights that are being looked for.
    pub(crate) looking: Vec<u64>,
    /// Orders that are being looked up by the exchange's id.
    pub(crate) asking: Vec<String>,
    pub(crate) surveys: Surveys,
    pub(crate) early: Vec<Early>,
    /// Reports that were told.
    told: u64,
    seed: u64,
}

impl Line {
    pub(crate) fn new(
        number: u32,
        user: UserId,
        credentials: Credentials,
        wanted: Wanted,
        known: &Known,
        seed: u64,
        now: Time,
    ) -> Line {
        // A farm that has asked for something and died may not have heard what came of it.
        let is_new = known.heard == 0 && known.orders.is_empty();
        Line {
            account: known.account,
            user,
            line: LineId(number),
            credentials,
            stage: Stage::Begin(Time(i64::MIN)),
            connection: None,
            record: Record::new(known, wanted.mode.position),
            wanted,
            flights: Vec::new(),
            next_flight: 1,
            looking: Vec::new(),
            asking: Vec::new(),
            surveys: Surveys::new(if is_new { now } else { known.since }, is_new),
            early: Vec::new(),
            told: known.heard,
            seed,
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.stage, Stage::Ready(_))
    }

    pub(crate) fn generation(&self) -> Generation {
        match self.stage {
            Stage::Ready(generation) => generation,
            _ => unreachable!("only an account that is ready is traded"),
        }
    }

    pub(crate) fn reading<'a>(&self, shared: &'a Shared) -> Reading<'a> {
        let instrument = &shared.listing.as_ref().expect("the contract is known").instrument;
        Reading {
            generation: self.generation(),
            position: self.wanted.mode.position,
            instrument,
            prefix: shared.prefix,
        }
    }

    // Whether it may be traded.

    /// Asks what is due at the start.
    pub(crate) fn begin(&mut self, shared: &mut Shared) {
        let now = shared.now;
        match &self.stage {
            Stage::Begin(at) | Stage::Barred(at) if *at <= now && shared.listing.is_some() => {
                self.ask(shared, Errand::Settings, Read::Settings, Generation::V3);
                self.stage = Stage::Asked;
            }
            Stage::AskKey(at, standing) if *at <= now => {
                let standing = standing.clone();
                let generation = standing.generation.expect("what is known of an account begins with this");
                self.ask(shared, Errand::Key, Read::KeyInfo, generation);
                self.stage = Stage::KeyAsked(standing);
            }
            _ => {}
        }
    }

    pub(crate) fn next_beginning(&self) -> Option<Time> {
        match &self.stage {
            Stage::Begin(at) | Stage::Barred(at) | Stage::AskKey(at, _) => Some(*at),
            _ => None,
        }
    }

    /// Somebody changed a setting while we traded.
    pub(crate) fn read_standing_again(&mut self, shared: &mut Shared) {
        self.stage = Stage::Begin(shared.now + AGAIN);
        self.surveys.stop(shared.now);
        shared.post.forget(self.account);
        self.flights.clear();
        self.looking.clear();
        if let Some(mut connection) = self.connection.take() {
            connection.closed(shared.now, &mut Vec::new());
            shared.push(Doing::Close(self.line, crate::stream::Reason::LoginRefused));
        }
    }

    fn ask(&mut self, shared: &mut Shared, errand: Errand, read: Read<'_>, generation: Generation) {
        let http = read.request(generation, &shared.prefix);
        shared.post.want(Purpose::Of(self.account, errand), http, self.user, shared.now);
    }

    pub(crate) fn settings(&mut self, shared: &mut Shared, reply: Reply<'_>) {
        let again = Stage::Begin(shared.now + AGAIN);
        let Some((status, body)) = reply else {
            self.stage = again;
            return;
        };
        let settings = answer::<Settings<'_>>(status, body);
        match (generation_of(&settings), settings) {
            (Detected::Is(Generation::V2), _) => {
                let symbol = shared.symbol.clone();
                self.ask(shared, Errand::Standing, Read::Account(&symbol), Generation::V2);
            }
            (Detected::Is(Generation::V3) | Detected::InBetween(_), Ok(settings)) => {
                match Standing::of_unified(&settings, &shared.symbol) {
                    Ok(standing) => self.stage = Stage::AskKey(shared.now, Box::new(standing)),
                    Err(bad) => {
                        shared.odd(bad.to_string());
                        self.stage = again;
                    }
                }
            }
            (Detected::LockedOut(fatal), _) => self.bar_out(shared, fatal),
            (Detected::Unknown(words), _) => {
                shared.odd(words);
                self.stage = again;
            }
            (Detected::Is(_) | Detected::InBetween(_), Err(_)) => self.stage = again,
        }
    }

    fn bar_out(&mut self, shared: &mut Shared, fatal: Fatal) {
        shared.alert(Alert::LockedOut(self.account, fatal));
        self.stage = Stage::Barred(shared.now + LOOK_AGAIN);
    }

    pub(crate) fn standing(&mut self, shared: &mut Shared, reply: Reply<'_>) {
        let read = reply.map(|(status, body)| answer::<Balance<'_>>(status, body));
        let standing = match read {
            Some(Ok(row)) => Standing::of_classic(&row).map_err(|bad| bad.to_string()),
            Some(Err(failure)) => Err(failure.to_string()),
            None => Err("no answer about the account".to_owned()),
        };
        self.stage = match standing {
            Ok(standing) => Stage::AskKey(shared.now, Box::new(standing)),
            Err(words) => {
                shared.odd(words);
                Stage::Begin(shared.now + AGAIN)
            }
        };
    }

    pub(crate) fn key(&mut self, shared: &mut Shared, reply: Reply<'_>) {
        let Stage::KeyAsked(standing) = self.stage.clone() else { return };
        let read = reply.map(|(status, body)| answer::<KeyInfo<'_>>(status, body));
        let key = match read {
            Some(Ok(key)) => key,
            other => {
                if let Some(Err(failure)) = other {
                    shared.odd(failure.to_string());
                }
                self.stage = Stage::AskKey(shared.now + AGAIN, standing);
                return;
            }
        };
        let standing = standing.with_key(&key);
        match standing.clearance(&self.wanted) {
            Ok(cleared) => {
                self.stage = Stage::Ready(cleared.generation);
                shared.alert(Alert::Ready(self.account, standing));
                self.connect(shared);
            }
            Err(obstacles) => {
                self.stage = Stage::Barred(shared.now + LOOK_AGAIN);
                shared.alert(Alert::Barred(self.account, standing, obstacles));
            }
        }
    }

    // Its socket.

    fn connect(&mut self, shared: &Shared) {
        let topics = [Topic::Orders, Topic::Plans, Topic::Fills, Topic::Account, Topic::Positions];
        let subscriptions = topics.map(Subscription::of_account).to_vec();
        let credentials = Some(self.credentials.clone());
        let mut connection = Connection::new(self.generation(), credentials, subscriptions, self.seed);
        connection.set_clock(shared.clock);
        if shared.lock_step {
            connection.keep_step();
        }
        self.connection = Some(connection);
        self.surveys.deafen(shared.now);
    }

    /// Lets the socket do something, and does what it wants done.
    pub(crate) fn with_connection<'a>(
        &mut self,
        shared: &mut Shared,
        act: impl FnOnce(&mut Connection, Time, &mut Vec<Output<'a>>),
    ) {
        let Some(connection) = &mut self.connection else { return };
        let mut outputs = Vec::new();
        act(connection, shared.now, &mut outputs);
        let mut refused = false;
        for output in outputs {
            match output {
                Output::Open => match shared.post.may_open(shared.now) {
                    Ok(()) => shared.push(Doing::Open(
                        self.line,
                        Door::Private,
                        path(self.generation(), Door::Private),
                    )),
                    Err(_) => refused = true,
                },
                Output::Send(text) => shared.push(Doing::Say(self.line, text)),
                Output::Close(reason) => {
                    self.surveys.deafen(shared.now);
                    shared.push(Doing::Close(self.line, reason));
                }
                Output::LockedOut(fatal) => shared.alert(Alert::LockedOut(self.account, fatal)),
                Output::MeasureClock => shared.distrust_clock(),
                Output::Rows { rows, .. } => self.rows(shared, &rows),
                Output::Stale { doubt, .. } => shared.alert(Alert::Doubted(Some(self.account), doubt)),
                Output::Refused { code, .. } => shared.odd(format!("a private stream was refused: {code}")),
                Output::Resync => self.surveys.resync(),
                Output::Odd(oddity) => shared.odd(format!("{oddity:?}")),
                Output::Fresh { .. } | Output::BookChanged { .. } => {}
            }
        }
        if refused && let Some(connection) = &mut self.connection {
            connection.closed(shared.now, &mut Vec::new());
        }
    }

    fn rows(&mut self, shared: &mut Shared, rows: &Pushed<'_>) {
        let mut heard = Vec::new();
        let mut unread = Vec::new();
        let reading = self.reading(shared);
        let mut take = |read: Result<Early, Unread>| match read {
            Ok(early) => heard.push(early),
            Err(Unread::OtherSymbol(_)) => {}
            Err(error) => unread.push(error.to_string()),
        };
        match rows {
            Pushed::Orders(rows) => {
                rows.iter()
                    .for_each(|row| take(order_state(&reading, row).map(|one| Early::Order(Box::new(one)))));
            }
            Pushed::Plans(rows) => {
                rows.iter()
                    .for_each(|row| take(plan_state(&reading, row).map(|one| Early::Plan(Box::new(one)))));
            }
            Pushed::Fills(rows) => rows.iter().for_each(|row| {
                take(
                    execution(&reading, row, Source::FillChannel).map(|one| Early::Execution(Box::new(one))),
                );
            }),
            _ => {}
        }
        unread.into_iter().for_each(|words| shared.odd(words));
        if self.surveys.has_caught_up() {
            heard.into_iter().for_each(|early| self.take_in(shared, early));
        } else if self.early.len() + heard.len() > EARLY_MAX {
            // What is not kept is read again.
            self.early.clear();
            self.surveys.resync();
        } else {
            self.early.extend(heard);
        }
    }

    /// Takes in what was pushed.
    pub(crate) fn take_in(&mut self, shared: &Shared, early: Early) {
        let seen = Seen::Pushed(shared.now);
        match early {
            Early::Order(state) => {
                self.record.saw_order(seen, &state);
                if let Some(execution) = &state.execution {
                    self.record.executed(std::slice::from_ref(execution));
                }
                self.record.claim();
            }
            Early::Plan(state) => {
                self.record.saw_plan(seen, shared.exchange_now(), &state);
                self.record.claim();
            }
            Early::Execution(execution) => self.record.executed(std::slice::from_ref(&execution)),
        }
    }

    // What is told.

    /// Places what entries were promised, takes back what is over, tells what is new.
    pub(crate) fn attend(&mut self, shared: &mut Shared) {
        if !self.is_ready() || !self.surveys.was_read() {
            return;
        }
        self.record.ripen(shared.exchange_now());
        for rung in std::mem::take(&mut self.record.due) {
            self.fly(shared, For::Bracket, Request::Place(rung), shared.exchange_now() + REQUEST_VALIDITY);
        }
        for id in std::mem::take(&mut self.record.stale) {
            if self.record.register.resting(id).is_some() {
                self.fly(shared, For::Bracket, Request::Cancel(id), shared.exchange_now() + REQUEST_VALIDITY);
            }
        }
        self.puzzle(shared.now);
        self.tell(shared);
    }

    /// When an order may be called accepted, by the exchange's clock.
    pub(crate) fn next_ripe(&self) -> Option<Time> {
        if self.is_ready() && self.surveys.was_read() { self.record.next_ripe() } else { None }
    }

    fn tell(&mut self, shared: &mut Shared) {
        let account = self.account;
        for (number, at, report) in self.record.news(self.told) {
            shared.push(Doing::Tell(FromVenue::Report { account, number, at, report }));
        }
        self.told = self.record.last();
    }
}

/// The path of a socket.
pub(crate) const fn path(generation: Generation, door: Door) -> &'static str {
    match (generation, door) {
        (Generation::V2, Door::Public) => "/v2/ws/public",
        (Generation::V2, Door::Private) => "/v2/ws/private",
        (Generation::V3, Door::Public) => "/v3/ws/public",
        (Generation::V3, Door::Private) => "/v3/ws/private",
    }
}
