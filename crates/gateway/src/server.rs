//! The sockets: connections with a cap, requests with limits on size and time, and what becomes of each.
//!
//! It refuses to wait for anybody: a head, a body, an answer and a reader each have their time, and one address has at most
//! half of the connections.

use crate::door::Door;
use crate::http::{self, Asked};
use crate::patient::Patient;
use crate::refused::Refused;
use crate::reply::{Reply, Sent};
use crate::routes::{self, Entrance, Handler, Route, Way};
use crate::settings::{HEAD_BYTES_MAX, HEADERS_MAX, Plain};
use crate::stream::{self, STREAMS_MAX, Stream};
use access::Reach;
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use model::Role;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// How long requests that are under way have when the gateway leaves.
const LEAVING_MAX: Duration = Duration::from_secs(5);
/// Between two attempts to take a connection where the system has none to give.
const AGAIN: Duration = Duration::from_millis(50);
/// What stands for all paths that are none of ours.
const NO_ROUTE: &str = "other";

type Answer = Response<Either<Full<Bytes>, Stream>>;

/// Connections by address.
#[derive(Debug, Default)]
struct Open(Mutex<BTreeMap<IpAddr, usize>>);

impl Open {
    fn all(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    fn enter(&self, peer: IpAddr, most: usize) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = open.values().sum();
        let his = open.entry(peer).or_default();
        let fits = all < most && *his < most.div_ceil(2);
        if fits {
            *his += 1;
        } else if *his == 0 {
            open.remove(&peer);
        }
        fits
    }

    fn leave(&self, peer: IpAddr) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(his) = open.get_mut(&peer) {
            *his -= 1;
            if *his == 0 {
                open.remove(&peer);
            }
        }
    }
}

/// Who somebody is by his address: of IPv6 the first 64 bits, which are one customer's.
fn peer_of(address: SocketAddr) -> IpAddr {
    match address.ip().to_canonical() {
        IpAddr::V6(ip) => {
            let bits = u128::from(ip) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(bits))
        }
        v4 => v4,
    }
}

/// Takes connections until it is told to leave, then lets what is under way end.
pub(crate) async fn serve(
    door: Arc<Door>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    mut leaving: watch::Receiver<bool>,
) {
    let open = Arc::new(Open::default());
    let mut connections = JoinSet::new();
    loop {
        let (stream, address) = tokio::select! {
            _ = leaving.changed() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // Too many files, most likely: those that are open end by themselves.
                Err(_) => {
                    tokio::time::sleep(AGAIN).await;
                    continue;
                }
            },
        };
        let peer = peer_of(address);
        let most = door.settings.connections_max;
        if !open.enter(peer, if door.settings.plain == Plain::BehindProxy { most * 2 } else { most }) {
            door.counted.connections_refused.add(1);
            continue;
        }
        door.counted.connections.set(open.all() as u64);
        let (door, tls, open, leaving) = (Arc::clone(&door), tls.clone(), Arc::clone(&open), leaving.clone());
        connections.spawn(async move {
            connect(&door, stream, peer, tls, leaving).await;
            open.leave(peer);
            door.counted.connections.set(open.all() as u64);
        });
    }
    drop(listener);
    let _who_is_still_busy_is_cut_off =
        timeout(LEAVING_MAX, async { while connections.join_next().await.is_some() {} }).await;
}

async fn connect(
    door: &Arc<Door>,
    stream: TcpStream,
    peer: IpAddr,
    tls: Option<TlsAcceptor>,
    leaving: watch::Receiver<bool>,
) {
    // Small answers go at once; where the system does not take it, they go a little later.
    let _is_only_slower = stream.set_nodelay(true);
    match tls {
        None => talk(door, stream, peer, leaving).await,
        Some(tls) => {
            let greeted = timeout(door.settings.head_timeout, tls.accept(stream)).await;
            if let Ok(Ok(stream)) = greeted {
                talk(door, stream, peer, leaving).await;
            }
        }
    }
}

