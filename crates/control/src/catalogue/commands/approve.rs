//! Lets a significant trade be made that waits for approval.

use crate::catalogue::spec::{Kind, Rule, Spec, required};
use crate::catalogue::waiting::waiting;
use crate::catalogue::{
    Act, Answer, Arguments, Command, Complaint, Errands, Known, Reach, UNKNOWN_SIZE, figures,
};
use crate::view::BotView;
use model::{Instruction, Role, Time, Usd};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "approve",
        summary: "Make a significant trade that waits for approval, at the price of that moment",
        arguments: &[required("order", Kind::Order, "Which order, as the farm names it")],
        role: Role::Operator,
        rule: Rule::Confirm,
        example: "approve b3-0-12",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let (seen, waits, order) = waiting(arguments, known)?;
    let mut preview = Answer::new(format!("approve {order} of {}", seen.bot.bot));
    preview.field("wants to be", waits.side.clone());
    preview.field("why", waits.why.clone());
    preview.field("waits until", Time(waits.until).to_string());
    if let Some(risk) = &seen.bot.risk {
        let most = figures::bps(risk.risk_per_trade_bps[1]);
        preview.field("risks at its stop", format!("at most {most} of equity"));
    }
    let size = largest(seen.bot).filter(|_| !known.is_stale(seen.shard)).unwrap_or(UNKNOWN_SIZE);
    if size != UNKNOWN_SIZE {
        preview.field("worth", format!("at most {}", figures::usdt(size.0)));
    }
    preview.note("It is asked for anew at the price and under the limits of that moment: the gate may still refuse it.");
    known.date(&mut preview, [seen.shard]);
    let errand = (seen.shard.shard.clone(), Instruction::Approve(order));
    let reach = Reach::Bots(vec![seen.bot.bot.clone()]);
    Ok(Act::Errands(Errands { preview, errands: vec![errand], reach, size: Some(size) }))
}

/// As large as its margin and its leverage allow at most: how large it will be only the gate can say.
fn largest(bot: &BotView) -> Option<Usd> {
    let (risk, equity) = (bot.risk.as_ref()?, bot.equity?);
    let most = i128::from(equity.0.0.max(0)) * i128::from(risk.margin_max_bps) * i128::from(risk.leverage[1]);
    i64::try_from(most / 10_000).ok().map(Usd)
}
