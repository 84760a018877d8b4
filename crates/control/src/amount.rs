//! Money in messages: exact, as text.

use model::{Decimal, Usd};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Decimals of a micro-USDT.
const DECIMALS: u8 = 6;

/// An amount of USDT as it travels: `"12.5"`, never a float.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub Usd);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Amount, D::Error> {
        let text = String::deserialize(from)?;
        let parsed = Decimal::parse(&text).and_then(|decimal| decimal.scaled(DECIMALS));
        parsed
            .map(|micro| Amount(Usd(micro)))
            .map_err(|error| de::Error::custom(format!("{text:?} is no amount of USDT: {error}")))
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_amount_comes_back_as_it_was() {
        for micro in [0, 1, -1, 12_500_000, i64::MAX, i64::MIN + 1, -999_999] {
            let text = serde_json::to_string(&Amount(Usd(micro))).expect("text");
            assert_eq!(
                serde_json::from_str::<Amount>(&text).expect("an amount"),
                Amount(Usd(micro)),
                "{text}"
            );
        }
        for wrong in ["\"1.0000001\"", "1.5", "\"\"", "\"NaN\""] {
            assert!(serde_json::from_str::<Amount>(wrong).is_err(), "{wrong}");
        }
    }
}
