//! The battle of a back-test: everybody on the same market, ranked at each session's end.
//!
//! It refuses to rank by anything but the farm's own rule: the code that ranks a live farm ranks here.

use super::Run;
use crate::figures;
use crate::json::Json;
use crate::table::{Align, Cell, Grid, Paper, Tone};
use farm::battle::TRADES_MIN;
use farm::{Battle, LeadChange, Standing};
use model::{BotId, Time};

/// The ranking at the end and how it came about.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Best first, by index of the run.
    ranking: Vec<(usize, Standing)>,
    /// Changes at the top.
    leads: Vec<(Time, LeadChange)>,
    /// The last session's end: what came after it is in the results and not in the ranking.
    as_of: Time,
}

/// Fights it out; nothing where fewer than two ran.
pub fn fight(runs: &[Run]) -> Option<Outcome> {
    let sessions = runs.iter().map(|run| run.result.sessions.len()).min().filter(|_| runs.len() > 1)?;
    let mut battle = Battle::of(runs.len());
    let mut leads = Vec::new();
    for session in 0..sessions {
        let standing = |(i, run): (usize, &Run)| {
            let number = u16::try_from(i).expect("a battle has few bots");
            Standing::of(BotId(number), &run.result.sessions[session])
        };
        let change = battle.rank(runs.iter().enumerate().map(standing));
        leads.extend(change.map(|change| (runs[0].result.sessions[session].at, change)));
    }
    let ranking: Vec<_> = battle.ranking().iter().map(|at| (usize::from(at.bot.0), *at)).collect();
    let as_of = runs[0].result.sessions.get(sessions.checked_sub(1)?)?.at;
    (!ranking.is_empty()).then_some(Outcome { ranking, leads, as_of })
}

impl Outcome {
    /// As a table.
    pub fn table(&self, runs: &[Run], paper: Paper) -> String {
        let mut grid = Grid::new(&[
            ("", Align::Right),
            ("persona", Align::Left),
            ("return / drawdown", Align::Right),
            ("return", Align::Right),
            ("max drawdown", Align::Right),
            ("trades", Align::Right),
        ]);
        for (place, (run, standing)) in self.ranking.iter().enumerate() {
            let score = standing.score();
            let none = if standing.trades < TRADES_MIN { "unranked" } else { "never fell" };
            grid.row(vec![
                Cell::plain(score.map_or("-".to_owned(), |_| (place + 1).to_string())),
                Cell::new(&runs[*run].result.persona, Tone::Strong),
                score.map_or(Cell::new(none, Tone::Quiet), |score| Cell::plain(format!("{score:.2}"))),
                Cell::plain(figures::percent(standing.total_return)),
                Cell::plain(figures::percent(-standing.drawdown)),
                Cell::plain(figures::count(i128::from(standing.trades))),
            ]);
        }
        let mut text = grid.render(paper.colour);
        let name = |bot: BotId| runs[usize::from(bot.0)].result.persona.as_str();
        let last = self
            .leads
            .last()
            .map_or(String::new(), |(at, change)| format!(", {} since {at}", name(change.to)));
        let changes = self.leads.len().saturating_sub(1);
        let note = format!(
            "The lead changed {changes} times{last}. Ranked at each session's end, from {TRADES_MIN} trades on; \
             this is as of the last session's end, {}, and later trades are not in it.",
            self.as_of
        );
        text.push_str(&paper.wrap(&note, "  "));
        text
    }

    /// As JSON.
    pub fn json(&self, runs: &[Run]) -> Json {
        let name = |bot: BotId| Json::text(&runs[usize::from(bot.0)].result.persona);
        let standing = |(run, standing): &(usize, Standing)| {
            Json::object([
                ("persona", Json::text(&runs[*run].result.persona)),
                ("score", Json::optional(standing.score(), Json::Number)),
                ("total_return", Json::Number(standing.total_return)),
                ("max_drawdown", Json::Number(0.0 - standing.drawdown)),
                ("trades", Json::Whole(i64::from(standing.trades))),
            ])
        };
        let lead = |(at, change): &(Time, LeadChange)| {
            Json::object([
                ("time", Json::text(at)),
                ("from", Json::optional(change.from, name)),
                ("to", name(change.to)),
            ])
        };
        Json::object([
            ("as_of", Json::text(self.as_of)),
            ("ranking", Json::List(self.ranking.iter().map(standing).collect())),
            ("leads", Json::List(self.leads.iter().map(lead).collect())),
        ])
    }
}
