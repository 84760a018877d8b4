//! The adapter: desks on one side, bytes on the other, nothing in between but rules.
//!
//! It reads the exchange's clock, the contract and each account before anything is sent; then it sends what the farm
//! approved, tells what became of it as numbered reports, and answers what a desk asks by reading. Time and bytes are
//! handed in, so a test, a simulation and a socket drive the same adapter. It refuses an account that is not what the
//! farm is set up for, to switch anything at the exchange, and to say that something did not happen because nobody
//! answered.

mod doing;
mod feed;
mod flights;
mod line;
mod post;
mod record;
mod shared;
mod steps;
mod survey;

pub use doing::{Alert, CallId, Doing, Door, LineId, News, Signed};
pub use post::TIMEOUT;

use crate::account::Wanted;
use crate::budget::UserId;
use crate::clock::ExchangeClock;
use crate::instrument::Listing;
use crate::order_id::Prefix;
use crate::request::TriggerBy;
use crate::request::reads::Read;
use crate::response::Reply;
use crate::sign::{Credentials, Environment};
use crate::wire::market::{Contract, ServerTime, Tier};
use crate::wire::{Failure, Generation, Rows, answer};
use feed::{Feed, Hears};
use flights::For;
use line::Line;
use model::{AccountId, Interval, Known, Time, ToVenue};
use post::{Call, Errand, Pen, Post, Purpose};
use shared::Shared;
use std::collections::VecDeque;
use steps::{Answered, Due, Frame, Steps};

/// The clock is measured this often.
const MEASURE_EACH: Interval = Interval(5 * Interval::MINUTE.0);
/// What did not come at the start is asked for again after this.
const AGAIN: Interval = Interval(2_000);
/// Accounts of one adapter.
pub const ACCOUNTS_MAX: usize = 256;
/// Public endpoints belong to no user.
const NOBODY: UserId = UserId(0);

/// What an adapter is set up with.
#[derive(Debug)]
pub struct Settings {
    /// Real money or Bitget's demo.
    pub environment: Environment,
    /// What our order ids begin with.
    pub prefix: Prefix,
    /// What is traded.
    pub symbol: String,
    /// What sets a trigger off.
    pub trigger_by: TriggerBy,
    /// Bars of the market, if somebody wants them.
    pub market: Option<Market>,
    /// The accounts.
    pub accounts: Vec<Account>,
    /// Pauses between attempts are drawn from this.
    pub seed: u64,
    /// The venue waits for us: say that we take part.
    pub lock_step: bool,
}

/// The market somebody wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    /// How long bars are.
    pub base: Interval,
    /// The opening of the first one.
    pub from: Time,
    /// Symbols whose tickers are listened to beside.
    pub beside: Vec<String>,
}

/// An account.
#[derive(Debug)]
pub struct Account {
    /// Its key.
    pub credentials: Credentials,
    /// What the farm is set up for.
    pub wanted: Wanted,
    /// What the farm knows of it.
    pub known: Known,
}

/// The adapter.
#[derive(Debug)]
pub struct Adapter {
    shared: Shared,
    feed: Option<Feed>,
    lines: Vec<Line>,
    /// The contract is to be asked for then.
    list_at: Time,
    listing: Listed,
    /// The contract list, until the tiers are there.
    contract: Option<String>,
    /// Where the venue waits for us.
    steps: Option<Steps>,
}

/// What of the contract is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listed {
    Wanted,
    Asked,
}

impl Adapter {
    /// An adapter that wants to begin.
    pub fn new(settings: Settings, now: Time) -> Adapter {
        let Settings { environment, prefix, symbol, trigger_by, market, accounts, seed, lock_step } =
            settings;
        assert!(accounts.len() <= ACCOUNTS_MAX, "an adapter has at most {ACCOUNTS_MAX} accounts");
        // An account hears of its settlements; who has none plays the exchange, and reads what it settled.
        let hears = if accounts.is_empty() { Hears::Everything } else { Hears::Prices };
        let feed = market.map(|market| Feed::new(&symbol, market, hears, lock_step, seed));
        let lines = (1_u32..).zip(accounts).map(|(number, account)| {
            let Account { credentials, wanted, known } = account;
            {
                let seed = seed.wrapping_add(u64::from(number));
                Line::new(number, UserId(number), credentials, wanted, &known, seed, now)
            }
        });
        let lines = lines.collect();
        let shared = Shared {
            environment,
            prefix,
            symbol,
            trigger_by,
            clock: ExchangeClock::default(),
            measure_at: Time(i64::MIN),
            lock_step,
            listing: None,
            post: Post::new(lock_step),
            now,
            out: VecDeque::new(),
        };
        let (list_at, listing) = (Time(i64::MIN), Listed::Wanted);
        let steps = lock_step.then(Steps::default);
        let mut adapter = Adapter { shared, feed, lines, list_at, listing, contract: None, steps };
        adapter.wake(now);
        adapter
    }

