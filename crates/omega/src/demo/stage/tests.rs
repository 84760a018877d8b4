//! What is shown is what happened.

use super::*;
use crate::lineup;
use farm::Character;
use model::Rate;
use persona::Gains;
use venue::Models;

/// A stage after so many minutes.
pub fn played(seed: u64, minutes: u32) -> Stage {
    let settings = persona::PERSONAS.iter().enumerate().map(|(number, (name, _))| RunSettings {
        bot: BotId(number as u16),
        character: Character::Persona(Box::new(lineup::profile(name).expect("built in")), Gains::FULL),
        capital: Usd(10_000 * Usd::ONE.0),
        seed,
        models: Models {
            slippage: Rate::bps(1),
            latency: Interval(250),
            participation: Some(Rate::bps(1_000)),
        },
        stride: farm::STRIDE_MAX,
        sky: cosmos::Sky::none(),
    });
    let mut stage =
        Stage::new(Instrument::btcusdt(), MadeMarket::new(seed), settings.collect()).expect("minutes fit");
    (0..minutes).for_each(|_| stage.minute());
    stage
}

#[test]
fn a_position_is_shown_as_the_venue_has_it() {
    let mut stage = played(1, 0);
    let (mut seen, mut protected) = (0, 0);
    for _ in 0..30_000 {
        stage.minute();
        for seat in 0..stage.seats().len() {
            let account = stage.show.venue().account(stage.bot(seat).id().own_account());
            let position = account.position(PositionSide::Net);
            let Some(held) = stage.held(seat) else {
                assert_eq!(position.qty.0, 0);
                continue;
            };
            seen += 1;
            protected += usize::from(held.stop.is_some());
            assert_eq!((held.lots, held.side.sign()), (position.qty.0.abs(), position.qty.0.signum()));
            let mark = stage.mark().expect("there is a mark");
            if let Some(level) = held.liquidation {
                assert!((mark.0 - level.0) * held.side.sign() > 0, "a liquidated position is gone");
            }
        }
    }
    assert!(seen > 1_000 && protected == seen, "{protected} of {seen} minutes with a position had a stop");
}

#[test]
fn candles_hold_their_bars_and_curves_their_money() {
    let stage = played(3, 5_000);
    let bars = stage.tape().bars.as_bars();
    let last = stage.candles().back().expect("a candle");
    let inside = bars.between(last.opens, last.opens + CANDLE);
    assert_eq!(last.open, inside.open[0]);
    assert_eq!(Some(&last.high), inside.high.iter().max());
    assert_eq!(Some(&last.low), inside.low.iter().min());
    assert_eq!(Some(&last.close), inside.close.last());
    for (seat, place) in stage.seats().iter().enumerate() {
        let (_, percent) = place.curve.last().expect("sampled");
        assert!((-100.0..1_000.0).contains(&percent));
        assert!(stage.equity(seat).0 > 0);
    }
}

#[test]
fn a_crash_and_news_are_heard() {
    let mut stage = played(1, 3_000);
    let before = stage.price().expect("opened");
    stage.shake(Shock::Regulation);
    stage.crash();
    (0..1_440).for_each(|_| stage.minute());
    let lowest = stage.candles().iter().rev().take(48).map(|candle| candle.low).min().expect("candles");
    assert!(lowest.0 * 10 < before.0 * 9, "{lowest:?} after {before:?}");
    let said: Vec<&str> = stage.diary().newest().map(|line| line.text.as_str()).collect();
    assert!(said.iter().any(|text| text.starts_with("news: a regulator")), "{said:?}");
    assert!(said.iter().any(|text| text.contains("let the market crash")));
    assert_eq!(stage.tape().shocks.len(), 1);
}

#[test]
fn news_are_told_one_a_minute_and_none_is_lost_unseen() {
    let mut stage = played(1, 10);
    (0..SHOCKS_MAX + 2).for_each(|press| stage.shake(Shock::ALL[press % Shock::ALL.len()]));
    let said =
        |stage: &Stage, what: &str| stage.diary().newest().filter(|line| line.text.contains(what)).count();
    assert_eq!(said(&stage, "no more news"), 1, "said once, until something else is said");
    (0..SHOCKS_MAX + 2).for_each(|_| stage.minute());
    let told: Vec<Shock> = stage.tape().shocks.iter().map(|(_, shock)| *shock).collect();
    let pressed: Vec<Shock> = Shock::ALL.into_iter().cycle().take(SHOCKS_MAX).collect();
    assert_eq!(told, pressed);
    assert!(stage.tape().shocks.windows(2).all(|two| two[1].0 - two[0].0 == Interval::MINUTE));
}

#[test]
fn a_key_that_is_held_crashes_the_market_once_and_its_tape_is_read_back() {
    let mut stage = played(1, 1_000);
    // Held while paused, and again each half hour: no press is laid upon a crash that runs.
    (0..300).for_each(|_| stage.crash());
    let crashes =
        |stage: &Stage| stage.diary().newest().filter(|line| line.text == "you let the market crash").count();
    assert_eq!(crashes(&stage), 1);
    assert_eq!(
        stage.diary().newest().next().map(|line| line.text.as_str()),
        Some("the market is crashing already")
    );
    for _ in 0..144 {
        stage.crash();
        (0..30).for_each(|_| stage.minute());
    }
    let bars = stage.tape().bars.as_bars();
    assert!(bars.high.iter().all(|high| *high < PRICE_MAX) && bars.low.iter().all(|low| low.0 > 1_000));
    let directory = std::env::temp_dir().join(format!("omega-crashes-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a place for files");
    // Marks have eight decimals in a file: even at the highest price there is they are read.
    assert!(synthetic::PRICE_MAX * 1e8 * 2.0 < data::limits::TICKS_MAX as f64);
    let files = crate::demo::Files::write(stage.tape(), &directory).expect("written");
    let marks = data::load_mark(&files.mark).expect("what was marked reads back");
    assert_eq!(marks.open, stage.tape().mark.open);
    std::fs::remove_dir_all(&directory).expect("it was there");
}
