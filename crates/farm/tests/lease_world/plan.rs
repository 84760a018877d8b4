//! What goes wrong in a life of the lease, as values that shrink.

use proptest::collection::vec;
use proptest::prelude::*;

/// How long it is watched, in true milliseconds.
pub const LENGTH_MS: i64 = 90_000;

#[derive(Clone, Copy, Debug)]
pub enum Fault {
    StepWall { by_ms: i64 },
    Freeze { for_ms: i64, sleeps: bool },
    Die { reborn_after_ms: i64 },
    Release,
    Deaf { for_ms: i64 },
    Mute { for_ms: i64 },
    StepRegistry { by_ms: i64 },
}

/// A fault, when, and on which machine (modulo how many there are). Every other one strikes whoever holds the lease.
#[derive(Clone, Copy, Debug)]
pub struct Strike {
    pub at_ms: i64,
    pub node: Option<usize>,
    pub fault: Fault,
}

#[derive(Clone, Debug)]
pub struct Plan {
    /// Of the fates of messages.
    pub seed: u64,
    pub lost_percent: u64,
    pub repeated_percent: u64,
    pub delay_ms_max: u64,
    pub late_percent: u64,
    /// Rates of both clocks of each machine, and of the registry's, in thousandths.
    pub rates: Vec<(i64, i64)>,
    pub registry_rate: i64,
    pub strikes: Vec<Strike>,
}

/// The ends of what is allowed are the likeliest.
fn rate() -> impl Strategy<Value = i64> {
    prop_oneof![2 => Just(990_i64), 2 => Just(1_010_i64), 1 => Just(1_000_i64), 1 => 990_i64..=1_010]
}

/// Both clocks of a machine: often slow together, which is when only the drift's allowance is left.
fn rates() -> impl Strategy<Value = (i64, i64)> {
    prop_oneof![rate().prop_map(|rate| (rate, rate)), (rate(), rate())]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => prop_oneof![-3_600_000_i64..0, -20_000_i64..20_000, 0_i64..3_600_000]
            .prop_map(|by_ms| Fault::StepWall { by_ms }),
        4 => (1_i64..40_000, any::<bool>()).prop_map(|(for_ms, sleeps)| Fault::Freeze { for_ms, sleeps }),
        2 => (0_i64..20_000).prop_map(|reborn_after_ms| Fault::Die { reborn_after_ms }),
        1 => Just(Fault::Release),
        2 => (1_i64..30_000).prop_map(|for_ms| Fault::Deaf { for_ms }),
        2 => (1_i64..30_000).prop_map(|for_ms| Fault::Mute { for_ms }),
        4 => prop_oneof![-60_000_i64..0, Just(2_000_i64), 0_i64..=2_000].prop_map(|by_ms| Fault::StepRegistry { by_ms }),
    ]
}

fn strike() -> impl Strategy<Value = Strike> {
    let node = prop_oneof![Just(None), (0_usize..4).prop_map(Some)];
    (0..LENGTH_MS, node, fault()).prop_map(|(at_ms, node, fault)| Strike { at_ms, node, fault })
}

/// Anything that is allowed.
pub fn wild() -> impl Strategy<Value = Plan> {
    let fates =
        (0_u64..40, 0_u64..40, prop_oneof![Just(40_u64), Just(1_000), Just(4_000), Just(12_000)], 0_u64..10);
    (any::<u64>(), fates, vec(rates(), 2..=4), rate(), vec(strike(), 0..14)).prop_map(
        |(
            seed,
            (lost_percent, repeated_percent, delay_ms_max, late_percent),
            rates,
            registry_rate,
            strikes,
        )| Plan {
            seed,
            lost_percent,
            repeated_percent,
            delay_ms_max,
            late_percent,
            rates,
            registry_rate,
            strikes,
        },
    )
}

/// Everything at the end of what is allowed at once: slow nodes, a fast registry that jumps ahead, a holder that asks no more.
pub fn edge() -> impl Strategy<Value = Plan> {
    let silent = prop_oneof![
        any::<bool>().prop_map(|sleeps| Fault::Freeze { for_ms: 25_000, sleeps }),
        Just(Fault::Mute { for_ms: 25_000 }),
        Just(Fault::Deaf { for_ms: 25_000 }),
    ];
    let times = (10_000_i64..60_000, 0_i64..9_000);
    (any::<u64>(), silent, times, 0_u64..20).prop_map(|(seed, fault, (at_ms, after_ms), delay_ms_max)| {
        let step = Fault::StepRegistry { by_ms: 2_000 };
        Plan {
            seed,
            lost_percent: 0,
            repeated_percent: 0,
            delay_ms_max,
            late_percent: 0,
            rates: vec![(990, 990); 4],
            registry_rate: 1_010,
            strikes: vec![
                Strike { at_ms, node: None, fault },
                Strike { at_ms: at_ms + after_ms, node: Some(0), fault: step },
            ],
        }
    })
}

/// A kind network and clocks that only drift: one holder dies once, at some time, and stays dead.
pub fn kind() -> impl Strategy<Value = Plan> {
    (any::<u64>(), 0_u64..200, vec(rates(), 2..=4), rate(), 15_000_i64..40_000).prop_map(
        |(seed, delay_ms_max, rates, registry_rate, at_ms)| Plan {
            seed,
            lost_percent: 0,
            repeated_percent: 0,
            delay_ms_max,
            late_percent: 0,
            rates,
            registry_rate,
            strikes: vec![Strike { at_ms, node: None, fault: Fault::Die { reborn_after_ms: LENGTH_MS } }],
        },
    )
}