    /// Hears a desk.
    pub fn say(&mut self, now: Time, said: ToVenue) {
        self.at(now);
        let of = |account: &AccountId| self.lines.iter().position(|line| line.account == *account);
        let at = match &said {
            ToVenue::Request { account, .. }
            | ToVenue::AskHistory { account, .. }
            | ToVenue::AskHolding { account, .. } => of(account),
        };
        let Some(at) = at else { return };
        let Adapter { lines, shared, .. } = self;
        let line = &mut lines[at];
        match said {
            // Before anything is known nothing is sent: the farm finds out by asking.
            ToVenue::Request { request, valid_until, .. } if line.is_ready() => {
                line.fly(shared, For::Farm, request, valid_until);
            }
            ToVenue::Request { .. } => {}
            ToVenue::AskHistory { after, asked_at, .. } => line.ask_history(shared, after, asked_at),
            ToVenue::AskHolding { asked_at, .. } => line.ask_holding(shared, asked_at),
        }
        self.go_on();
    }

    /// Hears what came back for a call; nothing for a timeout or a broken line. `remaining` is what the exchange says is
    /// left of the endpoint's second.
    pub fn answered(&mut self, now: Time, call: CallId, reply: Reply<'_>, remaining: Option<u32>) {
        self.at(now);
        match &mut self.steps {
            None => self.take_answer(call, reply, remaining),
            Some(steps) => {
                let answered = steps.answered(call, reply, remaining, self.shared.post.under_way());
                for (call, Answered { reply, remaining }) in answered {
                    let reply = reply.as_ref().map(|(status, body)| (*status, body.as_str()));
                    self.take_answer(call, reply, remaining);
                }
            }
        }
        self.go_on();
    }

    fn take_answer(&mut self, call: CallId, reply: Reply<'_>, remaining: Option<u32>) {
        if let Some(call) = self.shared.post.answered(self.shared.now, call, remaining) {
            self.take(&call, reply);
        }
    }

    fn take(&mut self, call: &Call, reply: Reply<'_>) {
        match &call.purpose {
            Purpose::Clock => self.take_clock(call.sent_at, reply),
            Purpose::Contracts => self.take_contracts(reply),
            Purpose::Tiers => self.take_tiers(reply),
            Purpose::Candles => {
                if let Some(feed) = &mut self.feed {
                    feed.candles(&mut self.shared, reply);
                }
            }
            Purpose::Settlements => {
                if let Some(feed) = &mut self.feed {
                    feed.settlements(&mut self.shared, reply);
                }
            }
            Purpose::Of(account, errand) => {
                let Adapter { lines, shared, .. } = self;
                if let Some(line) = lines.iter_mut().find(|line| line.account == *account) {
                    take_errand(line, shared, errand, call.sent_at, reply);
                }
            }
        }
    }

    /// The socket is open.
    pub fn opened(&mut self, now: Time, line: LineId) {
        self.at(now);
        self.with_line(line, |connection, now, out| connection.opened(now, out));
        if let Some(steps) = &mut self.steps {
            self.shared.push(steps.opened(line));
        }
        self.go_on();
    }

    /// It is closed, or could not be opened.
    pub fn closed(&mut self, now: Time, line: LineId) {
        self.at(now);
        if let Some(one) = self.lines.iter_mut().find(|one| one.line == line) {
            one.surveys.deafen(now);
        }
        if let Some(steps) = &mut self.steps {
            steps.closed(line);
        }
        self.with_line(line, |connection, now, out| connection.closed(now, out));
        self.go_on();
    }

    /// Something was said on it.
    pub fn frame(&mut self, now: Time, line: LineId, text: &str) {
        self.at(now);
        let frame = self.steps.as_mut().map_or(Frame::Answer, |steps| steps.hear(line, text));
        if frame == Frame::Answer {
            self.with_line(line, |connection, now, out| connection.on_frame(now, text, out));
        }
        self.go_on();
    }

    /// The farm has done with a step of a venue that waits for it.
    pub fn acknowledge(&mut self, now: Time, step: u64) {
        self.at(now);
        let said = self.steps.as_mut().map(|steps| steps.acknowledge(step));
        said.into_iter().flatten().for_each(|doing| self.shared.push(doing));
    }