async fn talk<S>(door: &Arc<Door>, stream: S, peer: IpAddr, mut leaving: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let left = leaving.clone();
    let service = service_fn(move |request| {
        let (door, left) = (Arc::clone(door), left.clone());
        async move { Ok::<_, Infallible>(answer(door, request, peer, left).await) }
    });
    let io = TokioIo::new(Patient::new(stream, door.settings.request_timeout));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(door.settings.head_timeout)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(io, service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = leaving.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // Cut off, too slow or not HTTP: hyper has answered what can be answered.
    drop(ended);
}

/// A request from its head to its answer, counted.
async fn answer(
    door: Arc<Door>,
    request: Request<Incoming>,
    peer: IpAddr,
    leaving: watch::Receiver<bool>,
) -> Answer {
    let began = Instant::now();
    let (method, way) = (
        known_method(request.method().as_str()),
        routes::find(request.method().as_str(), request.uri().path()),
    );
    let label = match &way {
        Way::To(route, _) => route.path,
        Way::OtherMethod(_) | Way::Nowhere => NO_ROUTE,
    };
    let waited = timeout(door.settings.request_timeout, handle(&door, request, way, peer, leaving)).await;
    let answered = waited.unwrap_or_else(|_| {
        Err(Refused::new(408, "timeout", "the request took too long", "send it faster, or ask for less"))
    });
    let response = answered.unwrap_or_else(|refused| {
        door.counted.refusal(refused.error);
        whole(http::refusal(&refused))
    });
    door.counted.request(method, label, response.status().as_u16());
    if matches!(response.body(), Either::Left(_)) {
        door.counted.request_ms.took_ms(began.elapsed().as_secs_f64() * 1_000.0);
    }
    response
}

fn whole(response: Response<Full<Bytes>>) -> Answer {
    response.map(Either::Left)
}

/// A method as a label: what a client makes up is none.
fn known_method(method: &str) -> &'static str {
    ["GET", "POST", "PATCH", "DELETE"].into_iter().find(|known| *known == method).unwrap_or("other")
}

async fn handle(
    door: &Arc<Door>,
    request: Request<Incoming>,
    way: Way,
    peer: IpAddr,
    leaving: watch::Receiver<bool>,
) -> Result<Answer, Refused> {
    let (route, parts) = match way {
        Way::To(route, parts) => (route, parts),
        Way::Nowhere => {
            return Err(Refused::new(
                404,
                "not_found",
                "there is nothing at this path",
                "look at /openapi.json",
            ));
        }
        Way::OtherMethod(methods) => return Ok(other_method(&methods)),
    };
    let (head, body) = request.into_parts();
    let mut asked =
        Asked { parts, query: http::query_of(head.uri.query().unwrap_or_default())?, ..Asked::default() };
    http::take_headers(&mut asked, &head.headers)?;
    let token = http::token_of(&head.headers);
    let peer = door.peer(&head.headers, peer);
    // Who he is comes before his body: a stranger sends none.
    let caller = match route.entrance {
        Entrance::Open => None,
        Entrance::Known | Entrance::Admin => {
            let door = Arc::clone(door);
            Some(blocking(move || door.identify(&peer, token.as_deref())).await?)
        }
    };
    asked.body = read(body, door.settings.body_bytes_max, &head.headers).await?;
    let worker = Arc::clone(door);
    let reply = blocking(move || act(&worker, route, caller.as_ref(), &asked)).await?;
    finish(door, reply, leaving).await
}

fn other_method(methods: &[&'static str]) -> Answer {
    let refused =
        Refused::new(405, "method", "this path has other methods", format!("use {}", methods.join(" or ")));
    let mut response = http::refusal(&refused);
    let allow = HeaderValue::from_str(&methods.join(", ")).expect("methods are plain words");
    response.headers_mut().insert("allow", allow);
    whole(response)
}

/// Locks, files and databases wait; the sockets' threads do not.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(Refused::new(503, "leaving", "the gateway is leaving", "ask again when it is back")),
    }
}

