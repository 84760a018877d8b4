//! A back-test as tables: what ran against what, what came of it, what the targets say and how far to trust it.
//!
//! It refuses to hide a loss, a ruin or a record too short to mean anything.

use super::run_json::Session;
use super::{Run, battle, psychology, sky};
use crate::console::Console;
use crate::figures;
use crate::market_files::LoadedMarket;
use crate::table::{Cell, Comparison, Paper, Tone};
use analytics::{TARGETS, TARGETS_NOTE, Unit, Verdict, targets::RISK_PER_TRADE};
use model::Usd;
use persona::Gains;
use venue::Models;

/// The whole report.
pub fn report(market: &LoadedMarket, session: &Session, runs: &[Run], paper: Paper) -> String {
    let strong = |text: &str| Tone::Strong.paint(text, paper.colour);
    let mut text = header(market, session, runs, paper);
    text.push_str(&format!("\n{}\n", strong("What came of it (USDT)")));
    text.push_str(&results(runs).render(paper));
    if let Some(battle) = battle::fight(runs) {
        text.push_str(&format!("\n{}\n", strong("The battle")));
        text.push_str(&battle.table(runs, paper));
    }
    text.push_str(&psychology::sections(runs, paper));
    text.push_str(&format!("\n{}\n", strong("Against the targets")));
    text.push_str(&targets(runs).render(paper));
    text.push_str(&paper.wrap(TARGETS_NOTE, "  "));
    text.push_str(&format!("\n{}\n", strong("How far to trust it")));
    for run in runs {
        text.push_str(&paper.wrap(&track_record(run), "  "));
    }
    text.push_str(&paper.wrap(&speed(market, session, runs.len()), "  "));
    text
}

/// Says on stderr what is too good to be true.
pub fn warn(console: &Console, runs: &[Run]) {
    warnings(runs).iter().for_each(|warning| console.warn(warning));
}

/// What is too good to be true, or wrong.
pub fn warnings(runs: &[Run]) -> Vec<String> {
    let mut found = Vec::new();
    for run in runs {
        let name = &run.result.persona;
        if let Ok(sharpe) = run.figure("sharpe").map(|sharpe| format!("{sharpe:.1}"))
            && run.figure("sharpe").is_ok_and(|sharpe| sharpe > 5.0)
        {
            found.push(format!(
                "{name}: a Sharpe ratio of {sharpe} is too good to be true; look for the mistake"
            ));
        }
        if let Ok(cagr) = run.figure("cagr").map(figures::percent)
            && run.figure("cagr").is_ok_and(|cagr| cagr > 10.0)
        {
            found.push(format!("{name}: {cagr} a year is too good to be true; look for the mistake"));
        }
        if !run.result.ledger_balanced {
            found.push(format!("{name}: its books do not agree with the venue's; do not use this result"));
        }
    }
    found
}

fn header(market: &LoadedMarket, session: &Session, runs: &[Run], paper: Paper) -> String {
    let instrument = market.history.instrument();
    let what = session.made_market().map_or_else(String::new, |made| format!(", {made}"));
    let title = format!("Back-test of {}{what}", instrument.symbol);
    let mut text = format!("{}\n", Tone::Strong.paint(&title, paper.colour));
    let mut line = |label: &str, value: String| text.push_str(&labelled(label, &value, paper));
    line("bars", format!("{}", market.source.path.display()));
    for (label, value) in facts(market, session, runs) {
        line(label, value);
    }
    text
}

/// A line of the header. What does not fit goes on below; what fits is left as it is, blanks and all.
fn labelled(label: &str, value: &str, paper: Paper) -> String {
    const INDENT: usize = 12;
    if INDENT + value.chars().count() <= paper.width {
        return format!("  {label:<9} {value}\n");
    }
    let wrapped = paper.wrap(value, &" ".repeat(INDENT));
    format!("  {label:<9} {}", wrapped.trim_start())
}

