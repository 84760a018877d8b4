//! The show drawn into memory, at every size a terminal has.

use super::{KEYS, Looks, picture};
use crate::demo::stage::tests::played;
use crate::demo::{Stage, minutes_of};
use crate::screen::{SMALLEST, WIDE, draw};
use model::event::Shock;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;
use std::sync::OnceLock;

fn looks() -> Looks {
    Looks { focus: None, speed: 2, paused: false, help: false, colour: true, seed: 1, days: 30 }
}

/// A month with news and a crash, lived once for all tests.
fn month() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let mut stage = played(1, minutes_of(20));
        stage.shake(Shock::ExchangeHack);
        (0..minutes_of(1)).for_each(|_| stage.minute());
        stage.crash();
        (0..30).for_each(|_| stage.minute());
        stage
    })
}

fn drawn(stage: &Stage, looks: &Looks, size: (u16, u16)) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("memory is a terminal");
    terminal.draw(|frame| draw(frame, &picture(stage, looks))).expect("memory takes every frame");
    terminal
}

fn text(stage: &Stage, looks: &Looks, (width, height): (u16, u16)) -> String {
    let terminal = drawn(stage, looks, (width, height));
    let buffer = terminal.backend().buffer();
    let row = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..height).map(|y| row(y) + "\n").collect()
}

#[test]
fn everything_that_matters_is_on_the_smallest_usual_terminal() {
    let shown = text(month(), &looks(), (80, 24));
    for (name, _) in persona::PERSONAS {
        assert!(shown.contains(name), "{name} is missing:\n{shown}");
    }
    for word in [
        "equity", "return", "position", "stop", "liq.", "feels", "trust", "sky", "Mercury", "session",
        "q report",
    ] {
        assert!(shown.contains(word), "{word} is missing:\n{shown}");
    }
    assert!(shown.contains("day 22/30  session 1/4"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() == 80));
}

#[test]
fn a_wide_terminal_shows_more() {
    let shown = text(month(), &looks(), (150, 44));
    for word in ["deepest", "trades", "stress", "energy", "confidence", "claims:", "not history"] {
        assert!(shown.contains(word), "{word} is missing:\n{shown}");
    }
    assert!(shown.contains("you let the market crash"), "{shown}");
}

#[test]
fn one_bot_is_looked_at_alone() {
    let stage = month();
    for seat in 0..stage.seats().len() {
        let name = &stage.seats()[seat].name;
        let shown = text(stage, &Looks { focus: Some(seat), ..looks() }, (120, 40));
        assert!(shown.contains(&format!("equity of {name}")) && shown.contains("in focus"), "{shown}");
        // A line of the diary: day, time, who.
        let speakers = shown.lines().filter(|line| line.chars().nth(5) == Some(':'));
        let speakers: Vec<String> =
            speakers.map(|line| line.chars().skip(9).take_while(|c| *c != ' ').collect()).collect();
        assert!(!speakers.is_empty());
        assert!(speakers.iter().all(|who| who == name || who == "*"), "{speakers:?}: {shown}");
    }
}

#[test]
fn any_size_is_drawn_and_too_small_ones_say_so() {
    let stage = month();
    let fresh = played(2, 0);
    for width in (1..170).step_by(13) {
        for height in 1..50 {
            for focus in [None, Some(3)] {
                for help in [false, true] {
                    let looks = Looks { focus, help, ..looks() };
                    drawn(stage, &looks, (width, height));
                    drawn(&fresh, &looks, (width, height));
                }
            }
        }
    }
    assert!(text(stage, &looks(), (SMALLEST.0 - 1, 30)).contains("Make the window"));
    assert!(!text(stage, &looks(), SMALLEST).contains("Make the window"));
    const { assert!(WIDE.0 > 80 && WIDE.1 > 24) };
}

#[test]
fn without_colour_there_is_none() {
    for (colour, expected) in [(true, true), (false, false)] {
        let terminal = drawn(month(), &Looks { colour, focus: Some(1), help: true, ..looks() }, (120, 40));
        let cells = terminal.backend().buffer().content();
        let coloured = cells.iter().any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
        assert_eq!(coloured, expected);
    }
}

#[test]
fn columns_and_parts_of_the_header_are_shown_whole_or_not_at_all() {
    let mut stage = played(1, 3_000);
    while (0..stage.seats().len()).filter(|seat| stage.held(*seat).is_some()).count() < 2 {
        stage.minute();
    }
    let stage = &stage;
    let lines = |width: u16| -> Vec<Vec<String>> {
        let shown = text(stage, &looks(), (width, 30));
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        shown.lines().take(2 + stage.seats().len()).map(words).collect()
    };
    let widest = lines(220);
    for width in 60..=160 {
        for (line, whole) in lines(width).iter().zip(&widest) {
            let cut: Vec<&String> = line.iter().filter(|word| !whole.contains(word)).collect();
            assert!(cut.is_empty(), "{cut:?} at {width} columns: {line:?} of {whole:?}");
        }
    }
    let smallest = lines(60);
    assert!(
        smallest[0].contains(&"OMEGA".to_owned()) && smallest[0].contains(&"min/s".to_owned()),
        "{smallest:?}"
    );
    assert!(smallest[1].ends_with(&["stop".to_owned()]), "{smallest:?}");
}

#[test]
fn the_help_has_all_its_keys_wherever_the_show_is_shown() {
    let stage = month();
    for size in [SMALLEST, (80, 24), (92, 16), (200, 50)] {
        let shown = text(stage, &Looks { help: true, ..looks() }, size);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let corner = |line: &str| Some(line[..line.find("┌ keys")?].chars().count());
        let left = shown.lines().find_map(corner).expect("the help has a frame");
        let inside = |line: &str| {
            line.chars().skip(left + 1).take(usize::from(size.0.min(92)) - 2).collect::<String>()
        };
        let said = words(&shown.lines().map(inside).collect::<Vec<_>>().join(" "));
        for (keys, _, meaning) in KEYS {
            assert!(said.contains(&words(&format!("{keys} {meaning}"))), "{keys} at {size:?}: {shown}");
        }
        assert!(said.contains("Six personas trade one made market, each on its own account"), "{shown}");
    }
}
