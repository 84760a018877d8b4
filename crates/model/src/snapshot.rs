//! What lives in a state, as bytes and back, to the last bit.
//!
//! Two kinds of things are written. A *value* is made anew from its bytes. A *state* is made by whoever makes the whole
//! (a farm by its origin), and its bytes are read over it: what follows from the origin is neither written nor guessed.
//! Both are stated as lists of fields beside the type, by [`value!`](crate::value) and [`state!`](crate::state), which
//! take the type apart without `..`: a field that is in no list does not compile.
//!
//! It refuses to read past the end, to take a length on trust, to panic at whatever it is given, and to round.

use crate::{AccountId, BotId, CommandId, Interval, Leg, OrderId, Position, Price, Qty, Side, Time, Usd};

/// Bytes that are no snapshot of what they are read over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable(pub &'static str);

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Unreadable {}

/// The longest list: nothing that lives in a farm is longer.
pub const LENGTH_MAX: usize = 1 << 20;

/// Bytes in the making. Small numbers are short: most of what lives is small, zero or absent.
#[derive(Clone, Debug, Default)]
pub struct Save(Vec<u8>);

impl Save {
    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// One byte.
    pub fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    /// Seven bits a byte, the lowest first; all but the last byte have the eighth.
    fn number(&mut self, mut value: u128) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A length or a count.
    pub fn length(&mut self, length: usize) {
        assert!(length <= LENGTH_MAX, "nothing that lives is longer than {LENGTH_MAX}");
        self.number(length as u128);
    }

    /// Bytes, and before them how many.
    pub fn list(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u128);
        self.0.extend(bytes);
    }
}

/// Bytes being read.
#[derive(Clone, Copy, Debug)]
pub struct Restore<'a> {
    rest: &'a [u8],
    words: &'static [&'static str],
}

impl<'a> Restore<'a> {
    /// Of these bytes, whose words are some of these.
    pub fn new(bytes: &'a [u8], words: &'static [&'static str]) -> Restore<'a> {
        Restore { rest: bytes, words }
    }

    /// The next bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Unreadable> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or(Unreadable("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Unreadable> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self) -> Result<u128, Unreadable> {
        let mut value = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7f);
            // The last byte holds the two highest of 128 bits.
            if bits << shift >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Unreadable("a number is longer than any"))
    }

    /// A length, no longer than anything is.
    pub fn length(&mut self) -> Result<usize, Unreadable> {
        let length = usize::try_from(self.number()?).ok().filter(|length| *length <= LENGTH_MAX);
        length.ok_or(Unreadable("a list is longer than any"))
    }

    /// Bytes with their number before them.
    pub fn list(&mut self) -> Result<&'a [u8], Unreadable> {
        let length = usize::try_from(self.number()?).map_err(|_| Unreadable("it ends too early"))?;
        self.take(length)
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Nothing follows.
    pub fn end(self) -> Result<(), Unreadable> {
        if self.rest.is_empty() { Ok(()) } else { Err(Unreadable("something follows it")) }
    }
}

/// Made anew from its bytes.
pub trait Value: Sized {
    /// Writes it.
    fn write(&self, to: &mut Save);
    /// Reads what was written.
    fn read(from: &mut Restore<'_>) -> Result<Self, Unreadable>;
}

/// Read over what its maker made.
pub trait State {
    /// Writes what lives in it.
    fn save(&self, to: &mut Save);
    /// Makes it what was written. After an error it is neither the one nor the other, and of no use.
    fn restore(&mut self, from: &mut Restore<'_>) -> Result<(), Unreadable>;
}

impl<T: Value> State for T {
    fn save(&self, to: &mut Save) {
        self.write(to);
    }

    fn restore(&mut self, from: &mut Restore<'_>) -> Result<(), Unreadable> {
        *self = T::read(from)?;
        Ok(())
    }
}

/// As many as its maker made: their number is not written.
impl<T: State> State for Box<[T]> {
    fn save(&self, to: &mut Save) {
        self.iter().for_each(|part| part.save(to));
    }

