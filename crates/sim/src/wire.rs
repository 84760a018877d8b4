//! The wires between nodes, venue and registry: messages arrive after a while, or twice, or never, or in another order.

use crate::fault::Fault;
use crate::operator::Heard;
use crate::strike::{Far, Fates, Key, Link, Target, Way, up_to};
use crate::wired::Socket;
use farm::{FromVenue, LeaseAnswer, LeaseRequest, Reply, ToVenue};
use model::{Command, CommandId, Interval, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use venue_bitget::adapter::{CallId, Signed};

/// Whose connection: a shard's seat, by number. A new seat has new connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seated {
    pub(crate) node: u8,
    pub(crate) shard: u8,
    /// Ascends with every seat that was taken for the shard.
    pub(crate) number: u32,
}

/// A message, and between whom.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Letter {
    /// A seat to the venue.
    Order(Seated, ToVenue),
    /// The venue to a seat.
    Said(Seated, FromVenue),
    /// A node to the registry.
    Ask(u8, LeaseRequest),
    /// The registry to a node.
    Answer(u8, LeaseAnswer),
    /// The operator to a node, for a shard.
    Told(u8, u8, Command),
    /// A shard on a node to the operator.
    Replied(u8, u8, CommandId, Reply),
    /// The same.
    Word(u8, u8, Heard),
    /// A seat's adapter calls the exchange.
    Call(Seated, CallId, Box<Signed>),
    /// What the exchange answers: a status and a body.
    Reply(Seated, CallId, u16, String),
    /// A call that is inside the exchange, and carried out late.
    Ghost(Seated, Box<Signed>),
    /// An adapter wants a socket to this path.
    Dial(Socket, &'static str),
    /// It is there.
    Opened(Socket),
    /// A frame to the exchange.
    Say(Socket, String),
    /// A frame from it.
    Frame(Socket, String),
    /// The adapter has closed a socket.
    HangUp(Socket),
    /// The exchange has, or nobody knows who did.
    Closed(Socket),
}

impl Letter {
    fn line(&self) -> (Link, Way) {
        let link = |node, far| Link { node, far };
        match self {
            Letter::Order(seated, _) => (link(seated.node, Far::Venue), Way::Up),
            Letter::Said(seated, _) => (link(seated.node, Far::Venue), Way::Down),
            Letter::Call(seated, ..) | Letter::Ghost(seated, _) => (link(seated.node, Far::Venue), Way::Up),
            Letter::Reply(seated, ..) => (link(seated.node, Far::Venue), Way::Down),
            Letter::Dial(socket, _) | Letter::Say(socket, _) | Letter::HangUp(socket) => {
                (link(socket.seated.node, Far::Venue), Way::Up)
            }
            Letter::Opened(socket) | Letter::Frame(socket, _) | Letter::Closed(socket) => {
                (link(socket.seated.node, Far::Venue), Way::Down)
            }
            Letter::Ask(node, _) => (link(*node, Far::Registry), Way::Up),
            Letter::Answer(node, _) => (link(*node, Far::Registry), Way::Down),
            Letter::Told(node, ..) => (link(*node, Far::Operator), Way::Down),
            Letter::Replied(node, ..) | Letter::Word(node, ..) => (link(*node, Far::Operator), Way::Up),
        }
    }
}

impl Letter {
    /// The call it answers.
    fn acknowledges(&self) -> Option<(Seated, CallId)> {
        if let Letter::Reply(seated, call, ..) = self { Some((*seated, *call)) } else { None }
    }

    /// Whether it goes over a connection.
    fn is_bytes(&self) -> bool {
        self.socket().is_some() || matches!(self, Letter::Call(..) | Letter::Reply(..))
    }

    /// What it is said on, if that keeps its order.
    fn socket(&self) -> Option<Socket> {
        match self {
            Letter::Dial(socket, _)
            | Letter::Opened(socket)
            | Letter::Say(socket, _)
            | Letter::Frame(socket, _)
            | Letter::HangUp(socket)
            | Letter::Closed(socket) => Some(*socket),
            _ => None,
        }
    }
}

/// What is lost on a connection is sent again after so long; of so many a socket breaks, or an exchange fails.
const AGAIN_MAX: Interval = Interval(3_000);
const BREAKS_OF: u64 = 16;
const FAILS_OF: u64 = 4;
/// That a socket is broken is noticed after so long.
const NOTICED_MAX: Interval = Interval(20_000);
/// How long nothing passes.
const PARTITION_MAX: Interval = Interval(120_000);
/// How long everything waits.
const CLOG_MAX: Interval = Interval(60_000);
/// How much later a delayed message is.
const DELAY_MAX: Interval = Interval(20_000);
/// What a message's usual way is drawn for.
const LATENCY: u64 = u64::MAX;
/// What is drawn when a socket breaks.
const NOTICED: u64 = u64::MAX - 1;

/// A message on its way.
#[derive(Debug)]
struct OnTheWay {
    arrives: Time,
    /// Of those that arrive at one instant the first sent is the first.
    sent: u64,
    key: Key,
    /// Apart, so that the queue moves little.
    letter: Box<Letter>,
}

impl PartialEq for OnTheWay {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for OnTheWay {}

impl PartialOrd for OnTheWay {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OnTheWay {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.arrives, self.sent).cmp(&(other.arrives, other.sent))
    }
}

/// One line.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    cut_until: Option<Time>,
    clogged_until: Option<Time>,
    /// The minute of the last message, and how many were sent in it, by way.
    sent: [(u32, u32); 2],
}

