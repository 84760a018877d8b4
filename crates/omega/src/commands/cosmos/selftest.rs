//! `omega cosmos selftest`: how often the cosmic test cries wolf where nothing is, and finds what was planted.
//!
//! It refuses to be called passed where more was rejected than chance allows.

use crate::console::Console;
use crate::error::Failure;
use crate::experiments::selftest::{SelfTest, Tally};
use crate::json::Json;
use crate::table::wrap;
use crate::{figures, lineup, parse};
use backtest::RunSettings;
use clap::Args;
use cosmos::{Factor, Sky};
use farm::Character;
use model::{BotId, Qty, Usd};
use persona::{ControlSettings, Gains};
use venue::Models;

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega cosmos selftest --runs 20 --days 10 --placebos 19")]
pub(super) struct Arguments {
    /// Made markets
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    runs: u32,
    /// Days of each
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(2..=3_650))]
    days: u32,
    /// Placebos of each
    #[arg(long, value_name = "N", default_value_t = 99, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    placebos: u32,
    /// Which factor: one that an almanac knows
    #[arg(long, default_value = "moon")]
    factor: String,
    /// Whose behaviour is tested
    #[arg(long, value_name = "NAME", default_value = "cosmic")]
    persona: String,
    /// Plant an effect of this strength, 0..1
    #[arg(long, value_name = "STRENGTH", default_value_t = 0.0, value_parser = parse::share)]
    planted: f64,
    /// Level of the test
    #[arg(long, default_value_t = 0.05, value_parser = parse::level)]
    alpha: f64,
    /// Seed of everything
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one JSON document instead of text
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let test = self_test(arguments)?;
    let console = if arguments.json { console.quiet() } else { *console };
    let progress = console.progress(test.markets());
    progress.begin(format!(
        "{} runs on {} made markets",
        figures::count(test.bot_runs() as i64),
        test.markets()
    ));
    let tally = test.run(&progress)?;
    drop(progress);
    if arguments.json {
        return console.print(&json(&test, &tally).document());
    }
    console.print(&text(&test, &tally))
}

fn self_test(arguments: &Arguments) -> Result<SelfTest, Failure> {
    let factor = Factor::from_name(&arguments.factor).filter(|factor| factor.period().is_some());
    let factor = factor.ok_or_else(|| {
        Failure::usage(
            format!("--factor: no almanac knows \"{}\"", arguments.factor),
            "give moon, mercury, season or circadian",
        )
    })?;
    let dials = lineup::Dials {
        controls: ControlSettings { fast: 20, slow: 50, quantity: Qty(100) },
        gains: Gains::FULL,
    };
    let character = lineup::called(std::slice::from_ref(&arguments.persona), &dials)?.swap_remove(0);
    if matches!(character, Character::Control(..)) {
        return Err(Failure::usage(
            format!("--persona: {} feels no sky", arguments.persona),
            "name a persona, such as cosmic",
        ));
    }
    let settings = RunSettings {
        bot: BotId(0),
        character,
        capital: Usd(10_000 * Usd::ONE.0),
        seed: arguments.seed,
        models: Models::NONE,
        stride: farm::STRIDE_MAX,
        sky: Sky::none(),
    };
    Ok(SelfTest {
        settings,
        factor,
        strength: arguments.planted,
        runs: arguments.runs as usize,
        days: arguments.days,
        placebos: arguments.placebos as usize,
        alpha: arguments.alpha,
        seed: arguments.seed,
    })
}

fn text(test: &SelfTest, tally: &Tally) -> String {
    let (factor, alpha) = (test.factor.name(), figures::percent(test.alpha));
    let mut text = format!(
        "{} made markets of {} days, {} placebos each, {factor} with {}\n\n",
        figures::count(test.runs as i64),
        test.days,
        test.placebos,
        if test.strength > 0.0 {
            format!("an effect of strength {} planted", test.strength)
        } else {
            "nothing planted".to_owned()
        }
    );
    let mut line = |label: &str, value: String| text.push_str(&format!("  {label:<24} {value}\n"));
    line("judged", figures::count(tally.judged as i64));
    line("no verdict", figures::count(tally.no_verdict as i64));
    line("significant", figures::count(tally.rejections as i64));
    match tally.rate {
        Ok((rate, low, high)) => line(
            "share",
            format!(
                "{} (95 %: {} to {})",
                figures::percent(rate),
                figures::percent(low),
                figures::percent(high)
            ),
        ),
        Err(reason) => line("share", reason.to_string()),
    }
    line("mean effect of timing", format!("{:+.4} % of capital", tally.effect));
    if let Some(power) = tally.stated_power {
        line("stated power at that", figures::percent(power));
        return text;
    }
    line(
        "allowed at the level",
        format!("{} (chance alone exceeds it in 1 of 100 such tests)", tally.rejections_max),
    );
    let verdict = if tally.rejections <= tally.rejections_max {
        format!("It cries wolf no more often than its level of {alpha} says.")
    } else {
        format!("IT CRIES WOLF: more than its level of {alpha} allows.")
    };
    text.push('\n');
    text.push_str(&wrap(&verdict, "  "));
    text
}

fn json(test: &SelfTest, tally: &Tally) -> Json {
    let rate = tally.rate.ok();
    Json::object([
        ("factor", Json::text(test.factor.name())),
        ("planted", Json::Number(test.strength)),
        ("runs", Json::count(test.runs)),
        ("days", Json::Whole(i64::from(test.days))),
        ("placebos", Json::count(test.placebos)),
        ("alpha", Json::Number(test.alpha)),
        ("seed", Json::Exact(test.seed.to_string())),
        ("judged", Json::count(tally.judged)),
        ("no_verdict", Json::count(tally.no_verdict)),
        ("significant", Json::count(tally.rejections)),
        ("significant_max", Json::count(tally.rejections_max)),
        ("share", Json::optional(rate, |rate| Json::Number(rate.0))),
        ("share_low_95", Json::optional(rate, |rate| Json::Number(rate.1))),
        ("share_high_95", Json::optional(rate, |rate| Json::Number(rate.2))),
        ("mean_effect_percent", Json::Number(tally.effect)),
        ("stated_power", Json::optional(tally.stated_power, Json::Number)),
    ])
}
