//! The bus of the simulation: the promises of the bus (`control::bus::broker`) behind a wire that loses, repeats and delays, on a
//! server that dies, by a clock that moves only while somebody waits. All of it follows from a seed.
//!
//! An end asks and is answered, as over a connection: what is not answered is asked again, and is heard once as long as the
//! connection lasts. A server that died knows no connections: what was asked of it last may then be done twice. It refuses
//! to lose what it took (its disk is good), and to go on for ever: every wait ends.

use control::bus::broker::{Broker, EndId};
use control::bus::contract::{Host, Trouble};
use control::{Bus, Deaf, Delivery, Reader, Subscription, Topic, Unsent};
use model::{Interval, Rng, Time};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How bad everything is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardship {
    /// Nothing goes wrong.
    None,
    /// The wire loses, repeats and delays.
    Wire,
    /// And the server dies.
    Server,
}

/// How often something struck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Struck {
    /// Packets that never came.
    pub lost: u64,
    /// That came twice.
    pub repeated: u64,
    /// That came late.
    pub delayed: u64,
    /// Deaths of the server.
    pub deaths: u64,
}

/// One packet of so many is lost, another one comes twice, another one late; at one of so many the server dies.
const LOST_OF: u64 = 12;
const REPEATED_OF: u64 = 12;
const DELAYED_OF: u64 = 12;
const DIES_OF: u64 = 1_500;
/// A packet takes as long, a late one up to so long.
const LATENCY: Interval = Interval(1);
const DELAY_MAX: u64 = 400;
/// A dead server is back after up to so long.
const AWAY_MAX: u64 = 1_000;
/// What is not answered is asked again; what was answered with nothing is asked again sooner.
const AGAIN: Interval = Interval(150);
const POLL: Interval = Interval(20);
/// A send is given up after so long.
const PATIENCE: Interval = Interval(5_000);
/// An end that is not answered so long calls itself deaf.
const ANSWER_WITHIN: Interval = Interval(3_000);
/// What a member had in hand so long goes to another.
const GIVE_UP_AFTER: Interval = Interval(60_000);
/// How much a topic keeps: little, for the sake of its being full.
const WAITING_MAX: usize = 200;

/// A bus with its wire, its server and its clock. A clone is the same one.
#[derive(Clone, Debug)]
pub struct Carrier(Rc<RefCell<World>>);

/// One end.
#[derive(Debug)]
pub struct End {
    carrier: Carrier,
    /// As whom it speaks and as whom it listens: two connections, so that neither waits for the other.
    speaks: Client,
    listens: Client,
    /// The last handing out that it got.
    done: u64,
    is_asking: bool,
}

/// One connection's side that asks: questions are numbered.
#[derive(Clone, Copy, Debug)]
struct Client {
    id: u64,
    asked: u64,
}

#[derive(Clone, Debug)]
enum Question {
    Send(Topic, Vec<u8>),
    /// The next one; the last handing out that was got is done with.
    Next(u64),
}

#[derive(Clone, Debug)]
enum Answer {
    Sent(Result<(), Unsent>),
    /// With the number of the handing out.
    Next(Option<(u64, Delivery)>),
}

#[derive(Clone, Debug)]
enum Packet {
    Up(Client, Question),
    Down(Client, Answer),
}

/// What the server knows of a connection until it dies: the last question and what was said to it.
#[derive(Debug)]
struct Session {
    asked: u64,
    answer: Answer,
}

#[derive(Debug)]
struct World {
    now: Time,
    rng: Rng,
    hardship: Hardship,
    struck: Struck,
    clients: u64,
    /// What is on its way, by when it arrives and in which order it left.
    wire: BTreeMap<(Time, u64), Packet>,
    left: u64,
    /// What came to whom, as an answer to which question.
    came: BTreeMap<u64, (u64, Answer)>,
    // The server: its disk ...
    broker: Broker,
    ends: BTreeMap<u64, EndId>,
    members: BTreeMap<(Topic, String, String), EndId>,
    handed_at: BTreeMap<EndId, Time>,
    // ... and what dies with it.
    sessions: BTreeMap<u64, Session>,
    away_until: Option<Time>,
}

