//! The audit: whatever single thing is changed in a record, verifying it says where.
//!
//! Refuses to rest on the code's own word for the encoding: one hash was made by another program.

use super::scene::START;
use access::{Attempt, Broken, Chain, Decision, Digest, Entry, Head, Why, verify};
use model::Time;
use proptest::prelude::*;

const FARM: &str = "omega";

fn attempt() -> Attempt<'static> {
    Attempt {
        who: "ann#1",
        from: "http 192.0.2.1",
        command: "transfer",
        arguments: &[("from", "a"), ("amount", "5")],
        scope: "a",
        decision: Decision::Confirmed,
        outcome: "sent",
        command_id: Some(7),
    }
}

fn record(entries: usize) -> Vec<Entry> {
    let mut chain = Chain::after(Head::first(FARM));
    (0..entries)
        .map(|index| {
            let text = format!("who {index}");
            let command_id = (index % 2 == 0).then_some(index as u64);
            let decision = Decision::ALL[index % Decision::ALL.len()];
            let attempt = Attempt { who: &text, decision, command_id, ..attempt() };
            chain.append(Time(START.0 + index as i64), &attempt)
        })
        .collect()
}

fn head_of(record: &[Entry]) -> Head {
    let last = record.last().expect("a record has entries");
    Head { seq: last.seq, hash: last.hash }
}

/// Changes one field and nothing else; the last three also mend the entry's own hash, as a forger would.
fn alter(entry: &mut Entry, field: usize) {
    match field % 14 {
        0 => entry.seq += 1,
        1 => entry.at = Time(entry.at.0 + 1),
        2 => entry.who.push('x'),
        3 => entry.from.push('x'),
        4 => entry.command.push('x'),
        5 => entry.arguments.push('x'),
        6 => entry.scope.push('x'),
        7 => {
            entry.decision =
                if entry.decision == Decision::Denied { Decision::Allowed } else { Decision::Denied }
        }
        8 => entry.outcome.push('x'),
        9 => entry.command_id = entry.command_id.map_or(Some(0), |_| None),
        10 => entry.previous_hash.0[3] ^= 1,
        11 => entry.hash.0[31] ^= 1,
        12 => {
            // A letter moves from one text to its neighbour.
            let letter = entry.who.pop().expect("it has some");
            entry.from.insert(0, letter);
        }
        _ => {
            entry.outcome.push('x');
            entry.hash = entry.hash_of_content();
        }
    }
}

proptest! {
    #[test]
    fn any_single_change_is_found(length in 1..30usize, at in any::<prop::sample::Index>(), field in 0..14usize) {
        let mut entries = record(length);
        let (head, at) = (head_of(&entries), at.index(length));
        prop_assert_eq!(verify(Head::first(FARM), &entries, Some(head)), Ok(head));
        alter(&mut entries[at], field);
        let broken = verify(Head::first(FARM), &entries, Some(head)).expect_err("something was changed");
        let seen_at_once = field != 13;
        let place = at as u64 + 1;
        prop_assert!(broken.seq == place || (!seen_at_once && broken.seq == place + 1), "{broken}");
    }

    #[test]
    fn what_is_cut_out_repeated_or_moved_is_found(
        length in 2..30usize, one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), how in 0..4,
    ) {
        let mut entries = record(length);
        let (head, one, other) = (head_of(&entries), one.index(length), other.index(length));
        match how {
            0 => drop(entries.remove(one)),
            1 => entries.insert(other, entries[one].clone()),
            2 => entries.truncate(one),
            _ => {
                prop_assume!(one != other);
                entries.swap(one, other);
            }
        }
        prop_assert!(verify(Head::first(FARM), &entries, Some(head)).is_err());
    }

    #[test]
    fn a_changed_byte_of_a_stored_line_is_found(length in 1..6usize, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let entries = record(length);
        let head = head_of(&entries);
        let mut text = serde_json::to_vec(&entries).expect("entries are text and numbers");
        let at = at.index(text.len());
        prop_assume!(text[at] != byte);
        text[at] = byte;
        if let Ok(read) = serde_json::from_slice::<Vec<Entry>>(&text) {
            prop_assert!(read == entries || verify(Head::first(FARM), &read, Some(head)).is_err());
        }
    }
}

