//! What others hear of a report, and that a budget is the one that the configuration documents.
#![allow(clippy::unwrap_used)]

use config::Config;
use control::message::{NoticeKind, Tier};
use control::telemetry::ShardTelemetry;
use control::view::Names;
use drift::{
    Break, Budget, Comparison, Numbers, Pair, Report, Span, Subject, Tally, Verdict, Why, notice, overall,
};
use model::{BotId, Time, Usd};

fn report(one: Comparison) -> Report {
    let span = Span { number: 12, from: Time(0), to: Time(21_600_000), is_over: true };
    Report { span, bots: [(BotId(3), one)].into(), broken: None, risen: 0 }
}

fn names() -> Names {
    Names { shard: "main".to_owned(), ..Names::default() }
}

fn alike() -> Comparison {
    Comparison {
        signals: Tally { matched: 100, missing: 0, extra: 0 },
        trades: Tally { matched: 20, missing: 0, extra: 0 },
        fills: Tally { matched: 40, missing: 0, extra: 0 },
        gaps_milli_bps: vec![0; 40],
        fees: Pair { lived: Usd(10_000), again: Usd(10_000) },
        equity: Usd(1_000_000_000),
        ..Comparison::default()
    }
}

#[test]
fn a_file_that_says_nothing_has_the_documented_budget() {
    let config = Config::read("", &config::Environment::default()).unwrap();
    assert_eq!(Budget::from(&config.drift), Budget::default());
    let config = Config::read("[drift]\nfees_max_bps = 7\n", &config::Environment::default()).unwrap();
    assert_eq!(Budget::from(&config.drift), Budget { fees_max_bps: 7, ..Budget::default() });
}

/// Each budget to its edge and one beyond it.
#[test]
fn a_budget_ends_where_it_says() {
    let budget = Budget::default();
    let over = |change: &dyn Fn(&mut Comparison)| {
        let mut one = alike();
        change(&mut one);
        let lines = one.lines(&budget);
        let over: Vec<Subject> =
            lines.iter().filter(|line| line.verdict == Verdict::Over).map(|line| line.subject).collect();
        over
    };
    assert_eq!(over(&|_| {}), []);
    assert_eq!(over(&|one| one.signals = Tally { matched: 98, missing: 1, extra: 1 }), []);
    assert_eq!(over(&|one| one.signals = Tally { matched: 97, missing: 1, extra: 2 }), [Subject::Signals]);
    assert_eq!(over(&|one| one.trades.missing = 1), []);
    assert_eq!(over(&|one| (one.trades.missing, one.trades.extra) = (1, 1)), [Subject::Trades]);
    assert_eq!(over(&|one| one.gaps_milli_bps = vec![2_000; 40]), []);
    assert_eq!(over(&|one| one.gaps_milli_bps = vec![-2_001; 40]), [Subject::FillGap], "better is drift too");
    assert_eq!(over(&|one| one.gaps_milli_bps[7] = 25_000), []);
    assert_eq!(over(&|one| one.gaps_milli_bps[7] = 25_001), [Subject::FillGap]);
    assert_eq!(over(&|one| one.gaps_milli_bps[..2].fill(5_001)), []);
    assert_eq!(
        over(&|one| one.gaps_milli_bps[..3].fill(5_001)),
        [Subject::FillGap],
        "more than one in twenty"
    );
    assert_eq!(over(&|one| one.fees.lived = Usd(10_200)), []);
    assert_eq!(over(&|one| one.fees.lived = Usd(9_799)), [Subject::Fees]);
    assert_eq!(over(&|one| one.funding.lived = Usd(1)), [Subject::Funding], "of nothing nothing is allowed");
    assert_eq!(over(&|one| one.result.lived = Usd(-1_000_000)), []);
    assert_eq!(over(&|one| one.result.lived = Usd(-1_000_001)), [Subject::Result]);
}