/// What ran against what, a label and a text each; a label left empty goes on with the one before.
pub fn facts(market: &LoadedMarket, session: &Session, runs: &[Run]) -> Vec<(&'static str, String)> {
    let (instrument, bars) = (market.history.instrument(), market.history.bars());
    let mut facts = Vec::new();
    let mut line = |label: &'static str, value: String| facts.push((label, value));
    let missing = match market.report.missing_total {
        0 => "no gap".to_owned(),
        missing => format!("{} missing", figures::count(missing as i128)),
    };
    let count = figures::count(bars.len() as i128);
    let (first, last) = (bars.open_time[0], bars.open_time[bars.len() - 1]);
    line("", format!("{count} of {}, {first} to {last}, {missing}", bars.interval));
    if let Some(made) = session.made_market() {
        line("market", made);
    }
    if let Some(path) = &market.path {
        line("path", format!("{} inside each bar", path.display()));
    }
    let funding = market.funding.map_or("none given: zero".to_owned(), |instants| {
        format!("{} instants", figures::count(instants as i128))
    });
    line("funding", funding);
    line("mark", market.mark.as_ref().map_or("traded prices".to_owned(), |file| file.display().to_string()));
    let fees = instrument.fees;
    line(
        "fees",
        format!("taker {}, maker {}", figures::rate_percent(fees.taker), figures::rate_percent(fees.maker)),
    );
    line("sky", sky::sentence(&session.sky, bars.close_time(bars.len() - 1)));
    for (i, (at, shock)) in session.news.iter().enumerate() {
        line(if i == 0 { "news" } else { "" }, format!("by hand: {} at {at}", shock.name()));
    }
    let Gains { emotion, cosmic } = session.gains;
    let luck =
        if session.numbered { "numbered, each with luck of its own" } else { "all with the same luck" };
    line("bots", format!("emotion {emotion}, cosmic {cosmic}; {luck}"));
    line("capital", format!("{} USDT each, seed {}", figures::money(session.capital), session.seed));
    for (i, (models, names)) in by_models(runs).into_iter().enumerate() {
        let (who, how) = (names.join(", "), describe(&models));
        let label = if i == 0 { "venue" } else { "" };
        if who.len() + how.len() < 80 {
            line(label, format!("{who}: {how}"));
        } else {
            line(label, format!("{who}:"));
            line("", format!("  {how}"));
        }
    }
    facts
}

/// Who ran against which venue.
fn by_models(runs: &[Run]) -> Vec<(Models, Vec<&str>)> {
    let mut groups: Vec<(Models, Vec<&str>)> = Vec::new();
    for run in runs {
        let name = run.result.persona.as_str();
        match groups.iter_mut().find(|(models, _)| *models == run.models) {
            Some((_, names)) => names.push(name),
            None => groups.push((run.models, vec![name])),
        }
    }
    groups
}

fn describe(models: &Models) -> String {
    if *models == Models::NONE {
        return "no slippage, no latency, any volume".to_owned();
    }
    let volume = models.participation.map_or("any volume".to_owned(), |share| {
        format!("at most {} of a bar's volume", figures::rate_percent(share))
    });
    format!(
        "slippage {} bp, latency {} ms, {volume}",
        figures::basis_points(models.slippage),
        models.latency.0
    )
}

