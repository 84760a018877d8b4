//! A journal's files through every crash: what was acknowledged is there, what was half begun is not, and nobody reads it
//! without its key.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a child that is to be killed says what is safe"
)]

use edge::journal::{BadJournal, BadSegment, JournalFile, JournalKey, Place, journals_in};
use edge::paper::{Paper, PaperPlan};
use farm::journal::{Keeper, replay_with, survey};
use farm::{Character, Recruit, Right};
use model::{AccountId, AccountMode, Bar, BotId, Interval, MarginMode, PositionMode, Price, Time, Usd};
use persona::Gains;
use secrets::{KEY_BYTES, Key};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use venue::{Ladder, Models};

const START: Time = Time(1_760_000_040_000);

/// A directory of its own, gone with the test.
struct Sandbox(PathBuf);

impl Sandbox {
    fn new(name: &str) -> Sandbox {
        let path = std::env::temp_dir().join(format!("omega-segments-{}-{name}", std::process::id()));
        let _gone = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Sandbox(path)
    }

    fn place(&self) -> Place {
        Place::at(self.0.join("main.omega"))
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

fn key(byte: u8) -> Option<JournalKey> {
    Some(JournalKey::new(&Key::new([byte; KEY_BYTES])))
}

fn plan() -> PaperPlan {
    let profile = persona::catalogue::profile("scalper").unwrap().unwrap();
    let character = Character::Persona(Box::new(profile), Gains::default());
    let recruit = Recruit::alone(BotId(0), character, Usd(0), 7);
    let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Isolated, leverage: 10 };
    PaperPlan {
        instrument: mock_bitget::btcusdt(),
        interval: Interval::MINUTE,
        accounts: [(AccountId(0), (mode, Usd(20_000_000_000)))].into(),
        recruits: vec![recruit],
        models: Models::NONE,
        ladder: Ladder::Afterwards,
        rules: risk::Rules::NONE,
        sky: cosmos::Sky::default(),
    }
}

/// A farm sees so many minutes; what its state is behind them.
fn live(place: &Place, minutes: i64) -> u64 {
    let mut paper = Paper::rise(place, &plan(), START, Right::Sole).unwrap();
    let from = paper.seen_until().max(START.floor(Interval::MINUTE));
    for minute in 0..minutes {
        let open_time = from + Interval::minutes(minute);
        let price = |shift: i64| Price(400_000 + (open_time.0 / 60_000 * 37 % 911) + shift);
        let (open, high, low, close) = (price(0), price(25), price(-25), price(10));
        paper.see(Bar { open_time, open, high, low, close, volume: 1.0 });
        paper.turn();
    }
    paper.seat().farm().state_hash()
}

fn hash_of(place: &Place) -> u64 {
    replay_with(&place.read().unwrap(), |_| {}).unwrap().farm.state_hash()
}

fn files(sandbox: &Sandbox) -> Vec<String> {
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<String> =
        fs::read_dir(&sandbox.0).unwrap().map(|entry| name(entry.unwrap())).collect();
    names.sort_unstable();
    names
}

#[test]
fn it_rises_from_its_last_segment_and_is_replayed_from_all() {
    for sealed in [None, key(7)] {
        let sandbox = Sandbox::new(if sealed.is_some() { "rises-sealed" } else { "rises" });
        let place = sandbox.place().in_segments_of(20_000).sealed(sealed.clone());
        let whole = Sandbox::new("in-one");
        let mut hash = 0;
        for _ in 0..6 {
            hash = live(&place, 300);
            assert_eq!(live(&whole.place(), 300), hash, "how it is kept changes nothing");
        }
        let segments = files(&sandbox).len() - 1;
        assert!(segments > 3, "{segments} segments");
        assert_eq!(hash_of(&place), hash);
        assert_eq!(journals_in(&sandbox.0).unwrap(), [place.path()]);
        // An operator moves the old ones away.
        for old in 0..segments as u32 - 1 {
            fs::remove_file(place.segment_path(old)).unwrap();
            assert_eq!(hash_of(&place), hash);
        }
        assert_eq!(journals_in(&sandbox.0).unwrap(), [place.path()]);
        assert_eq!(live(&place, 300), live(&whole.place(), 300));
        if sealed.is_some() {
            let readable = |path: &Path| fs::read(path).unwrap().windows(7).any(|word| word == b"BTCUSDT");
            assert!(!readable(&place.segment_path(segments as u32 - 1)) && readable(whole.place().path()));
        }
    }
}

/// Every state of the disk that a crash at a rotation leaves: the new segment half written under its other name, whole under
/// it, and under its own.
#[test]
fn a_crash_at_any_step_of_a_rotation_leaves_the_same_farm() {
    for sealed in [None, key(7)] {
        let sandbox = Sandbox::new(if sealed.is_some() { "steps-sealed" } else { "steps" });
        let place = sandbox.place().in_segments_of(20_000).sealed(sealed.clone());
        while !place.segment_path(2).exists() {
            live(&place, 10);
        }
        // As it was when the second segment was closed.
        let (last, new) = (place.segment_path(2), sandbox.0.join("main.omega.new"));
        let begun = fs::read(&last).unwrap();
        fs::remove_file(&last).unwrap();
        let before = hash_of(&place);
        let lived = {
            let copy = Sandbox::new("copy");
            for name in files(&sandbox) {
                fs::copy(sandbox.0.join(&name), copy.0.join(&name)).unwrap();
            }
            live(&Place::at(copy.0.join("main.omega")).sealed(sealed.clone()), 50)
        };
        for written in (0..begun.len()).step_by(997).chain([begun.len()]) {
            fs::write(&new, &begun[..written]).unwrap();
            assert_eq!(hash_of(&place), before, "a beginning that has no name yet is none");
        }
        assert_eq!(live(&place, 50), lived, "the segment before is gone on with, or the next begins anew");
        // A name without what belongs to it is damage, and not a short life.
        let kept = fs::read(place.segment_path(1)).unwrap();
        for written in [0, 10, begun.len() / 2] {
            fs::write(&last, &begun[..written]).unwrap();
            let read = place.read().map_err(|error| error.to_string());
            let is_noticed =
                read.and_then(|all| replay_with(&all, |_| {}).map_err(|error| error.to_string()));
            assert!(is_noticed.is_err(), "{written} bytes");
        }
        assert_eq!(fs::read(place.segment_path(1)).unwrap(), kept);
    }
}

#[test]
fn a_torn_tail_is_cut_wherever_it_was_torn() {
    for sealed in [None, key(7)] {
        let sandbox = Sandbox::new(if sealed.is_some() { "torn-sealed" } else { "torn" });
        let place = sandbox.place().sealed(sealed);
        live(&place, 40);
        let whole = fs::read(place.path()).unwrap();
        let frames = survey(&place.read().unwrap()).unwrap().frames;
        live(&place, 1);
        let longer = fs::read(place.path()).unwrap();
        assert!(longer.len() > whole.len() && longer.starts_with(&whole));
        for cut in whole.len()..longer.len() {
            for zeros in [0, 4_096] {
                let mut torn = longer[..cut].to_vec();
                torn.resize(cut + zeros, 0);
                fs::write(place.path(), &torn).unwrap();
                let found = survey(&place.read().unwrap()).unwrap().frames;
                assert!(found >= frames, "cut at {cut}, {zeros} zeros behind");
            }
        }
        let hash = hash_of(&place);
        assert_eq!(live(&place, 0), hash, "it goes on behind what was whole");
        assert_eq!(hash_of(&place), hash);
    }
}

#[test]
fn nobody_reads_moves_or_changes_what_is_sealed() {
    let (sandbox, other) = (Sandbox::new("sealed"), Sandbox::new("other"));
    let place = sandbox.place().sealed(key(7)).in_segments_of(20_000);
    let stranger = other.place().sealed(key(7)).in_segments_of(20_000);
    while !(place.segment_path(2).exists() && stranger.segment_path(2).exists()) {
        live(&place, 100);
        live(&stranger, 100);
    }
    let why = |place: &Place| match place.read() {
        Err(BadJournal::Segment { why, .. }) => why,
        read => panic!("{read:?}"),
    };
    assert_eq!(why(&place.clone().sealed(None)), BadSegment::NoKey);
    assert_eq!(why(&place.clone().sealed(key(8))), BadSegment::WrongKey);
    // A segment of this journal under another number, one of another journal, one that was never sealed.
    let (first, second, last) = (place.segment_path(0), place.segment_path(1), place.segment_path(2));
    let kept = fs::read(&last).unwrap();
    fs::copy(&second, &last).unwrap();
    assert_eq!(why(&place), BadSegment::Moved);
    fs::write(&last, &kept).unwrap();
    let kept_second = fs::read(&second).unwrap();
    fs::copy(stranger.segment_path(1), &second).unwrap();
    let error = replay_with(&place.read().unwrap(), |_| {}).unwrap_err().to_string();
    assert!(error.contains("another journal"), "{error}");
    fs::write(&second, &kept_second).unwrap();
    let plain = Sandbox::new("plain");
    live(&plain.place(), 10);
    fs::copy(plain.place().path(), &last).unwrap();
    assert_eq!(why(&place), BadSegment::Unsealed);
    fs::remove_file(&last).unwrap();
    fs::remove_file(&second).unwrap();
    // No bit of what was sealed can be changed before the last record.
    let bytes = fs::read(&first).unwrap();
    for at in (0..bytes.len() - 2_000).step_by(101) {
        let mut changed = bytes.clone();
        changed[at] ^= 16;
        fs::write(&first, &changed).unwrap();
        assert!(place.read().is_err() || at < 8, "byte {at}");
    }
}

#[test]
fn a_plain_journal_is_sealed_from_its_next_segment_on() {
    let sandbox = Sandbox::new("later");
    live(&sandbox.place(), 20);
    let plain = fs::read(sandbox.place().path()).unwrap();
    let place = sandbox.place().sealed(key(7));
    let hash = live(&place, 20);
    assert!(fs::read(place.path()).unwrap().starts_with(&plain), "what was written stays");
    assert!(fs::read(place.segment_path(1)).unwrap().starts_with(b"OMEGA-X\n"));
    assert_eq!(hash_of(&place), hash);
    let error = Paper::rise(sandbox.place().path(), &plan(), START, Right::Sole).unwrap_err().to_string();
    assert!(error.contains("no key was given"), "{error}");
}

#[test]
fn a_hole_between_segments_is_told() {
    let sandbox = Sandbox::new("hole");
    let place = sandbox.place().in_segments_of(20_000);
    while !place.segment_path(2).exists() {
        live(&place, 50);
    }
    fs::remove_file(place.segment_path(1)).unwrap();
    let error = JournalFile::open(&place).unwrap_err();
    assert!(matches!(&error, BadJournal::Missing(path) if *path == place.segment_path(1)), "{error}");
}

const CHILD: &str = "OMEGA_TEST_JOURNAL_CHILD";

/// The child of the next test: keeps numbers, and says each that is safe.
fn be_killed(path: &str) -> ! {
    let sealed = path.ends_with(".sealed").then(|| key(7)).flatten();
    let place = Place::at(path).sealed(sealed).in_segments_of(4_000);
    let (mut journal, segments) = JournalFile::open(&place).unwrap();
    assert!(segments.is_empty());
    for number in 0_u64.. {
        if journal.is_full() {
            journal.turn();
        }
        journal.keep(&number.to_le_bytes());
        journal.sync();
        println!("safe {number}");
    }
    unreachable!("numbers do not end");
}

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    use farm::journal::Shelf;
    if let Ok(path) = std::env::var(CHILD) {
        be_killed(&path);
    }
    for (name, sealed) in [("plain", None), ("sealed", key(7))] {
        for lines in [1, 40, 1_300] {
            let sandbox = Sandbox::new(&format!("kill-{name}-{lines}"));
            let path = sandbox.0.join(format!("journal.{name}"));
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["what_was_acknowledged_outlives_a_kill", "--exact", "--nocapture"])
                .env(CHILD, &path)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
            let safe = said.filter_map(|line| line.rsplit_once("safe ")?.1.parse::<u64>().ok());
            let mut safe = safe.take(lines);
            let acknowledged = safe.by_ref().last().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            let segments = Place::at(&path).sealed(sealed.clone()).read().unwrap();
            let (first, last) = segments.range();
            let kept: Vec<u8> =
                (first..=last).flat_map(|number| segments.segment(number).unwrap().into_owned()).collect();
            let numbers: Vec<u64> =
                kept.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect();
            assert!(numbers.len() as u64 > acknowledged, "{} of {acknowledged}", numbers.len());
            assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "in order, each once");
            assert!(lines < 1_000 || last > 0, "it died in a later segment");
        }
    }
}
