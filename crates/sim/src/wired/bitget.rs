//! The far side: an exchange with accounts of its own, over the engine that the checks look into.
//!
//! Strangers ask the engine themselves: nobody meets them, and their nonsense is about the engine. Refuses to tell a farm anything
//! that is not in a reply or on a socket.

use super::{BY_HAND, Dialect, SYMBOL, Socket, name_of};
use crate::company::{NOBODY, STRANGERS};
use mock_bitget::{
    AccountSetup, Exchange, Fault, Generation, Matching, Method, Overheard, Request as Rest, Response, Said,
    SessionId, Setup, Stretch,
};
use model::{AccountId, Bar, BotId, Instrument, Interval, Report, Request, Rng, Time};
use std::collections::BTreeMap;
use venue::{AccountSettings, MarkBar};
use venue_bitget::adapter::Signed;

/// Whose ids those orders have that nobody named.
const UNNAMED: BotId = BotId(NOBODY + 2);
/// How a key is called: by its account.
pub(crate) const KEY: &str = "key-";

/// The far side.
#[derive(Debug)]
pub(crate) struct Bitget {
    pub(crate) exchange: Exchange,
    seed: u64,
    dialect: Option<Dialect>,
    sessions: BTreeMap<Socket, SessionId>,
    asked: Vec<(AccountId, Request)>,
}

impl Bitget {
    pub(crate) fn new(seed: u64, dialect: Option<Dialect>) -> Bitget {
        let mut exchange = Exchange::new(vec![Instrument::btcusdt()], Setup::default(), crate::market::START);
        exchange.set_limited(false);
        let at_once = Rng::new(seed ^ 0xA7_0CE).below(2) == 0;
        exchange.set_matching(if at_once { Matching::AtOnce } else { Matching::WithNextStretch });
        exchange.look_inside(name_of, UNNAMED);
        Bitget { exchange, seed, dialect, sessions: BTreeMap::new(), asked: Vec::new() }
    }

    /// What kind of account this is.
    pub(crate) fn dialect(&self, account: AccountId) -> Dialect {
        self.dialect.unwrap_or_else(|| Dialect::draw(self.seed, account))
    }

    /// Opens an account, ours or a stranger's.
    pub(crate) fn open(&mut self, settings: AccountSettings) {
        let AccountSettings { id, mode, balance, models } = settings;
        if STRANGERS.contains(&id) {
            return self.exchange.intervene(|venue| venue.open_account(settings));
        }
        let short = format!("{KEY}{}:secret:pass:1", id.0);
        let setup = AccountSetup {
            generation: self.dialect(id).generation,
            position: mode.position,
            margin: mode.margin,
            leverage: mode.leverage,
            balance,
            ..AccountSetup::short(usize::from(id.0), &short).expect("the short form has four parts")
        };
        self.exchange.open_as(setup, id, models);
    }

    /// A second of the market.
    pub(crate) fn step(&mut self, bar: &Bar, interval: Interval, mark: MarkBar) {
        self.exchange.advance(SYMBOL, &Stretch { bar: *bar, interval, mark, funding: None });
    }

    /// Somebody asks who is no farm.
    pub(crate) fn trade(&mut self, at: Time, account: AccountId, request: Request) {
        if STRANGERS.contains(&account) {
            return self.exchange.intervene(|venue| venue.submit(at, account, request));
        }
        self.exchange.pass(at);
        let id = match &request {
            Request::Place(order) => order.id,
            Request::Cancel(id) | Request::Amend { id, .. } => *id,
        };
        // Who is refused tries again.
        let _refused = self.exchange.trade(account, &format!("{BY_HAND}{}", id.decision), &request);
    }

    /// What the engine has said since it was last asked.
    pub(crate) fn said(&mut self) -> Vec<(Time, AccountId, Report)> {
        let mut said = Vec::new();
        for one in self.exchange.overheard() {
            match one {
                Overheard::Said(at, account, report) => said.push((at, account, report)),
                Overheard::Asked(account, request) => self.asked.push((account, request)),
            }
        }
        said
    }

    /// What the engine was asked for since this was last asked.
    pub(crate) fn asked(&mut self) -> Vec<(AccountId, Request)> {
        std::mem::take(&mut self.asked)
    }

    /// A request arrives.
    pub(crate) fn rest(&mut self, at: Time, signed: &Signed) -> Response {
        self.exchange.rest(at, &rest_of(signed))
    }

    /// Somebody wants a socket. Whether he has it.
    pub(crate) fn connect(&mut self, at: Time, socket: Socket, path: &str) -> bool {
        let family = if path.starts_with("/v2/") { Generation::V2 } else { Generation::V3 };
        let session = self.exchange.connect(at, family);
        self.sessions.extend(session.map(|session| (socket, session)));
        session.is_some()
    }

    /// Something is said on a socket.
    pub(crate) fn hear(&mut self, at: Time, socket: Socket, text: &str) {
        if let Some(session) = self.sessions.get(&socket) {
            self.exchange.hear(at, *session, text);
        }
    }

    /// The other end is gone.
    pub(crate) fn hung_up(&mut self, socket: Socket) {
        if let Some(session) = self.sessions.remove(&socket) {
            self.exchange.hung_up(session);
        }
    }

    /// The sockets there are.
    pub(crate) fn sockets(&self) -> Vec<Socket> {
        self.sessions.keys().copied().collect()
    }

    /// Closes all of them.
    pub(crate) fn disconnect(&mut self) {
        self.exchange.inject(Fault::Disconnect);
    }

    /// What is to be sent on sockets; nothing behind an end.
    pub(crate) fn pushed(&mut self) -> Vec<(Socket, Said)> {
        let Bitget { exchange, sessions, .. } = self;
        let mut pushed = Vec::new();
        for (socket, session) in sessions.iter() {
            pushed.extend(exchange.said(*session).into_iter().map(|said| (*socket, said)));
        }
        for (socket, said) in &pushed {
            if *said == Said::Close {
                sessions.remove(socket);
            }
        }
        pushed
    }
}

/// Whose key signed a request; of public ones nobody's.
pub(crate) fn account_of(signed: &Signed) -> Option<AccountId> {
    let (_, key) = signed.headers.iter().find(|(name, _)| *name == "ACCESS-KEY")?;
    key.strip_prefix(KEY)?.parse().ok().map(AccountId)
}

fn rest_of(signed: &Signed) -> Rest {
    let (path, query) = signed.target.split_once('?').unwrap_or((signed.target.as_str(), ""));
    Rest {
        method: match signed.method {
            venue_bitget::http::Method::Get => Method::Get,
            venue_bitget::http::Method::Post => Method::Post,
        },
        path: path.to_owned(),
        query: query.to_owned(),
        headers: signed.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        body: signed.body.clone(),
    }
}
