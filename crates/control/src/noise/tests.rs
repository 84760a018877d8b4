//! Whatever comes in whatever order: nothing critical is lost, nothing is told too often, and what is held back is counted.

use super::*;
use proptest::prelude::*;

fn notice(key: &str, bot: u8, kind: NoticeKind, tier: Tier, at: i64) -> NoticeSaid {
    NoticeSaid {
        key: key.to_owned(),
        shard: "main".to_owned(),
        bot: Some(format!("bot-{bot}")),
        at,
        kind,
        tier,
        text: format!("{key} happened"),
    }
}

fn entry(key: &str, at: i64) -> NoticeSaid {
    notice(key, 1, NoticeKind::TradeEntry, Tier::Informational, at)
}

fn every(least: i64) -> Manners {
    Manners::of(|_| Manner { loudness: Loudness::Aloud, least: Interval(least) })
}

fn words(verdict: Verdict) -> String {
    match verdict {
        Verdict::Aloud(telling) | Verdict::Silently(telling) => telling.text,
        Verdict::Held | Verdict::Dropped => String::new(),
    }
}

#[test]
fn those_in_between_are_told_with_the_next() {
    let mut noise = Noise::new(every(60_000));
    let mut hear = |key, at| noise.hear(&entry(key, at), Time(at));
    assert_eq!(words(hear("a", 0)), "a happened");
    assert_eq!(hear("b", 1_000), Verdict::Held);
    assert_eq!(words(hear("c", 60_000)), "c happened [and before it: b happened]");
    for (key, at) in [("d", 61_000), ("e", 62_000), ("f", 63_000)] {
        assert_eq!(hear(key, at), Verdict::Held);
    }
    let told = hear("g", 200_000);
    assert!(matches!(&told, Verdict::Aloud(telling) if telling.held_back == 3), "{told:?}");
    let text = words(told);
    assert!(text.starts_with("g happened [and 3 before it since "), "{text}");
    assert!(text.ends_with(", the last: f happened]"), "{text}");
    assert_eq!(words(hear("h", 300_000)), "h happened", "and once only");
}

#[test]
fn what_nothing_comes_behind_is_told_when_the_time_is_over() {
    let mut noise = Noise::new(every(60_000));
    for (key, at) in [("a", 0), ("b", 1_000), ("c", 2_000)] {
        noise.hear(&entry(key, at), Time(at));
    }
    assert_eq!(noise.due(Time(59_999)), []);
    let due = noise.due(Time(60_000));
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].notice.key, "c");
    let text = words(due[0].verdict.clone());
    assert!(text.starts_with("c happened [the last of 2 since "), "{text}");
    assert_eq!(noise.due(Time(1_000_000)), []);
    // Told then, it counts: the next is too early again.
    assert_eq!(noise.hear(&entry("d", 61_000), Time(61_000)), Verdict::Held);
    assert_eq!(noise.rest(Time(61_001)).len(), 1);
}

#[test]
fn a_critical_one_is_told_whatever_was_set_and_only_a_repetition_is_not() {
    for loudness in [Loudness::Aloud, Loudness::Silently, Loudness::Off] {
        let least = Interval(1_000_000_000);
        let mut noise = Noise::new(Manners::of(|_| Manner { loudness, least }));
        for number in 0..100 {
            let key = format!("k{number}");
            let critical = notice(&key, 1, NoticeKind::RiskAlert, Tier::Critical, 0);
            assert_eq!(words(noise.hear(&critical, Time(0))), format!("{key} happened"));
            assert_eq!(noise.hear(&critical, Time(0)), Verdict::Dropped);
        }
    }
}

#[test]
fn other_manners_hold_from_then_on() {
    let silent = Manners::of(|_| Manner { loudness: Loudness::Silently, least: Interval(0) });
    let off = Manners::of(|_| Manner { loudness: Loudness::Off, least: Interval(60_000) });
    let mut noise = Noise::new(every(60_000));
    noise.hear(&entry("a", 0), Time(0));
    assert_eq!(noise.hear(&entry("b", 1), Time(1)), Verdict::Held);
    noise.set_manners(silent);
    assert!(matches!(noise.hear(&entry("c", 2), Time(2)), Verdict::Silently(told) if told.held_back == 1));
    noise.set_manners(every(60_000));
    assert_eq!(noise.hear(&entry("d", 3), Time(3)), Verdict::Held);
    noise.set_manners(off);
    assert_eq!(noise.hear(&entry("e", 4), Time(4)), Verdict::Dropped);
    assert_eq!(noise.rest(Time(5)), []);
}

