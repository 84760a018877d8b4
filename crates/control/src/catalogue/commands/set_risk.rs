//! Which part of its persona's band a bot uses. The band itself is the profile's: no command moves it.

use crate::catalogue::spec::{BOT, Kind, Rule, Spec, required};
use crate::catalogue::{Act, Answer, Arguments, Command, Complaint, Errands, Known, Reach, Value, figures};
use crate::view::RiskView;
use model::{BotId, Instruction, RiskLevel, Role};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "set_risk",
        summary: "Use the calmer half, all, or the keener half of a persona's band of risk",
        arguments: &[BOT, required("level", Kind::Level, "Which part of the band: low, medium or high")],
        role: Role::Operator,
        rule: Rule::Confirm,
        example: "set_risk newbie_btc low",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let seen = known.one(arguments, "bot")?;
    let Some(Value::Level(level)) = arguments.get("level") else { unreachable!("it is required") };
    let Some(risk) = &seen.bot.risk else {
        return Err(Complaint::not_now(
            format!("{} is a control and has no band of risk", seen.bot.bot),
            "a persona has one: `profile` shows it",
        ));
    };
    if risk.level == level.name() && !known.is_stale(seen.shard) {
        return Err(Complaint::not_now(
            format!("{} uses the {} part of its band already", seen.bot.bot, level.name()),
            "`risk` shows what that is",
        ));
    }
    let mut preview = Answer::new(format!("set the risk of {} to {}", seen.bot.bot, level.name()));
    preview.field("now", described(risk, risk.tolerance, &risk.level));
    preview.field("then", described(risk, level.within(risk.band), level.name()));
    preview.field(
        "never more than",
        format!("{} of equity at a stop", figures::bps(risk.risk_per_trade_bps[1])),
    );
    preview.note("It counts from the next entry on, also after a restart; what is held is not touched.");
    if *level == RiskLevel::High {
        preview.note("high is the keener half of what its persona may: it is still inside the band.");
    }
    known.date(&mut preview, [seen.shard]);
    let errand = (seen.shard.shard.clone(), Instruction::SetRisk(BotId(seen.bot.number), *level));
    let reach = Reach::Bots(vec![seen.bot.bot.clone()]);
    Ok(Act::Errands(Errands { preview, errands: vec![errand], reach, size: None }))
}

/// What a part of the band comes to, before mood turns the size down.
fn described(risk: &RiskView, [calm, keen]: [f64; 2], level: &str) -> String {
    let [least, most] = risk.risk_per_trade_bps.map(f64::from);
    let at = |place: f64| (least + (most - least) * place) / 100.0;
    format!("{level}: {:.2} % of equity at a stop when calm, {:.2} % when keen", at(calm), at(keen))
}