fn results(runs: &[Run]) -> Comparison {
    let mut table = Comparison::new(runs.iter().map(|run| run.result.persona.clone()).collect());
    let mut row =
        |label: &str, cell: &dyn Fn(&Run) -> Cell| table.row(label, runs.iter().map(cell).collect());
    let signed = |usd: Usd| Cell::signed(figures::money(usd), usd.0);
    let figure = |run: &Run, key: &str, unit: Unit| match run.figure(key) {
        Ok(value) => Cell::plain(unit.format(value)),
        Err(reason) => Cell::new(reason.to_string(), Tone::Quiet),
    };
    row("trades", &|run| Cell::plain(figures::count(run.result.trades.len() as i128)));
    row("fills", &|run| Cell::plain(figures::count(run.result.fills)));
    row("win rate", &|run| figure(run, "win_rate", Unit::Fraction));
    row("gross", &|run| signed(run.result.gross));
    row("fees paid", &|run| Cell::plain(figures::money(run.result.fees)));
    row("funding", &|run| signed(run.result.funding));
    row("net", &|run| signed(run.result.net));
    row("final equity", &|run| Cell::new(figures::money(run.result.final_equity), Tone::Strong));
    row("total return", &|run| figure(run, "total_return", Unit::Fraction));
    row("max drawdown", &|run| Cell::plain(figures::percent(run.result.max_drawdown)));
    row("Sharpe", &|run| figure(run, "sharpe", Unit::Ratio));
    row("profit factor", &|run| figure(run, "profit_factor", Unit::Ratio));
    row("median holding", &|run| {
        let none = Cell::new("n/a (no trade)", Tone::Quiet);
        run.behaviour.holding_s_median.map_or(none, |seconds| Cell::plain(figures::duration(seconds)))
    });
    if runs.iter().any(|run| run.result.ruined_at.is_some()) {
        row("ruined at", &|run| match run.result.ruined_at {
            Some(at) => Cell::new(at.to_string(), Tone::Bad),
            None => Cell::plain("-"),
        });
    }
    let refused = |run: &Run| run.result.refusals.iter().map(|(_, count)| count).sum::<u64>();
    if runs.iter().any(|run| refused(run) > 0) {
        row("refused by risk", &|run| Cell::plain(figures::count(refused(run))));
    }
    if runs.iter().any(|run| run.result.rejections > 0) {
        row("refused by venue", &|run| Cell::plain(figures::count(run.result.rejections)));
    }
    row("books", &|run| match run.result.ledger_balanced {
        true => Cell::plain("balanced"),
        false => Cell::new("NOT BALANCED", Tone::Bad),
    });
    row("state hash", &|run| Cell::new(format!("{:016x}", run.result.state_hash), Tone::Quiet));
    table
}

fn targets(runs: &[Run]) -> Comparison {
    let mut table = Comparison::new(runs.iter().map(|run| run.result.persona.clone()).collect());
    let judged: Vec<_> = runs.iter().map(Run::judgements).collect();
    for (i, target) in TARGETS.iter().enumerate() {
        let cell = |verdict: Verdict| match verdict {
            Verdict::Pass(value) => Cell::new(format!("pass {}", amount(target.key, value)), Tone::Good),
            Verdict::Fail(value) => Cell::new(format!("fail {}", amount(target.key, value)), Tone::Bad),
            Verdict::Undefined(reason) => Cell::new(reason.to_string(), Tone::Quiet),
        };
        table.row(target.title, judged.iter().map(|of_run| cell(of_run[i].verdict)).collect());
    }
    table
}

fn amount(key: &str, value: f64) -> String {
    let listed = analytics::METRICS.iter().find(|metric| metric.key == key).map(|metric| metric.unit);
    listed.unwrap_or(if key == RISK_PER_TRADE { Unit::Fraction } else { Unit::Ratio }).format(value)
}

/// How many days there are, and how many it takes.
pub fn track_record(run: &Run) -> String {
    let (name, days) = (&run.result.persona, figures::count(run.days() as i128));
    match (run.figure("sharpe"), run.days_min()) {
        (Ok(sharpe), Ok(needed)) => {
            let enough = if run.days() as f64 >= needed { "long enough" } else { "too short" };
            let needed = figures::count(needed.ceil() as i64);
            format!(
                "{name}: {days} days; a Sharpe ratio of {sharpe:.2} takes {needed} to mean more than luck: {enough}."
            )
        }
        (Ok(sharpe), Err(_)) => {
            format!(
                "{name}: {days} days; no length of record makes a Sharpe ratio of {sharpe:.2} a reason to trade."
            )
        }
        (Err(reason), _) => format!("{name}: {days} days; Sharpe {reason}."),
    }
}

fn speed(market: &LoadedMarket, session: &Session, runs: usize) -> String {
    let bars = market.history.bars().len();
    let per_second = (bars * runs) as f64 / session.run_s.max(1e-9) / 1e6;
    format!(
        "Past results say little about future ones. {:.1} days loaded in {:.2} s, {runs} runs in {:.2} s: {per_second:.1} \
         million bars a second on one core.",
        market.days(),
        market.load_s,
        session.run_s
    )
}
