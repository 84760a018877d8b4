//! Wrong profiles: each rule is broken once, alone and together, and the place is told.

use super::*;
use crate::catalogue::PERSONAS;

/// The newbie, which has every key, changed; each of the texts to be replaced must be there once.
fn faults(changes: &[(&str, &str)]) -> Vec<String> {
    let (_, toml) = PERSONAS.iter().find(|(name, _)| *name == "newbie").expect("listed");
    let mut text = (*toml).to_owned();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from} is there once");
        text = text.replace(from, to);
    }
    match Profile::parse(&text) {
        Ok(_) => Vec::new(),
        Err(error) => {
            // The place is told of each as it would be looked up by hand.
            for fault in error.faults() {
                assert!(fault.line <= text.lines().count() && fault.column >= 1, "{fault:?}");
            }
            error.faults().iter().map(Fault::to_string).collect()
        }
    }
}

/// Changes one value, and expects one fault on the line that was changed.
#[track_caller]
fn one(from: &str, to: &str, key: &str, problem: &str) {
    let (_, toml) = PERSONAS.iter().find(|(name, _)| *name == "newbie").expect("listed");
    let line = toml.lines().position(|line| line.contains(from)).expect("it is there") + 1;
    let got = faults(&[(from, to)]);
    assert_eq!(got.len(), 1, "{got:?}");
    let (place, said) = got[0].split_once(": ").expect("a place and a problem");
    assert!(place.starts_with(&format!("line {line}, column ")), "{got:?} is not of line {line}");
    assert_eq!(said, format!("{key} {problem}"));
}

#[test]
fn each_rule_of_words() {
    one("name = \"newbie\"", "name = \"\"", "name", "is empty");
    one("name = \"newbie\"", "name = \"New\"", "name", "holds 'N'; it takes a to z, 0 to 9 and _");
    one(
        "name = \"newbie\"",
        "name = \"a23456789b123456789c123456789d123\"",
        "name",
        "has more than 32 characters",
    );
    one("title = \"The newbie\"", "title = \" \"", "title", "is empty; it takes one sentence");
    let strategies = crate::strategy::STRATEGIES.join(", ");
    let unknown = format!("is \"luck\", which nothing is called; it is one of {strategies}");
    one("strategy = \"newbie\"", "strategy = \"luck\"", "strategy", &unknown);
    one(
        "edge = \"None",
        "edge = \"\\nNone",
        "edge",
        "holds a line break or another control character; it takes one line",
    );
    let long = format!("fails = \"{}", "on ".repeat(80));
    one("fails = \"", &long, "fails", "has more than 240 characters; it takes one sentence");
}

#[test]
fn each_rule_of_risk() {
    one(
        "tolerance = [0.3, 0.9]",
        "tolerance = [0.9, 0.3]",
        "risk.tolerance",
        "runs backwards, from 0.9 to 0.3",
    );
    one("[0.3, 0.9]", "[0.3, 1.9]", "risk.tolerance[1]", "is 1.9; it must lie in 0..1");
    one("[50, 200]", "[50, 40]", "risk.risk_per_trade_bps", "runs backwards, from 50 to 40");
    let most = |bps: u32| format!("is {bps}; no trade risks nothing, or more than 2 % of equity (200)");
    one("[50, 200]", "[50, 201]", "risk.risk_per_trade_bps[1]", &most(201));
    one("[50, 200]", "[0, 0]", "risk.risk_per_trade_bps[1]", &most(0));
    one("leverage = 3", "leverage = 16", "risk.leverage", "is 16, above leverage_max, 15");
    one("leverage = 3", "leverage = 0", "risk.leverage", "is 0; 1 is none at all");
    one("leverage_max = 15", "leverage_max = 126", "risk.leverage_max", "is 126; it must lie in 1..=125");
    one(
        "margin_max_bps = 1000",
        "margin_max_bps = 0",
        "risk.margin_max_bps",
        "is 0; it must lie in 1..=10000",
    );
    one("[100, 500]", "[0, 500]", "risk.stop_bps[0]", "is 0; a stop lies away from the entry");
    one("[100, 500]", "[600, 500]", "risk.stop_bps", "runs backwards, from 600 to 500");
}

