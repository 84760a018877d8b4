//! Numbers: whole ones, money, limits that can be off, yes and no.
//!
//! They refuse what does not fit exactly: money is read from its digits, never through a float.

use super::{Kind, Says, Scalar, Shape, Wrong};
use model::{Decimal, Usd};
use std::borrow::Cow;
use std::fmt::Display;
use std::marker::PhantomData;

/// A whole number within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Whole<T> {
    min: i64,
    max: i64,
    number: PhantomData<T>,
}

/// A whole number from `min` to `max`.
pub const fn whole<T>(min: i64, max: i64) -> Whole<T> {
    Whole { min, max, number: PhantomData }
}

fn bounded(value: &Scalar<'_>, (min, max): (i64, i64), says: &Says) -> Result<i64, Wrong> {
    let Scalar::Whole(_, number) = value else { return Err(Wrong::sort(value, says)) };
    let outside = || {
        Wrong::new(
            format!("is {}; it lies in {min} to {max}", value.shown()),
            nearest_bound(*number, min, max),
        )
    };
    number.filter(|number| (min..=max).contains(number)).ok_or_else(outside)
}

fn nearest_bound(number: Option<i64>, min: i64, max: i64) -> String {
    match number {
        Some(number) if number < min => format!("the least is {min}"),
        _ => format!("the most is {max}"),
    }
}

impl<T: TryFrom<i64> + Display> Kind for Whole<T> {
    type Value = T;

    fn says(&self) -> Says {
        let bounds = Some((self.min as f64, self.max as f64));
        Says { bounds, ..Says::new(Shape::Whole, format!("{} to {}", self.min, self.max)) }
    }

    fn read(&self, value: &Scalar<'_>) -> Result<T, Wrong> {
        let number = bounded(value, (self.min, self.max), &self.says())?;
        Ok(T::try_from(number).ok().expect("the bounds of a kind lie within its type"))
    }

    fn write(&self, value: &T) -> String {
        value.to_string()
    }
}

/// A port, which clusters also write as `tcp://10.0.0.7:6379`.
#[derive(Clone, Copy, Debug)]
pub struct Port;

impl Kind for Port {
    type Value = u16;

    fn says(&self) -> Says {
        whole::<u16>(1, 65_535).says()
    }

    fn read(&self, value: &Scalar<'_>) -> Result<u16, Wrong> {
        whole(1, 65_535).read(value)
    }

    fn write(&self, value: &u16) -> String {
        value.to_string()
    }

    /// Kubernetes sets `REDIS_PORT` to a whole address wherever a service is called `redis`.
    fn read_variable(&self, _name: &str, text: &str) -> Result<u16, Wrong> {
        let address = text.strip_prefix("tcp://").and_then(|address| address.rsplit_once(':'));
        self.read(&self.says().scalar_of_text(address.map_or(text, |(_, port)| port)))
    }
}

/// A whole number within bounds, or `"off"`.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The least.
    pub min: u32,
    /// The most.
    pub max: u32,
}

const OFF: &str = "off";

impl Kind for Limit {
    type Value = Option<u32>;

    fn says(&self) -> Says {
        let bounds = Some((f64::from(self.min), f64::from(self.max)));
        let takes = format!("{} to {}, or \"off\" for no limit", self.min, self.max);
        Says { bounds, ..Says::new(Shape::WholeOrOff, takes) }
    }

    fn read(&self, value: &Scalar<'_>) -> Result<Option<u32>, Wrong> {
        if matches!(value, Scalar::Text(text) if text == OFF) {
            return Ok(None);
        }
        if matches!(value, Scalar::Whole(_, Some(0))) && self.min > 0 {
            let mend = format!("write \"off\" for no limit at all, or {} for the strictest", self.min);
            return Err(Wrong::new("is 0, which could mean nothing allowed or no limit", mend));
        }
        let number = bounded(value, (self.min.into(), self.max.into()), &self.says())?;
        Ok(Some(u32::try_from(number).expect("it lies within bounds of its type")))
    }

    fn write(&self, value: &Option<u32>) -> String {
        value.map_or_else(|| super::quoted(OFF), |value| value.to_string())
    }
}

/// Money in USDT, exact to the micro-USDT.
#[derive(Clone, Copy, Debug)]
pub struct Money {
    /// The least.
    pub min: Usd,
    /// The most.
    pub max: Usd,
}

