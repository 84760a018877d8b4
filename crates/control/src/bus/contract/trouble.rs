//! A server that dies, a line that breaks: what was taken comes, perhaps twice.

use super::stage::{Stage, text};
use super::{Row, Trouble};

pub(super) const CASES: &[Row] = &[
    ("a server that dies and is back has lost nothing it took", |stage| goes_on(stage, Trouble::Restart)),
    ("a line that breaks loses nothing", |stage| goes_on(stage, Trouble::Cut)),
    ("what was in hand when the server died is not lost", |stage| in_hand(stage, Trouble::Restart)),
    ("what was in hand when the line broke is not lost", |stage| in_hand(stage, Trouble::Cut)),
];

fn goes_on(stage: &mut Stage<'_>, trouble: Trouble) -> Result<(), String> {
    let topic = stage.topic("goes-on");
    let mut sender = stage.sender();
    let mut early = stage.member(&topic, "early", "a");
    let mut late = stage.member(&topic, "late", "a");
    let mut looks_on = stage.onlooker(&topic);
    stage.send_all(&mut sender, &topic, 0..20)?;
    stage.gather(&mut early, 20)?;
    if !stage.trouble(trouble) {
        return Ok(());
    }
    stage.send_all(&mut sender, &topic, 20..40)?;
    stage.gather(&mut late, 40)?;
    stage.gather(&mut looks_on, 40)?;
    let mut heard: Vec<usize> = Vec::new();
    while !heard.contains(&39) {
        let came = stage.some(&mut early)?.message;
        let n = (0..40).find(|n| text(*n) == came).ok_or("a stranger's message")?;
        if n >= 20 && !heard.contains(&n) {
            heard.push(n);
        }
    }
    if !heard.iter().copied().eq(20..40) {
        return Err(format!("who had read before the trouble heard after it {heard:?}"));
    }
    Ok(())
}

fn in_hand(stage: &mut Stage<'_>, trouble: Trouble) -> Result<(), String> {
    let topic = stage.topic("in-hand");
    let mut sender = stage.sender();
    let mut holds = stage.member(&topic, "group", "holds");
    stage.send_all(&mut sender, &topic, 0..3)?;
    stage.expect(&mut holds, &topic, 0, 0)?;
    if !stage.trouble(trouble) {
        return Ok(());
    }
    stage.crash(holds);
    stage.give_up();
    let mut next = stage.member(&topic, "group", "next");
    stage.gather(&mut next, 3)
}
