//! A farm drawn into memory, at the sizes a terminal has: what matters is there, silence is in words, no colour is needed.

use super::*;
use crate::screen::{Over, draw};
use crate::top::farm::tests::{NOW, bot, lock, six, told, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;

fn looks() -> Looks {
    Looks { focus: None, over: None, colour: true }
}

fn drawn(farm: &Farm, looks: &Looks, (width, height): (u16, u16)) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("memory is a terminal");
    terminal.draw(|frame| draw(frame, &picture(farm, looks, NOW))).expect("memory takes every frame");
    terminal
}

fn text(farm: &Farm, looks: &Looks, size: (u16, u16)) -> String {
    let terminal = drawn(farm, looks, size);
    let buffer = terminal.backend().buffer();
    let row = |y: u16| (0..size.0).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..size.1).map(|y| row(y) + "\n").collect()
}

#[track_caller]
fn assert_shown(shown: &str, words: &[&str]) {
    for word in words {
        assert!(shown.contains(word), "{word} is missing:\n{shown}");
    }
}

#[test]
fn everything_that_matters_is_on_the_smallest_usual_terminal() {
    let farm = told(&[view("main", 1, six())], 0);
    let shown = text(&farm, &looks(), (80, 24));
    for (name, _) in persona::PERSONAS {
        assert_shown(&shown, &[&format!("{name}_btc")]);
    }
    let heads = ["status", "equity", "realised", "position", "open", "stop", "feels"];
    assert_shown(&shown, &heads);
    let figures =
        ["OMEGA", "paper", "60,000", "1 s ago", "10,095", "+120", "-25", "long  0.250", "flat", "-0.8%"];
    assert_shown(&shown, &figures);
    assert_shown(
        &shown,
        &["all well: 1 shard and 6 bots speak, kill switch off, 2 hold, +570 USDT", "PANIC", "q quit"],
    );
    assert_shown(&shown, &["09:11 ", "wanted in: price above both averages"]);
}

#[test]
fn a_wide_terminal_shows_more() {
    let farm = told(&[view("main", 1, six())], 0);
    let shown = text(&farm, &looks(), (200, 50));
    assert_shown(
        &shown,
        &["persona", "return", "entry", "energy", "orders", "naked", "trades", "stress", "0.93", "never"],
    );
    assert_shown(
        &shown,
        &["the first", "sell 0.250 at 59500.0: accepted, only leaves", "risk said no 3 times"],
    );
}

#[test]
fn silence_and_everything_else_that_is_wrong_is_in_words_at_any_width() {
    let wrong = |change: fn(&mut ShardView)| {
        let mut view = view("main", 1, six());
        change(&mut view);
        told(&[view], 0)
    };
    let mut away = told(&[view("main", 1, six())], 0);
    away.way = Way::Away(NOW - Interval(12_000));
    let mut unheard = told(&[view("main", 1, six())], 0);
    unheard.ails =
        vec![("shard btc-2".to_owned(), "not heard of yet: look whether its process runs".to_owned())];
    for (farm, words) in [
        (told(&[view("main", 1, six())], 34_000), vec!["shard main IS SILENT for 34 s", "silent 34s"]),
        (
            wrong(|view| view.halted_at = Some(NOW.0 - 60_000)),
            vec!["KILL SWITCH in main since 2026-11-26 09:11:33", "not all is"],
        ),
        (wrong(|view| view.locks.push(lock())), vec!["nobody opens in main", "`unlock all` ends it"]),
        (wrong(|view| view.price.as_mut().expect("one").age_ms = 101_000), vec!["OLD: 101 s ago"]),
        (wrong(|view| view.price = None), vec!["no price yet"]),
        (wrong(|view| view.bots[1].locks.push(lock())), vec!["locked"]),
        (away, vec!["THE GATEWAY DOES NOT ANSWER for 12 s", "NO LINE"]),
        (unheard, vec!["shard btc-2: not heard of yet"]),
    ] {
        for width in [80, 120, 200] {
            let shown = text(&farm, &looks(), (width, 40));
            // A sentence may go on in the next line.
            let flowing = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_shown(&flowing, &words);
        }
    }
    let made = wrong(|view| view.price.as_mut().expect("one").at = 1_735_700_000_000);
    assert_shown(&text(&made, &looks(), (100, 24)), &["market of 2025-01-01"]);
    let mut live = view("main", 1, six());
    live.mode = "live".to_owned();
    assert_shown(&text(&told(&[live], 0), &looks(), (80, 24)), &["LIVE MONEY"]);
}

#[test]
fn one_bot_is_looked_at_with_all_that_keeps_it() {
    let mut held = bot("strategic_btc", 0, "0.250");
    held.locks.push(lock());
    held.naked_ms_max = 1_500;
    let farm = told(&[view("main", 1, vec![held, bot("newbie_btc", 1, "")])], 0);
    let shown = text(&farm, &Looks { focus: Some(0), ..looks() }, (120, 40));
    assert_shown(
        &shown,
        &[
            "equity of strategic_btc",
            "in focus",
            "long 0.250 from 60,100, stop 59,500",
            "confidence",
            "1.5 s",
        ],
    );
}

#[test]
fn a_farm_of_hundreds_keeps_the_one_in_focus_in_sight() {
    let bots: Vec<BotView> = (0..300).map(|number| bot(&format!("bot_{number}"), number, "")).collect();
    let farm = told(&[view("main", 1, bots)], 0);
    let shown = text(&farm, &Looks { focus: Some(250), ..looks() }, (80, 24));
    assert_shown(&shown, &["bot_250 ", "more: arrows", "decisions"]);
    assert!(!shown.contains("bot_12 "), "{shown}");
}

#[test]
fn any_size_is_drawn_with_and_without_colour_and_whatever_lies_over_it() {
    let asks = Over::Asks {
        title: "close all".to_owned(),
        text: (0..80).map(|line| format!("line {line} of what would be done to everybody")).collect(),
        answers: "y: do it; any other key: take it back".to_owned(),
    };
    let farm = told(&[view("main", 1, six()), view("other", 1, six())], 9_000);
    for over in [None, Some(Over::Help), Some(asks)] {
        for (width, height) in [(1, 1), (59, 30), (60, 16), (80, 24), (110, 34), (200, 50)] {
            for focus in [None, Some(7), Some(9_999)] {
                drawn(&farm, &Looks { focus, over: over.clone(), colour: true }, (width, height));
                drawn(&Farm::new(), &Looks { focus, over: over.clone(), colour: true }, (width, height));
            }
        }
        let answered = text(&farm, &Looks { over: over.clone(), ..looks() }, (80, 24));
        assert_eq!(answered.contains("y: do it"), matches!(over, Some(Over::Asks { .. })), "{answered}");
        let plain = drawn(&farm, &Looks { focus: Some(1), over, colour: false }, (120, 40));
        let cells = plain.backend().buffer().content();
        assert!(cells.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    }
}
