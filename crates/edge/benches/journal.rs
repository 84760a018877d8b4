//! How long a farm takes to rise from a day of six personas, plain and sealed, in segments and in one file, beside reading the
//! bare bytes and their checksums in the same run; and what a batch costs until it is safe, beside bare writes and flushes.
//!
//! The day: one-minute bars of a made market, and four reports a second: orders taken, filled, taken, cancelled. It refuses to
//! state a figure of another machine, or of another run: it prints what it measured.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a measurement prints, and stops when it cannot measure"
)]

use edge::journal::{JournalFile, JournalKey, Place, SEGMENT_BYTES};
use farm::journal::{Keeper, Origin};
use farm::lease::Clocks;
use farm::{Character, Recruit, Right, Seat};
use mock_bitget::MadeMarket;
use model::{
    BotId, CancelReason, Fill, FromVenue, Interval, Leg, Liquidity, OrderId, PositionSide, Qty, Report, Time,
    Usd,
};
use persona::{Gains, PERSONAS};
use secrets::Key;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MINUTES: usize = 24 * 60;
const REPORTS_PER_MINUTE: u64 = 240;
const BATCHES: usize = 1_000;
const ROUNDS: usize = 7;

fn origin() -> Origin {
    let recruit = |(number, (name, _)): (u16, &(&str, &str))| {
        let profile = persona::catalogue::profile(name).unwrap().unwrap();
        let character = Character::Persona(Box::new(profile), Gains::default());
        Recruit::alone(BotId(number), character, Usd(10_000 * Usd::ONE.0), 7)
    };
    Origin {
        instrument: mock_bitget::btcusdt(),
        interval: Interval::MINUTE,
        sky: cosmos::Sky::default(),
        recruits: (0..6).zip(PERSONAS).map(recruit).collect(),
        accounts: Vec::new(),
        rules: risk::Rules::NONE,
    }
}

/// The reports of a minute, over six accounts.
fn said(number: u64, at: Time, price: model::Price) -> FromVenue {
    let bot = BotId((number % 6) as u16);
    let of_account = number / 6 + 1;
    // What hands had begun: no persona of this farm asked for it.
    let id = OrderId { bot, epoch: 9, decision: (number / 12) as u32, leg: Leg::Own };
    let qty = Qty(if of_account % 8 < 4 { 1 } else { -1 });
    let report = match of_account % 4 {
        1 | 3 => Report::Accepted { id },
        2 => Report::Filled(Fill {
            id,
            position_side: PositionSide::Net,
            qty,
            price,
            fee: Usd(1_000),
            liquidity: Liquidity::Taker,
            remaining: Qty::ZERO,
        }),
        _ => Report::Cancelled { id, reason: CancelReason::Requested },
    };
    FromVenue::Report { account: bot.own_account(), number: of_account, at, report }
}

fn live(place: &Place) -> (u64, u64) {
    let market = MadeMarket::begin(&mock_bitget::btcusdt(), 3, Time(1_760_000_040_000));
    let past = &market.past()[..MINUTES];
    let begins = past[0].bar.open_time;
    let clocks = |at: Time| Clocks { mono: Time((at - begins).0), wall: at };
    let (journal, _) = JournalFile::open(place).unwrap();
    let mut seat = Seat::begin(journal, &origin(), clocks(begins), Right::Sole).unwrap();
    seat.open(clocks(begins), begins, past[0].bar.open);
    let mut number = 0;
    for minute in past {
        for _ in 0..REPORTS_PER_MINUTE {
            let ms = (number % REPORTS_PER_MINUTE) as i64 * 250;
            let at = minute.bar.open_time + Interval(ms);
            seat.hear(clocks(at), said(number, at, minute.bar.open));
            number += 1;
            // A second's four are thought about together.
            if number.is_multiple_of(4) {
                seat.think(clocks(at));
            }
        }
        let now = clocks(minute.bar.open_time + Interval::MINUTE);
        seat.see(now, minute.bar);
        seat.think(now);
        let _nobody_answers = seat.act(now);
    }
    (seat.frames(), seat.farm().state_hash())
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        all.filter(|path| path.extension().is_none_or(|word| word != "lock")).collect();
    files.sort_unstable();
    files
}