    fn restore(&mut self, from: &mut Restore<'_>) -> Result<(), Unreadable> {
        self.iter_mut().try_for_each(|part| part.restore(from))
    }
}

/// As many as there are; the room made for more is kept.
impl<T: Value> State for Vec<T> {
    fn save(&self, to: &mut Save) {
        to.length(self.len());
        self.iter().for_each(|item| item.write(to));
    }

    fn restore(&mut self, from: &mut Restore<'_>) -> Result<(), Unreadable> {
        self.clear();
        for _ in 0..from.length()? {
            self.push(T::read(from)?);
        }
        Ok(())
    }
}

/// How a struct or an enum is written: `value!(Late { impulse, decided_at })`, or
/// `value!(enum Leg { 0 => Own, 1 => Stop, 2 => Target(rung) })`, whose numbers are what is written. Every field and
/// every variant is listed, or it does not compile.
#[macro_export]
macro_rules! value {
    (enum $type:ident { $($tag:literal => $variant:ident $({ $($field:ident),* $(,)? })? $(( $item:ident ))?),* $(,)? }) => {
        impl $crate::snapshot::Value for $type {
            fn write(&self, to: &mut $crate::snapshot::Save) {
                match self {
                    $($type::$variant $({ $($field),* })? $(( $item ))? => {
                        to.byte($tag);
                        $($($crate::snapshot::Value::write($field, to);)*)?
                        $($crate::snapshot::Value::write($item, to);)?
                    })*
                }
            }

            fn read(
                from: &mut $crate::snapshot::Restore<'_>,
            ) -> Result<$type, $crate::snapshot::Unreadable> {
                Ok(match from.byte()? {
                    $($tag => $type::$variant
                        $({ $($field: $crate::snapshot::Value::read(from)?),* })?
                        $(({ let $item = $crate::snapshot::Value::read(from)?; $item }))?,)*
                    _ => return Err($crate::snapshot::Unreadable(concat!("a ", stringify!($type), " that is not known"))),
                })
            }
        }
    };
    ($type:ident { $($field:ident),* $(,)? } $(if $holds:expr)?) => {
        impl $crate::snapshot::Value for $type {
            fn write(&self, to: &mut $crate::snapshot::Save) {
                let $type { $($field),* } = self;
                $($crate::snapshot::Value::write($field, to);)*
            }

            fn read(
                from: &mut $crate::snapshot::Restore<'_>,
            ) -> Result<$type, $crate::snapshot::Unreadable> {
                let value = $type { $($field: $crate::snapshot::Value::read(from)?),* };
                $(
                    let holds: fn(&$type) -> bool = $holds;
                    if !holds(&value) {
                        return Err($crate::snapshot::Unreadable(
                            concat!("the parts of a ", stringify!($type), " do not fit together"),
                        ));
                    }
                )?
                Ok(value)
            }
        }
    };
}

/// What lives in a struct: `state!(Ema { seen, value } origin { period, alpha } if |ema| ema.seen <= ema.period)`. The
/// fields of `origin` follow from what it was made from; by the same the lists of `each` have their length, and those of
/// `optional` are there or not. What the code relies on is asked for behind `if`. Every field is in one of the lists, or it does not compile.
#[macro_export]
macro_rules! state {
    ($type:ident { $($lives:ident),* $(,)? }
        $(origin { $($origin:ident),* $(,)? })?
        $(each { $($list:ident),* $(,)? })?
        $(optional { $($part:ident),* $(,)? })?
        $(if $holds:expr)?
    ) => {
        impl $crate::snapshot::State for $type {
            fn save(&self, to: &mut $crate::snapshot::Save) {
                let $type { $($lives,)* $($($origin: _,)*)? $($($list,)*)? $($($part,)*)? } = self;
                $($crate::snapshot::State::save($lives, to);)*
                $($($list.iter().for_each(|item| $crate::snapshot::State::save(item, to));)*)?
                $($(if let Some(part) = $part {
                    $crate::snapshot::State::save(part, to);
                })*)?
            }

            fn restore(
                &mut self,
                from: &mut $crate::snapshot::Restore<'_>,
            ) -> Result<(), $crate::snapshot::Unreadable> {
                let $type { $($lives,)* $($($origin: _,)*)? $($($list,)*)? $($($part,)*)? } = self;
                $($crate::snapshot::State::restore($lives, from)?;)*
                $($($list.iter_mut().try_for_each(|item| $crate::snapshot::State::restore(item, from))?;)*)?
                $($(if let Some(part) = $part {
                    $crate::snapshot::State::restore(part, from)?;
                })*)?
                $(
                    let holds: fn(&$type) -> bool = $holds;
                    if !holds(self) {
                        return Err($crate::snapshot::Unreadable(
                            concat!("the parts of a ", stringify!($type), " do not fit together"),
                        ));
                    }
                )?
                Ok(())
            }
        }
    };
}

macro_rules! unsigned {
    ($($type:ty),*) => {$(
        impl Value for $type {
            fn write(&self, to: &mut Save) {
                to.number(*self as u128);
            }

            fn read(from: &mut Restore<'_>) -> Result<$type, Unreadable> {
                <$type>::try_from(from.number()?).map_err(|_| Unreadable("a number is larger than its kind"))
            }
        }
    )*};
}

unsigned!(u8, u16, u32, u64, usize);

/// The sign in the lowest bit, so that small numbers of either sign are short.
impl Value for i128 {
    fn write(&self, to: &mut Save) {
        to.number((*self as u128) << 1 ^ (*self >> 127) as u128);
    }

