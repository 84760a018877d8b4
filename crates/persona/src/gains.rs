//! How much of a psyche and of the sky is felt: the dials that a comparison turns.

/// Gains: 1 is the persona, 0 feels nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gains {
    /// On every effect of mood and character on a decision.
    pub emotion: f64,
    /// On every effect of the sky and of readings.
    pub cosmic: f64,
}

impl Gains {
    /// As the persona is.
    pub const FULL: Gains = Gains { emotion: 1.0, cosmic: 1.0 };
    /// Nothing is felt: decides as the calm twin does.
    pub const ZERO: Gains = Gains { emotion: 0.0, cosmic: 0.0 };
}

impl Default for Gains {
    fn default() -> Self {
        Gains::FULL
    }
}
