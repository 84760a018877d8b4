//! A table with the adapter on one side and the mock on the other; bytes go over it, and time moves where a test moves it.
//!
//! Nothing of the one is known to the other but texts. Refuses to swallow anything: an unread row, a complaint or an
//! unexpected close fails the test that met it.

use mock_bitget::{AccountSetup, Exchange, Fault, Generation as Family, Said, SessionId, Setup, Stretch};
use model::{
    AccountMode, Bar, BotId, Bracket, Instrument, Interval, Leg, Mark, OrderId, OrderKind, OrderRequest,
    PositionMode, PositionSide, Price, Qty, RejectReason, Request, Side, TARGETS_MAX, Target, Time,
    TimeInForce, Usd,
};
use serde::Deserialize;
use venue::MarkBar;
use venue_bitget::http::HttpRequest;
use venue_bitget::instrument::Listing;
use venue_bitget::meaning::{
    Execution, Held, OrderState, PlanState, Reading, Source, execution, held, order_state, plan_state, wallet,
};
use venue_bitget::order_id::Prefix;
use venue_bitget::register::Register;
use venue_bitget::request::reads::{PlanFamily, Read};
use venue_bitget::request::{Terms, TriggerBy, Unsendable};
use venue_bitget::response::{Outcome, Reply, outcome};
use venue_bitget::sign::{Credentials, Environment, Secret};
use venue_bitget::stream::{Connection, Output, Subscription};
use venue_bitget::wire::account::{Assets, Balance};
use venue_bitget::wire::trading::{Fill, Order, Plan, Position};
use venue_bitget::wire::{Failure, Generation, Page, Pushed, Rows, Topic, answer};

pub const START: Time = Time(1_760_000_040_000);
pub const SYMBOL: &str = "BTCUSDT";
/// Ticks of 0.1 USDT.
pub const PRICE: i64 = 600_000;
pub const BALANCE: Usd = Usd(10_000_000_000);

/// One of the four accounts every case is played on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    pub generation: Generation,
    pub position: PositionMode,
}

pub const KINDS: [Kind; 4] = [
    Kind { generation: Generation::V2, position: PositionMode::OneWay },
    Kind { generation: Generation::V2, position: PositionMode::Hedge },
    Kind { generation: Generation::V3, position: PositionMode::OneWay },
    Kind { generation: Generation::V3, position: PositionMode::Hedge },
];

pub fn setup(kind: Kind) -> Setup {
    let account = AccountSetup {
        generation: family(kind.generation),
        position: kind.position,
        balance: BALANCE,
        ..AccountSetup::short(0, "key:secret:pass:1").unwrap()
    };
    Setup { accounts: vec![account] }
}

pub fn family(generation: Generation) -> Family {
    match generation {
        Generation::V2 => Family::V2,
        Generation::V3 => Family::V3,
    }
}

pub fn mode(kind: Kind) -> AccountMode {
    AccountMode { position: kind.position, margin: model::MarginMode::Cross, leverage: 10 }
}

pub fn credentials() -> Credentials {
    let secret = |text: &str| Secret::new(text.to_owned());
    Credentials::hmac("key".to_owned(), secret("secret"), secret("pass")).unwrap()
}

pub struct Table {
    pub exchange: Exchange,
    pub kind: Kind,
    pub now: Time,
    pub price: i64,
    pub listing: Listing,
    pub register: Register,
    pub environment: Environment,
    line: Option<(SessionId, Connection)>,
    decisions: u32,
    /// What the private line has told.
    pub orders: Vec<OrderState>,
    pub plans: Vec<PlanState>,
    pub executions: Vec<Execution>,
    pub resyncs: usize,
}

impl Table {
    pub fn new(kind: Kind) -> Table {
        Table::of(kind, setup(kind))
    }

    /// With other accounts.
    pub fn of(kind: Kind, setup: Setup) -> Table {
        let mut table = Table {
            exchange: Exchange::new(vec![Instrument::btcusdt()], setup, START),
            kind,
            now: START,
            price: PRICE,
            listing: Listing::plain(Instrument::btcusdt()),
            register: Register::new(),
            environment: Environment::Live,
            line: None,
            decisions: 0,
            orders: Vec::new(),
            plans: Vec::new(),
            executions: Vec::new(),
            resyncs: 0,
        };
        table.trade(PRICE);
        table
    }