impl Carrier {
    /// A new one of this seed.
    pub fn new(seed: u64, hardship: Hardship) -> Carrier {
        Carrier(Rc::new(RefCell::new(World {
            now: Time(0),
            rng: Rng::new(seed),
            hardship,
            struck: Struck::default(),
            clients: 0,
            wire: BTreeMap::new(),
            left: 0,
            came: BTreeMap::new(),
            broker: Broker::new(WAITING_MAX),
            ends: BTreeMap::new(),
            members: BTreeMap::new(),
            handed_at: BTreeMap::new(),
            sessions: BTreeMap::new(),
            away_until: None,
        })))
    }

    /// How often something struck so far.
    pub fn struck(&self) -> Struck {
        self.0.borrow().struck
    }

    /// A new end that reads this, and is heard at once.
    pub fn end(&self, reads: &[Subscription]) -> End {
        let mut world = self.0.borrow_mut();
        let speaks = world.client();
        let listens = world.client();
        world.open(listens.id, reads);
        drop(world);
        let carrier = self.clone();
        End { carrier, speaks, listens, done: 0, is_asking: false }
    }
}

impl World {
    fn client(&mut self) -> Client {
        self.clients += 1;
        Client { id: self.clients, asked: 0 }
    }

    /// Who comes back under a member's name is that member: what his former life had in hand is given back.
    fn open(&mut self, listens: u64, reads: &[Subscription]) {
        let end = self.broker.open(reads);
        self.ends.insert(listens, end);
        for one in reads {
            if let Reader::Group { name, member } = &one.reader {
                let key = (one.topic.clone(), name.clone(), member.clone());
                if let Some(former) = self.members.insert(key, end) {
                    self.broker.give_back(former);
                }
            }
        }
    }

    fn strikes(&mut self, of: u64) -> bool {
        self.hardship != Hardship::None && self.rng.below(of) == 0
    }

    fn post(&mut self, packet: &Packet) {
        if self.strikes(LOST_OF) {
            self.struck.lost += 1;
            return;
        }
        let copies = 1 + u64::from(self.strikes(REPEATED_OF));
        self.struck.repeated += copies - 1;
        for _ in 0..copies {
            let mut arrives = self.now + LATENCY;
            if self.strikes(DELAYED_OF) {
                self.struck.delayed += 1;
                arrives = arrives + self.some_ms(DELAY_MAX);
            }
            self.left += 1;
            self.wire.insert((arrives, self.left), packet.clone());
        }
    }

    fn some_ms(&mut self, most: u64) -> Interval {
        Interval(1 + i64::try_from(self.rng.below(most)).expect("short"))
    }

    /// The server dies, and with it every connection.
    fn die(&mut self) {
        self.struck.deaths += 1;
        let away = self.some_ms(AWAY_MAX);
        self.away_until = Some(self.now + away);
        self.cut();
    }

    /// Every connection breaks: what is on its way is lost, and nobody knows who had asked what.
    fn cut(&mut self) {
        self.wire.clear();
        self.sessions.clear();
    }

    /// Lets time pass until then, or until this question is answered.
    fn pass(&mut self, until: Time, awaited: Option<Client>) {
        while let Some(arrival) = self.wire.first_entry() {
            let arrives = arrival.key().0;
            if arrives > until {
                break;
            }
            let packet = arrival.remove();
            self.now = self.now.max(arrives);
            self.arrive(packet);
            let is_it = |client: Client| self.came.get(&client.id).is_some_and(|came| came.0 == client.asked);
            if awaited.is_some_and(is_it) {
                return;
            }
        }
        self.now = self.now.max(until);
    }

    fn arrive(&mut self, packet: Packet) {
        match packet {
            Packet::Down(client, answer) => {
                self.came.insert(client.id, (client.asked, answer));
            }
            Packet::Up(..) if self.away_until.is_some_and(|until| self.now < until) => {}
            Packet::Up(client, question) => {
                if let Some(answer) = self.hear(client, question) {
                    if self.hardship == Hardship::Server && self.strikes(DIES_OF) {
                        return self.die();
                    }
                    self.post(&Packet::Down(client, answer));
                }
            }
        }
    }

    /// The server hears a question: each once, as long as it lives. An old one has an answer already, or needs none.
    fn hear(&mut self, client: Client, question: Question) -> Option<Answer> {
        if let Some(session) = self.sessions.get(&client.id)
            && session.asked >= client.asked
        {
            return (session.asked == client.asked).then(|| session.answer.clone());
        }
        self.give_up(&client, &question);
        let answer = match question {
            Question::Send(topic, message) => Answer::Sent(self.broker.send(&topic, &message)),
            Question::Next(done) => Answer::Next(self.hand_out(self.ends[&client.id], done)),
        };
        self.sessions.insert(client.id, Session { asked: client.asked, answer: answer.clone() });
        Some(answer)
    }

