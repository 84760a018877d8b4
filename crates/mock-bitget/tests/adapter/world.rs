//! The adapter and the mock with bytes between them: late, lost and cut, in virtual time, from one seed.
//!
//! A client stands where a desk would: it asks for what it missed, and folds what it is told into books of its own, which
//! must be the exchange's in the end. Refuses a report twice, out of order, or with a hole before it.

use mock_bitget::{
    AccountSetup, Exchange, Generation as Family, Matching, Request as Rest, Said, SessionId, Setup, Stretch,
};
use model::{
    AccountId, AccountMode, Bar, BotId, Bracket, FromVenue, Holding, Instrument, Interval, Known, KnownOrder,
    Leg, MarginMode, Mark, OrderId, OrderKind, OrderRequest, Position, PositionMode, PositionSide, Price,
    Progress, Qty, Rate, Report, Request, Rng, Side, TARGETS_MAX, Target, Time, ToVenue, Usd,
};
use std::collections::BTreeMap;
use venue::MarkBar;
use venue_bitget::account::Wanted;
use venue_bitget::adapter::{Account, Adapter, Alert, CallId, Doing, LineId, Market, Settings, Signed};
use venue_bitget::http::Method;
use venue_bitget::order_id::Prefix;
use venue_bitget::request::TriggerBy;
use venue_bitget::sign::{Credentials, Environment, Secret};

pub const START: Time = Time(1_760_000_040_000);
pub const SYMBOL: &str = "BTCUSDT";
pub const UID: &str = "1000000001";
pub const ACCOUNT: AccountId = AccountId(5);
pub const BOT: BotId = BotId(3);
const PRICE: i64 = 600_000;
const BALANCE: Usd = Usd(10_000_000_000);

/// Whether the story is kept: set it where a seed fails, and read what is printed.
const TELLS: bool = false;

/// Generation and position mode.
pub const KINDS: [(Family, PositionMode); 4] = [
    (Family::V2, PositionMode::OneWay),
    (Family::V2, PositionMode::Hedge),
    (Family::V3, PositionMode::OneWay),
    (Family::V3, PositionMode::Hedge),
];

/// How bad the wire is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    Kind,
    /// Everything is late, some of it is lost, sockets break.
    Wild,
}

#[derive(Clone, Debug)]
enum Parcel {
    Rest(CallId, Signed),
    Say(SessionId, String),
    Reply(CallId, Option<(u16, String)>),
    Frame(LineId, SessionId, String),
    Opened(LineId, Family),
    Closed(LineId, SessionId),
}

pub struct World {
    pub exchange: Exchange,
    pub adapter: Option<Adapter>,
    pub now: Time,
    pub rng: Rng,
    pub wire: Wire,
    kind: (Family, PositionMode),
    parcels: BTreeMap<(Time, u64), Parcel>,
    sent: u64,
    sockets: BTreeMap<LineId, SessionId>,
    pub price: i64,
    market_at: Time,
    decisions: u32,
    // What a farm would know.
    pub reports: Vec<(Time, Report)>,
    waiting: BTreeMap<u64, (Time, Report)>,
    pub holdings: Vec<Holding>,
    pub bars: Vec<Bar>,
    pub alerts: Vec<Alert>,
    pub open: Vec<(OrderRequest, Qty, Progress)>,
    pub positions: [Position; 2],
    pub wallet: Usd,
    asked: (Time, Time),
    history: u64,
    pub linked: u32,
    /// What happened, for whoever has to find out why.
    story: Vec<String>,
}

impl World {
    pub fn new(kind: (Family, PositionMode), seed: u64, wire: Wire) -> World {
        let account = AccountSetup {
            generation: kind.0,
            position: kind.1,
            balance: BALANCE,
            ..AccountSetup::short(0, "key:secret:pass:1").unwrap()
        };
        let mut exchange =
            Exchange::new(vec![Instrument::btcusdt()], Setup { accounts: vec![account] }, START);
        exchange.set_limited(false);
        exchange.set_matching(Matching::AtOnce);
        let mut world = World {
            exchange,
            adapter: None,
            now: START,
            rng: Rng::new(seed),
            wire,
            kind,
            parcels: BTreeMap::new(),
            sent: 0,
            sockets: BTreeMap::new(),
            price: PRICE,
            market_at: START,
            decisions: 0,
            reports: Vec::new(),
            waiting: BTreeMap::new(),
            holdings: Vec::new(),
            bars: Vec::new(),
            alerts: Vec::new(),
            open: Vec::new(),
            positions: [Position::FLAT; 2],
            wallet: BALANCE,
            asked: (START, START),
            history: 0,
            linked: 0,
            story: Vec::new(),
        };
        world.walk();
        world.rise();
        world
    }

