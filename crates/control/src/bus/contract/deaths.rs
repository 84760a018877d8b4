//! Who dies leaves what he had to others, and what kills everybody is laid aside.

use super::Row;
use super::stage::{Stage, everyone, text};
use crate::bus::DELIVERIES_MAX;

pub(super) const CASES: &[Row] = &[
    ("who dies before he asks for the next one leaves it to another", left_to_another),
    ("what is done with stays done with when its reader dies", done_stays_done),
    ("who is back under his own name goes on with what he had", back_again),
    ("what was handed out too often is laid aside, and the next one comes", laid_aside),
    ("dead letters are read like any topic, from the first that is kept", dead_letters),
    ("a death of one group is none of another's", groups_apart),
];

fn left_to_another(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("left");
    let (mut dies, mut lives) =
        (stage.member(&topic, "group", "dies"), stage.member(&topic, "group", "lives"));
    let mut sender = stage.sender();
    stage.send_all(&mut sender, &topic, 0..3)?;
    stage.expect(&mut dies, &topic, 0, 0)?;
    stage.expect(&mut lives, &topic, 1, 0)?;
    stage.crash(dies);
    stage.give_up();
    // What `lives` had in hand was with it as long: it asks, and so it is done with.
    stage.expect(&mut lives, &topic, 0, 1)?;
    stage.expect(&mut lives, &topic, 2, 0)?;
    stage.silence(&mut lives, &[0, 1, 2])
}

fn done_stays_done(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("done");
    let mut sender = stage.sender();
    let mut dies = stage.member(&topic, "group", "dies");
    stage.send_all(&mut sender, &topic, 0..2)?;
    stage.expect_all(&mut dies, &topic, 0..2)?;
    stage.silence(&mut dies, &[0, 1])?;
    stage.crash(dies);
    stage.give_up();
    let mut lives = stage.member(&topic, "group", "lives");
    stage.silence(&mut lives, &[])
}

fn back_again(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("back");
    let mut sender = stage.sender();
    let mut first = stage.member(&topic, "group", "same");
    stage.send_all(&mut sender, &topic, 0..3)?;
    stage.expect_all(&mut first, &topic, 0..2)?;
    stage.crash(first);
    let mut again = stage.member(&topic, "group", "same");
    stage.expect(&mut again, &topic, 1, 1)?;
    stage.expect(&mut again, &topic, 2, 0)?;
    stage.silence(&mut again, &[1, 2])
}

/// A message is handed out until nobody wants it any more.
fn kill_with(stage: &mut Stage<'_>, topic: &crate::bus::Topic, n: usize) -> Result<(), String> {
    for before in 0..DELIVERIES_MAX {
        let mut victim = stage.member(topic, "group", "victim");
        stage.expect(&mut victim, topic, n, before)?;
        stage.crash(victim);
    }
    Ok(())
}

fn laid_aside(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("poison");
    let mut sender = stage.sender();
    let mut looks_on = stage.open(&[everyone(&topic.dead())]);
    let first = stage.member(&topic, "group", "victim");
    stage.crash(first);
    stage.send_all(&mut sender, &topic, 0..2)?;
    if stage.may_repeat() {
        // An answer that was lost counts as handed out: how many deaths it takes is not known.
        return Ok(());
    }
    kill_with(stage, &topic, 0)?;
    let mut lives = stage.member(&topic, "group", "victim");
    stage.expect(&mut lives, &topic, 1, 0)?;
    stage.silence(&mut lives, &[1])?;
    stage.expect(&mut looks_on, &topic.dead(), 0, 0)?;
    match stage.laid_aside(&topic) {
        1 => Ok(()),
        count => Err(format!("{count} are counted as laid aside, and one was")),
    }
}

fn dead_letters(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("poison");
    let dead = topic.dead();
    let mut sender = stage.sender();
    if stage.may_repeat() {
        // They are sent there: that they are read from the first on is held here, how they come there by a calm bus.
        stage.send_all(&mut sender, &dead, 0..2)?;
    } else {
        let first = stage.member(&topic, "group", "victim");
        stage.crash(first);
        stage.send_all(&mut sender, &topic, 0..2)?;
        kill_with(stage, &topic, 0)?;
        kill_with(stage, &topic, 1)?;
        let mut lives = stage.member(&topic, "group", "victim");
        stage.silence(&mut lives, &[])?;
    }
    let mut reader = stage.member(&dead, "morgue", "a");
    stage.expect_all(&mut reader, &dead, 0..2)?;
    stage.silence(&mut reader, &[0, 1])?;
    // Whom a dead letter kills leaves it where it is.
    let mut again = stage.member(&dead, "again", "a");
    for before in 0..DELIVERIES_MAX + 2 {
        stage.expect(&mut again, &dead, 0, before)?;
        stage.crash(again);
        again = stage.member(&dead, "again", "a");
    }
    Ok(())
}

fn groups_apart(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("apart");
    let (mut dies, mut other) = (stage.member(&topic, "one", "a"), stage.member(&topic, "two", "a"));
    let mut sender = stage.sender();
    stage.send(&mut sender, &topic, &text(0))?;
    stage.expect(&mut dies, &topic, 0, 0)?;
    stage.expect(&mut other, &topic, 0, 0)?;
    stage.silence(&mut other, &[0])?;
    stage.crash(dies);
    stage.give_up();
    stage.silence(&mut other, &[0])?;
    let mut next = stage.member(&topic, "one", "b");
    stage.expect(&mut next, &topic, 0, 1)
}
