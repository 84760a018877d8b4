//! The REST side: which endpoints there are, who may call them how often, and the envelope of every reply.
//!
//! An endpoint is a row of a table beside its handler. HTTP 200 means nothing, the code in the body does; batches say
//! `00000` whatever fails inside. Refuses a path it does not know with 40404, as the exchange does.

mod account_v2;
mod account_v3;
mod market_v2;
mod market_v3;
mod orders_v2;
mod orders_v3;
mod pages;
mod plans_v2;
mod strategies_v3;
mod subaccounts;
mod wallet;

use crate::access::{Door, enter, find_key};
use crate::exchange::Exchange;
use crate::faults::take;
use crate::http::{Method, NO_ANSWER, Params, Request, Response};
use crate::journal::Entry;
use crate::refusal::Refusal;
use crate::setup::{Generation, Permission};
use crate::user::Standing;
use model::{MarginMode, PositionMode, PositionSide, Time};
use serde_json::{Value, json};

/// A call of an endpoint by somebody who was let in.
#[derive(Debug)]
pub(crate) struct Call {
    /// Of public endpoints nobody's: zero.
    pub(crate) user: usize,
    pub(crate) key: usize,
    pub(crate) params: Params,
}

type Handler = fn(&mut Exchange, &Call) -> Result<Value, Refusal>;

/// An endpoint.
pub(crate) struct Endpoint {
    method: Method,
    path: &'static str,
    per_second: u16,
    door: Door,
    handler: Handler,
}

pub(crate) const fn public(path: &'static str, per_second: u16, handler: Handler) -> Endpoint {
    Endpoint { method: Method::Get, path, per_second, door: Door::Public, handler }
}

pub(crate) const fn read(
    generation: Generation,
    path: &'static str,
    per_second: u16,
    handler: Handler,
) -> Endpoint {
    let door = Door::Private(generation, Permission::Read);
    Endpoint { method: Method::Get, path, per_second, door, handler }
}

pub(crate) const fn change(
    generation: Generation,
    path: &'static str,
    per_second: u16,
    handler: Handler,
) -> Endpoint {
    let door = Door::Private(generation, Permission::Trade);
    Endpoint { method: Method::Post, path, per_second, door, handler }
}

pub(crate) const fn anyhow_read(path: &'static str, per_second: u16, handler: Handler) -> Endpoint {
    Endpoint { method: Method::Get, path, per_second, door: Door::AnyGeneration(Permission::Read), handler }
}

pub(crate) const fn moves_money(path: &'static str, per_second: u16, handler: Handler) -> Endpoint {
    Endpoint {
        method: Method::Post,
        path,
        per_second,
        door: Door::AnyGeneration(Permission::Transfer),
        handler,
    }
}

const TABLES: [&[Endpoint]; 10] = [
    market_v2::ENDPOINTS,
    market_v3::ENDPOINTS,
    account_v2::ENDPOINTS,
    account_v3::ENDPOINTS,
    orders_v2::ENDPOINTS,
    orders_v3::ENDPOINTS,
    plans_v2::ENDPOINTS,
    strategies_v3::ENDPOINTS,
    subaccounts::ENDPOINTS,
    wallet::ENDPOINTS,
];

fn endpoint(path: &str) -> Option<&'static Endpoint> {
    TABLES.iter().flat_map(|table| table.iter()).find(|endpoint| endpoint.path == path)
}

/// The path of the mock's own: what goes wrong next.
const FAULTS_PATH: &str = "/mock/faults";
/// And what went wrong so far.
const COUNTERS_PATH: &str = "/mock/counters";

/// What was taken and is answered as if it had not been.
enum Lie {
    None,
    /// HTTP 502 from the edge, which is no JSON.
    Gateway,
    /// A code that says nothing.
    Unknown,
    /// The end of the connection.
    Silence,
}

impl Exchange {
    /// Answers a request that arrives now.
    pub fn rest(&mut self, now: Time, request: &Request) -> Response {
        self.pass(now);
        let mut remaining = None;
        let result = match (request.path.as_str(), request.method) {
            (FAULTS_PATH, Method::Post) => self.fault_by_request(request),
            (COUNTERS_PATH, Method::Get) => Ok((self.counters_row(), Lie::None)),
            _ => self.answer(request, &mut remaining),
        };
        self.tell();
        if let Err(refusal) = &result {
            self.count("refused", refusal.code.parse().unwrap_or(0));
        }
        let mut response = match result {
            Ok((value, Lie::None)) => self.envelope(200, "00000", "success", value),
            Ok((_, Lie::Gateway)) => gateway(),
            Ok((_, Lie::Silence)) => Response { status: NO_ANSWER, headers: Vec::new(), body: String::new() },
            Ok((_, Lie::Unknown)) => self.envelope(400, "40725", "service return an error", Value::Null),
            Err(refusal) if refusal.status == 502 => gateway(),
            Err(refusal) => self.envelope(refusal.status, refusal.code, &refusal.message, Value::Null),
        };
        if let Some(remaining) = remaining {
            response.headers.push(("x-mbx-used-remain-limit", remaining.to_string()));
        }
        response
    }

    /// What the edge says to an address that has asked too often.
    pub fn too_many(&mut self) -> Response {
        self.count("address refused", 429);
        self.envelope(429, "429", "Too Many Requests", Value::Null)
    }

    fn envelope(&self, status: u16, code: &str, message: &str, data: Value) -> Response {
        let body = json!({ "code": code, "msg": message, "requestTime": self.clock().0, "data": data });
        Response { status, headers: Vec::new(), body: body.to_string() }
    }