    /// A new adapter, from what the farm knows.
    pub fn rise(&mut self) {
        let secret = |text: &str| Secret::new(text.to_owned());
        let credentials = Credentials::hmac("key".to_owned(), secret("secret"), secret("pass")).unwrap();
        let mode = AccountMode { position: self.kind.1, margin: MarginMode::Cross, leverage: 10 };
        let wanted = Wanted { mode, known_harmless: Vec::new(), bound_to_addresses: false };
        let orders = self.open.iter().map(|(order, filled, progress)| KnownOrder {
            id: order.id,
            side: order.side,
            qty: order.qty,
            price: match order.kind {
                OrderKind::Market => None,
                OrderKind::Limit { price, .. } | OrderKind::StopLimit { price, .. } => Some(price),
                OrderKind::StopMarket { trigger } | OrderKind::TakeProfit { trigger } => Some(trigger),
                OrderKind::TrailingStop { activation, .. } => activation,
            },
            reduce_only: order.reduce_only,
            progress: *progress,
            filled: *filled,
        });
        let last_funding = self.reports.iter().filter(|(_, report)| matches!(report, Report::Funding { .. }));
        let at = last_funding.clone().map(|(at, _)| *at).max().unwrap_or(Time(i64::MIN));
        let known = Known {
            account: ACCOUNT,
            heard: self.reports.len() as u64,
            since: self.reports.last().map_or(START, |(at, _)| *at),
            funded: (at, last_funding.filter(|(of, _)| *of == at).count()),
            orders: orders.collect(),
            positions: self.positions.iter().map(|position| position.qty).collect(),
            fills: self
                .reports
                .iter()
                .filter_map(|(at, report)| match report {
                    Report::Filled(fill) => Some((*at, *fill)),
                    _ => None,
                })
                .collect(),
            forced: self
                .reports
                .iter()
                .map(|(_, report)| *report)
                .filter(|report| matches!(report, Report::Liquidated { .. } | Report::Deleveraged { .. }))
                .collect(),
        };
        let market = Market { base: Interval::MINUTE, from: self.minute(), beside: Vec::new() };
        let settings = Settings {
            environment: Environment::Live,
            prefix: Prefix::new("obf").unwrap(),
            symbol: SYMBOL.to_owned(),
            trigger_by: TriggerBy::LastPrice,
            market: Some(market),
            accounts: vec![Account { credentials, wanted, known }],
            seed: 7,
            lock_step: false,
        };
        self.adapter = Some(Adapter::new(settings, self.now));
        self.carry();
    }

    fn minute(&self) -> Time {
        let last = self.bars.last().map(|bar| bar.open_time + Interval::MINUTE);
        last.unwrap_or(Time(START.0 - START.0.rem_euclid(60_000)))
    }

    /// The process dies: what was on its way to it is lost.
    pub fn kill(&mut self) {
        self.adapter = None;
        for (_, session) in std::mem::take(&mut self.sockets) {
            self.exchange.hung_up(session);
        }
        self.parcels.retain(|_, parcel| matches!(parcel, Parcel::Rest(..) | Parcel::Say(..)));
        self.waiting.clear();
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if !TELLS {
            return;
        }
        let at = (self.now - START).0;
        self.story.push(format!("{at:>8} {}", what()));
    }

    /// What happened.
    pub fn story(&self) -> String {
        self.story.join("\n")
    }

    fn latency(&mut self) -> i64 {
        let usual = 1 + i64::try_from(self.rng.below(40)).unwrap();
        let is_late = self.wire == Wire::Wild && self.rng.below(20) == 0;
        usual + if is_late { i64::try_from(self.rng.below(8_000)).unwrap() } else { 0 }
    }

    fn is_lost(&mut self) -> bool {
        self.wire == Wire::Wild && self.rng.below(25) == 0
    }

    fn post(&mut self, parcel: Parcel) {
        self.note(|| format!("post    {parcel:?}"));
        let at = self.now + Interval(self.latency());
        self.sent += 1;
        // A socket keeps its order.
        let session = |parcel: &Parcel| match parcel {
            Parcel::Say(session, _) => Some((*session, true)),
            Parcel::Frame(_, session, _) | Parcel::Closed(_, session) => Some((*session, false)),
            _ => None,
        };
        let of = session(&parcel);
        let behind = self.parcels.iter().filter(|(_, other)| of.is_some() && session(other) == of);
        let at = behind.map(|((at, _), _)| *at).max().map_or(at, |last| last.max(at));
        self.parcels.insert((at, self.sent), parcel);
    }

