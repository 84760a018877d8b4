//! What a topic keeps has a maximum, and reaching it loses nothing that somebody must have.

use super::Row;
use super::stage::{Stage, text};

pub(super) const CASES: &[Row] = &[
    ("a topic that keeps what is unread is full at its maximum, and loses nothing", full),
    ("a group that reads makes no room at the cost of one that does not", slow_group),
    ("who looks on, and nobody at all, fills no topic", onlookers_fill_nothing),
    ("a topic that keeps what is new is never full, and keeps the newest in order", newest),
];

fn full(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("full");
    let mut reader = stage.member(&topic, "group", "only");
    let mut sender = stage.sender();
    let count = stage.fill(&mut sender, &topic)?;
    stage.expect_all(&mut reader, &topic, 0..count)?;
    stage.silence(&mut reader, &[count - 1])?;
    stage.send(&mut sender, &topic, &text(count))?;
    stage.expect(&mut reader, &topic, count, 0)
}

fn slow_group(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("slow");
    let mut quick = stage.member(&topic, "quick", "a");
    let mut slow = stage.member(&topic, "slow", "a");
    let mut sender = stage.sender();
    let most = stage.fill(&mut sender, &topic)?;
    stage.expect_all(&mut quick, &topic, 0..most)?;
    stage.silence(&mut quick, &[most - 1])?;
    if sender.send(&topic, &text(most)).is_ok() {
        return Err("one group has read nothing, and there was room".to_owned());
    }
    // The first is in hand, and so not done with.
    stage.expect(&mut slow, &topic, 0, 0)?;
    if sender.send(&topic, &text(most)).is_ok() {
        return Err("one group has done with nothing, and there was room".to_owned());
    }
    stage.expect(&mut slow, &topic, 1, 0)?;
    stage.send(&mut sender, &topic, &text(most))?;
    stage.expect_all(&mut slow, &topic, 2..=most)?;
    stage.expect(&mut quick, &topic, most, 0)
}

fn onlookers_fill_nothing(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("nobody");
    let count = stage.waiting_max() + stage.waiting_max() / 2;
    let mut looks_on = stage.onlooker(&topic);
    let mut sender = stage.sender();
    stage.send_all(&mut sender, &topic, 0..count)?;
    newest_of(stage, &mut looks_on, count)
}

fn newest(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.newest("new");
    let count = stage.waiting_max() + stage.waiting_max() / 2;
    let mut sender = stage.sender();
    let mut away = stage.member(&topic, "group", "a");
    stage.send(&mut sender, &topic, &text(0))?;
    stage.expect(&mut away, &topic, 0, 0)?;
    // What it has in hand goes under it.
    stage.send_all(&mut sender, &topic, 1..count)?;
    newest_of(stage, &mut away, count)?;
    stage.crash(away);
    let mut again = stage.member(&topic, "group", "a");
    stage.silence(&mut again, &[count - 1])
}

/// What comes is in order, without a gap, and ends with the last; at least half of what may be kept is.
fn newest_of(stage: &mut Stage<'_>, end: &mut super::stage::End, count: usize) -> Result<(), String> {
    let mut last = None;
    let mut heard = 0;
    while last != Some(count - 1) {
        let came = stage.some(end)?.message;
        let n = (0..count).find(|n| text(*n) == came).ok_or("a stranger's message")?;
        match last {
            Some(last) if n == last + 1 => {}
            None => {}
            Some(last) if n <= last && stage.may_repeat() => continue,
            Some(last) => return Err(format!("after message {last} came {n}")),
        }
        last = Some(n);
        heard += 1;
    }
    stage.silence(end, &[count - 1])?;
    if heard < stage.waiting_max() / 2 || heard > stage.waiting_max() && !stage.may_repeat() {
        return Err(format!("{heard} came, and {} are kept", stage.waiting_max()));
    }
    Ok(())
}