    /// The market goes straight to a price within a second.
    pub fn trade(&mut self, to: i64) {
        self.stretch(to, None);
    }

    pub fn stretch(&mut self, to: i64, funding: Option<model::Rate>) {
        let (open, close) = (Price(self.price), Price(to));
        let bar = Bar {
            open_time: self.now,
            open,
            high: open.max(close),
            low: open.min(close),
            close,
            volume: 5.0,
        };
        let mark = MarkBar::from_basis(Instrument::btcusdt().mark_per_tick(), &bar, Mark::ZERO);
        self.exchange.advance(SYMBOL, &Stretch { bar, interval: Interval::SECOND, mark, funding });
        self.now = self.now + Interval::SECOND;
        self.price = to;
        self.listen();
    }

    pub fn terms(&self) -> Terms<'_> {
        Terms {
            generation: self.kind.generation,
            mode: mode(self.kind),
            prefix: prefix(),
            listing: &self.listing,
            trigger_by: TriggerBy::LastPrice,
        }
    }

    pub fn reading(&self) -> Reading<'_> {
        Reading {
            generation: self.kind.generation,
            position: self.kind.position,
            instrument: &self.listing.instrument,
            prefix: prefix(),
        }
    }

    /// Over the table: what the adapter sends, signed, as the mock hears it.
    pub fn send(&mut self, request: &HttpRequest) -> (u16, String) {
        let response = self.exchange.rest(self.now, &over_the_table(request, self.now, self.environment));
        self.listen();
        (response.status, response.body)
    }

    pub fn read_raw(&mut self, read: Read<'_>) -> (u16, String) {
        let request = read.request(self.kind.generation, &prefix());
        self.wait();
        self.send(&request)
    }

    pub fn read<T: for<'a> Deserialize<'a>>(&mut self, read: Read<'_>) -> Result<T, Failure> {
        let (status, body) = self.read_raw(read);
        answer::<T>(status, &body)
    }

    /// A moment, so that no limit is in the way.
    pub fn wait(&mut self) {
        self.now = self.now + Interval::SECOND;
        self.exchange.pass(self.now);
    }

    pub fn next_id(&mut self) -> OrderId {
        self.decisions += 1;
        OrderId { bot: BotId(3), epoch: 1, decision: self.decisions, leg: Leg::Own }
    }

    /// An order as the farm decides it.
    pub fn order(&mut self, side: Side, lots: i64, kind: OrderKind) -> OrderRequest {
        let position_side = self.kind.position.opened_by(side);
        OrderRequest {
            id: self.next_id(),
            side,
            position_side,
            qty: Qty(lots),
            kind,
            reduce_only: false,
            bracket: None,
            one_cancels_other: None,
        }
    }

    /// One that makes the long smaller.
    pub fn close_long(&mut self, lots: i64, kind: OrderKind) -> OrderRequest {
        let position_side = match self.kind.position {
            PositionMode::OneWay => PositionSide::Net,
            PositionMode::Hedge => PositionSide::Long,
        };
        OrderRequest { position_side, reduce_only: true, ..self.order(Side::Sell, lots, kind) }
    }

    pub fn entry_with_stop(&mut self, lots: i64, stop: i64, targets: &[(i64, i64)]) -> OrderRequest {
        let mut ladder = [Target::default(); TARGETS_MAX];
        for (rung, (price, qty)) in targets.iter().enumerate() {
            ladder[rung] = Target { price: Price(*price), qty: Qty(*qty) };
        }
        let bracket = Some(Bracket { stop: Price(stop), targets: ladder });
        OrderRequest { bracket, ..self.order(Side::Buy, lots, OrderKind::Market) }
    }

    /// Sends a request of the farm's as its desk would, and keeps the register.
    pub fn ask(&mut self, request: &Request) -> Outcome {
        self.wait();
        let sent = self.sendable(request).unwrap();
        if let Request::Place(order) = request {
            self.register.sent(order);
        }
        let (status, body) = self.send(&sent);
        let reply: Reply<'_> = Some((status, &body));
        let told = outcome(request, reply);
        match (&told, request) {
            (Outcome::Taken { order_id: Some(id) }, Request::Place(order)) => {
                self.register.taken(order.id, id)
            }
            (Outcome::Taken { .. }, Request::Amend { id, .. }) => {
                self.register.amended(*id, self.kind.generation)
            }
            (Outcome::Settled(_), Request::Place(order)) => self.register.refused(order.id),
            _ => {}
        }
        self.listen();
        told
    }

    pub fn sendable(&self, request: &Request) -> Result<HttpRequest, Unsendable> {
        let id = venue_bitget::response::subject(request);
        self.terms().send(request, self.register.resting(id).as_ref(), None)
    }

    pub fn place(&mut self, order: &OrderRequest) {
        let told = self.ask(&Request::Place(*order));
        assert!(matches!(told, Outcome::Taken { .. }), "{:?}: {told:?}", self.kind);
    }

    pub fn refused(&mut self, request: &Request) -> RejectReason {
        match self.ask(request) {
            Outcome::Settled(model::Report::Rejected { reason, .. }) => reason,
            other => panic!("{:?}: {other:?}", self.kind),
        }
    }

    // What is read of the account.

    pub fn open_orders(&mut self) -> Vec<OrderState> {
        let (status, body) = self.read_raw(Read::OpenOrders { after: "" });
        let page: Page<'_, Order<'_>> = answer(status, &body).unwrap();
        page.rows.iter().map(|row| order_state(&self.reading(), row).unwrap()).collect()
    }

    pub fn open_plans(&mut self) -> Vec<PlanState> {
        let mut plans = Vec::new();
        let families: &[PlanFamily] =
            if self.kind.generation == Generation::V2 { &PlanFamily::ALL } else { &PlanFamily::ALL[..1] };
        for family in families {
            let (status, body) = self.read_raw(Read::OpenPlans { family: *family, after: "" });
            let page: Page<'_, Plan<'_>> = answer(status, &body).unwrap();
            plans.extend(page.rows.iter().map(|row| plan_state(&self.reading(), row).unwrap()));
        }
        plans
    }

    pub fn positions(&mut self) -> Vec<Held> {
        let (status, body) = self.read_raw(Read::Positions);
        let page: Page<'_, Position<'_>> = answer(status, &body).unwrap();
        page.rows.iter().map(|row| held(&self.reading(), row).unwrap()).collect()
    }

    pub fn fills(&mut self) -> Vec<Execution> {
        let (status, body) = self.read_raw(Read::Fills { since: Time(0), after: "" });
        let page: Page<'_, Fill<'_>> = answer(status, &body).unwrap();
        page.rows.iter().map(|row| execution(&self.reading(), row, Source::Listing).unwrap()).collect()
    }

    pub fn wallet(&mut self) -> Usd {
        let (status, body) = self.read_raw(Read::Balances);
        match self.kind.generation {
            Generation::V2 => {
                let rows: Rows<Balance<'_>> = answer(status, &body).unwrap();
                wallet(&self.reading(), &rows.0[0]).unwrap()
            }
            Generation::V3 => {
                let assets: Assets<'_> = answer(status, &body).unwrap();
                wallet(&self.reading(), &assets.coins.0[0]).unwrap()
            }
        }
    }

    // The private line.

    pub fn connect(&mut self) {
        let topics = [Topic::Orders, Topic::Plans, Topic::Fills, Topic::Account, Topic::Positions];
        let subscriptions = topics.iter().map(|topic| Subscription::of_account(*topic)).collect();
        self.connect_with(Some(credentials()), subscriptions);
    }

    pub fn connect_with(&mut self, credentials: Option<Credentials>, subscriptions: Vec<Subscription>) {
        let line = Connection::new(self.kind.generation, credentials, subscriptions, 7);
        self.line = Some((SessionId(0), line));
        self.run_line();
    }

    /// Wakes the adapter's line until it has nothing more to do now.
    pub fn run_line(&mut self) {
        for _ in 0..20 {
            let Some((session, mut line)) = self.line.take() else { return };
            let mut out = Vec::new();
            line.wake(self.now, &mut out);
            let out: Vec<Output<'static>> = out;
            self.line = Some((session, line));
            let mut busy = false;
            for one in out {
                busy |= self.act(one);
            }
            self.listen();
            if !busy {
                return;
            }
        }
        panic!("a line comes to rest");
    }

    /// Does what the adapter's line wants done; whether anything was.
    fn act(&mut self, output: Output<'_>) -> bool {
        match output {
            Output::Open => {
                let session = self.exchange.connect(self.now, family(self.kind.generation)).unwrap();
                let (_, mut line) = self.line.take().unwrap();
                let mut out = Vec::new();
                line.opened(self.now, &mut out);
                let out: Vec<Output<'static>> = out;
                self.line = Some((session, line));
                for one in out {
                    self.act(one);
                }
            }
            Output::Send(text) => {
                let session = self.line.as_ref().unwrap().0;
                self.exchange.hear(self.now, session, &text);
            }
            Output::Close(_) => {
                let session = self.line.as_ref().unwrap().0;
                self.exchange.hung_up(session);
            }
            Output::Rows { rows, .. } => self.take_rows(&rows),
            Output::Resync => self.resyncs += 1,
            Output::Fresh { .. } | Output::Stale { .. } | Output::BookChanged { .. } => {}
            other => panic!("{:?}: {other:?}", self.kind),
        }
        true
    }

    /// Hears what waits on the line.
    pub fn listen(&mut self) {
        while let Some((session, _)) = &self.line {
            let said = self.exchange.said(*session);
            if said.is_empty() {
                return;
            }
            for one in said {
                let (session, mut line) = self.line.take().unwrap();
                let text = match one {
                    Said::Text(text) => text,
                    Said::Close => {
                        let mut out = Vec::new();
                        line.closed(self.now, &mut out);
                        self.line = Some((SessionId(0), line));
                        return;
                    }
                };
                let mut out = Vec::new();
                line.on_frame(self.now, &text, &mut out);
                self.line = Some((session, line));
                for one in out {
                    self.act(one);
                }
            }
        }
    }

    fn take_rows(&mut self, rows: &Pushed<'_>) {
        match rows {
            Pushed::Orders(rows) => {
                for row in rows {
                    let state = order_state(&self.reading(), row).unwrap();
                    self.register.saw_order(&state);
                    self.orders.push(state);
                }
            }
            Pushed::Plans(rows) => {
                for row in rows {
                    let state = plan_state(&self.reading(), row).unwrap();
                    self.register.saw_plan(&state);
                    self.plans.push(state);
                }
            }
            Pushed::Fills(rows) => {
                for row in rows {
                    let source = Source::FillChannel;
                    self.executions.push(execution(&self.reading(), row, source).unwrap());
                }
            }
            Pushed::Unknown => panic!("a channel nobody knows"),
            _ => {}
        }
    }

    pub fn fault(&mut self, fault: Fault) {
        self.exchange.inject(fault);
        self.listen();
    }
}

pub fn prefix() -> Prefix {
    Prefix::new("obf").unwrap()
}

pub fn over_the_table(request: &HttpRequest, now: Time, environment: Environment) -> mock_bitget::Request {
    let target = request.target();
    let (path, query) = target.split_once('?').unwrap_or((target.as_str(), ""));
    let headers = credentials().headers(request, now, environment);
    mock_bitget::Request {
        method: match request.method {
            venue_bitget::http::Method::Get => mock_bitget::Method::Get,
            venue_bitget::http::Method::Post => mock_bitget::Method::Post,
        },
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        body: request.body.clone(),
    }
}

pub fn limit(price: i64) -> OrderKind {
    OrderKind::Limit { price: Price(price), tif: TimeInForce::GoodTillCancelled }
}