    /// Does what the adapter wants done.
    fn carry(&mut self) {
        while let Some(doing) = self.adapter.as_mut().and_then(Adapter::poll) {
            match doing {
                Doing::Call(call, signed) => self.post(Parcel::Rest(call, signed)),
                Doing::Open(line, _, path) => {
                    let family = if path.starts_with("/v2/") { Family::V2 } else { Family::V3 };
                    self.post(Parcel::Opened(line, family));
                }
                Doing::Say(line, text) => {
                    if let Some(session) = self.sockets.get(&line).copied() {
                        self.post(Parcel::Say(session, text));
                    }
                }
                Doing::Close(line, _) => {
                    if let Some(session) = self.sockets.remove(&line) {
                        self.exchange.hung_up(session);
                    }
                }
                Doing::Tell(said) => self.hear(said),
                Doing::Bar(bar) => {
                    let fits = self
                        .bars
                        .last()
                        .is_none_or(|last| last.open_time + Interval::MINUTE == bar.open_time);
                    assert!(fits, "a bar twice, or after a gap: {bar:?}");
                    self.bars.push(bar);
                }
                Doing::Alert(alert) => self.alerts.push(alert),
                Doing::Opened(..) | Doing::Price(..) | Doing::News(_) | Doing::Step(..) => {}
            }
        }
        self.listen();
    }

    /// What the exchange has said on its sockets leaves it.
    fn listen(&mut self) {
        for (line, session) in self.sockets.clone() {
            for said in self.exchange.said(session) {
                match said {
                    Said::Text(text) => self.post(Parcel::Frame(line, session, text)),
                    Said::Close => {
                        self.sockets.remove(&line);
                        self.post(Parcel::Closed(line, session));
                    }
                }
            }
        }
    }

    fn hear(&mut self, said: FromVenue) {
        match said {
            FromVenue::Report { number, at, report, .. } => {
                self.waiting.insert(number, (at, report));
            }
            FromVenue::History { reports, last, .. } => {
                for (number, at, report) in reports {
                    self.waiting.insert(number, (at, report));
                }
                self.history = self.history.max(last);
            }
            FromVenue::Holding { holding, .. } => self.holdings.push(holding),
            FromVenue::Linked => self.linked += 1,
        }
        while let Some((at, report)) = self.waiting.remove(&(self.reports.len() as u64 + 1)) {
            self.note(|| format!("told    {report:?}"));
            self.believe(&report);
            self.reports.push((at, report));
        }
        let heard = self.reports.len() as u64;
        self.waiting.retain(|number, _| *number > heard);
    }

    /// Time passes, until then.
    pub fn until(&mut self, end: Time) {
        while self.now < end {
            let parcel = self.parcels.keys().next().map(|(at, _)| *at);
            let wake = self.adapter.as_ref().and_then(Adapter::next_wake);
            let next = [parcel, wake, Some(self.market_at), Some(end)].into_iter().flatten().min().unwrap();
            self.now = next.max(self.now).min(end);
            if self.market_at <= self.now {
                self.walk();
            }
            self.exchange.pass(self.now);
            self.ask();
            while let Some(entry) = self.parcels.first_entry().filter(|entry| entry.key().0 <= self.now) {
                let parcel = entry.remove();
                self.deliver(parcel);
                self.carry();
            }
            let now = self.now;
            if let Some(adapter) = &mut self.adapter
                && adapter.next_wake().is_some_and(|at| at <= now)
            {
                adapter.wake(now);
                let again = adapter.next_wake().filter(|at| *at <= now);
                assert!(again.is_none(), "woken at {now:?}, it wants to be woken at {again:?}");
            }
            self.carry();
        }
    }

    pub fn pass(&mut self, seconds: i64) {
        self.until(self.now + Interval(seconds * 1_000));
    }

    /// What a desk asks now and then.
    fn ask(&mut self) {
        let (now, heard) = (self.now, self.reports.len() as u64);
        let Some(adapter) = &mut self.adapter else { return };
        if now - self.asked.0 >= Interval(5_000) {
            self.asked.0 = now;
            adapter.say(now, ToVenue::AskHistory { account: ACCOUNT, after: heard, asked_at: now });
        }
        if now - self.asked.1 >= Interval(20_000) {
            self.asked.1 = now;
            adapter.say(now, ToVenue::AskHolding { account: ACCOUNT, asked_at: now });
        }
        self.carry();
    }

