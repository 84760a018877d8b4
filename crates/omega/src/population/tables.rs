//! A study as tables and as JSON.
//!
//! It refuses to describe a population by its middle alone.

use super::{Figure, Life, Lived, distinct};
use crate::json::Json;
use crate::table::{Cell, Comparison, Paper, Tone};
use analytics::BEHAVIOURS;
use analytics::population::{QUANTILES, Summary, summarise};

/// What was lived, by persona.
pub struct Population<'a> {
    /// Who.
    pub persona: String,
    /// Their lives.
    pub lives: Vec<&'a Lived>,
}

impl Population<'_> {
    /// A figure of those lives that have it.
    pub fn values(&self, figure: &Figure) -> Vec<f64> {
        self.lives.iter().filter_map(|lived| (figure.of)(lived)).map(|value| value * figure.scale).collect()
    }

    fn summary(&self, figure: &Figure) -> Option<Summary> {
        summarise(&self.values(figure)).ok()
    }
}

/// For people.
pub fn text(populations: &[Population<'_>], figures: &[Figure], paper: Paper) -> String {
    let mut table = Comparison::new(populations.iter().map(|one| one.persona.clone()).collect());
    let mut row = |label: &str, cell: &dyn Fn(&Population<'_>) -> Cell| {
        table.row(label, populations.iter().map(cell).collect());
    };
    row("lives", &|one| Cell::plain(one.lives.len().to_string()));
    row("that differ", &|one| Cell::plain(distinct(one.lives.iter().copied()).to_string()));
    row("ruined", &|one| Cell::plain(share(one, |lived| lived.ruined)));
    row("with a gain", &|one| Cell::plain(share(one, |lived| f64::from(u8::from(lived.total_return > 0.0)))));
    for figure in figures {
        let quantile = |at: usize| {
            move |one: &Population<'_>| match one.summary(figure) {
                Some(summary) => Cell::plain(number(summary.quantiles[at])),
                None => Cell::new("n/a", Tone::Quiet),
            }
        };
        row(&figure.title, &quantile(2));
        row("  5 %", &quantile(0));
        row("  95 %", &quantile(4));
    }
    let mut text = table.render(paper);
    text.push_str(&paper.wrap(NOTE, "  "));
    text
}

const NOTE: &str = "A line is the median over the lives, below it the 5 and 95 % quantiles. A seed changes a persona's luck \
    alone (mistakes, impulses, what it draws): who has little luck lives nearly the same life on every seed.";

fn share(one: &Population<'_>, of: impl Fn(&Lived) -> f64) -> String {
    let sum: f64 = one.lives.iter().map(|lived| of(lived)).sum();
    format!("{:.0} %", 100.0 * sum / one.lives.len().max(1) as f64)
}

fn number(value: f64) -> String {
    match value.abs() {
        x if x >= 1_000.0 => format!("{value:.0}"),
        x if x >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// For programs; figures are in their own units, fractions as fractions.
pub fn json(populations: &[Population<'_>], figures: &[Figure]) -> Json {
    let one = |population: &Population<'_>| {
        let described = figures.iter().map(|figure| (figure.key.to_owned(), describe(population, figure)));
        Json::object([
            ("persona", Json::text(&population.persona)),
            ("lives", Json::count(population.lives.len())),
            ("distinct", Json::count(distinct(population.lives.iter().copied()))),
            ("ruined", Json::count(population.lives.iter().filter(|lived| lived.ruined > 0.0).count())),
            ("figures", Json::Object(described.collect())),
        ])
    };
    Json::List(populations.iter().map(one).collect())
}

/// One life, for programs.
pub fn life(life: &Life, lived: &Lived) -> Json {
    let behaviour = BEHAVIOURS.iter().zip(&lived.behaviour);
    let behaviour =
        behaviour.map(|(metric, value)| (metric.key.to_owned(), Json::optional(*value, Json::Number)));
    Json::object([
        ("persona", Json::text(life.settings.character.name())),
        ("period", Json::count(life.period)),
        ("seed", Json::Exact(life.settings.seed.to_string())),
        ("total_return", Json::Number(lived.total_return)),
        ("max_drawdown", Json::Number(lived.drawdown)),
        ("trades", Json::Whole(lived.trades as i64)),
        ("ruined", Json::Truth(lived.ruined > 0.0)),
        ("cost_of_emotion", Json::optional(lived.cost, Json::Number)),
        ("behaviour", Json::Object(behaviour.collect())),
        ("deeds", Json::Text(format!("{:016x}", lived.hash))),
    ])
}

fn describe(population: &Population<'_>, figure: &Figure) -> Json {
    let Some(summary) = population.summary(figure) else { return Json::Null };
    let own = |value: f64| Json::Number(value / figure.scale);
    let names = QUANTILES.map(|q| format!("p{:.0}", q * 100.0));
    let mut pairs: Vec<(String, Json)> =
        names.into_iter().zip(summary.quantiles).map(|(name, value)| (name, own(value))).collect();
    pairs.extend([
        ("mean".to_owned(), own(summary.mean)),
        ("deviation".to_owned(), Json::optional(summary.deviation.ok(), own)),
        ("share_positive".to_owned(), Json::Number(summary.share_positive)),
        ("count".to_owned(), Json::count(summary.count)),
    ]);
    Json::Object(pairs)
}
