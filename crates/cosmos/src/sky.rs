//! The sky a farm is handed. (Placeholder until the branch `sky` is merged.)
use crate::Influences;
use model::Time;
/// The sky.
#[derive(Clone, Debug, Default)]
pub struct Sky;
impl Sky {
    /// Nothing.
    pub fn none() -> Sky {
        Sky
    }
    /// Whether nothing in it can ever say anything.
    pub fn is_empty(&self) -> bool {
        true
    }
    /// Influences.
    pub fn at(&self, _now: Time) -> Influences {
        Influences::NONE
    }
}