async fn read(body: Incoming, bytes_max: usize, headers: &hyper::HeaderMap) -> Result<Vec<u8>, Refused> {
    let too_long = || {
        let mend = format!("send at most {bytes_max} bytes");
        Refused::new(413, "too_long", "the body is too long", mend)
    };
    let announced =
        headers.get("content-length").and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > bytes_max as u64) {
        return Err(too_long());
    }
    let read = Limited::new(body, bytes_max).collect().await;
    let read = read.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            return too_long();
        }
        Refused::bad_request("the body did not come whole", "send it again")
    })?;
    let bytes = read.to_bytes().to_vec();
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("application/json");
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !bytes.is_empty() && !kind.eq_ignore_ascii_case("application/json") {
        let mend = "send JSON with content-type: application/json";
        return Err(Refused::new(415, "not_json", "the body is of another kind than JSON", mend));
    }
    Ok(bytes)
}

fn act(
    door: &Door,
    route: &Route,
    caller: Option<&crate::rights::Caller>,
    asked: &Asked,
) -> Result<Reply, Refused> {
    match (&route.handler, caller) {
        (Handler::Open(handler), _) => handler(door, asked),
        (Handler::Known(handler), Some(caller)) => {
            if route.entrance == Entrance::Admin {
                door.permits(caller, Role::Admin, Reach::Farm)?;
            }
            handler(door, caller, asked)
        }
        (Handler::Known(_), None) => Err(access::Denied::Unknown.into()),
    }
}

async fn finish(door: &Arc<Door>, reply: Reply, leaving: watch::Receiver<bool>) -> Result<Answer, Refused> {
    match reply {
        Reply::Json(status, body) => Ok(whole(http::json_response(status, &body))),
        Reply::Text(status, kind, text) => Ok(whole(http::response(status, kind, text))),
        Reply::Sent(sent) => {
            acknowledged(door, &sent).await;
            let (status, body) = sent.told(&door.errands)?;
            Ok(whole(http::json_response(status, &body)))
        }
        Reply::Stream(caller, last) => {
            if door.counted.streams.get().unwrap_or(0) >= STREAMS_MAX {
                let mend = "close one, or read /api/v1/views now and then";
                return Err(Refused::new(429, "streams", "too many streams of events are open", mend));
            }
            let body = stream::begin(door, caller, last, leaving);
            let mut response =
                http::response(200, "text/event-stream", Bytes::new()).map(|_| Either::Right(body));
            response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
            Ok(response)
        }
    }
}

/// Waits until the shards have answered, but not for long.
async fn acknowledged(door: &Door, sent: &Sent) {
    let mut changes = door.errands.changes();
    let all = async {
        while !door.errands.are_settled(&sent.ids) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    };
    let _is_told_as_it_is = timeout(door.settings.acknowledge_within, all).await;
}

impl Door {
    /// Who is locked out for what: the address, or what a proxy of ours says it was.
    fn peer(&self, headers: &hyper::HeaderMap, peer: IpAddr) -> String {
        if self.settings.plain == Plain::BehindProxy {
            let last = headers.get_all("x-forwarded-for").iter().next_back();
            let last =
                last.and_then(|text| text.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
            if let Some(ip) = last {
                return peer_of(SocketAddr::new(ip, 0)).to_string();
            }
        }
        peer.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_half_and_a_neighbour_the_rest() {
        let (open, ip) = (Open::default(), |text: &str| text.parse::<IpAddr>().expect("an address"));
        let taken = (0..10).filter(|_| open.enter(ip("192.0.2.1"), 10)).count();
        assert_eq!(taken, 5);
        assert!(open.enter(ip("192.0.2.2"), 10));
        open.leave(ip("192.0.2.1"));
        assert!(open.enter(ip("192.0.2.1"), 10));
        assert_eq!(open.all(), 6);
    }

    #[test]
    fn of_ipv6_the_network_counts() {
        let peer = |text: &str| peer_of(text.parse().expect("an address")).to_string();
        assert_eq!(peer("[2001:db8:1:2:3:4:5:6]:1"), peer("[2001:db8:1:2::9]:2"));
        assert_ne!(peer("[2001:db8:1:2::]:1"), peer("[2001:db8:1:3::]:1"));
        assert_eq!(peer("[::ffff:192.0.2.1]:1"), "192.0.2.1");
    }
}
