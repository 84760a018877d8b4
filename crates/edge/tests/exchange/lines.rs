//! Lines: opened, heard, spoken to, lost in every way, and opened again.

use crate::double::{Double, Hand, PATIENCE, double, limits, linked, next, until};
use crate::server::{Server, ok};
use edge::exchange::{Clock, Link, Told, Trust, Urls};
use model::Time;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use tungstenite::{Message, WebSocket};
use venue_bitget::adapter::{Doing, LineId};
use venue_bitget::stream::Reason;

fn opened(server: &Server) -> (Hand, Link<Double>) {
    let (hand, mut link) = linked(&server.url(), limits());
    hand.open(1);
    assert_eq!(next(&mut link), "opened 1");
    (hand, link)
}

fn line_server(ws: impl Fn(WebSocket<TcpStream>) + Send + Sync + 'static) -> Server {
    Server::start(|_, _| ok("fine"), ws)
}

#[test]
fn frames_go_both_ways_in_order_and_pings_are_answered() {
    let server = line_server(|mut socket| {
        socket.send(Message::Ping(vec![1, 2].into())).unwrap();
        assert_eq!(socket.read().unwrap(), Message::Pong(vec![1, 2].into()));
        for number in 0..100 {
            socket.send(Message::text(number.to_string())).unwrap();
        }
        loop {
            match socket.read() {
                Ok(Message::Text(text)) => socket.send(Message::text(format!("echo {text}"))).unwrap(),
                Ok(other) => assert!(other.is_close(), "{other}"),
                Err(_) => return,
            }
        }
    });
    let (hand, mut link) = opened(&server);
    for number in 0..100 {
        assert_eq!(next(&mut link), format!("frame 1: {number}"));
    }
    for text in ["ping", "牛来USDT"] {
        hand.say(1, text);
        assert_eq!(next(&mut link), format!("frame 1: echo {text}"));
    }
    let counters = link.counters();
    assert_eq!((counters.frames_received, counters.frames_sent, counters.lines), (102, 2, 1));
}

#[test]
fn a_line_that_the_server_ends_is_said_and_can_be_opened_again() {
    let server = line_server(|mut socket| {
        socket.send(Message::text("hello")).unwrap();
        socket.close(None).unwrap();
        while socket.read().is_ok() {}
    });
    let (hand, mut link) = linked(&server.url(), limits());
    for _ in 0..3 {
        hand.open(1);
        let said = until(&mut link, "closed 1");
        assert_eq!(said[..2], ["opened 1", "frame 1: hello"]);
        assert!(said[2].starts_with("line 1: the exchange closed the line"), "{said:?}");
    }
    let counters = link.counters();
    assert_eq!((counters.lines, counters.reconnects, counters.lines_lost), (3, 2, 3));
}

#[test]
fn a_line_that_we_close_is_closed_for_the_server_and_silent_for_us() {
    let (tell, told) = channel();
    let server = line_server(move |mut socket| {
        let end = loop {
            match socket.read() {
                Ok(Message::Close(_)) => break "closed",
                Ok(_) => {}
                Err(_) => break "broken",
            }
        };
        tell.send(end).unwrap();
    });
    let (hand, mut link) = opened(&server);
    hand.wants(Doing::Close(LineId(1), Reason::NoPong));
    assert_eq!(link.recv_timeout(Duration::from_millis(100)), None);
    assert_eq!(told.recv_timeout(PATIENCE), Ok("closed"));
    // It was given up, so what is said on it goes nowhere.
    hand.say(1, "late");
    assert_eq!(link.recv_timeout(Duration::from_millis(50)), None);
    assert_eq!((link.counters().lines_lost, link.counters().frames_sent), (0, 0));
}

#[test]
fn what_no_exchange_sends_ends_the_line() {
    type Rude = fn(&mut WebSocket<TcpStream>);
    let rude: [(Rude, &str); 4] = [
        (|socket| socket.send(Message::text("x".repeat(100_001))).unwrap(), "too long"),
        (|socket| socket.send(Message::binary(vec![1])).unwrap(), "binary"),
        (|socket| std::io::Write::write_all(socket.get_mut(), &[0xFF; 64]).unwrap(), ""),
        (|socket| std::io::Write::write_all(socket.get_mut(), &[0x81, 2, 0xC3, 0x28]).unwrap(), "UTF-8"),
    ];
    for (act, why) in rude {
        let server = line_server(move |mut socket| {
            act(&mut socket);
            while socket.read().is_ok() {}
        });
        let (_hand, mut link) = opened(&server);
        let said = until(&mut link, "closed 1");
        assert!(said[0].to_lowercase().contains(&why.to_lowercase()), "{why}: {said:?}");
    }
}

