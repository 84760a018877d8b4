//! What is sent comes: whole, in order, where it was sent to, and in no other way.

use super::Row;
use super::stage::{Stage, everyone, of_group, text};
use crate::bus::{MESSAGE_BYTES_MAX, Unsent};
use model::Interval;

pub(super) const CASES: &[Row] = &[
    ("what one sends comes in his order, whoever else sends", order_of_each_sender),
    ("any bytes come as they were", any_bytes),
    ("the longest message comes, and a longer one is refused", the_longest),
    ("thousands come in order, each once", thousands),
    ("who waits for nothing waits as long as he said", waiting),
    ("topics do not know each other, and one end reads several", topics_apart),
    ("an end that reads nothing sends, and hears nothing", sender_only),
    ("what was sent while its reader waited comes at once", comes_at_once),
];

const MANY: usize = 3_000;

fn order_of_each_sender(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("order");
    let mut reader = stage.member(&topic, "group", "only");
    let (mut even, mut odd) = (stage.sender(), stage.sender());
    for n in 0..20 {
        let end = if n % 2 == 0 { &mut even } else { &mut odd };
        stage.send(end, &topic, &text(n))?;
    }
    let mut heard = Vec::new();
    while heard.len() < 20 {
        let message = stage.some(&mut reader)?.message;
        if !heard.contains(&message) {
            heard.push(message);
        }
    }
    for parity in 0..2 {
        let sent: Vec<_> = (parity..20).step_by(2).map(text).collect();
        let came: Vec<_> = heard.iter().filter(|message| sent.contains(message)).collect();
        if !came.into_iter().eq(&sent) {
            return Err(format!("sender {parity} was heard in another order"));
        }
    }
    Ok(())
}

fn any_bytes(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("bytes");
    let mut reader = stage.member(&topic, "group", "only");
    let mut sender = stage.sender();
    let all: Vec<u8> = (0..=255).collect();
    let messages = [all.as_slice(), b"", b"\r\n$5\r\n*1\r\n", b"\xff\xfe\0\0", "Mond \u{1f319}".as_bytes()];
    for message in messages {
        stage.send(&mut sender, &topic, message)?;
        loop {
            let came = stage.some(&mut reader)?.message;
            if came == message {
                break;
            }
            if !stage.may_repeat() {
                return Err(format!("{message:?} was sent, and {came:?} came"));
            }
        }
    }
    Ok(())
}

fn the_longest(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("long");
    let mut reader = stage.member(&topic, "group", "only");
    let mut sender = stage.sender();
    let message: Vec<u8> = (0..=MESSAGE_BYTES_MAX).map(|i| (i % 251) as u8).collect();
    let sent = sender.send(&topic, &message);
    if sent != Err(Unsent::TooLong(MESSAGE_BYTES_MAX + 1)) {
        return Err(format!("one byte too many: {sent:?}"));
    }
    stage.send(&mut sender, &topic, &message[1..])?;
    let came = stage.some(&mut reader)?.message;
    if came != message[1..] {
        return Err(format!("{} bytes came, and not those that were sent", came.len()));
    }
    Ok(())
}

fn thousands(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("many");
    let mut reader = stage.member(&topic, "group", "only");
    let mut looks_on = stage.onlooker(&topic);
    let mut sender = stage.sender();
    let portion = stage.waiting_max() / 4;
    for from in (0..MANY).step_by(portion) {
        let to = MANY.min(from + portion);
        stage.send_all(&mut sender, &topic, from..to)?;
        stage.expect_all(&mut reader, &topic, from..to)?;
        stage.expect_all(&mut looks_on, &topic, from..to)?;
    }
    let last = [MANY - 1];
    stage.silence(&mut reader, &last)?;
    stage.silence(&mut looks_on, &last)
}

fn waiting(stage: &mut Stage<'_>) -> Result<(), String> {
    let (topic, other) = (stage.topic("silent"), stage.topic("other"));
    let group = stage.member(&topic, "group", "only");
    let looks_on = stage.onlooker(&topic);
    let both = stage.open(&[of_group(&topic, "group", "another"), everyone(&other)]);
    for mut end in [group, looks_on, both] {
        for wait_ms in [0, 30, 200] {
            let began = stage.now();
            let came = end.next(Interval(wait_ms));
            let waited = stage.now().0 - began.0;
            if came != Ok(None) {
                return Err(format!("{came:?} came, and nothing was sent"));
            }
            if waited < wait_ms - 5 || waited > wait_ms + stage.late_max().0 {
                return Err(format!("it waited {waited} ms, and was told {wait_ms}"));
            }
        }
    }
    Ok(())
}

fn topics_apart(stage: &mut Stage<'_>) -> Result<(), String> {
    let (one, two, three) = (stage.topic("one"), stage.topic("two"), stage.topic("three"));
    let mut reads_two = stage.member(&two, "group", "a");
    let reads = [of_group(&one, "both", "b"), of_group(&three, "both", "b")];
    let mut reads_others = stage.open(&reads);
    let mut sender = stage.sender();
    stage.send(&mut sender, &one, &text(1))?;
    stage.send(&mut sender, &two, &text(2))?;
    stage.send(&mut sender, &three, &text(3))?;
    stage.expect(&mut reads_two, &two, 2, 0)?;
    stage.silence(&mut reads_two, &[2])?;
    let first = stage.some(&mut reads_others)?;
    let (rest, n) = if first.topic == one { (&three, 3) } else { (&one, 1) };
    stage.expect(&mut reads_others, rest, n, 0)?;
    stage.silence(&mut reads_others, &[1, 3])
}

fn sender_only(stage: &mut Stage<'_>) -> Result<(), String> {
    let topic = stage.topic("alone");
    let mut sender = stage.sender();
    stage.send(&mut sender, &topic, &text(1))?;
    stage.silence(&mut sender, &[])
}

fn comes_at_once(stage: &mut Stage<'_>) -> Result<(), String> {
    let (topic, other) = (stage.topic("now"), stage.topic("other"));
    let reads = [of_group(&topic, "group", "a"), everyone(&other)];
    let (mut mixed, mut sender) = (stage.open(&reads), stage.sender());
    for n in 0..50 {
        let to = if n % 2 == 0 { &topic } else { &other };
        stage.send(&mut sender, to, &text(n))?;
        stage.expect(&mut mixed, to, n, 0)?;
    }
    Ok(())
}