#[test]
fn each_kind_of_damage_has_its_word() {
    let entries = record(5);
    let head = head_of(&entries);
    let first = Head::first(FARM);
    let why =
        |entries: &[Entry], kept| verify(first, entries, kept).map_err(|Broken { seq, why }| (seq, why));
    assert_eq!(why(&entries, None), Ok(head));
    assert_eq!(why(&entries[1..], None), Err((1, Why::Gap)));
    assert_eq!(why(&[&entries[..2], &entries[1..]].concat(), None), Err((3, Why::Repeated)));
    assert_eq!(why(&entries[..3], Some(head)), Err((4, Why::Truncated)));
    assert_eq!(why(&[], Some(head)), Err((1, Why::Truncated)));
    let mut altered = entries.clone();
    alter(&mut altered[2], 2);
    assert_eq!(why(&altered, None), Err((3, Why::Altered)));
    alter(&mut altered[2], 13);
    assert_eq!(why(&altered, None), Err((4, Why::Unchained)));
    // Written anew from the third on: whole in itself, and not what was kept.
    let mut chain = Chain::after(head_of(&entries[..2]));
    let mut anew = entries[..2].to_vec();
    for entry in &entries[2..] {
        anew.push(chain.append(entry.at, &Attempt { who: "mallory", ..attempt() }));
    }
    assert!(why(&anew, None).is_ok());
    assert_eq!(why(&anew, Some(head)), Err((5, Why::Rewritten)));
    let kept_early = head_of(&entries[..3]);
    assert_eq!(why(&anew, Some(kept_early)), Err((3, Why::Rewritten)));
    assert!(why(&entries, Some(kept_early)).is_ok(), "an older head is fine");
    assert_eq!(verify(head_of(&entries[..2]), &entries[2..], Some(head)), Ok(head), "from the middle on");
    let middle = Head { seq: 2, hash: entries[0].hash };
    let disputed = verify(head_of(&entries[..2]), &entries[2..], Some(middle));
    assert_eq!(
        disputed,
        Err(Broken { seq: 2, why: Why::Rewritten }),
        "where it begins is held against it too"
    );
    let another = verify(Head::first("another"), &entries, None).map_err(|broken| broken.why);
    assert_eq!(another, Err(Why::Unchained), "a chain belongs to its farm");
}

#[test]
fn a_chain_goes_on_after_an_entry_that_could_not_be_written() {
    let mut chain = Chain::after(Head::first(FARM));
    let mut entries = vec![chain.append(START, &attempt())];
    let before = chain.head();
    let lost = chain.append(START, &Attempt { outcome: "never written", ..attempt() });
    chain = Chain::after(before);
    entries.push(chain.append(START, &attempt()));
    assert_ne!(lost.hash, entries[1].hash);
    assert_eq!(verify(Head::first(FARM), &entries, None), Ok(chain.head()));
}

#[test]
fn the_encoding_is_what_is_documented() {
    let mut chain = Chain::after(Head::first(FARM));
    let entry = chain.append(START, &attempt());
    assert_eq!(entry.arguments, "from=a amount=5");
    // From scripts in Python's hashlib and struct, by the words at the top of src/audit.rs.
    assert_eq!(
        Digest::parse("1a00e981389908280bc09ff9bde07670b7e3507d3acaaa43b9536d8909611aff"),
        Some(Head::first(FARM).hash)
    );
    assert_eq!(entry.hash.to_string(), "44b04a0d0aa544509edc6f00fd0e6ffe5de23297d28af91d241d24a14755c3d1");
}