const MICRO_DECIMALS: u8 = 6;

impl Kind for Money {
    type Value = Usd;

    fn says(&self) -> Says {
        let bounds = Some((self.min.as_f64(), self.max.as_f64()));
        Says {
            bounds,
            ..Says::new(Shape::Decimal, format!("{} to {} USDT", plain(self.min), plain(self.max)))
        }
    }

    fn read(&self, value: &Scalar<'_>) -> Result<Usd, Wrong> {
        let text: Cow<'_, str> = match value {
            Scalar::Whole(_, Some(number)) => number.to_string().into(),
            Scalar::Whole(text, None) => text.as_str().into(),
            Scalar::Decimal(text) => text.as_ref().into(),
            _ => return Err(Wrong::sort(value, &self.says())),
        };
        let micro = Decimal::parse(&text).and_then(|decimal| decimal.scaled(MICRO_DECIMALS));
        let takes = || format!("write {}", self.says().takes);
        let micro = micro.map_err(|why| Wrong::new(format!("is {}: {why}", value.shown()), takes()))?;
        if (self.min.0..=self.max.0).contains(&micro) {
            Ok(Usd(micro))
        } else {
            Err(Wrong::new(format!("is {} USDT, which is out of bounds", value.shown()), takes()))
        }
    }

    fn write(&self, value: &Usd) -> String {
        plain(*value)
    }
}

/// Money without zeros that say nothing.
fn plain(usd: Usd) -> String {
    match usd.0 % 1_000_000 {
        0 => (usd.0 / 1_000_000).to_string(),
        _ => {
            Decimal { mantissa: usd.0, decimals: MICRO_DECIMALS }.to_string().trim_end_matches('0').to_owned()
        }
    }
}

/// A number that need not be exact: a dial, a speed.
#[derive(Clone, Copy, Debug)]
pub struct Real {
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
}

impl Kind for Real {
    type Value = f64;

    fn says(&self) -> Says {
        let bounds = Some((self.min, self.max));
        Says { bounds, ..Says::new(Shape::Decimal, format!("{} to {}", self.min, self.max)) }
    }

    fn read(&self, value: &Scalar<'_>) -> Result<f64, Wrong> {
        let number: Option<f64> = match value {
            Scalar::Whole(_, number) => number.map(|number| number as f64),
            Scalar::Decimal(text) => text.parse().ok(),
            _ => return Err(Wrong::sort(value, &self.says())),
        };
        let outside = || {
            Wrong::new(
                format!("is {}; it lies in {} to {}", value.shown(), self.min, self.max),
                "write a number in between",
            )
        };
        number.filter(|number| (self.min..=self.max).contains(number)).ok_or_else(outside)
    }

    fn write(&self, value: &f64) -> String {
        format!("{value:?}")
    }
}

/// Yes or no.
#[derive(Clone, Copy, Debug)]
pub struct Truth;

impl Kind for Truth {
    type Value = bool;

    fn says(&self) -> Says {
        Says::new(Shape::Truth, "true or false")
    }

    fn read(&self, value: &Scalar<'_>) -> Result<bool, Wrong> {
        match value {
            Scalar::Truth(truth) => Ok(*truth),
            _ => Err(Wrong::sort(value, &self.says())),
        }
    }

    fn write(&self, value: &bool) -> String {
        value.to_string()
    }
}

/// A number of Discord's, which is too long for many a reader and is therefore written as text.
#[derive(Clone, Copy, Debug)]
pub struct Snowflake;

impl Kind for Snowflake {
    type Value = u64;

    fn says(&self) -> Says {
        Says::new(Shape::Text, "the digits of a Discord id, in quotes")
    }

    fn read(&self, value: &Scalar<'_>) -> Result<u64, Wrong> {
        let digits: &str = match value {
            Scalar::Text(text) => text,
            Scalar::Whole(text, _) => text,
            _ => return Err(Wrong::sort(value, &self.says())),
        };
        let id = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        id.and_then(|digits| digits.parse().ok()).filter(|id| *id > 0).ok_or_else(|| {
            Wrong::new(
                format!("is {}, which is no Discord id", value.shown()),
                "switch Discord's developer mode on, right-click server or channel, Copy ID",
            )
        })
    }

    fn write(&self, value: &u64) -> String {
        super::quoted(&value.to_string())
    }
}
