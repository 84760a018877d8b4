//! What a bot may risk, and what it risks now.

use crate::catalogue::spec::{BOT, Rule, Spec};
use crate::catalogue::{Act, Answer, Arguments, Colour, Command, Complaint, Known, figures};
use crate::view::{BotView, RiskView};
use model::{Role, Usd};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "risk",
        summary: "What a bot may risk, which part of its band it uses, and what is at stake now",
        arguments: &[BOT],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "risk strategic_btc",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let seen = known.one(arguments, "bot")?;
    let mut answer = Answer::new(format!("Risk of {}", seen.bot.bot));
    match &seen.bot.risk {
        Some(risk) => allowed(risk, &mut answer),
        None => {
            answer.note("a control: back-test and paper only, without a band and without a stop");
        }
    }
    at_stake(seen.bot, &mut answer);
    known.date(&mut answer, [seen.shard]);
    Ok(Act::Answer(answer))
}

fn allowed(risk: &RiskView, answer: &mut Answer) {
    let [least, most] = risk.risk_per_trade_bps;
    let ([calm, keen], [from, to]) = (risk.tolerance, risk.band);
    answer.field(
        "level",
        format!("{}: {calm:.2} to {keen:.2} of a band from {from:.2} to {to:.2}", risk.level),
    );
    answer.field(
        "risk of a trade",
        format!("{} to {} of equity at its stop", figures::bps(least), figures::bps(most)),
    );
    answer.field("leverage", format!("{}x, at most {}x", risk.leverage[0], risk.leverage[1]));
    answer.field("margin of a position", format!("at most {} of equity", figures::bps(risk.margin_max_bps)));
    let [nearest, furthest] = risk.stop_bps;
    answer
        .field("stop", format!("{} to {} of the price away", figures::bps(nearest), figures::bps(furthest)));
}

fn at_stake(bot: &BotView, answer: &mut Answer) {
    let Some(held) = &bot.position else {
        answer.field("at stake now", "nothing is held");
        return;
    };
    answer.field("holds", format!("{} {} worth {}", held.side, held.quantity, figures::known(held.notional)));
    match (held.at_stop, bot.equity) {
        (Some(result), Some(equity)) if equity.0 > Usd::ZERO => {
            let share = result.0.as_f64() / equity.0.as_f64();
            let result = figures::signed(result.0.0);
            answer.field(
                "at its stop",
                format!("{result} ({} of equity), before fees", figures::percent(share)),
            );
        }
        (Some(result), _) => {
            answer.field("at its stop", figures::signed(result.0.0));
        }
        (None, _) => {
            answer.field("at its stop", "it has no stop");
            if bot.risk.is_some() {
                answer.look(Colour::Bad);
            }
        }
    }
}