    fn deliver(&mut self, parcel: Parcel) {
        self.note(|| format!("arrives {parcel:?}"));
        match parcel {
            Parcel::Rest(call, signed) => {
                if self.is_lost() {
                    return self.post(Parcel::Reply(call, None));
                }
                let response = self.exchange.rest(self.now, &request(&signed));
                self.listen();
                let reply = (!self.is_lost()).then_some((response.status, response.body));
                self.post(Parcel::Reply(call, reply));
            }
            Parcel::Say(session, text) => {
                self.exchange.hear(self.now, session, &text);
                self.listen();
            }
            Parcel::Reply(call, reply) => {
                let reply = reply.as_ref().map(|(status, body)| (*status, body.as_str()));
                let now = self.now;
                if let Some(adapter) = &mut self.adapter {
                    adapter.answered(now, call, reply, None);
                }
            }
            Parcel::Frame(line, session, text) => {
                if self.sockets.get(&line) != Some(&session) {
                    return;
                }
                if self.wire == Wire::Wild && self.rng.below(400) == 0 {
                    self.exchange.hung_up(session);
                    self.sockets.remove(&line);
                    self.adapter.as_mut().unwrap().closed(self.now, line);
                } else {
                    self.adapter.as_mut().unwrap().frame(self.now, line, &text);
                }
            }
            Parcel::Opened(line, family) => {
                let now = self.now;
                let Some(adapter) = &mut self.adapter else { return };
                match self.exchange.connect(now, family) {
                    Some(session) => {
                        self.sockets.insert(line, session);
                        adapter.opened(now, line);
                    }
                    None => adapter.closed(now, line),
                }
            }
            Parcel::Closed(line, session) => {
                if !self.sockets.contains_key(&line) {
                    let (now, _) = (self.now, session);
                    self.adapter.as_mut().unwrap().closed(now, line);
                }
            }
        }
    }

    /// A second of market.
    pub fn walk(&mut self) {
        let open = self.price;
        let close = open + i64::try_from(self.rng.below(401)).unwrap() - 200;
        let bar = Bar {
            open_time: self.market_at,
            open: Price(open),
            high: Price(open.max(close)),
            low: Price(open.min(close)),
            close: Price(close),
            volume: 9.0,
        };
        let mark = MarkBar::from_basis(Instrument::btcusdt().mark_per_tick(), &bar, Mark::ZERO);
        // Funding is settled every few minutes: there is no time to wait for hours.
        let due = (self.market_at - START).0 % 120_000 == 60_000;
        let funding = due.then_some(Rate(100_000_000));
        self.exchange.advance(SYMBOL, &Stretch { bar, interval: Interval::SECOND, mark, funding });
        self.market_at = self.market_at + Interval::SECOND;
        self.price = close;
    }

    // What a farm would want.

    fn id(&mut self) -> OrderId {
        self.decisions += 1;
        OrderId { bot: BOT, epoch: 1, decision: self.decisions, leg: Leg::Own }
    }

    pub fn say(&mut self, request: Request) {
        self.note(|| format!("wants   {request:?}"));
        let valid_until = self.now + Interval(10_000);
        if let Request::Place(order) = &request {
            self.open.push((*order, Qty::ZERO, Progress::Sent));
            self.open.extend(order.legs().map(|leg| (leg, Qty::ZERO, Progress::Attached)));
        }
        if let Some(adapter) = &mut self.adapter {
            adapter.say(self.now, ToVenue::Request { account: ACCOUNT, request, valid_until });
        }
        self.carry();
    }

    pub fn entry(
        &mut self,
        side: Side,
        lots: i64,
        kind: OrderKind,
        exits: Option<(i64, i64)>,
    ) -> OrderRequest {
        let bracket = exits.map(|(stop, target)| {
            let mut targets = [Target::default(); TARGETS_MAX];
            let half = lots / 2;
            if half > 0 {
                targets[0] = Target { price: Price(target), qty: Qty(half) };
                targets[1] = Target { price: Price(2 * target - self.price), qty: Qty(lots - half) };
            }
            Bracket { stop: Price(stop), targets }
        });
        OrderRequest {
            id: self.id(),
            side,
            position_side: self.kind.1.opened_by(side),
            qty: Qty(lots),
            kind,
            reduce_only: false,
            bracket,
            one_cancels_other: None,
        }
    }

    /// Somebody with the account's password trades beside us.
    pub fn by_hand(&mut self, side: Side, lots: i64) {
        let order = self.entry(side, lots, OrderKind::Market, None);
        self.exchange.trade(AccountId(0), "hand-1", &Request::Place(order)).unwrap();
        self.listen();
    }

    pub fn held(&self, side: PositionSide) -> Qty {
        self.positions[usize::from(side == PositionSide::Short)].qty
    }

    /// Leaves a position at market.
    pub fn leave(&mut self, position_side: PositionSide) {
        let held = self.held(position_side);
        if let Some(side) = Side::of(Qty(-held.0)) {
            let order = self.entry(side, held.0.abs(), OrderKind::Market, None);
            self.say(Request::Place(OrderRequest { reduce_only: true, position_side, ..order }));
        }
    }
}

fn request(signed: &Signed) -> Rest {
    let (path, query) = signed.target.split_once('?').unwrap_or((signed.target.as_str(), ""));
    Rest {
        method: match signed.method {
            Method::Get => mock_bitget::Method::Get,
            Method::Post => mock_bitget::Method::Post,
        },
        path: path.to_owned(),
        query: query.to_owned(),
        headers: signed.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        body: signed.body.clone(),
    }
}