    fn read(from: &mut Restore<'_>) -> Result<i128, Unreadable> {
        let folded = from.number()?;
        Ok((folded >> 1) as i128 ^ -((folded & 1) as i128))
    }
}

impl Value for i64 {
    fn write(&self, to: &mut Save) {
        i128::from(*self).write(to);
    }

    fn read(from: &mut Restore<'_>) -> Result<i64, Unreadable> {
        i64::try_from(i128::read(from)?).map_err(|_| Unreadable("a number is larger than its kind"))
    }
}

/// By its bits, whatever they mean, without the zeros at their end: whole numbers and nothing at all are short.
impl Value for f64 {
    fn write(&self, to: &mut Save) {
        let bytes = self.to_bits().to_be_bytes();
        let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        to.byte(length as u8);
        to.0.extend(&bytes[..length]);
    }

    fn read(from: &mut Restore<'_>) -> Result<f64, Unreadable> {
        let mut bytes = [0; 8];
        let length = usize::from(from.byte()?);
        let kept = bytes.get_mut(..length).ok_or(Unreadable("a figure is longer than any"))?;
        kept.copy_from_slice(from.take(length)?);
        Ok(f64::from_bits(u64::from_be_bytes(bytes)))
    }
}

impl Value for bool {
    fn write(&self, to: &mut Save) {
        to.byte(u8::from(*self));
    }

    fn read(from: &mut Restore<'_>) -> Result<bool, Unreadable> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Unreadable("a flag is neither 0 nor 1")),
        }
    }
}

/// A word of the program: only one that it knows is read back.
impl Value for &'static str {
    fn write(&self, to: &mut Save) {
        to.list(self.as_bytes());
    }

    fn read(from: &mut Restore<'_>) -> Result<&'static str, Unreadable> {
        let bytes = from.list()?;
        let known = from.words.iter().find(|word| word.as_bytes() == bytes);
        known.copied().ok_or(Unreadable("a word that is not known"))
    }
}

impl<T: Value> Value for Option<T> {
    fn write(&self, to: &mut Save) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut Restore<'_>) -> Result<Option<T>, Unreadable> {
        if bool::read(from)? { Ok(Some(T::read(from)?)) } else { Ok(None) }
    }
}

impl<E: Value> Value for Result<(), E> {
    fn write(&self, to: &mut Save) {
        self.is_err().write(to);
        if let Err(error) = self {
            error.write(to);
        }
    }

    fn read(from: &mut Restore<'_>) -> Result<Result<(), E>, Unreadable> {
        Ok(Option::read(from)?.map_or(Ok(()), Err))
    }
}

