//! The thread between a bus and a store, before stores that are away, slow or full.

use crate::sample::{rows, session, trades};
use control::record::Record;
use history::writer::{Left, NotTaken, Open, Pace, Ticket, Writer};
use history::{BadStore, Kept, Page, Query, Store};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(10);

/// A store that a test can take away, and look into.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    is_away: bool,
    delay: Duration,
    batches: Vec<Vec<Record>>,
    opened: usize,
    attempts: usize,
}

impl Shelf {
    fn open(&self) -> Open {
        let shelf = self.clone();
        Box::new(move || {
            shelf.with(|inside| {
                inside.opened += 1;
                match inside.is_away {
                    true => Err(BadStore::Away("no room on the shelf".to_owned())),
                    false => Ok(Box::new(shelf.clone()) as Box<dyn Store>),
                }
            })
        })
    }

    fn with<R>(&self, act: impl FnOnce(&mut Inside) -> R) -> R {
        act(&mut self.0.lock().unwrap())
    }

    fn rows(&self) -> Vec<Record> {
        self.with(|inside| inside.batches.concat())
    }
}

impl Store for Shelf {
    fn keep(&mut self, records: &[Record]) -> Result<Kept, BadStore> {
        let delay = self.with(|inside| inside.delay);
        std::thread::sleep(delay);
        self.with(|inside| {
            inside.attempts += 1;
            if inside.is_away {
                return Err(BadStore::Away("no room on the shelf".to_owned()));
            }
            inside.batches.push(records.to_vec());
            Ok(Kept { added: records.len(), ..Kept::default() })
        })
    }

    fn read(&mut self, _: &Query) -> Result<Page, BadStore> {
        unreachable!("a writer does not read")
    }
}

fn quick() -> Pace {
    let ms = Duration::from_millis;
    Pace { waiting_max: 100, batch_rows_max: 16, batch_wait: ms(20), retry_min: ms(2), retry_max: ms(10) }
}

