//! Who gets what: one of a group each, every group all, and who looks on from when he came.

use super::Row;
use super::stage::{Stage, everyone, of_group, text};
use model::Interval;

/// So often a member may hear nothing for half a second while something is left: it is the other's, or on its way.
const SILENCES_MAX: usize = 40;

pub(super) const CASES: &[Row] = &[
    ("a group shares out: each message goes to one of it", shares_out),
    ("a second group and everybody who looks on get all", all_for_each),
    ("what is sent while nobody of a group reads is kept for it", kept_while_away),
    ("a group begins when somebody first reads for it", begins_once),
    ("who looks on gets what is sent from then on", from_now_on),
    ("one end is of a group and looks on, also at one topic", both_ways),
    ("who has one in hand holds up nobody else of his group", nobody_is_held_up),
];

fn shares_out(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("shared");
    let mut members = [stage.member(&topic, "group", "a"), stage.member(&topic, "group", "b")];
    let mut sender = stage.sender();
    stage.send_all(&mut sender, &topic, 0..40)?;
    let (mut heard, mut silences) = ([0_usize; 40], 0);
    while heard.contains(&0) {
        for member in &mut members {
            let Some(delivery) = stage.next(member, Interval(500)) else {
                silences += 1;
                if heard.contains(&0) && silences > SILENCES_MAX {
                    return Err(format!("heard so often: {heard:?}"));
                }
                continue;
            };
            let n = (0..40).find(|n| text(*n) == delivery.message).ok_or("a stranger's message")?;
            heard[n] += 1;
        }
    }
    if heard.iter().any(|times| *times > 1) && !stage.may_repeat() {
        return Err(format!("heard so often: {heard:?}"));
    }
    Ok(())
}

fn all_for_each(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("all");
    let mut ends = [
        stage.member(&topic, "one", "a"),
        stage.member(&topic, "two", "a"),
        stage.onlooker(&topic),
        stage.onlooker(&topic),
    ];
    let mut sender = stage.sender();
    stage.send_all(&mut sender, &topic, 0..10)?;
    for end in &mut ends {
        stage.expect_all(end, &topic, 0..10)?;
        stage.silence(end, &[9])?;
    }
    Ok(())
}

fn kept_while_away(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("away");
    let mut sender = stage.sender();
    let first = stage.member(&topic, "group", "a");
    stage.crash(first);
    stage.send_all(&mut sender, &topic, 0..5)?;
    let mut second = stage.member(&topic, "group", "b");
    stage.expect_all(&mut second, &topic, 0..5)?;
    stage.silence(&mut second, &[4])
}

fn begins_once(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("begins");
    let mut sender = stage.sender();
    stage.send_all(&mut sender, &topic, 0..3)?;
    let mut early = stage.member(&topic, "early", "a");
    stage.send_all(&mut sender, &topic, 3..5)?;
    let mut late = stage.member(&topic, "late", "a");
    stage.send(&mut sender, &topic, &text(5))?;
    let mut joins = stage.member(&topic, "early", "b");
    stage.expect_all(&mut early, &topic, 3..6)?;
    stage.expect(&mut late, &topic, 5, 0)?;
    stage.silence(&mut early, &[5])?;
    stage.silence(&mut late, &[5])?;
    stage.silence(&mut joins, &[3, 4, 5])
}

fn from_now_on(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("now");
    let mut sender = stage.sender();
    stage.send(&mut sender, &topic, &text(0))?;
    let mut first = stage.onlooker(&topic);
    stage.send(&mut sender, &topic, &text(1))?;
    stage.expect(&mut first, &topic, 1, 0)?;
    stage.crash(first);
    stage.send(&mut sender, &topic, &text(2))?;
    let mut again = stage.onlooker(&topic);
    stage.send(&mut sender, &topic, &text(3))?;
    stage.expect(&mut again, &topic, 3, 0)?;
    stage.silence(&mut again, &[3])
}

fn both_ways(stage: &mut Stage<'_>) -> Result<(), String> {
    let (topic, other) = (stage.topic("both"), stage.topic("other"));
    let reads = [of_group(&topic, "group", "a"), everyone(&topic), everyone(&other)];
    let (mut end, mut sender) = (stage.open(&reads), stage.sender());
    stage.send_all(&mut sender, &topic, 0..4)?;
    stage.send(&mut sender, &other, &text(9))?;
    let mut heard = [0_usize; 10];
    for _ in 0..9 {
        let came = stage.some(&mut end)?.message;
        let n = (0..10).find(|n| text(*n) == came).ok_or("a stranger's message")?;
        heard[n] += 1;
    }
    if heard != [2, 2, 2, 2, 0, 0, 0, 0, 0, 1] && !stage.may_repeat() {
        return Err(format!("heard so often: {heard:?}"));
    }
    stage.silence(&mut end, &[0, 1, 2, 3, 9])
}

fn nobody_is_held_up(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("busy");
    let (mut slow, mut quick) =
        (stage.member(&topic, "group", "slow"), stage.member(&topic, "group", "quick"));
    let mut sender = stage.sender();
    stage.send_all(&mut sender, &topic, 0..4)?;
    stage.expect(&mut slow, &topic, 0, 0)?;
    stage.expect_all(&mut quick, &topic, 1..4)?;
    stage.silence(&mut quick, &[1, 2, 3])
}
