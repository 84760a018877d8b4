//! The tests of significance put to the test on made noise with known answers: how often they find what is not there,
//! how often an interval holds the truth, and whether they find what is there. Seeds are fixed, bounds are binomial.

use analytics::significance::{
    Factor, PlaceboTest, Sidedness, Verdict, bootstrap, rate_interval, rejections_upper_bound, romano_wolf,
};
use model::{Rng, math};

const RUNS: u64 = 1_000;

/// A standard normal draw (Box and Muller 1958).
fn normal(rng: &mut Rng) -> f64 {
    let (u, v) = (1.0 - rng.unit(), rng.unit());
    (-2.0 * math::ln(u)).sqrt() * math::cos(2.0 * std::f64::consts::PI * v)
}

/// x(t) = phi x(t-1) + e(t), started in its stationary distribution.
fn autoregressive(rng: &mut Rng, length: usize, phi: f64) -> Vec<f64> {
    let mut value = normal(rng) / (1.0 - phi * phi).sqrt();
    (0..length)
        .map(|_| {
            value = phi * value + normal(rng);
            value
        })
        .collect()
}

fn two_sided(observed: f64, placebos: &[f64]) -> PlaceboTest<'_> {
    PlaceboTest {
        observed,
        placebos,
        likeness: None,
        distinct: placebos.len(),
        sidedness: Sidedness::TwoSided,
        alpha: 0.05,
        effect_of_interest: None,
    }
}

fn assert_honest(rejections: u64, runs: u64, what: &str) {
    let bound = rejections_upper_bound(runs, 0.05, 0.01);
    assert!(rejections <= bound, "{what}: {rejections} of {runs} at 5 %, at most {bound}");
}

#[test]
fn placebos_alike_give_uniform_p_values() {
    for (placebos, skewed) in [(20, false), (99, false), (99, true), (199, false)] {
        let mut rng = Rng::new(11 + placebos as u64);
        let (mut at_five, mut at_half) = (0, 0);
        for _ in 0..RUNS {
            let draws: Vec<f64> = (0..=placebos)
                .map(|_| if skewed { math::exp(normal(&mut rng)) } else { normal(&mut rng) })
                .collect();
            let outcome = two_sided(draws[0], &draws[1..]).outcome();
            at_five += u64::from(outcome.verdict == Verdict::Significant);
            at_half += u64::from(outcome.p.expect("finite") <= 0.5);
        }
        assert_honest(at_five, RUNS, &format!("{placebos} placebos, skewed {skewed}"));
        // Uniform, not merely small: the level is used up, and half of all lie below a half.
        let (low, high) = rate_interval(at_half, RUNS).expect("runs");
        assert!(low < 0.52 && high > 0.45, "{at_half} of {RUNS} below a half");
        assert!(at_five >= 25, "{at_five} of {RUNS} at 5 %: the test wastes its level");
    }
}

/// The sum of signal times noise at a shift around the circle.
fn at_shift(signal: &[f64], noise: &[f64], shift: usize) -> f64 {
    signal[shift..].iter().chain(&signal[..shift]).zip(noise).map(|(s, x)| s * x).sum()
}

#[test]
fn a_signal_that_knows_nothing_is_not_found_and_one_that_does_is() {
    let (days, mut rng) = (200, Rng::new(5));
    let (mut false_finds, mut true_finds) = (0, 0);
    let runs = 500;
    for _ in 0..runs {
        let signal = autoregressive(&mut rng, days, 0.5);
        let noise = autoregressive(&mut rng, days, 0.5);
        let shifts: Vec<usize> = (1..days).step_by(2).collect();
        let finds = |series: &[f64]| {
            let placebos: Vec<f64> = shifts.iter().map(|&shift| at_shift(&signal, series, shift)).collect();
            two_sided(at_shift(&signal, series, 0), &placebos).outcome().verdict == Verdict::Significant
        };
        false_finds += u64::from(finds(&noise));
        let informed: Vec<f64> = noise.iter().zip(&signal).map(|(x, s)| x + 0.5 * s).collect();
        true_finds += u64::from(finds(&informed));
    }
    assert_honest(false_finds, runs, "circular shifts of autocorrelated series");
    assert!(true_finds > runs * 9 / 10, "{true_finds} of {runs} true effects found");
}

#[test]
fn the_stated_power_is_the_power_there_is() {
    let (placebos, runs) = (199, 1_000);
    let mut rng = Rng::new(21);
    let (mut found, mut smallest) = (0, 0.0);
    for _ in 0..runs {
        let draws: Vec<f64> = (0..placebos).map(|_| normal(&mut rng)).collect();
        let observed = normal(&mut rng) + 2.801_585;
        let outcome = two_sided(observed, &draws).outcome();
        found += u64::from(outcome.verdict == Verdict::Significant);
        smallest += outcome.power.expect("varying").smallest_effect / runs as f64;
    }
    assert!((smallest - 2.801_585).abs() < 0.05, "{smallest}");
    assert!((740..=840).contains(&found), "{found} of {runs} found, 80 % said");
}