#[test]
fn a_line_that_does_not_open_is_closed() {
    // Takes connections into its queue and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let plain = line_server(|_| {});
    for (url, why) in [
        (format!("http://{}", silent.local_addr().unwrap()), "did not open a line in time"),
        (plain.url(), ""),
    ] {
        let (hand, mut link) = linked(&url, limits());
        let begun = Instant::now();
        hand.open(7);
        let said = until(&mut link, "closed 7");
        assert!(said.iter().any(|text| text.contains(why)), "{said:?}");
        assert!(begun.elapsed() < Duration::from_secs(4));
    }
}

#[test]
fn who_does_not_listen_is_not_spoken_to_for_ever() {
    let server = line_server(|socket| {
        // Holds the line open, reads nothing.
        std::thread::sleep(Duration::from_millis(1_500));
        drop(socket);
    });
    let (hand, mut link) = opened(&server);
    let long = "x".repeat(100_000);
    (0..200).for_each(|_| hand.say(1, &long));
    let said = until(&mut link, "closed 1");
    assert!(said[0].contains("takes less than is said to it"), "{said:?}");

    // Less than what may pile up, but for too long.
    let (hand, mut link) = opened(&server);
    let mut fits = 0;
    let words = loop {
        hand.say(1, &"x".repeat(20_000));
        fits += 1;
        if let Some(told) = link.recv_timeout(Duration::from_millis(2)) {
            break format!("{told:?}");
        }
        // The kernel takes some megabytes; what follows piles up here, slowly.
        if link.counters().bytes_sent < fits * 20_000 {
            let said = until(&mut link, "closed 1");
            break said[0].clone();
        }
    };
    assert!(words.contains("takes nothing any more"), "{words}");
}

#[test]
fn a_flood_on_a_line_does_not_keep_an_answer_away() {
    let server = line_server(|mut socket| while socket.send(Message::text("noise")).is_ok() {});
    let (hand, mut link) = opened(&server);
    for number in 0..20 {
        hand.get(number, "/");
        assert_eq!(next(&mut link), format!("call {number}: 200 fine"));
    }
    // Nothing is told of the noise, and still time is over when it is over.
    let begun = Instant::now();
    assert_eq!(link.recv_timeout(Duration::from_millis(50)), None);
    assert!((50..1_000).contains(&begun.elapsed().as_millis()));
    assert!(link.counters().frames_received > 20);
    drop(link);
}

#[test]
fn in_lock_step_deadlines_pass_with_the_steps() {
    let (tell, told) = channel();
    let server = line_server(move |mut socket| {
        socket.send(Message::text("step 59999")).unwrap();
        socket.send(Message::text("step 60000")).unwrap();
        while let Ok(Message::Text(text)) = socket.read() {
            tell.send(text.to_string()).unwrap();
        }
    });
    let (hand, double) = double(Some(Time(60_000)));
    let urls = Urls::one(&server.url()).unwrap();
    let mut link = Link::start_with(double, urls, Clock::steps(Time(5)), &Trust::Public, limits()).unwrap();
    hand.open(1);
    assert_eq!(next(&mut link), "opened 1");
    assert_eq!(link.recv_timeout(PATIENCE), Some(Told::Step(1, Time(59_999))));
    link.acknowledge(1);
    assert!(link.protocol().wakes.is_empty());
    assert_eq!(link.recv_timeout(PATIENCE), Some(Told::Step(1, Time(60_000))));
    link.acknowledge(1);
    assert_eq!(link.protocol().wakes, [Time(60_000)]);
    assert_eq!(link.now(), Time(60_000));
    let said: Vec<String> = (0..2).map(|_| told.recv_timeout(PATIENCE).unwrap()).collect();
    assert_eq!(said, ["acknowledged 1 at 59999", "acknowledged 1 at 60000"]);
}
