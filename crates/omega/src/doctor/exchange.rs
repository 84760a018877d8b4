//! The exchange, where the configuration needs one: requests, sockets, encryption, and its clock.
//!
//! It refuses to log in: keys are for `omega exchange check`.

use super::{Finding, Ground, clocks};
use crate::running::is_at_exchange;
use config::{Feed, Mode};
use edge::exchange::{BadUrl, Place, Transport, Urls, open_socket};
use model::{Interval, Time};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use venue_bitget::sign::Environment;

const WITHIN: Duration = Duration::from_secs(4);
const BODY_BYTES_MAX: u64 = 64 << 10;
/// Public, and of the generation that demo and live have both.
const SOCKET: &str = "/v2/ws/public";
const MEND: &str = "look at the network, its DNS and any proxy; or set market.bitget.rest_url and ws_url";

pub(super) fn look(ground: &Ground) -> Vec<Finding> {
    const WHAT: &str = "exchange";
    let (farm, market) = (&ground.config.farm, &ground.config.market);
    if !is_at_exchange(farm.mode) && market.feed != Feed::Bitget {
        return vec![Finding::ok(WHAT, "not needed: the market does not come from one")];
    }
    let environment = if farm.mode == Mode::Demo { Environment::Demo } else { Environment::Live };
    let urls = match urls(ground, environment) {
        Ok(urls) => urls,
        Err(error) => return vec![Finding::broken(WHAT, error.to_string(), MEND)],
    };
    let mut findings = requests(ground, &urls);
    findings.push(sockets(ground, &urls.public));
    findings
}

/// Where the exchange is: Bitget, or what is set.
fn urls(ground: &Ground, environment: Environment) -> Result<Urls, BadUrl> {
    let bitget = &ground.config.market.bitget;
    Urls::set(environment, bitget.rest_url.as_deref(), bitget.ws_url.as_deref())
}

fn encrypted(place: &Place) -> &'static str {
    match place.transport {
        Transport::Tls => "encrypted",
        Transport::Plain => "not encrypted",
    }
}

/// What goes beyond this machine in the clear carries keys.
fn judged(what: &str, place: &Place, found: String) -> Finding {
    if place.transport == Transport::Plain && !super::is_here(&place.host) {
        return Finding::warning(what, found, "write https:// and wss://: keys go over this line");
    }
    Finding::ok(what, found)
}

fn requests(ground: &Ground, urls: &Urls) -> Vec<Finding> {
    const WHAT: &str = "exchange requests";
    if !ground.reaches(&urls.rest.host) {
        return vec![Ground::left_out(WHAT, &urls.rest.host)];
    }
    match server_time(&urls.rest) {
        Ok((ahead, took)) => {
            let ms = took.as_millis();
            let found = format!("{} answers in {ms} ms, {}", urls.rest, encrypted(&urls.rest));
            let round_trip = i64::try_from(ms).unwrap_or(i64::MAX);
            vec![judged(WHAT, &urls.rest, found), clocks::beside("the exchange", ahead, round_trip)]
        }
        Err(why) => vec![Finding::broken(WHAT, format!("{}: {why}", urls.rest), MEND)],
    }
}

fn sockets(ground: &Ground, place: &Place) -> Finding {
    const WHAT: &str = "exchange sockets";
    if !ground.reaches(&place.host) {
        return Ground::left_out(WHAT, &place.host);
    }
    match open_socket(place, SOCKET, WITHIN) {
        Ok(took) => {
            let found = format!("{place} opens one in {} ms, {}", took.as_millis(), encrypted(place));
            judged(WHAT, place, found)
        }
        Err(why) => Finding::broken(WHAT, why, MEND),
    }
}

/// How far the exchange's clock is ahead, and how long it took to be told.
fn server_time(place: &Place) -> Result<(Interval, Duration), String> {
    let scheme = if place.transport == Transport::Tls { "https" } else { "http" };
    let url = format!("{scheme}://{place}/api/v2/public/time");
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(WITHIN))
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .new_agent();
    let ask = || {
        let (begun, before) = (Instant::now(), wall());
        let mut answer = agent.get(&url).call().map_err(|error| error.to_string())?;
        let text = answer.body_mut().with_config().limit(BODY_BYTES_MAX).read_to_string();
        let text = text.map_err(|error| error.to_string())?;
        let took = begun.elapsed();
        let told: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let time = told["data"]["serverTime"].as_str().and_then(|text| text.parse::<i64>().ok());
        let status = answer.status().as_u16();
        let time = time.ok_or_else(|| format!("it answers {status}, and no time: that is no Bitget"))?;
        let half = i64::try_from(took.as_millis() / 2).unwrap_or(0);
        Ok::<_, String>((Time(time) - (before + Interval(half)), took))
    };
    // The first one also made the connection.
    ask()?;
    ask()
}

fn wall() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
