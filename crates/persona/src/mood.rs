//! Mood: five variables in 0..1 that events kick and time returns to their base.

use model::{Interval, StateHash, math};
use serde::{Deserialize, Serialize};

/// The continuous part of a psyche.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mood {
    /// Trust in one's own judgement.
    pub confidence: f64,
    /// Pressure felt.
    pub stress: f64,
    /// Tiredness.
    pub fatigue: f64,
    /// Fear of missing out.
    pub urge: f64,
    /// Wish for risk, inside the band.
    pub risk_appetite: f64,
}

model::value!(Mood { confidence, stress, fatigue, urge, risk_appetite });

impl Mood {
    /// The variables by name, for validation and tables.
    pub const fn variables(&self) -> [(&'static str, f64); 5] {
        [
            ("confidence", self.confidence),
            ("stress", self.stress),
            ("fatigue", self.fatigue),
            ("urge", self.urge),
            ("risk_appetite", self.risk_appetite),
        ]
    }

    fn each(&mut self, base: &Mood, f: impl Fn(f64, f64) -> f64) {
        self.confidence = f(self.confidence, base.confidence);
        self.stress = f(self.stress, base.stress);
        self.fatigue = f(self.fatigue, base.fatigue);
        self.urge = f(self.urge, base.urge);
        self.risk_appetite = f(self.risk_appetite, base.risk_appetite);
    }

    /// Relaxes towards `base` for `elapsed` with time constant `tau`.
    pub fn relax(&mut self, base: &Mood, elapsed: Interval, tau: Interval) {
        assert!(elapsed.0 >= 0 && tau.0 > 0, "time runs forward");
        let left = math::exp(-(elapsed.0 as f64) / tau.0 as f64);
        self.each(base, |x, base| base + (x - base) * left);
    }

    /// Brings every variable back into 0..1 after kicks.
    pub fn clamp(&mut self) {
        let limits = *self;
        self.each(&limits, |x, _| x.clamp(0.0, 1.0));
    }

    /// Adds the mood to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        for (_, value) in self.variables() {
            hash.float(value);
        }
    }
}
