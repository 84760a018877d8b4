//! Who speaks, and whether he may: signature, clock, passphrase, environment, generation, permission.
//!
//! Checked in the order in which the exchange answers: what is missing, the key, the clock, the signature, the
//! passphrase, the environment, the generation, the permission. Refuses with the code of the first that is wrong.

use crate::http::{Method, Request};
use crate::refusal::Refusal;
use crate::rsa_key;
use crate::setup::{AccountSetup, Environment, Generation, KeySetup, Permission};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use model::{Interval, Time};
use sha2::Sha256;

/// How far a request's clock may be from the exchange's.
const CLOCK_MAX: Interval = Interval(30_000);

/// Who was let in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor {
    pub(crate) user: usize,
    pub(crate) key: usize,
}

/// What an endpoint asks of a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Everybody.
    Public,
    /// A key of that generation with that permission.
    Private(Generation, Permission),
    /// Any key, whatever the generation of its account.
    AnyGeneration(Permission),
}

pub(crate) fn signature(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Whether what a request calls the time, which may be anything, is too far from it.
fn is_far(server: Time, at: i64) -> bool {
    server.0.abs_diff(at) > CLOCK_MAX.0.unsigned_abs()
}

/// Whether two signatures are the same, in a time that says nothing about where they differ.
fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}

fn is_signed(key: &KeySetup, text: &str, sign: &str) -> bool {
    match &key.public_key {
        Some(pem) => rsa_key::is_signed(pem, text, sign),
        None => is_same(&signature(&key.secret, text), sign),
    }
}

pub(crate) fn find_key<'a>(
    accounts: impl Iterator<Item = &'a AccountSetup>,
    name: &str,
) -> Option<(Visitor, &'a AccountSetup, &'a KeySetup)> {
    accounts.enumerate().find_map(|(user, account)| {
        let key = account.keys.iter().position(|key| key.key == name)?;
        Some((Visitor { user, key }, account, &account.keys[key]))
    })
}

/// Lets the sender of a request in, or says why not.
pub(crate) fn enter<'a>(
    accounts: impl Iterator<Item = &'a AccountSetup>,
    server: Time,
    request: &Request,
    door: Door,
) -> Result<Visitor, Refusal> {
    let header = |name, code, words: &str| {
        let value = request.header(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| Refusal::new(code, words))
    };
    let key = header("ACCESS-KEY", "40001", "ACCESS_KEY cannot be empty")?;
    let sign = header("ACCESS-SIGN", "40002", "ACCESS_SIGN cannot be empty")?;
    let timestamp = header("ACCESS-TIMESTAMP", "40003", "ACCESS_TIMESTAMP cannot be empty")?;
    let passphrase = header("ACCESS-PASSPHRASE", "40011", "ACCESS_PASSPHRASE cannot be empty")?;
    let (visitor, account, found) =
        find_key(accounts, key).ok_or_else(|| Refusal::new("40006", "Invalid ACCESS_KEY"))?;
    let at: i64 = timestamp.parse().map_err(|_| Refusal::new("40005", "Invalid ACCESS_TIMESTAMP"))?;
    if is_far(server, at) {
        return Err(Refusal::new("40008", "Request timestamp expired"));
    }
    let query = request.decoded_query();
    let mark = if query.is_empty() { "" } else { "?" };
    let (method, path) = (request.method.name(), &request.path);
    let body = if request.method == Method::Get { "" } else { request.body.as_str() };
    let prehash = format!("{timestamp}{method}{path}{mark}{query}{body}");
    if !is_signed(found, &prehash, sign) {
        return Err(Refusal::new("40009", "sign signature error"));
    }
    if found.passphrase != passphrase {
        return Err(Refusal::new("40012", "apikey/password is incorrect"));
    }
    let demo = request.header("paptrading") == Some("1");
    if demo != (account.environment == Environment::Demo) {
        return Err(Refusal::new("40099", "exchange environment is incorrect"));
    }
    check_door(account.generation, found, door)?;
    Ok(visitor)
}

fn check_door(generation: Generation, key: &KeySetup, door: Door) -> Result<(), Refusal> {
    let wanted = match door {
        Door::Public => return Ok(()),
        Door::AnyGeneration(wanted) => wanted,
        Door::Private(family, wanted) => {
            match (family, generation) {
                (Generation::V2, Generation::V3) => {
                    return Err(Refusal::new(
                        "40085",
                        "You are in Unified Account mode, use the V3 endpoints",
                    ));
                }
                (Generation::V3, Generation::V2) => {
                    return Err(Refusal::new("25245", "The account is not a Unified Account"));
                }
                _ => {}
            }
            wanted
        }
    };
    let trades = key.permissions.contains(&Permission::Trade);
    // Who trades sees what he trades.
    if key.permissions.contains(&wanted) || (wanted == Permission::Read && trades) {
        Ok(())
    } else {
        Err(Refusal::new("40014", "Incorrect permissions").with_status(403))
    }
}

/// Why a socket's login fails: code and words.
pub(crate) type LoginRefusal = (u32, &'static str);

/// A socket's login: signed over seconds, and over nothing else.
pub(crate) fn login<'a>(
    accounts: impl Iterator<Item = &'a AccountSetup>,
    server: Time,
    arg: &crate::http::Params,
) -> Result<Visitor, LoginRefusal> {
    let field = |name| arg.text(name).unwrap_or("");
    let (key, timestamp) = (field("apiKey"), field("timestamp"));
    let (visitor, _, found) = find_key(accounts, key).ok_or((30_011, "Invalid ACCESS_KEY"))?;
    let at: i64 = timestamp.parse().map_err(|_| (30_013, "Invalid ACCESS_TIMESTAMP"))?;
    if is_far(server, at.saturating_mul(1_000)) {
        return Err((30_014, "Request timestamp expired"));
    }
    if !is_signed(found, &format!("{timestamp}GET/user/verify"), field("sign")) {
        return Err((30_015, "Invalid sign"));
    }
    if found.passphrase != field("passphrase") {
        return Err((30_012, "Invalid ACCESS_PASSPHRASE"));
    }
    Ok(visitor)
}