fn median(mut round: impl FnMut()) -> Duration {
    let mut taken: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            round();
            began.elapsed()
        })
        .collect();
    taken.sort_unstable();
    taken[ROUNDS / 2]
}

fn checksum(files: &[PathBuf]) -> u64 {
    files.iter().map(|path| u64::from(crc32fast::hash(&fs::read(path).unwrap()))).sum()
}

fn rises(directory: &Path, name: &str, place: &Place) {
    let (frames, hash) = live(place);
    let all = files(directory);
    let bytes: u64 = all.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    let read: Vec<PathBuf> = all.iter().rev().take(2).cloned().collect();
    let risen = median(|| {
        let (journal, segments) = JournalFile::open(place).unwrap();
        let seat = Seat::rise(&segments, Clocks::default(), Right::Sole, |whole| journal.cut(whole)).unwrap();
        assert_eq!(seat.farm().state_hash(), hash);
    });
    let bare = median(|| assert!(checksum(&read) > 0));
    println!(
        "{name}: {frames} frames, {} MiB in {} segments: up in {:.1} ms; its last two files' bytes and a checksum {:.1} ms",
        bytes >> 20,
        all.len(),
        risen.as_secs_f64() * 1e3,
        bare.as_secs_f64() * 1e3,
    );
}

fn sandbox(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("journal-{name}"));
    let _gone = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn percentiles(mut taken: Vec<Duration>) -> String {
    taken.sort_unstable();
    let micros = |at: usize| taken[at].as_secs_f64() * 1e6;
    format!("p50 {:.0} us, p99 {:.0} us", micros(BATCHES / 2), micros(BATCHES * 99 / 100))
}

/// Four frames of a report's length, then safe; the three in turn, so that the disk is the same to each.
fn batches(key: &JournalKey) {
    let directory = sandbox("batches");
    let open = |name: &str, key: Option<JournalKey>| {
        JournalFile::open(Place::at(directory.join(name)).sealed(key)).unwrap().0
    };
    let (mut plain, mut sealed) = (open("plain", None), open("sealed", Some(key.clone())));
    let mut bare = File::create(directory.join("bare")).unwrap();
    let frame = [7_u8; 84];
    let mut taken = [Vec::new(), Vec::new(), Vec::new()];
    let timed = |act: &mut dyn FnMut()| {
        let began = Instant::now();
        act();
        began.elapsed()
    };
    for _ in 0..BATCHES {
        taken[0].push(timed(&mut || {
            bare.write_all(&[7; 4 * 84]).unwrap();
            bare.sync_data().unwrap();
        }));
        for (place, journal) in [(1, &mut plain), (2, &mut sealed)] {
            taken[place].push(timed(&mut || {
                (0..4).for_each(|_| journal.keep(&frame));
                journal.sync();
            }));
        }
    }
    for (name, taken) in ["bare write and flush", "plain", "sealed"].iter().zip(taken) {
        println!("a batch of four frames until it is safe, {name}: {}", percentiles(taken));
    }
    fs::remove_dir_all(directory).unwrap();
}

fn main() {
    let key = JournalKey::new(&Key::generate().unwrap());
    for (name, key, bytes) in [
        ("plain, in segments of 64 MiB", None, SEGMENT_BYTES),
        ("sealed, in segments of 64 MiB", Some(key.clone()), SEGMENT_BYTES),
        ("plain, in segments of 16 MiB", None, 16 << 20),
        ("plain, in one file", None, u64::MAX),
        ("sealed, in one file", Some(key.clone()), u64::MAX),
    ] {
        let directory = sandbox("rises");
        rises(&directory, name, &Place::at(directory.join("main.omega")).sealed(key).in_segments_of(bytes));
        fs::remove_dir_all(directory).unwrap();
    }
    batches(&key);
}
