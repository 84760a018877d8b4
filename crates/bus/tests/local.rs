//! The queues of one process hold the contract, and many threads on them lose nothing.

use bus::local::Queues;
use control::bus::contract::{Host, Trouble, cases};
use control::{Bus, Reader, Subscription, Topic, Unsent};
use model::{Interval, Time};
use std::thread;
use std::time::{Duration, Instant};

struct Process {
    queues: Queues,
    began: Instant,
}

const WAITING_MAX: usize = 1_000;

impl Host for Process {
    fn open(&mut self, reads: &[Subscription]) -> Box<dyn Bus> {
        Box::new(self.queues.open(reads))
    }

    fn crash(&mut self, end: Box<dyn Bus>) {
        drop(end);
    }

    fn pass(&mut self, how_long: Interval) {
        thread::sleep(Duration::from_millis(how_long.0.unsigned_abs()));
    }

    fn now(&mut self) -> Time {
        Time(i64::try_from(self.began.elapsed().as_millis()).expect("a test is short"))
    }

    fn given_up_after(&self) -> Interval {
        Interval(0)
    }

    fn waiting_max(&self) -> usize {
        WAITING_MAX
    }

    fn laid_aside(&mut self, topic: &Topic) -> u64 {
        self.queues.laid_aside(topic)
    }

    fn may_repeat(&self) -> bool {
        false
    }

    fn late_max(&self) -> Interval {
        Interval(500)
    }

    fn trouble(&mut self, _trouble: Trouble) -> bool {
        false
    }
}

#[test]
fn queues_hold_the_contract() {
    let mut failed = Vec::new();
    for case in cases() {
        let mut host = Process { queues: Queues::new(WAITING_MAX), began: Instant::now() };
        failed.extend(case.play(&mut host).err());
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Four senders, a group of three, all at once, through a topic far too small: everybody waits, and nothing is lost.
#[test]
fn threads_lose_nothing_through_a_narrow_topic() {
    const EACH: u64 = 2_000;
    let queues = Queues::new(16);
    let reads = |member: &str| {
        let reader = Reader::Group { name: "group".to_owned(), member: member.to_owned() };
        [Subscription { topic: Topic::events(), reader }]
    };
    let readers: Vec<_> = ["a", "b", "c"]
        .map(|member| queues.open(&reads(member)))
        .into_iter()
        .map(|mut end| {
            thread::spawn(move || {
                let mut heard = Vec::new();
                while let Some(delivery) = end.next(Interval(2_000)).expect("a queue is never deaf") {
                    heard.push(u64::from_le_bytes(delivery.message.try_into().expect("eight bytes")));
                }
                heard
            })
        })
        .collect();
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let mut end = queues.open(&[]);
            thread::spawn(move || {
                for n in 0..EACH {
                    let message = (sender * EACH + n).to_le_bytes();
                    while let Err(unsent) = end.send(&Topic::events(), &message) {
                        assert!(matches!(unsent, Unsent::Full { .. }), "{unsent}");
                        thread::yield_now();
                    }
                }
            })
        })
        .collect();
    senders.into_iter().for_each(|sender| sender.join().expect("a sender"));
    let mut all = Vec::new();
    for reader in readers {
        let heard = reader.join().expect("a reader");
        for sender in 0..4 {
            let of_sender: Vec<_> = heard.iter().filter(|n| **n / EACH == sender).collect();
            assert!(of_sender.is_sorted(), "what one sends comes in his order");
        }
        all.extend(heard);
    }
    all.sort_unstable();
    assert!(all.into_iter().eq(0..4 * EACH), "each once");
}