/// All lines.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    queue: BinaryHeap<Reverse<OnTheWay>>,
    lines: BTreeMap<Link, Line>,
    sent: u64,
    /// When the last word on a socket arrives, by way; nothing more of one that is broken.
    sockets: BTreeMap<(Socket, Way), Time>,
    broken: BTreeSet<Socket>,
    /// Calls whose answer was lost.
    failed: BTreeSet<(Seated, CallId)>,
}

impl Wire {
    /// Sends a message.
    pub(crate) fn send(&mut self, now: Time, letter: Letter, fates: &mut Fates<'_>) {
        let (link, way) = letter.line();
        let key = self.number(now, link, way);
        if letter.is_bytes() {
            return self.send_bytes(now, link, way, key, letter, fates);
        }
        if self.is_cut(now, link) || fates.strike(now, Fault::Lost, key).is_some() {
            return;
        }
        let copy =
            fates.strike(now, Fault::Repeated, key).map(|_| (self.number(now, link, way), letter.clone()));
        for (key, letter) in [(key, letter)].into_iter().chain(copy) {
            let arrives = self.arrival(now, link, key, fates);
            self.post(arrives, key, letter);
        }
    }

    /// When something arrives that is sent now, and is not lost.
    fn arrival(&mut self, now: Time, link: Link, key: Key, fates: &mut Fates<'_>) -> Time {
        let latency = 1 + fates.luck(LATENCY, key).below(2 * fates.weather.latency_ms + 1);
        let mut arrives = now + Interval(i64::try_from(latency).expect("a way is short"));
        if let Some(mut rng) = fates.strike(now, Fault::Delayed, key) {
            arrives = arrives + up_to(&mut rng, DELAY_MAX);
        }
        let clogged = self.lines[&link].clogged_until.filter(|until| now < *until);
        clogged.map_or(arrives, |until| arrives.max(until))
    }

    /// A message arrives then, whatever strikes.
    pub(crate) fn post(&mut self, arrives: Time, key: Key, letter: Letter) {
        self.sent += 1;
        let letter = Box::new(letter);
        self.queue.push(Reverse(OnTheWay { arrives, sent: self.sent, key, letter }));
    }

    /// Sends bytes: what is lost is sent again and comes later, or takes its connection with it. Nothing comes twice; exchanges
    /// overtake each other, words on a socket do not.
    fn send_bytes(
        &mut self,
        now: Time,
        link: Link,
        way: Way,
        key: Key,
        letter: Letter,
        fates: &mut Fates<'_>,
    ) {
        let socket = letter.socket();
        if socket.is_some_and(|socket| self.broken.contains(&socket)) {
            return;
        }
        let (mut breaks, mut again) = (self.is_cut(now, link), Interval(0));
        if let Some(mut rng) = fates.strike(now, Fault::Lost, key) {
            breaks |= rng.below(if socket.is_some() { BREAKS_OF } else { FAILS_OF }) == 0;
            again = up_to(&mut rng, AGAIN_MAX);
        }
        let arrives = self.arrival(now, link, key, fates) + again;
        match (socket, breaks) {
            (Some(socket), true) => self.break_socket(now, socket, key, fates),
            (None, true) => self.failed.extend(letter.acknowledges()),
            (Some(socket), false) => {
                let last = self.sockets.entry((socket, way)).or_insert(arrives);
                *last = arrives.max(*last);
                let arrives = *last;
                self.post(arrives, key, letter);
            }
            (None, false) => self.post(arrives, key, letter),
        }
    }

    /// Both ends find out, each in its time.
    fn break_socket(&mut self, now: Time, socket: Socket, key: Key, fates: &Fates<'_>) {
        self.broken.insert(socket);
        let mut rng = fates.luck(NOTICED, key);
        self.post(now + up_to(&mut rng, NOTICED_MAX), key, Letter::HangUp(socket));
        self.post(now + up_to(&mut rng, NOTICED_MAX), key, Letter::Closed(socket));
    }

    /// Sockets that broke.
    pub(crate) fn broken(&self) -> u64 {
        self.broken.len() as u64
    }

    /// Whether the answer to a call was lost.
    pub(crate) fn has_lost(&self, seated: Seated, call: CallId) -> bool {
        self.failed.contains(&(seated, call))
    }

    fn number(&mut self, now: Time, link: Link, way: Way) -> Key {
        let sent = &mut self.lines.entry(link).or_default().sent[way as usize];
        let minute = crate::market::minute_of(now);
        *sent = if sent.0 == minute { (minute, sent.1 + 1) } else { (minute, 1) };
        Key::Message(link, way, minute, sent.1)
    }

    /// What strikes a line in this minute.
    pub(crate) fn break_line(&mut self, now: Time, link: Link, minute: u32, fates: &mut Fates<'_>) {
        let key = Key::Minute(Target::Link(link), minute);
        let line = self.lines.entry(link).or_default();
        if let Some(mut rng) = fates.strike(now, Fault::Partition, key) {
            line.cut_until = Some(now + up_to(&mut rng, PARTITION_MAX));
        }
        if let Some(mut rng) = fates.strike(now, Fault::Clogged, key) {
            line.clogged_until = Some(now + up_to(&mut rng, CLOG_MAX));
        }
    }

    /// Whether nothing passes.
    pub(crate) fn is_cut(&self, now: Time, link: Link) -> bool {
        self.lines.get(&link).and_then(|line| line.cut_until).is_some_and(|until| now < until)
    }

    /// The next message that has arrived by then, when, and what it is known by.
    pub(crate) fn arrived(&mut self, by: Time) -> Option<(Time, Key, Letter)> {
        if self.queue.peek()?.0.arrives > by {
            return None;
        }
        let Reverse(OnTheWay { arrives, key, letter, .. }) = self.queue.pop()?;
        Some((arrives, key, *letter))
    }
}