#[test]
fn its_memory_is_bounded_and_full_it_tells() {
    let mut noise = Noise::new(every(60_000));
    for number in 0..KEYS_MAX + 500 {
        let mut said = entry(&format!("k{number}"), 0);
        said.bot = Some(format!("bot-{number}"));
        assert!(matches!(noise.hear(&said, Time(0)), Verdict::Aloud(_)), "{number}");
    }
    assert_eq!((noise.order.len(), noise.keys.len(), noise.streams.len()), (KEYS_MAX, KEYS_MAX, STREAMS_MAX));
    // Who was told long ago makes room.
    let mut later = entry("later", 0);
    later.bot = Some("somebody-else".to_owned());
    noise.hear(&later, Time(60_000));
    assert_eq!(noise.streams.len(), 1);
    // What came long ago comes as new; what came lately does not.
    assert!(matches!(noise.hear(&entry("k0", 0), Time(200_000)), Verdict::Aloud(_)));
    assert_eq!(noise.hear(&later, Time(200_000)), Verdict::Dropped);
}

/// A step of somebody's day: what is said by whom, how grave, and how much later.
type Step = (u8, usize, usize, i64);

fn manners() -> impl Strategy<Value = Manners> {
    let loudness = prop_oneof![Just(Loudness::Aloud), Just(Loudness::Silently), Just(Loudness::Off)];
    let manner = (loudness, 0..5_000_i64);
    proptest::collection::vec(manner, NoticeKind::ALL.len()).prop_map(|each| {
        Manners::of(|kind| {
            let (loudness, least) = each[kind as usize];
            Manner { loudness, least: Interval(least) }
        })
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec((0..3_u8, 0..9_usize, 0..3_usize, 0..2_000_i64), 1..200)
}

proptest! {
    #[test]
    fn nothing_is_lost_and_nothing_comes_too_often(manners in manners(), steps in steps(), looks in 1..20_usize) {
        let (mut noise, mut again) = (Noise::new(manners), Noise::new(manners));
        let (mut now, mut accepted, mut told) = (Time(0), 0_u32, 0_u32);
        let mut last: BTreeMap<(u8, usize), Time> = BTreeMap::new();
        for (number, (bot, kind, tier, later)) in steps.iter().enumerate() {
            now = now + Interval(*later);
            let (kind, tier) = (NoticeKind::ALL[*kind], Tier::ALL[*tier]);
            let Manner { loudness, least } = manners.manner(kind);
            let said = notice(&format!("k{number}"), *bot, kind, tier, now.0);
            let verdict = noise.hear(&said, now);
            prop_assert_eq!(&verdict, &again.hear(&said, now), "the same life, the same verdict");
            prop_assert_eq!(noise.hear(&said, now), Verdict::Dropped);
            prop_assert_eq!(again.hear(&said, now), Verdict::Dropped);
            if tier == Tier::Critical {
                prop_assert!(matches!(&verdict, Verdict::Aloud(telling) if telling.text == said.text));
                continue;
            }
            accepted += u32::from(loudness != Loudness::Off);
            let mut check = |told_at: Time, kind: NoticeKind| {
                let before = last.insert((*bot, kind as usize), told_at);
                before.is_none_or(|before| told_at - before >= least)
            };
            match verdict {
                Verdict::Aloud(telling) => {
                    prop_assert!(loudness == Loudness::Aloud && check(now, kind));
                    told += 1 + telling.held_back;
                }
                Verdict::Silently(telling) => {
                    prop_assert!(loudness == Loudness::Silently && check(now, kind));
                    told += 1 + telling.held_back;
                }
                Verdict::Held => prop_assert!(least.0 > 0 && loudness != Loudness::Off),
                Verdict::Dropped => prop_assert_eq!(loudness, Loudness::Off),
            }
            if number % looks == 0 {
                for Overdue { notice, verdict } in noise.due(now) {
                    let (Verdict::Aloud(telling) | Verdict::Silently(telling)) = verdict else {
                        return Err(TestCaseError::fail("what is due is told"));
                    };
                    told += 1 + telling.held_back;
                    let bot = notice.bot.expect("everybody has a name").trim_start_matches("bot-").parse();
                    let stream = (bot.expect("a number"), notice.kind as usize);
                    let before = last.insert(stream, now);
                    prop_assert!(before.is_none_or(|before| now - before >= manners.manner(notice.kind).least));
                }
                again.due(now);
            }
        }
        let left: u32 = noise.rest(now).iter().map(|overdue| match &overdue.verdict {
            Verdict::Aloud(telling) | Verdict::Silently(telling) => 1 + telling.held_back,
            Verdict::Held | Verdict::Dropped => 0,
        }).sum();
        prop_assert_eq!(accepted, told + left, "each was told, or counted in what was told");
    }
}
