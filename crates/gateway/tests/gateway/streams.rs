//! The stream of events: how everything is, then what changes; resumed where it broke off.

use crate::client::{Client, connect};
use crate::scene::{BOTS, Scene};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

struct Events(BufReader<TcpStream>);

/// Number, name and data of one.
type Event = (u64, String, Value);

impl Events {
    fn open(client: &Client, last: Option<u64>) -> Events {
        let mut stream = connect(client.address);
        let token = client.token.as_deref().expect("a token");
        let last = last.map_or_else(String::new, |last| format!("last-event-id: {last}\r\n"));
        let request =
            format!("GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{last}\r\n");
        stream.write_all(request.as_bytes()).expect("a socket");
        Events(BufReader::new(stream))
    }

    fn next(&mut self) -> Event {
        let (mut id, mut name) = (0, String::new());
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).expect("an event in time") > 0, "the stream ended");
            let line = line.trim_end();
            if let Some(text) = line.strip_prefix("id: ") {
                id = text.parse().expect("a number");
            } else if let Some(text) = line.strip_prefix("event: ") {
                name = text.to_owned();
            } else if let Some(text) = line.strip_prefix("data: ") {
                return (id, name, serde_json::from_str(text).expect("JSON"));
            }
        }
    }
}

#[test]
fn a_stream_begins_with_everything_and_goes_on_where_it_broke_off() {
    let scene = Scene::new("stream");
    let viewer = scene.client("viewer");
    let mut events = Events::open(&viewer, None);
    let (begun, name, snapshot) = events.next();
    assert_eq!(
        (name.as_str(), snapshot["shards"][0]["bots"].as_array().map(Vec::len)),
        ("snapshot", Some(2))
    );
    let (first, name, delta) = events.next();
    assert_eq!((first, name.as_str()), (begun + 1, "view"));
    assert!(delta.get("symbol").is_none() && delta["bots"].is_array(), "only what changed: {delta}");
    drop(events);
    let mut again = Events::open(&viewer, Some(first));
    assert_eq!(again.next().0, first + 1, "nothing is missing, nothing comes twice");
    let (_, name, _) = Events::open(&viewer, Some(7)).next();
    assert_eq!(name, "snapshot", "a number that is too old");
}

#[test]
fn a_stream_shows_nothing_of_others() {
    let scene = Scene::new("stream-guest");
    let mut events = Events::open(&scene.client("guest"), None);
    for _ in 0..5 {
        let (_, _, data) = events.next();
        assert!(!data.to_string().contains(BOTS[1]), "{data}");
    }
}

#[test]
fn a_stream_ends_when_the_gateway_leaves() {
    let mut scene = Scene::new("stream-end");
    let mut events = Events::open(&scene.client("viewer"), None);
    events.next();
    let began = std::time::Instant::now();
    scene.gateway.take().expect("it runs").leave();
    assert!(began.elapsed() < std::time::Duration::from_secs(4), "{:?}", began.elapsed());
}