#[test]
fn the_interval_of_the_effect_holds_the_effect() {
    let mut rng = Rng::new(31);
    let mut held = 0;
    for _ in 0..RUNS {
        let draws: Vec<f64> = (0..199).map(|_| 3.0 + normal(&mut rng)).collect();
        let effect = two_sided(3.0 + 2.0 + normal(&mut rng), &draws).outcome().effect.expect("varying");
        held += u64::from((effect.low..=effect.high).contains(&2.0));
    }
    assert!((925..=970).contains(&held), "{held} of {RUNS}");
}

#[test]
fn the_bootstrap_interval_holds_the_mean_of_dependent_days() {
    for (days, phi) in [(365, 0.0), (365, 0.3), (365, 0.5), (250, -0.3), (1_461, 0.6)] {
        let mut rng = Rng::new(days as u64);
        let (runs, mut held) = (500, 0);
        for _ in 0..runs {
            let series: Vec<f64> = autoregressive(&mut rng, days, phi).iter().map(|x| x - 0.7).collect();
            let found = bootstrap(&series, 400, &mut rng).expect("enough days");
            held += u64::from((found.mean.low..=found.mean.high).contains(&-0.7));
            assert!(found.mean.low < found.mean.high && found.block_length <= days / 3);
        }
        let coverage = held as f64 / runs as f64;
        println!("coverage {coverage:.3} with {days} days, phi {phi}");
        assert!((0.90..=0.98).contains(&coverage), "{coverage} with {days} days, phi {phi}");
    }
}

#[test]
fn romano_wolf_gives_the_figures_of_numpy() {
    // Made with numpy 2.4.6 from the same congruence: studentise by mean and std(ddof=1) of placebos and observed, then for
    // each factor from the most extreme down (1 + sum(max over the rest >= t)) / 61, and the running maximum of those.
    let mut state = 2_024_u64;
    let mut draw = || {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        state as f64 / 2_147_483_648.0 - 0.5
    };
    let shared: Vec<f64> = (0..60).map(|_| draw()).collect();
    let rows: Vec<Vec<f64>> = (0..4).map(|_| shared.iter().map(|s| s + draw()).collect()).collect();
    let observed = [0.8, -0.75, 0.6, 0.1];
    let family: Vec<Factor<'_>> =
        rows.iter().zip(observed).map(|(placebos, observed)| Factor { observed, placebos }).collect();
    let results = romano_wolf(&family, Sidedness::TwoSided, &mut Rng::new(1));
    let in_61 = |p: f64| (p * 61.0).round() as u32;
    let found = results.iter().map(|result| result.expect("testable"));
    let found: Vec<(u32, u32)> = found.map(|one| (in_61(one.p), in_61(one.p_adjusted))).collect();
    assert_eq!(found, [(5, 9), (3, 8), (18, 29), (58, 58)]);
}

/// A family of five factors whose statistics move together in each row; `effect` is added to the first factor's own.
fn family_rejections(rng: &mut Rng, lengths: [usize; 5], effect: f64) -> Vec<bool> {
    let rows = 200;
    let table: Vec<Vec<f64>> = (0..rows)
        .map(|_| {
            let common = normal(rng);
            lengths.iter().map(|_| 0.8 * common + 0.6 * normal(rng)).collect()
        })
        .collect();
    let column = |factor: usize| (1..=lengths[factor]).map(|row| table[row][factor]).collect();
    let columns: Vec<Vec<f64>> = (0..5).map(column).collect();
    let family: Vec<Factor<'_>> = columns
        .iter()
        .enumerate()
        .map(|(factor, placebos)| Factor {
            observed: table[0][factor] + if factor == 0 { effect } else { 0.0 },
            placebos,
        })
        .collect();
    let results = romano_wolf(&family, Sidedness::TwoSided, rng);
    results.iter().map(|result| result.expect("testable").p_adjusted <= 0.05).collect()
}

#[test]
fn romano_wolf_keeps_the_chance_of_one_false_find() {
    for lengths in [[199; 5], [199, 199, 40, 29, 60]] {
        let mut rng = Rng::new(41);
        let mut any = 0;
        for _ in 0..RUNS {
            any += u64::from(family_rejections(&mut rng, lengths, 0.0).contains(&true));
        }
        println!("{any} families of {RUNS} with a false find, {lengths:?}");
        assert_honest(any, RUNS, "families of correlated factors");
    }
}

#[test]
fn romano_wolf_finds_the_one_true_effect() {
    let mut rng = Rng::new(43);
    let (mut found, mut false_finds) = (0, 0);
    let runs = 400;
    for _ in 0..runs {
        let rejected = family_rejections(&mut rng, [199; 5], 5.0);
        found += u64::from(rejected[0]);
        false_finds += u64::from(rejected[1..].contains(&true));
    }
    assert!(found > runs * 9 / 10, "{found} of {runs} found");
    assert_honest(false_finds, runs, "the other four");
}
