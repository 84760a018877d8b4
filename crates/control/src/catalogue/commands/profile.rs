//! Who a persona is: its method, its band of risk, its character.

use crate::catalogue::spec::{Kind, Rule, Spec, required};
use crate::catalogue::{Act, Answer, Arguments, Command, Complaint, Known, figures};
use crate::view::RiskView;
use model::Role;
use persona::{CONTROLS, PERSONAS, Profile};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "profile",
        summary: "Who a persona is: method, band of risk, character, and who plays it",
        arguments: &[required("name", Kind::Persona, "Which persona or control")],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "profile strategic",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let name = &arguments.name("name").expect("it is required").name;
    let playing: Vec<_> = known.bots().filter(|seen| seen.bot.persona == *name).collect();
    let mut answer = Answer::new(name.clone());
    if let Some(Ok(profile)) = persona::catalogue::profile(name) {
        describe(&profile, &mut answer);
    } else if let Some((_, about)) = CONTROLS.iter().find(|(control, _)| control == name) {
        answer.note(format!("a control, without psychology: {about}"));
    } else if let Some(seen) = playing.first() {
        answer.note("a persona of this farm's own: what it risks is told by its bot");
        if let Some(risk) = &seen.bot.risk {
            let RiskView { risk_per_trade_bps, leverage, band, .. } = risk;
            risks(&mut answer, *risk_per_trade_bps, *leverage, *band);
        }
    } else {
        let own = known.bots().map(|seen| seen.bot.persona.clone());
        let listed = PERSONAS.iter().chain(CONTROLS).map(|(name, _)| (*name).to_owned());
        return Err(Complaint::nobody("persona or control", name, listed.chain(own).collect()));
    }
    let bots: Vec<String> = playing.iter().map(|seen| seen.bot.bot.clone()).collect();
    answer.field("played by", if bots.is_empty() { "nobody here".to_owned() } else { bots.join(", ") });
    Ok(Act::Answer(answer))
}

fn risks(answer: &mut Answer, [least, most]: [u32; 2], [usual, highest]: [u16; 2], [calm, keen]: [f64; 2]) {
    answer.field(
        "risk of a trade",
        format!("{} to {} of equity at its stop", figures::bps(least), figures::bps(most)),
    );
    answer.field("leverage", format!("{usual}x, at most {highest}x"));
    answer.field("tolerance", format!("{calm} when calm to {keen} when keen"));
}

fn describe(profile: &Profile, answer: &mut Answer) {
    let Profile { title, about, edge, fails, strategy, risk, traits, base, .. } = profile;
    answer.field("called", title.clone());
    answer.field("method", strategy.clone());
    answer.field("what it claims to be paid for", edge.clone());
    answer.field("where that does not hold", fails.clone());
    risks(answer, risk.risk_per_trade_bps, [risk.leverage, risk.leverage_max], risk.tolerance);
    let [nearest, furthest] = risk.stop_bps;
    answer
        .field("stops", format!("{} to {} of the price away", figures::bps(nearest), figures::bps(furthest)));
    answer.field("margin of a position", format!("at most {} of equity", figures::bps(risk.margin_max_bps)));
    answer.field(
        "character",
        format!(
            "discipline {:.2}, patience {:.2}, fear of missing out {:.2}, mistakes {:.0} % of the time",
            traits.discipline,
            traits.patience,
            traits.fomo,
            traits.mistake_chance * 100.0
        ),
    );
    answer.field("rests at", format!("confidence {:.2}, stress {:.2}", base.confidence, base.stress));
    answer.note(about.clone());
}