impl<T: Value, const N: usize> Value for [T; N] {
    fn write(&self, to: &mut Save) {
        self.iter().for_each(|item| item.write(to));
    }

    fn read(from: &mut Restore<'_>) -> Result<[T; N], Unreadable> {
        let items: Vec<T> = (0..N).map(|_| T::read(from)).collect::<Result<_, _>>()?;
        Ok(items.try_into().unwrap_or_else(|_| unreachable!("{N} were read")))
    }
}

impl<A: Value, B: Value> Value for (A, B) {
    fn write(&self, to: &mut Save) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut Restore<'_>) -> Result<(A, B), Unreadable> {
        Ok((A::read(from)?, B::read(from)?))
    }
}

macro_rules! newtypes {
    ($($type:ident),*) => {$(
        impl Value for $type {
            fn write(&self, to: &mut Save) {
                let $type(number) = self;
                number.write(to);
            }

            fn read(from: &mut Restore<'_>) -> Result<$type, Unreadable> {
                Ok($type(Value::read(from)?))
            }
        }
    )*};
}

newtypes!(Time, Interval, Price, Qty, Usd, BotId, AccountId, CommandId);
value!(Position { qty, cost });
value!(enum Side { 0 => Buy, 1 => Sell });
value!(enum Leg { 0 => Own, 1 => Stop, 2 => Target(rung) });
value!(OrderId { bot, epoch, decision, leg });

/// What a venue can be asked, for the desk's memory.
mod requests {
    use crate::order::{Bracket, OrderKind, OrderRequest, PositionSide, Request, Target, TimeInForce};

    value!(enum PositionSide { 0 => Net, 1 => Long, 2 => Short });
    value!(enum TimeInForce { 0 => GoodTillCancelled, 1 => PostOnly, 2 => ImmediateOrCancel, 3 => FillOrKill });
    value!(enum OrderKind {
        0 => Market,
        1 => Limit { price, tif },
        2 => StopMarket { trigger },
        3 => StopLimit { trigger, price },
        4 => TakeProfit { trigger },
        5 => TrailingStop { activation, distance },
    });
    value!(Target { price, qty });
    value!(Bracket { stop, targets });
    value!(OrderRequest { id, side, position_side, qty, kind, reduce_only, bracket, one_cancels_other });
    value!(enum Request { 0 => Place(order), 1 => Cancel(id), 2 => Amend { id, price } });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;
    use crate::order::{OrderKind, OrderRequest, PositionSide, Request, TimeInForce};

    const WORDS: &[&str] = &["calm", "", "panic"];

    fn bytes<T: Value>(value: &T) -> Vec<u8> {
        let mut to = Save::default();
        value.write(&mut to);
        to.into_bytes()
    }

    fn read<T: Value>(bytes: &[u8]) -> Result<T, Unreadable> {
        let mut from = Restore::new(bytes, WORDS);
        let value = T::read(&mut from)?;
        from.end()?;
        Ok(value)
    }

    fn is_read_back<T: Value + PartialEq + std::fmt::Debug>(value: T) {
        let written = bytes(&value);
        assert_eq!(read::<T>(&written), Ok(value));
        for cut in 0..written.len() {
            assert!(read::<T>(&written[..cut]).is_err(), "cut at {cut} of {written:?}");
        }
    }

    #[test]
    fn every_number_is_read_back() {
        let mut rng = Rng::new(1);
        let edges = [0, 1, -1, 63, 64, -64, -65, i64::MAX, i64::MIN];
        let drawn: Vec<i64> = (0..5_000).map(|i| rng.next_u64() as i64 >> (i % 64)).collect();
        for number in edges.into_iter().chain(drawn) {
            is_read_back(number);
            is_read_back(number as u64);
            is_read_back(number as u8);
            is_read_back(i128::from(number) * i128::from(i64::MAX));
            is_read_back((Some(Price(number)), [number as u16; 3]));
        }
        is_read_back([i128::MIN, i128::MAX]);
        assert_eq!(bytes(&0_u64).len() + bytes(&-1_i64).len() + bytes(&0.0_f64).len(), 3);
    }

