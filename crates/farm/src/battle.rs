//! The battle: everybody on one market, ranked by return over the deepest fall since the farm's start.
//!
//! It refuses to rank on luck alone: fewer than ten trades are not ranked, and somebody who never fell has no ratio.

use crate::summary::SessionSummary;
use model::BotId;
use std::cmp::Ordering;

/// Trades below which nobody is ranked.
pub const TRADES_MIN: u32 = 10;

/// Where one bot stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Who.
    pub bot: BotId,
    /// Return since the start, as a fraction of the capital.
    pub total_return: f64,
    /// Deepest fall of equity at session ends, as a positive fraction of the peak.
    pub drawdown: f64,
    /// Finished round trips.
    pub trades: u32,
}

model::value!(Standing { bot, total_return, drawdown, trades });

impl Standing {
    /// Where a bot stands at the end of a session.
    pub fn of(bot: BotId, summary: &SessionSummary) -> Standing {
        Standing {
            bot,
            total_return: summary.total_return,
            drawdown: summary.drawdown,
            trades: summary.trades,
        }
    }

    /// Return over drawdown; `None` while unranked.
    pub fn score(&self) -> Option<f64> {
        (self.trades >= TRADES_MIN && self.drawdown > 0.0).then(|| self.total_return / self.drawdown)
    }
}

/// A change at the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadChange {
    /// Who led before; nobody at first.
    pub from: Option<BotId>,
    /// Who leads.
    pub to: BotId,
}

/// The ranking and its leader.
#[derive(Clone, Debug, Default)]
pub struct Battle {
    ranking: Vec<Standing>,
    leader: Option<BotId>,
}

model::state!(Battle { ranking, leader });

impl Battle {
    /// A battle of at most this many.
    pub fn of(bots: usize) -> Battle {
        Battle { ranking: Vec::with_capacity(bots), leader: None }
    }

    /// Ranks everybody anew; says so if somebody else leads.
    pub fn rank(&mut self, standings: impl Iterator<Item = Standing>) -> Option<LeadChange> {
        self.ranking.clear();
        self.ranking.extend(standings);
        self.ranking.sort_unstable_by(|a, b| order(b, a));
        let leader = self.ranking.first().filter(|first| first.score().is_some())?.bot;
        let from = self.leader.replace(leader);
        (from != Some(leader)).then_some(LeadChange { from, to: leader })
    }

    /// Best first; the unranked last, in the order of their numbers.
    pub fn ranking(&self) -> &[Standing] {
        &self.ranking
    }

    /// Who leads.
    pub fn leader(&self) -> Option<BotId> {
        self.leader
    }
}

/// Better is greater.
fn order(a: &Standing, b: &Standing) -> Ordering {
    match (a.score(), b.score()) {
        (Some(x), Some(y)) => x.total_cmp(&y).then(b.bot.cmp(&a.bot)),
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (None, None) => b.bot.cmp(&a.bot),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(bot: u16, total_return: f64, drawdown: f64, trades: u32) -> Standing {
        Standing { bot: BotId(bot), total_return, drawdown, trades }
    }

    #[test]
    fn the_better_ratio_leads_and_the_idle_are_unranked() {
        let mut battle = Battle::of(4);
        let first = [standing(0, 0.1, 0.1, 12), standing(1, 0.3, 0.1, 9), standing(2, 0.05, 0.01, 40)];
        assert_eq!(battle.rank(first.into_iter()), Some(LeadChange { from: None, to: BotId(2) }));
        let order: Vec<u16> = battle.ranking().iter().map(|standing| standing.bot.0).collect();
        assert_eq!(order, [2, 0, 1]);
        assert_eq!(battle.rank(first.into_iter()), None);
        let second = [standing(0, 0.1, 0.1, 12), standing(1, 0.8, 0.1, 10), standing(2, 0.05, 0.01, 40)];
        let change = LeadChange { from: Some(BotId(2)), to: BotId(1) };
        assert_eq!(battle.rank(second.into_iter()), Some(change));
        let nobody = [standing(0, 0.1, 0.0, 50)];
        assert_eq!(Battle::of(1).rank(nobody.into_iter()), None);
    }

    #[test]
    fn equals_are_ranked_by_number() {
        let mut battle = Battle::of(2);
        battle.rank([standing(5, -0.1, 0.2, 20), standing(3, -0.1, 0.2, 20)].into_iter());
        assert_eq!(battle.leader(), Some(BotId(3)));
    }
}