fn until(mut what: impl FnMut() -> bool) {
    let end = Instant::now() + SOON;
    while !what() {
        assert!(Instant::now() < end, "it does not happen");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn rows_are_kept_in_order_and_by_the_batch() {
    let shelf = Shelf::default();
    let writer = Writer::start(shelf.open(), quick());
    let records = rows(20);
    let tickets: Vec<Ticket> =
        records.iter().map(|record| writer.put(record.clone(), SOON).unwrap()).collect();
    assert_eq!(tickets, (1..=80).map(Ticket).collect::<Vec<_>>());
    assert!(writer.wait_kept(Ticket(80), SOON));
    assert_eq!(shelf.rows(), records);
    let standing = writer.close(SOON).unwrap();
    assert_eq!(
        (standing.kept, standing.waiting, standing.rows.added, standing.away),
        (Ticket(80), 0, 80, None)
    );
    let batches = shelf.with(|inside| inside.batches.iter().map(Vec::len).collect::<Vec<_>>());
    assert!(batches.iter().all(|rows| *rows <= 16) && batches.len() >= 5, "{batches:?}");
}

#[test]
fn a_lonely_row_waits_for_company_unless_somebody_waits_for_it() {
    let shelf = Shelf::default();
    let pace = Pace { batch_wait: Duration::from_secs(3_600), ..quick() };
    let writer = Writer::start(shelf.open(), pace);
    let ticket = writer.offer(rows(1)[0].clone()).unwrap();
    assert!(!writer.wait_kept(Ticket(ticket.0 + 1), Duration::from_millis(1)) || shelf.rows().len() == 1);
    let began = Instant::now();
    assert!(writer.wait_kept(ticket, SOON));
    assert!(began.elapsed() < SOON);
    // Nobody waits for this one; closing keeps it.
    writer.offer(rows(1)[1].clone()).unwrap();
    assert_eq!(writer.close(SOON).unwrap().kept, Ticket(2));
    assert_eq!(shelf.rows().len(), 2);
}

#[test]
fn a_store_that_is_away_loses_nothing_and_blocks_nobody() {
    let shelf = Shelf::default();
    shelf.with(|inside| inside.is_away = true);
    let writer = Writer::start(shelf.open(), quick());
    let records = trades(0, 101);
    let began = Instant::now();
    for record in &records[..100] {
        writer.offer(record.clone()).unwrap();
    }
    let refused = writer.offer(records[100].clone());
    assert_eq!(refused, Err(NotTaken::Full(100)), "what does not fit is said, not dropped");
    assert!(began.elapsed() < Duration::from_secs(2), "nobody waited");
    until(|| writer.standing().away.is_some_and(|(failures, why)| failures > 2 && why.contains("no room")));
    assert_eq!(writer.kept(), Ticket(0), "nothing is said to be kept that is not");
    assert!(!writer.wait_kept(Ticket(1), Duration::from_millis(20)));
    shelf.with(|inside| inside.is_away = false);
    writer.put(records[100].clone(), SOON).unwrap();
    assert!(writer.wait_kept(Ticket(101), SOON));
    assert_eq!(shelf.rows(), records);
    // In the middle of its life it goes away again.
    shelf.with(|inside| (inside.is_away, inside.attempts) = (true, 0));
    for record in trades(200, 240) {
        writer.put(record, SOON).unwrap();
    }
    until(|| shelf.with(|inside| inside.attempts) > 0 && writer.standing().away.is_some());
    shelf.with(|inside| inside.is_away = false);
    let standing = writer.close(SOON).unwrap();
    assert_eq!((standing.kept, standing.away), (Ticket(141), None));
    assert_eq!(shelf.rows()[101..], trades(200, 240));
    assert!(shelf.with(|inside| inside.opened) > 3, "it is opened anew each time");
}

#[test]
fn who_is_closed_while_the_store_is_away_says_what_is_left() {
    let shelf = Shelf::default();
    shelf.with(|inside| inside.is_away = true);
    let writer = Writer::start(shelf.open(), quick());
    for record in trades(0, 30) {
        writer.offer(record).unwrap();
    }
    let Left { waiting, why } = writer.close(Duration::from_millis(50)).unwrap_err();
    assert_eq!(waiting, 30);
    assert!(why.contains("no room"), "{why}");
    assert_eq!(shelf.rows(), []);
}

#[test]
fn a_slow_store_holds_up_who_reads_the_bus_and_not_for_ever() {
    let shelf = Shelf::default();
    shelf.with(|inside| inside.delay = Duration::from_millis(5));
    let writer = Writer::start(shelf.open(), Pace { waiting_max: 8, batch_rows_max: 4, ..quick() });
    for record in trades(0, 80) {
        writer.put(record, SOON).unwrap();
        assert!(writer.standing().waiting <= 8);
    }
    writer.close(SOON).unwrap();
    assert_eq!(shelf.rows(), trades(0, 80));
}

#[test]
fn a_row_that_nobody_can_keep_does_not_hold_up_the_others() {
    let shelf = Shelf::default();
    let writer = Writer::start(shelf.open(), quick());
    let mut bad = session(1);
    bad.drawdown = f64::INFINITY;
    assert!(matches!(writer.offer(Record::Session(bad)), Err(NotTaken::Never(_))));
    assert_eq!(writer.offer(rows(1)[0].clone()), Ok(Ticket(1)));
    assert_eq!(writer.close(SOON).unwrap().kept, Ticket(1));
}

#[test]
fn a_writer_that_is_dropped_keeps_what_it_has() {
    let shelf = Shelf::default();
    let writer = Writer::start(shelf.open(), Pace { batch_wait: Duration::from_secs(3_600), ..quick() });
    for record in trades(0, 5) {
        writer.offer(record).unwrap();
    }
    drop(writer);
    assert_eq!(shelf.rows(), trades(0, 5));
}
