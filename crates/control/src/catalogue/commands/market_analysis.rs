//! What the bots see of the market: trend, regime, volatility, support and resistance.

use crate::catalogue::spec::{Kind, Rule, Spec, optional};
use crate::catalogue::{Act, Answer, Arguments, Command, Complaint, Known, Table, figures};
use crate::view::{FrameLook, LevelLook, ShardView};
use model::{Role, Time};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "market_analysis",
        summary: "Trend, regime, volatility, support and resistance as the bots see them",
        arguments: &[optional("shard", Kind::Shard, "Of which shard; of all without it")],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "market_analysis",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let shards = known.some_shards(arguments, "shard")?;
    let mut answer = Answer::new("Market");
    // Shards that see the same are told once.
    let mut told: Vec<&ShardView> = Vec::new();
    for view in &shards {
        let same = |other: &&&ShardView| other.symbol == view.symbol && other.market == view.market;
        if !told.iter().any(|other| same(&other)) {
            told.push(view);
            describe(view, &mut answer);
        }
    }
    known.date(&mut answer, shards);
    Ok(Act::Answer(answer))
}

fn describe(view: &ShardView, answer: &mut Answer) {
    let price = view
        .price
        .as_ref()
        .map_or_else(|| figures::UNKNOWN.to_owned(), |price| format!("{} at {}", price.last, Time(price.at)));
    answer.field(format!("{} ({})", view.symbol, view.shard), price);
    if view.market.is_empty() {
        answer.note(format!("no frame of {} has closed yet, or no bot of it reads one", view.symbol));
    }
    let columns =
        ["frame", "trend", "strength", "regime", "range over usual", "volatility a year", "RSI", "ADX"];
    let mut frames = Table::new(format!("{} after the last closed bar of each frame", view.symbol), &columns);
    let mut levels = Table::new(
        format!("Where {} has turned", view.symbol),
        &["frame", "support", "resistance", "last peak", "last trough"],
    );
    for look in &view.market {
        frames.row([
            look.frame.clone(),
            word(&look.trend),
            figure(look.strength, 2),
            word(&look.regime),
            figure(look.range_ratio, 2),
            look.volatility.map_or_else(|| "-".to_owned(), |part| format!("{:.1} %", part * 100.0)),
            figure(look.rsi, 0),
            figure(look.adx, 0),
        ]);
        if shows_levels(look) {
            let (support, resistance) = (list(&look.support), list(&look.resistance));
            levels.row([look.frame.clone(), support, resistance, word(&look.high), word(&look.low)]);
        }
    }
    answer.table(frames);
    answer.table(levels);
    if !view.market.is_empty() {
        answer.note("`-` is what no bot asks for, or what has not seen enough bars yet");
    }
}

fn shows_levels(look: &FrameLook) -> bool {
    !look.support.is_empty() || !look.resistance.is_empty() || look.high.is_some() || look.low.is_some()
}

fn word(word: &Option<String>) -> String {
    word.clone().unwrap_or_else(|| "-".to_owned())
}

fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}

fn list(levels: &[LevelLook]) -> String {
    if levels.is_empty() {
        return "-".to_owned();
    }
    levels.iter().map(|level| format!("{} ({}x)", level.price, level.touches)).collect::<Vec<_>>().join(", ")
}