    /// Begins the step that a venue which waits for us has told, and takes what it pushed in it.
    fn keep_step(&mut self) {
        while let Some(steps) = &mut self.steps {
            if let Some((step, at, pushed)) = steps.begin() {
                self.shared.keep_step(at);
                self.take_pushed(pushed);
                self.shared.push(Doing::Step(step, at));
            } else if self.shared.post.is_idle(self.shared.now) {
                match steps.due(self.shared.post.made()) {
                    Due::Nothing => return,
                    Due::Tell(step, at) => return self.shared.push(Doing::Step(step, at)),
                    Due::Say(pings) => pings.into_iter().for_each(|ping| self.shared.push(ping)),
                    Due::Take(pushed) => self.take_pushed(pushed),
                }
            } else {
                return;
            }
            self.do_what_is_due();
        }
    }

    fn take_pushed(&mut self, pushed: Vec<(LineId, String)>) {
        for (line, text) in pushed {
            self.with_line(line, |connection, now, out| connection.on_frame(now, &text, out));
        }
    }

    fn with_line<'a>(
        &mut self,
        line: LineId,
        act: impl FnOnce(&mut crate::stream::Connection, Time, &mut Vec<crate::stream::Output<'a>>),
    ) {
        let Adapter { shared, feed, lines, .. } = self;
        match (feed, lines.iter_mut().find(|one| one.line == line)) {
            (_, Some(one)) => one.with_connection(shared, act),
            (Some(feed), None) if line == feed::LINE => feed.with_connection(shared, act),
            _ => {}
        }
    }

    /// When `wake` wants to be called if nothing else happens.
    pub fn next_wake(&self) -> Option<Time> {
        let Adapter { shared, feed, lines, .. } = self;
        // Before the exchange's clock is known nothing else is begun.
        let begun = |at: Option<Time>| at.filter(|_| shared.clock.is_known());
        let of_lines = lines.iter().flat_map(|line| {
            let socket = line.connection.as_ref().and_then(|one| one.next_wake()).map(|(at, _)| at);
            let beginning = line.next_beginning().filter(|_| shared.listing.is_some());
            let ripe = line.next_ripe().map(|at| shared.machine_time(at));
            [begun(beginning), begun(line.next_inquiry()), begun(line.next_reading()), socket, ripe]
        });
        let of_feed = feed.iter().flat_map(|feed| {
            let socket = feed.connection.next_wake().map(|(at, _)| at);
            [begun(feed.next_wake(shared)), socket]
        });
        let listing = (shared.listing.is_none() && self.listing == Listed::Wanted).then_some(self.list_at);
        [Some(shared.measure_at), begun(listing), shared.post.next_wake()]
            .into_iter()
            .chain(of_lines)
            .chain(of_feed)
            .flatten()
            .min()
    }

    /// The clock has come this far: does what is due.
    pub fn wake(&mut self, now: Time) {
        self.at(now);
        while let Some(call) = self.shared.post.forgotten(now) {
            self.take(&call, None);
        }
        let Adapter { shared, feed, lines, .. } = self;
        if let Some(feed) = feed {
            feed.with_connection(shared, |connection, now, out| connection.wake(now, out));
        }
        for line in lines {
            line.with_connection(shared, |connection, now, out| connection.wake(now, out));
        }
        self.go_on();
    }

    /// The next thing to be done.
    pub fn poll(&mut self) -> Option<Doing> {
        self.shared.out.pop_front()
    }

    /// Whether nothing is under way, and no bar is over that was not told.
    pub fn is_idle(&self) -> bool {
        let Adapter { shared, feed, lines, steps, .. } = self;
        let is_behind = feed.as_ref().is_some_and(|feed| feed.is_behind(shared));
        let is_clear = steps.as_ref().is_none_or(|steps| {
            let of_lines = lines.iter().filter_map(|line| line.connection.as_ref());
            let mut all = of_lines.chain(feed.as_ref().map(|feed| &feed.connection));
            steps.is_clear(shared.post.made()) && !all.any(|one| one.is_settling(shared.now))
        });
        shared.out.is_empty() && shared.post.is_idle(shared.now) && !is_behind && is_clear
    }

    /// The contract that is traded, once it is known.
    pub fn listing(&self) -> Option<&Listing> {
        self.shared.listing.as_ref()
    }

    /// The exchange's clock, as it was measured last.
    pub fn exchange_time(&self, now: Time) -> Time {
        self.shared.clock.at(now)
    }

    fn at(&mut self, now: Time) {
        self.shared.now = self.shared.now.max(now);
    }

    /// Everything that follows from what was just heard.
    fn go_on(&mut self) {
        self.do_what_is_due();
        self.keep_step();
    }

