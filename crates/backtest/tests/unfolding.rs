//! A market that is watched while it is made does what its tape does in a back-test, to the last bit.

use backtest::noise::bursty_market;
use backtest::{Coming, RunSettings, Show, prepare};
use farm::{Character, News, Notice, drive};
use model::event::Shock;
use model::{BotId, FundingRate, Instrument, Interval, Mark, Price, Rate, Rng, StateHash, Usd};
use persona::Gains;
use venue::{MarkBar, Models, Venue};

fn settings() -> Vec<RunSettings> {
    let sky = cosmos::Sky::none().with_factors(cosmos::FactorSet::ALL);
    let personas = persona::PERSONAS.iter().enumerate();
    personas
        .map(|(i, (name, _))| {
            let profile = persona::catalogue::profile(name).expect("listed").expect("built in");
            RunSettings {
                bot: BotId(u16::try_from(i).expect("few personas")),
                character: Character::Persona(Box::new(profile), Gains::FULL),
                capital: Usd(10_000 * Usd::ONE.0),
                seed: 7,
                models: Models {
                    slippage: Rate::bps(1),
                    latency: Interval(250),
                    participation: Some(Rate::bps(1_000)),
                },
                stride: farm::STRIDE_MAX,
                sky: sky.clone(),
            }
        })
        .collect()
}

fn hash(farm: &farm::Farm, venue: &Venue) -> u64 {
    let mut hash = StateHash::default();
    hash.word(farm.state_hash());
    venue.state_hash(&mut hash);
    hash.finish()
}

/// Every bar of a made market, with a wandering mark, funding each eight hours and news now and then.
fn coming(seed: u64, bars: usize) -> Vec<Coming> {
    let (market, instrument) = (bursty_market(bars, seed), Instrument::btcusdt());
    let mut rng = Rng::new(seed);
    let mut basis = Mark::ZERO;
    (0..bars)
        .map(|i| {
            let bar = market.as_bars().get(i);
            basis = Mark(basis.0 + rng.below(2_001) as i64 * 1_000_000 - 1_000_000_000);
            let mark = MarkBar::from_basis(instrument.mark_per_tick(), &bar, basis);
            let due = i > 0 && bar.open_time.floor(FUNDING) == bar.open_time;
            let shock = (rng.below(2_000) == 0).then(|| Shock::ALL[rng.below(4) as usize]);
            let funding = due.then(|| Rate(rng.below(600_000_001) as i64 - 300_000_000));
            Coming { bar, mark, funding, shock }
        })
        .collect()
}

const FUNDING: Interval = Interval(8 * Interval::HOUR.0);

#[test]
fn what_is_watched_is_what_its_tape_holds() {
    for seed in 1..=4 {
        let (settings, instrument) = (settings(), Instrument::btcusdt());
        let mut show = Show::new(&instrument, Interval::MINUTE, &settings, Price(10_000_000)).expect("fits");
        let (mut said, mut news) = (Vec::new(), Vec::new());
        for coming in coming(seed, 30_000) {
            let heard = show.live(&coming);
            said.extend(heard.notices);
            news.extend(heard.news);
        }
        let history = show.tape().history(instrument);
        assert!(history.has_mark_bars() && history.funding().len() > 50 && history.shocks().len() > 3);
        let (mut farm, mut replay) = prepare(&history, &settings).expect("fits");
        drive(&mut farm, &mut replay);
        assert_eq!(hash(show.farm(), show.venue()), hash(&farm, replay.venue()), "seed {seed}");
        for record in replay.records() {
            let closed = |(_, bot, notice): &&(_, BotId, Notice)| {
                *bot == record.bot && matches!(notice, Notice::Closed(_))
            };
            assert_eq!(said.iter().filter(closed).count(), record.trades.len());
        }
        assert!(said.iter().any(|(_, _, notice)| matches!(notice, Notice::Closed(_))), "somebody trades");
        assert_eq!(news.iter().map(|(_, news)| *news).collect::<Vec<News>>(), replay.news());
    }
}

#[test]
fn a_tape_is_whole() {
    let settings = settings();
    let mut show =
        Show::new(&Instrument::btcusdt(), Interval::MINUTE, &settings, Price(10_000_000)).expect("fits");
    let coming = coming(9, 1_500);
    for one in &coming {
        show.live(one);
        assert_eq!((show.price(), show.mark()), (Some(one.bar.close), Some(one.mark.close)));
        assert_eq!(show.now(), one.bar.open_time + Interval::MINUTE);
    }
    let tape = show.tape();
    assert_eq!((tape.bars.len(), tape.mark.close.len()), (1_500, 1_500));
    let due: Vec<FundingRate> = coming
        .iter()
        .filter_map(|one| Some(FundingRate { time: one.bar.open_time, rate: one.funding? }))
        .collect();
    assert_eq!(tape.funding, due);
}