    fn hand_out(&mut self, end: EndId, done: u64) -> Option<(u64, Delivery)> {
        // What it has in hand and does not say that it got, it never got.
        if self.broker.in_hand(end).is_some_and(|handed| handed != done) {
            self.broker.give_back(end);
        }
        let delivery = self.broker.next(end)?;
        self.handed_at.insert(end, self.now);
        Some((self.broker.in_hand(end).expect("it was just handed out"), delivery))
    }

    /// What somebody has had for too long is for others, unless he has just said that he is done with it.
    fn give_up(&mut self, client: &Client, question: &Question) {
        if let Question::Next(done) = question
            && let Some(end) = self.ends.get(&client.id)
            && self.broker.in_hand(*end) == Some(*done)
        {
            self.handed_at.remove(end);
        }
        let now = self.now;
        let late: Vec<EndId> = self
            .handed_at
            .iter()
            .filter(|(_, at)| now >= **at + GIVE_UP_AFTER)
            .map(|(end, _)| *end)
            .collect();
        for end in late {
            self.handed_at.remove(&end);
            self.broker.give_back(end);
        }
    }
}

impl End {
    /// Asks until it is answered, until then at the latest. The same question is the same number.
    fn ask(&self, client: Client, question: &Question, until: Time) -> Option<Answer> {
        let mut world = self.carrier.0.borrow_mut();
        loop {
            world.post(&Packet::Up(client, question.clone()));
            let again = (world.now + AGAIN).min(until);
            world.pass(again, Some(client));
            match world.came.remove(&client.id) {
                Some((asked, answer)) if asked == client.asked => return Some(answer),
                _ if world.now >= until => return None,
                _ => {}
            }
        }
    }

    fn now(&self) -> Time {
        self.carrier.0.borrow().now
    }
}

impl Bus for End {
    fn send(&mut self, topic: &Topic, message: &[u8]) -> Result<(), Unsent> {
        self.speaks.asked += 1;
        let question = Question::Send(topic.clone(), message.to_vec());
        match self.ask(self.speaks, &question, self.now() + PATIENCE) {
            Some(Answer::Sent(sent)) => sent,
            _ => Err(Unsent::Away("the simulated server".to_owned())),
        }
    }

    fn next(&mut self, wait: Interval) -> Result<Option<Delivery>, Deaf> {
        let began = self.now();
        let until = began + wait;
        loop {
            // What was asked and not answered yet is still asked.
            if !self.is_asking {
                self.listens.asked += 1;
                self.is_asking = true;
            }
            // That there is nothing is only said by the server.
            let patience = until.max(began + ANSWER_WITHIN);
            let Some(Answer::Next(next)) = self.ask(self.listens, &Question::Next(self.done), patience)
            else {
                return Err(Deaf("the simulated server".to_owned()));
            };
            self.is_asking = false;
            if let Some((handed, delivery)) = next {
                self.done = handed;
                return Ok(Some(delivery));
            }
            let mut world = self.carrier.0.borrow_mut();
            if world.now >= until {
                return Ok(None);
            }
            let poll = (world.now + POLL).min(until);
            world.pass(poll, None);
        }
    }
}

impl Host for Carrier {
    fn open(&mut self, reads: &[Subscription]) -> Box<dyn Bus> {
        Box::new(self.end(reads))
    }

    fn crash(&mut self, end: Box<dyn Bus>) {
        drop(end);
    }

    fn pass(&mut self, how_long: Interval) {
        let mut world = self.0.borrow_mut();
        let until = world.now + how_long;
        world.pass(until, None);
    }

    fn now(&mut self) -> Time {
        self.0.borrow().now
    }

    fn given_up_after(&self) -> Interval {
        GIVE_UP_AFTER
    }

    fn waiting_max(&self) -> usize {
        WAITING_MAX
    }

    fn laid_aside(&mut self, topic: &Topic) -> u64 {
        self.0.borrow().broker.laid_aside(topic)
    }

    fn may_repeat(&self) -> bool {
        self.0.borrow().hardship == Hardship::Server
    }

    fn late_max(&self) -> Interval {
        ANSWER_WITHIN
    }

    fn trouble(&mut self, trouble: Trouble) -> bool {
        let mut world = self.0.borrow_mut();
        match trouble {
            Trouble::Restart => world.die(),
            Trouble::Cut => world.cut(),
        }
        true
    }
}