    fn do_what_is_due(&mut self) {
        let Adapter { shared, feed, lines, .. } = self;
        if shared.measure_at <= shared.now {
            shared.measure_at = shared.now + if shared.clock.is_known() { MEASURE_EACH } else { AGAIN };
            let http = Read::ServerTime.request(Generation::V2, &shared.prefix);
            shared.post.want(Purpose::Clock, http, NOBODY, shared.now);
        }
        if shared.clock.is_known() {
            if shared.listing.is_none() && self.listing == Listed::Wanted && self.list_at <= shared.now {
                let http = Read::Contracts.request(Generation::V2, &shared.prefix);
                shared.post.want(Purpose::Contracts, http, NOBODY, shared.now);
                self.listing = Listed::Asked;
            }
            if let Some(feed) = feed {
                feed.wake(shared);
            }
            for line in lines.iter_mut() {
                line.begin(shared);
                line.attend(shared);
                line.inquire(shared);
                line.survey(shared);
            }
        }
        self.send();
    }

    fn send(&mut self) {
        let Adapter { shared, lines, .. } = self;
        let Shared { post, clock, out, environment, now, .. } = shared;
        let credentials =
            |user: UserId| lines.iter().find(|line| line.user == user).map(|line| &line.credentials);
        let pen = Pen { clock, environment: *environment, credentials: &credentials };
        let late = post.send(*now, &pen, &mut |doing| out.push_back(doing));
        for purpose in late {
            if let Purpose::Of(account, Errand::Do(number)) = purpose
                && let Some(line) = lines.iter_mut().find(|line| line.account == account)
            {
                line.too_late(number);
            }
        }
    }

    fn take_clock(&mut self, sent_at: Time, reply: Reply<'_>) {
        let shared = &mut self.shared;
        let time = reply.map(|(status, body)| answer::<ServerTime<'_>>(status, body));
        let known = match time {
            Some(Ok(row)) => row.at.field("serverTime").time().ok(),
            Some(Err(failure)) => {
                shared.odd(failure.to_string());
                None
            }
            None => None,
        };
        let heard = known.is_some_and(|server| shared.clock.heard(sent_at, server, shared.now));
        if !heard && !shared.clock.is_known() {
            shared.measure_at = shared.now + AGAIN;
        } else {
            shared.measure_at = shared.now + MEASURE_EACH;
        }
        for line in &mut self.lines {
            if let Some(connection) = &mut line.connection {
                connection.set_clock(shared.clock);
            }
        }
        if let Some(feed) = &mut self.feed {
            feed.connection.set_clock(shared.clock);
        }
    }

    fn take_contracts(&mut self, reply: Reply<'_>) {
        let listed = reply.map(|(status, body)| answer::<Rows<Contract<'_>>>(status, body));
        let shared = &mut self.shared;
        match listed {
            Some(Ok(rows)) => match rows.0.iter().find(|row| row.symbol.is(&shared.symbol)) {
                Some(_) => {
                    let http = Read::Tiers(&shared.symbol).request(Generation::V2, &shared.prefix);
                    shared.post.want(Purpose::Tiers, http, NOBODY, shared.now);
                    self.contract = reply.map(|(_, body)| body.to_owned());
                    return;
                }
                None => {
                    let words =
                        format!("{} is not traded here: choose a symbol of the contract list", shared.symbol);
                    shared.alert(Alert::Unlisted(words));
                }
            },
            Some(Err(failure)) => shared.odd(failure.to_string()),
            None => {}
        }
        (self.listing, self.list_at) = (Listed::Wanted, shared.now + AGAIN);
    }

    fn take_tiers(&mut self, reply: Reply<'_>) {
        let Adapter { shared, contract, .. } = self;
        (self.listing, self.list_at) = (Listed::Wanted, shared.now + AGAIN);
        let (Some((status, body)), Some(contracts)) = (reply, contract.take()) else { return };
        let listing = (|| -> Result<Listing, String> {
            let words = |failure: Failure| failure.to_string();
            let rows: Rows<Contract<'_>> = answer(200, &contracts).map_err(words)?;
            let tiers: Rows<Tier<'_>> = answer(status, body).map_err(words)?;
            let row = rows.0.iter().find(|row| row.symbol.is(&shared.symbol)).ok_or("it was there")?;
            Listing::of(row, &tiers.0).map_err(|unlisted| unlisted.to_string())
        })();
        match listing {
            Ok(listing) => shared.listing = Some(listing),
            Err(words) => shared.alert(Alert::Unlisted(words)),
        }
    }
}

fn take_errand(line: &mut Line, shared: &mut Shared, errand: &Errand, sent_at: Time, reply: Reply<'_>) {
    match errand {
        Errand::Settings => line.settings(shared, reply),
        Errand::Standing => line.standing(shared, reply),
        Errand::Key => line.key(shared, reply),
        // What was asked under settings that are not known any more is asked again.
        _ if !line.is_ready() => {}
        Errand::Do(number) => line.done(shared, *number, reply),
        Errand::Look(number) => line.looked(shared, sent_at, *number, reply),
        Errand::Whose(id) => line.whose(shared, sent_at, id, reply),
        Errand::Page(number, list) => line.page(shared, *number, *list, reply),
    }
}