    #[test]
    fn every_float_is_read_back_bit_by_bit() {
        let mut rng = Rng::new(2);
        let edges = [0.0, -0.0, 1.0, f64::NAN, -f64::NAN, f64::INFINITY, f64::MIN_POSITIVE, f64::MAX];
        let drawn: Vec<f64> = (0..5_000).map(|_| f64::from_bits(rng.next_u64())).collect();
        for float in edges.into_iter().chain(drawn) {
            let written = bytes(&float);
            assert_eq!(read::<f64>(&written).map(f64::to_bits), Ok(float.to_bits()));
        }
    }

    #[test]
    fn what_is_asked_of_a_venue_is_read_back() {
        let id = OrderId { bot: BotId(3), epoch: 700, decision: u32::MAX, leg: Leg::Target(3) };
        let order = OrderRequest {
            id: id.with_leg(Leg::Own),
            side: Side::Sell,
            position_side: PositionSide::Short,
            qty: Qty(12),
            kind: OrderKind::Limit { price: Price(400_000), tif: TimeInForce::PostOnly },
            reduce_only: false,
            bracket: Some(crate::Bracket { stop: Price(410_000), targets: Default::default() }),
            one_cancels_other: Some(9),
        };
        for request in [Request::Place(order), Request::Cancel(id), Request::Amend { id, price: Price(-1) }] {
            is_read_back(request);
        }
    }

    #[test]
    fn what_nobody_wrote_is_refused() {
        assert_eq!(read::<Side>(&[2]), Err(Unreadable("a Side that is not known")));
        assert!(read::<bool>(&[2]).is_err() && read::<f64>(&[9, 0]).is_err());
        assert_eq!(read::<u8>(&[0x80, 2]), Err(Unreadable("a number is larger than its kind")));
        assert_eq!(read::<u64>(&[0xff; 40]), Err(Unreadable("a number is longer than any")));
        assert_eq!(read::<&'static str>(&bytes(&"panic")), Ok("panic"));
        assert_eq!(read::<&'static str>(&bytes(&"joy")), Err(Unreadable("a word that is not known")));
        let mut list = vec![1_u64, 2];
        let mut long = Save::default();
        long.number(1 << 40);
        let long = long.into_bytes();
        assert!(list.restore(&mut Restore::new(&long, WORDS)).is_err());
        let mut rng = Rng::new(3);
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..rng.below(60)).map(|_| rng.below(256) as u8).collect();
            let _ = read::<Request>(&bytes);
            let _ = read::<[Option<i128>; 3]>(&bytes);
        }
    }

    #[derive(Debug, PartialEq)]
    struct Part {
        period: u32,
        seen: u32,
    }

    state!(Part { seen } origin { period } if |part| part.seen <= part.period);

    struct Whole {
        name: String,
        parts: Box<[Part]>,
        calm: Option<Part>,
        felt: Option<Part>,
    }

    state!(Whole { parts } origin { name } optional { calm, felt });

    #[test]
    fn a_state_is_read_over_what_its_maker_made() {
        let part = |period, seen| Part { period, seen };
        let whole = |seen: [u32; 3]| Whole {
            name: "made".to_owned(),
            parts: Box::new([part(20, seen[0]), part(50, seen[1])]),
            calm: None,
            felt: Some(part(3, seen[2])),
        };
        let mut to = Save::default();
        whole([7, 50, 1]).save(&mut to);
        let written = to.into_bytes();
        assert_eq!(written, [7, 50, 1], "what its maker knows is not written");
        let mut fresh = whole([0; 3]);
        assert_eq!(fresh.restore(&mut Restore::new(&written, WORDS)), Ok(()));
        assert_eq!((fresh.parts[1].seen, fresh.felt, fresh.calm), (50, Some(part(3, 1)), None));
        let mut other = whole([0; 3]);
        let refused = other.restore(&mut Restore::new(&[7, 51, 1], WORDS));
        assert_eq!(refused, Err(Unreadable("the parts of a Part do not fit together")));
        assert_eq!(other.name, "made");
    }
}