#[test]
fn what_is_unknown_is_not_within() {
    let budget = Budget::default();
    let unfilled = Comparison {
        fills: Tally { matched: 0, missing: 0, extra: 1 },
        gaps_milli_bps: Vec::new(),
        ..alike()
    };
    assert_eq!(overall(&unfilled.lines(&budget)), Verdict::Unknown);
    let unfunded = Comparison { fundings_unknown: 1, ..alike() };
    assert_eq!(overall(&unfunded.lines(&budget)), Verdict::Unknown);
    let broken = Report { broken: Some(Break { at: Time(7), why: Why::Unexplained }), ..report(alike()) };
    assert_eq!(broken.verdict(&budget), Verdict::Unknown);
    assert_eq!(overall(&[]), Verdict::Unknown);
    let nobody = Report { bots: [].into(), ..report(alike()) };
    assert_eq!(nobody.verdict(&budget), Verdict::Within, "a farm of nobody did what nobody does");
}

#[test]
fn one_bot_over_its_budget_is_not_hidden_by_the_others() {
    let mut both = report(alike());
    let hit = Comparison {
        trades: Tally { matched: 0, missing: 1, extra: 0 },
        fills: Tally::default(),
        gaps_milli_bps: Vec::new(),
        ..alike()
    };
    both.bots.insert(BotId(4), hit);
    assert_eq!(both.verdict(&Budget::default()), Verdict::Over);
    assert_eq!(both.subjects(&Budget::default(), Verdict::Over), [Subject::Trades]);
}

#[test]
fn it_is_told_in_a_sentence_under_a_key_of_its_own_and_in_numbers() {
    let (budget, telemetry) = (Budget::default(), ShardTelemetry::default());
    let said = notice(&report(alike()), &names(), &budget);
    assert_eq!((said.tier, said.kind), (Tier::Informational, NoticeKind::PerformanceSummary));
    assert_eq!((said.key.as_str(), said.at), ("main//drift/12", 21_600_000));
    assert!(said.text.ends_with("; within budget"), "{}", said.text);
    Numbers::of(&report(alike()), &budget).show(&telemetry);
    assert_eq!(telemetry.drift_lines_over.get(), Some(0));
    assert_eq!(telemetry.drift_fill_gap_milli_bps.get(), Some(0));
    let worse = Comparison {
        gaps_milli_bps: vec![3_500, 3_500],
        signals: Tally { matched: 9, missing: 1, extra: 0 },
        result: Pair { lived: Usd(-2_345_000), again: Usd::ZERO },
        ..alike()
    };
    let said = notice(&report(worse.clone()), &names(), &budget);
    assert_eq!((said.tier, said.kind), (Tier::Warning, NoticeKind::RiskAlert));
    assert!(said.text.contains("fills +3.50 bp on average"), "{}", said.text);
    assert!(said.text.contains("over budget: signals, fill gap, result"), "{}", said.text);
    Numbers::of(&report(worse.clone()), &budget).show(&telemetry);
    let numbers = [&telemetry.drift_lines_over, &telemetry.drift_signal_mismatches].map(|gauge| gauge.get());
    assert_eq!(numbers, [Some(3), Some(1)]);
    assert_eq!(telemetry.drift_fill_gap_milli_bps.get(), Some(3_500));
    assert_eq!(telemetry.drift_result_gap_micro_usdt.get(), Some(-2_345_000));
    let broken = Break { at: Time(60_000), why: Why::Deleveraged };
    let unknown =
        Report { broken: Some(broken), ..report(Comparison { gaps_milli_bps: Vec::new(), ..alike() }) };
    let said = notice(&unknown, &names(), &budget);
    assert!(said.tier == Tier::Warning && said.text.contains("not comparable from 1970-01-01T00:01:00Z on"));
    Numbers::of(&unknown, &budget).show(&telemetry);
    assert_eq!(telemetry.drift_lines_unknown.get(), Some(2), "the gap, and what follows the break");
    assert_eq!(telemetry.drift_fill_gap_milli_bps.get(), None, "absent where it is not known");
    assert_eq!(telemetry.drift_result_gap_micro_usdt.get(), None);
}
