//! Texts from outside: each becomes what its kind says, or a complaint that says the mend; none breaks anything.

use crate::scene::{complaint, known, views};
use control::catalogue::{COMMANDS, Kind, Need, Value, find, named, parse};
use model::{RiskLevel, Usd};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn each_complaint_says_the_mend() {
    let views = views();
    for (line, told) in [
        ("close", "`close` needs `bot`: a bot's name, or all; for example `close strategic_btc`"),
        (
            "close strategc_btc",
            "there is no bot called \"strategc_btc\", perhaps `strategic_btc`; there are ema_btc, newbie_btc, strategic_btc",
        ),
        ("pause bo=all", "`pause` has no argument \"bo\", perhaps `bot`; it takes bot"),
        ("panic now", "`panic` has no argument \"now\"; it takes none"),
        ("pause all all", "`pause` has no argument \"all\"; it takes bot"),
        ("set_risk newbie_btc hihg", "`level` is \"hihg\", perhaps `high`; give one of low, medium, high"),
        (
            "allocate newbie_btc -5",
            "`amount` is \"-5\"; give an amount of USDT above 0 with at most six decimals, like 250 or 12.5",
        ),
        ("history newbie_btc 101", "`count` is \"101\"; give a whole number from 1 to 100"),
        ("approve b9-0-1", "there is no trade that waits for approval called \"b9-0-1\"; there is b2-0-7"),
        ("reconcile nain", "there is no account called \"nain\", perhaps `main`; there are main, other"),
        ("farm_status therd", "there is no shard called \"therd\"; there are main, second"),
        (
            "profile strategc",
            "there is no persona or control called \"strategc\", perhaps `strategic`; there are aggressive, buy_hold, cosmic, ema_cross, fibonacci, newbie, scalper, strategic",
        ),
    ] {
        assert_eq!(complaint(line, &views), told, "{line}");
    }
    let nothing = complaint("farm_status", &[]);
    assert_eq!(nothing, "no shard has been heard of yet: wait some seconds, and see `health` if it stays so");
    let mut twice = views;
    twice[1].bots[0].bot = "newbie_btc".to_owned();
    assert_eq!(
        complaint("stats newbie_btc", &twice),
        "more than one bot is called \"newbie_btc\": say main/newbie_btc or second/newbie_btc"
    );
    assert!(crate::scene::give("stats second/newbie_btc", &twice).is_ok());
}

/// A code that was mistyped is nearly one.
#[test]
fn no_complaint_shows_a_code() {
    let told = complaint("confirm 17 12345", &views());
    assert!(!told.contains("12345"), "{told}");
    let spec = &find("confirm").expect("listed").spec;
    let parsed = parse(spec, &given(&[("number", "17"), ("code", "123456")])).expect("good");
    assert!(!format!("{parsed:?}").contains("123456"), "{parsed:?}");
}

#[test]
fn money_is_exact_or_refused() {
    let spec = &find("allocate").expect("listed").spec;
    let amount = |text: &str| {
        let parsed = parse(spec, &given(&[("bot", "a"), ("amount", text)])).ok()?;
        parsed.amount("amount")
    };
    assert_eq!(amount("0.000001"), Some(Usd(1)));
    assert_eq!(amount(" 12.5 "), Some(Usd(12_500_000)));
    assert_eq!(amount("1000000000"), Some(Usd(1_000_000_000 * Usd::ONE.0)));
    for wrong in
        ["0", "-1", "0.0000001", "1000000000.000001", "99999999999999999999", "NaN", "inf", "1e3x", "١"]
    {
        assert_eq!(amount(wrong), None, "{wrong}");
    }
    let spec = &find("set_risk").expect("listed").spec;
    let parsed = parse(spec, &given(&[("bot", "a"), ("level", "low")])).expect("good");
    assert_eq!(parsed.get("level"), Some(&Value::Level(RiskLevel::Low)));
}

/// What somebody may write: anything, and things that are nearly right.
fn word() -> impl Strategy<Value = String> {
    let near = [
        "all",
        "main",
        "newbie_btc",
        "strategic_btc",
        "main/newbie_btc",
        "b2-0-7",
        "main/b2-0-7",
        "250",
        "low",
        "day",
        "moon",
        "critical",
        "live",
        "17",
        "123456",
        "help",
        "strategic",
    ];
    prop_oneof![
        2 => ".{0,60}",
        1 => "[-+0-9.eE/b]{0,30}",
        4 => prop::sample::select(near.to_vec()).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Every command, with whatever it is given.
    #[test]
    fn no_text_breaks_a_command(words in prop::collection::vec(word(), 0..4), extra in (".{0,12}", ".{0,12}")) {
        let views = views();
        for command in COMMANDS {
            let spec = &command.spec;
            let mut texts: BTreeMap<String, String> =
                spec.arguments.iter().zip(&words).map(|(argument, word)| (argument.name.to_owned(), word.clone())).collect();
            if words.len() > spec.arguments.len() {
                texts.insert(extra.0.clone(), extra.1.clone());
            }
            match parse(spec, &texts) {
                Ok(arguments) => {
                    for one in spec.arguments.iter().filter(|one| one.need == Need::Required) {
                        prop_assert!(arguments.get(one.name).is_some(), "{} {}", spec.name, one.name);
                    }
                    if let Err(complaint) = command.call(&arguments, &known(&views)) {
                        prop_assert!(complaint.to_string().chars().count() < 800);
                    }
                }
                Err(complaint) => {
                    let told = complaint.to_string();
                    prop_assert!(told.chars().count() < 800 && !told.contains('\n'), "{told}");
                }
            }
        }
    }

    /// A line, as it is typed.
    #[test]
    fn no_line_breaks_the_reader(words in prop::collection::vec(".{0,20}", 0..5)) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for command in COMMANDS {
            if let Ok(texts) = named(&command.spec, &words) {
                prop_assert!(texts.len() == words.len() && texts.len() <= command.spec.arguments.len());
            }
        }
    }
}

#[test]
fn a_closed_list_takes_its_words_and_no_other() {
    for command in COMMANDS {
        for argument in command.spec.arguments {
            let choices = argument.kind.choices();
            let others = command.spec.arguments.iter().filter(|one| one.name != argument.name);
            let base: Vec<(&str, &str)> = others
                .filter(|one| one.need == Need::Required)
                .map(|one| (one.name, if one.kind == Kind::Amount { "1" } else { "newbie_btc" }))
                .collect();
            for word in &choices {
                let texts = given(&[base.clone(), vec![(argument.name, word)]].concat());
                assert!(parse(&command.spec, &texts).is_ok(), "{} {word}", command.spec.name);
            }
            if !choices.is_empty() {
                let texts = given(&[base, vec![(argument.name, "none_of_them")]].concat());
                assert!(parse(&command.spec, &texts).is_err(), "{}", command.spec.name);
            }
        }
    }
}
