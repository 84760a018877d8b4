//! What a row is made of, the same for every store and every file: cells, and the columns they stand in.
//!
//! It refuses money as anything but whole micro-USDT.

use control::Amount;
use model::Usd;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Words; prices and quantities too, whose decimals are the instrument's.
    Text,
    /// A whole number.
    Whole,
    /// Micro-USDT.
    Money,
    /// Milliseconds since 1970, UTC.
    Time,
    /// A double.
    Real,
    /// Yes or no.
    Truth,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// As it is called in files.
    pub name: &'static str,
    /// As it is called in stores: units last.
    pub stored: &'static str,
    /// What stands in it.
    pub is: Type,
    /// Whether it may be empty.
    pub optional: bool,
}

impl Column {
    /// Whether it can be read in a sealed row: what rows are found by. Nothing of money, prices, people or moods.
    pub fn stays_readable(&self) -> bool {
        matches!(self.name, "shard" | "bot" | "mode" | "at" | "exited_at" | "chain")
    }

    /// Whether it is the one that rows are ordered by.
    pub fn is_when(&self) -> bool {
        matches!(self.name, "at" | "exited_at")
    }
}

/// A value of a row. Money and times are whole numbers; their column says of what.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Nothing,
    /// Words.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A double.
    Real(f64),
    /// Yes or no.
    Truth(bool),
}

/// What a field of a record is as a cell.
pub(crate) trait Field: Sized {
    const IS: Type;
    const OPTIONAL: bool = false;
    fn cell(&self) -> Cell;
    fn take(cell: Cell) -> Option<Self>;
}

impl Field for String {
    const IS: Type = Type::Text;

    fn cell(&self) -> Cell {
        Cell::Text(self.clone())
    }

    fn take(cell: Cell) -> Option<String> {
        if let Cell::Text(text) = cell { Some(text) } else { None }
    }
}

/// All 64-bit numbers of a record that have a sign are instants.
impl Field for i64 {
    const IS: Type = Type::Time;

    fn cell(&self) -> Cell {
        Cell::Whole(*self)
    }

    fn take(cell: Cell) -> Option<i64> {
        if let Cell::Whole(number) = cell { Some(number) } else { None }
    }
}

impl Field for Amount {
    const IS: Type = Type::Money;

    fn cell(&self) -> Cell {
        Cell::Whole(self.0.0)
    }

    fn take(cell: Cell) -> Option<Amount> {
        i64::take(cell).map(|micro| Amount(Usd(micro)))
    }
}

impl Field for f64 {
    const IS: Type = Type::Real;

    fn cell(&self) -> Cell {
        Cell::Real(*self)
    }

    fn take(cell: Cell) -> Option<f64> {
        if let Cell::Real(real) = cell { Some(real) } else { None }
    }
}

impl Field for bool {
    const IS: Type = Type::Truth;

    fn cell(&self) -> Cell {
        Cell::Truth(*self)
    }

    fn take(cell: Cell) -> Option<bool> {
        if let Cell::Truth(truth) = cell { Some(truth) } else { None }
    }
}

macro_rules! whole {
    ($($number:ty),*) => {$(
        impl Field for $number {
            const IS: Type = Type::Whole;

            fn cell(&self) -> Cell {
                // What no signed 64 bits hold is refused before (`row::check`).
                Cell::Whole(i64::try_from(*self).unwrap_or(i64::MIN))
            }

            fn take(cell: Cell) -> Option<$number> {
                i64::take(cell).and_then(|number| <$number>::try_from(number).ok())
            }
        }
    )*};
}

whole!(u16, u32, u64);

impl<T: Field> Field for Option<T> {
    const IS: Type = T::IS;
    const OPTIONAL: bool = true;

    fn cell(&self) -> Cell {
        self.as_ref().map_or(Cell::Nothing, Field::cell)
    }

    fn take(cell: Cell) -> Option<Option<T>> {
        if cell == Cell::Nothing { Some(None) } else { T::take(cell).map(Some) }
    }
}