#[test]
fn the_furthest_stop_lies_inside_the_price_of_liquidation() {
    let at_ten = ("leverage = 3", "leverage = 10");
    assert_eq!(faults(&[at_ten, ("[100, 500]", "[100, 800]")]), [""; 0]);
    let near = "risk.stop_bps[1] is 801, too near to liquidation: at leverage 10 the furthest stop is 800, four fifths \
                of the way to losing the margin";
    assert_eq!(faults(&[at_ten, ("[100, 500]", "[100, 801]")]), [format!("line 15, column 18: {near}")]);
    let half = faults(&[("leverage = 3", "leverage = 1"), ("[100, 500]", "[100, 5001]")]);
    assert_eq!(
        half,
        ["line 15, column 18: risk.stop_bps[1] is 5001; half of the price (5000) is the furthest"]
    );
}

#[test]
fn each_rule_of_character() {
    one("discipline = 0.2", "discipline = -0.2", "traits.discipline", "is -0.2; it must lie in 0..1");
    one("patience = 0.2", "patience = nan", "traits.patience", "is NaN; it must lie in 0..1");
    one("moves_stops = 0.3", "moves_stops = 3", "traits.moves_stops", "is 3; it must lie in 0..1");
    one(
        "mistake_floor = 0.03",
        "mistake_floor = 0.16",
        "traits.mistake_floor",
        "is 0.16, above mistake_chance, 0.15, which halves down to it",
    );
    let unlearning =
        [("mistake_floor = 0.03", "mistake_floor = 0.16"), ("mistake_halving_trades = 50\n", "")];
    assert_eq!(faults(&unlearning), [""; 0], "a chance that does not halve has no way down");
    one(
        "relaxation_hours = 24.0",
        "relaxation_hours = 0.0",
        "traits.relaxation_hours",
        "is 0; it must lie above 0 and up to 720",
    );
    one("shock_impact = 1.3", "shock_impact = 2.1", "traits.shock_impact", "is 2.1; it must lie in 0..2");
    one("stress = ", "stress = 1", "base.stress", "is 10.28; it must lie in 0..1");
    one("lunar = 0.9", "lunar = inf", "susceptibility.lunar", "is inf; it must lie in 0..1");
}

const LADDER: &str = "[[targets]]                   # share of the entry, at this multiple of the risk\nshare = 0.5\n\
                      at_r = 1.0\n[[targets]]\nshare = 0.5\nat_r = 2.0";

#[test]
fn each_rule_of_the_ladder() {
    let laddered = |rungs: &str| faults(&[(LADDER, rungs)]);
    let none = faults(&[(LADDER, ""), ("strategy = \"newbie\"", "strategy = \"newbie\"\ntargets = []")]);
    assert_eq!(none, ["line 8, column 11: targets has no rung; it takes 1 to 4"]);
    let rung = |share: f64, at_r: f64| format!("[[targets]]\nshare = {share:?}\nat_r = {at_r:?}\n");
    let whole = |rungs: &[(f64, f64)]| laddered(&rungs.iter().map(|r| rung(r.0, r.1)).collect::<String>());
    let five: Vec<(f64, f64)> = (1..=5).map(|at| (0.2, f64::from(at))).collect();
    assert_eq!(whole(&five), ["line 30, column 1: targets[4] is one rung too many; a ladder has at most 4"]);
    assert_eq!(
        whole(&[(0.5, 1.0), (0.6, 2.0)]),
        ["line 19, column 9: targets[0].share and those after it sum to 1.1; shares sum to 1"]
    );
    assert_eq!(
        whole(&[(1.0, 1.0), (0.0, 2.0)]),
        ["line 22, column 9: targets[1].share is 0; a share is positive"]
    );
    assert_eq!(
        whole(&[(0.5, 2.0), (0.5, 2.0)]),
        ["line 23, column 8: targets[1].at_r is 2, not above the rung before, 2"]
    );
    assert_eq!(whole(&[(1.0, -1.0)]), ["line 20, column 8: targets[0].at_r is -1; a target is positive"]);
    assert_eq!(
        whole(&[(1.0, f64::INFINITY)]),
        ["line 20, column 8: targets[0].at_r is inf; nothing goes further than 1000"]
    );
}

