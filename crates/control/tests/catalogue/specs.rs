//! Every spec fits a chat, is what it says, and is told by `help`.

use crate::scene::{answer, give, views};
use control::catalogue::{
    Act, CHOICES_MAX, COMMANDS, Kind, NAME_CHARS_MAX, Need, Own, Rule, SUMMARY_CHARS_MAX, find, suggestions,
};
use model::Role;
use std::collections::BTreeSet;

/// Letters of a slash command: names, summaries and choices together.
const COMMAND_CHARS_MAX: usize = 8_000;
const COMMANDS_MAX: usize = 100;

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    (1..=NAME_CHARS_MAX).contains(&name.len()) && name.bytes().all(fits)
}

fn is_summary(summary: &str) -> bool {
    (1..=SUMMARY_CHARS_MAX).contains(&summary.chars().count())
}

#[test]
fn a_chat_can_register_every_command_as_it_is() {
    let names: BTreeSet<&str> = COMMANDS.iter().map(|command| command.spec.name).collect();
    assert!(names.len() == COMMANDS.len() && COMMANDS.len() <= COMMANDS_MAX, "a name is a command's own");
    assert!(COMMANDS.is_sorted_by_key(|command| command.spec.name));
    for command in COMMANDS {
        let spec = &command.spec;
        assert!(is_name(spec.name) && is_summary(spec.summary), "{spec:?}");
        assert!(spec.arguments.len() <= CHOICES_MAX, "{spec:?}");
        assert!(
            spec.arguments.is_sorted_by_key(|one| one.need == Need::Optional),
            "{}: required first",
            spec.name
        );
        let mut letters = spec.name.len() + spec.summary.len();
        for argument in spec.arguments {
            assert!(is_name(argument.name) && is_summary(argument.summary), "{argument:?}");
            let choices = argument.kind.choices();
            assert!(
                choices.len() <= CHOICES_MAX && choices.iter().all(|word| is_summary(word)),
                "{argument:?}"
            );
            letters += argument.name.len() + argument.summary.len() + choices.concat().len() * 2;
            // The audit blacks out what is called so.
            let is_secret = argument.kind == Kind::Code;
            assert!(!is_secret || argument.name.contains("code"), "{argument:?}");
        }
        assert!(letters <= COMMAND_CHARS_MAX, "{}", spec.name);
    }
}

#[test]
fn the_products_commands_are_there() {
    let product = "start stop stats positions history set_risk balance farm_status cosmic_influence market_analysis \
                   psychology profile allocate pause resume reduce_only close close_all cancel panic rearm orders risk \
                   limits pnl why locks unlock approve decline audit mode drift health logs whoami mfa alerts confirm \
                   help battle deallocate reconcile";
    for name in product.split_whitespace() {
        assert!(find(name).is_ok(), "{name}");
    }
    assert_eq!(product.split_whitespace().count(), COMMANDS.len());
    let told = find("farm_statsu").expect_err("misspelt").to_string();
    assert_eq!(told, "there is no command \"farm_statsu\", perhaps `farm_status`; `help` lists all");
}

/// Whoever may look may not act; money and the kill switch's end are an administrator's, with a code.
#[test]
fn a_rule_is_what_the_command_does() {
    let views = views();
    for command in COMMANDS {
        let spec = &command.spec;
        assert!(spec.example.split_whitespace().next() == Some(spec.name), "{}", spec.example);
        assert_eq!(
            spec.rule == Rule::Code,
            spec.role == Role::Admin && spec.name != "audit",
            "{}",
            spec.name
        );
        let act = give(spec.example, &views);
        let (is_look, is_own) = match &act {
            Ok(Act::Answer(_) | Act::Read(_)) => (true, false),
            Ok(Act::Gateway(own)) => (!matches!(own, Own::Mfa { .. } | Own::Confirm { .. }), true),
            Ok(Act::Errands(errands)) => {
                let role = errands.errands.iter().map(|(_, instruction)| instruction.role()).max();
                assert!(
                    role.is_some_and(|role| role <= spec.role),
                    "{} gives what its role may not",
                    spec.name
                );
                assert!(!errands.preview.notes.is_empty(), "{} says what it does", spec.name);
                (false, false)
            }
            Err(_) => continue,
        };
        assert_eq!(is_look, spec.rule == Rule::Look, "{}: {act:?}", spec.name);
        assert!(is_own || spec.role > Role::Viewer || is_look, "{} lets a viewer act", spec.name);
    }
}

#[test]
fn help_lists_all_and_tells_each() {
    let all = answer("help", &[]);
    let listed: Vec<&str> =
        all.tables[0].rows.iter().filter_map(|row| row[0].split_whitespace().next()).collect();
    let names: Vec<&str> = COMMANDS.iter().map(|command| command.spec.name).collect();
    assert_eq!(listed, names);
    for command in COMMANDS {
        let told = answer(&format!("help {}", command.spec.name), &[]);
        assert_eq!(told.fields[0].1, command.spec.summary);
        let rows = told.tables.first().map_or(0, |table| table.rows.len());
        assert_eq!(rows, command.spec.arguments.len(), "{}", command.spec.name);
    }
}

#[test]
fn what_may_be_meant_is_suggested() {
    let views = views();
    let known = crate::scene::known(&views);
    assert_eq!(suggestions(Kind::Bot, "BTC", &known), ["ema_btc", "newbie_btc", "strategic_btc"]);
    assert_eq!(suggestions(Kind::BotOrAll, "al", &known), ["all"]);
    assert_eq!(suggestions(Kind::Account, "", &known), ["main", "other"]);
    assert_eq!(suggestions(Kind::Shard, "sec", &known), ["second"]);
    assert_eq!(suggestions(Kind::Order, "", &known), ["b2-0-7"]);
    assert_eq!(suggestions(Kind::Level, "i", &known), ["high", "medium"]);
    assert_eq!(suggestions(Kind::Command, "", &known).len(), CHOICES_MAX);
    assert!(suggestions(Kind::Persona, "", &known).contains(&"fibonacci".to_owned()));
}