    fn answer(&mut self, request: &Request, remaining: &mut Option<u16>) -> Result<(Value, Lie), Refusal> {
        let Some(endpoint) = endpoint(&request.path) else {
            return Err(Refusal::new("40404", "Request URL NOT FOUND").with_status(404));
        };
        if endpoint.method != request.method {
            return Err(Refusal::new("40404", "Request URL NOT FOUND").with_status(405));
        }
        let changes = endpoint.method == Method::Post;
        if changes && take(&mut self.faults.refuse) {
            return Err(Refusal::new("429", "Too Many Requests").with_status(429));
        }
        if changes && take(&mut self.faults.fail) {
            return Err(Refusal::new("40015", "system error").with_status(502));
        }
        let (user, key) = match endpoint.door {
            Door::Public => (0, 0),
            door => {
                let visitor =
                    enter(self.setups(), self.clock_for(request.header("ACCESS-TIMESTAMP")), request, door)?;
                (visitor.user, visitor.key)
            }
        };
        if endpoint.door != Door::Public && self.users[user].standing == Standing::Frozen {
            return Err(Refusal::new("40026", "User is frozen").with_status(403));
        }
        if endpoint.door != Door::Public && self.now < self.faults.maintenance_until {
            return Err(Refusal::new("40200", "Server upgrade, please try again later"));
        }
        let (now, who) = (self.now, (endpoint.door != Door::Public).then_some(user));
        if let Some(limits) = &mut self.limits {
            *remaining = Some(limits.take(now, (endpoint.path, who), endpoint.per_second)?);
        }
        let call = Call { user, key, params: request.params()? };
        if changes && self.journal.is_some() {
            let key = self.users[user].setup.keys[key].key.clone();
            let (path, body) = (request.path.clone(), request.body.clone());
            self.note(|at| Entry::Acted { at, key, path, body });
        }
        let value = (endpoint.handler)(self, &call)?;
        let lie = match changes {
            true if take(&mut self.faults.fail_after) => Lie::Gateway,
            true if take(&mut self.faults.unknown) => Lie::Unknown,
            true if take(&mut self.faults.hang_up) => Lie::Silence,
            _ => Lie::None,
        };
        Ok((value, lie))
    }

    /// Does again what a key was let in for in an earlier life; what it is answered nobody hears.
    pub(crate) fn act_again(&mut self, key: &str, path: &str, body: &str) -> Result<(), &'static str> {
        let endpoint = endpoint(path).ok_or("it names an endpoint that is not there")?;
        let (visitor, ..) = find_key(self.setups(), key).ok_or("it names a key that nobody has")?;
        let params = Params::of_body(body).map_err(|_| "its body cannot be read")?;
        let _answered = (endpoint.handler)(self, &Call { user: visitor.user, key: visitor.key, params });
        Ok(())
    }

    fn fault_by_request(&mut self, request: &Request) -> Result<(Value, Lie), Refusal> {
        self.arm(&request.params()?)?;
        Ok(("success".into(), Lie::None))
    }
}

fn gateway() -> Response {
    let body = "<html><head><title>502 Bad Gateway</title></head></html>".to_owned();
    Response { status: 502, headers: Vec::new(), body }
}

impl Call {
    /// The symbol that is named; a product nobody trades here has none.
    pub(crate) fn symbol(&self, exchange: &Exchange) -> Result<usize, Refusal> {
        let name = self.params.need("symbol")?;
        exchange.symbol_of(name).ok_or_else(|| Refusal::unknown_symbol(name))
    }

    /// The symbol that is named, if one is.
    pub(crate) fn some_symbol(&self, exchange: &Exchange) -> Result<Option<usize>, Refusal> {
        self.params.text("symbol").map(|_| self.symbol(exchange)).transpose()
    }

    /// Whether the product is the one there is; one that is not is empty, not an error (clients ask for all).
    pub(crate) fn is_traded_product(&self, key: &str) -> Result<bool, Refusal> {
        Ok(self.params.need(key)?.eq_ignore_ascii_case("USDT-FUTURES"))
    }

    /// Only the product there is will do, and its coin.
    pub(crate) fn need_product(&self, key: &str) -> Result<(), Refusal> {
        if self.params.text("marginCoin").is_some_and(|coin| !coin.eq_ignore_ascii_case("USDT")) {
            return Err(Refusal::parameter("marginCoin"));
        }
        if self.is_traded_product(key)? { Ok(()) } else { Err(Refusal::parameter(key)) }
    }
}

pub(crate) fn margin_mode(word: &str) -> Result<MarginMode, Refusal> {
    match word {
        "crossed" => Ok(MarginMode::Cross),
        "isolated" => Ok(MarginMode::Isolated),
        _ => Err(Refusal::parameter("marginMode")),
    }
}

pub(crate) fn position_mode(word: &str) -> Result<PositionMode, Refusal> {
    match word {
        "one_way_mode" => Ok(PositionMode::OneWay),
        "hedge_mode" => Ok(PositionMode::Hedge),
        _ => Err(Refusal::parameter("posMode")),
    }
}

pub(crate) fn leverage(text: &str) -> Result<u16, Refusal> {
    text.parse().ok().filter(|leverage| *leverage > 0).ok_or_else(|| Refusal::parameter("leverage"))
}

/// The position a word means in an account's mode; V2's one-way words are sides.
pub(crate) fn hold_side(mode: PositionMode, word: Option<&str>) -> Result<Option<PositionSide>, Refusal> {
    Ok(match (mode, word) {
        (_, None) => None,
        (PositionMode::OneWay, Some("long" | "short" | "buy" | "sell")) => Some(PositionSide::Net),
        (PositionMode::Hedge, Some("long" | "buy")) => Some(PositionSide::Long),
        (PositionMode::Hedge, Some("short" | "sell")) => Some(PositionSide::Short),
        _ => return Err(Refusal::parameter("holdSide")),
    })
}