#[test]
fn everything_wrong_is_told_at_once_by_line() {
    let got = faults(&[
        ("sentiment = 0.9", "sentiment = 9"),
        ("leverage = 3", "leverage = 99"),
        ("strategy = \"newbie\"", "strategy = \"ema_cross\""),
        ("discipline = 0.2", "discipline = 2"),
    ]);
    let lines: Vec<&str> = got.iter().map(|fault| fault.split(' ').take(5).last().expect("a key")).collect();
    let keys =
        ["strategy", "risk.leverage", "risk.stop_bps[1]", "traits.discipline", "susceptibility.sentiment"];
    assert_eq!(lines, keys, "{got:#?}");
    let (_, toml) = PERSONAS[0];
    let error =
        Profile::parse(&toml.replace("leverage = 2", "leverage = 5").replace("lunar = 0.3", "lunar = 3"))
            .expect_err("two things are wrong");
    let said = error.to_string();
    assert_eq!(said, "line 12, column 12: risk.leverage is 5, above leverage_max, 4 (and 1 more)");
}

#[test]
fn a_text_that_is_no_profile() {
    let said = |from: &str, to: &str| faults(&[(from, to)]);
    let unknown = said("leverage = 3", "leverage = 3\nluck = 7");
    assert!(
        unknown[0].starts_with("line 13, column 1: unknown field `luck`, expected one of"),
        "{unknown:?}"
    );
    assert_eq!(said("edge = ", "# edge = "), ["line 1, column 1: missing field `edge`"]);
    assert_eq!(said("stress = 0.28\n", ""), ["line 36, column 1: missing field `stress`"]);
    let broken = said("leverage = 3", "leverage = ");
    assert!(broken[0].starts_with("line 12, column 1"), "{broken:?}");
    assert_eq!(said("leverage = 3", "leverage = 70000").len(), 1);
    assert!(Profile::parse("").is_err());
}

/// A key that is not written is placed at its table, and a table inside a line is found as well.
#[test]
fn places_that_are_not_lines_of_their_own() {
    let base = "[base]                        # where the mood returns to\nconfidence = 0.45\nstress = 0.28\n\
                fatigue = 0.0\nurge = 0.4\nrisk_appetite = 0.5\n";
    let inline = "[base]\nconfidence = 0.45\nstress = 0.28\nfatigue = 0.0\nurge = 4\nrisk_appetite = 0.5\n";
    let got = faults(&[(base, inline)]);
    assert_eq!(got, ["line 40, column 8: base.urge is 4; it must lie in 0..1"]);
    let (_, toml) = PERSONAS[0];
    let rest =
        toml.replace(&toml[toml.find("[base]").expect("there")..toml.find("[suscept").expect("there")], "");
    let text = format!(
        "base = {{ confidence = 0.5, stress = 0.2, fatigue = -1, urge = 0.1, risk_appetite = 0.5 }}\n{rest}"
    );
    let error = Profile::parse(&text).expect_err("tiredness below zero");
    assert_eq!(error.to_string(), "line 1, column 52: base.fatigue is -1; it must lie in 0..1");
}

#[test]
fn a_profile_written_down_is_the_same_profile() {
    for (name, _) in crate::PERSONAS {
        let profile = crate::catalogue::profile(name).expect("listed").expect("built in");
        assert_eq!(Profile::parse(&profile.to_text()).as_ref(), Ok(&profile), "{name}");
    }
}
