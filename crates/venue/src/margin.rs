//! The one margin module: what a position needs, and the mark prices at which it is lost, exactly.
//!
//! Equity and requirement are straight lines in the mark between two tier edges, so the level is found by integer
//! arithmetic piece by piece. Pure functions only; nothing here moves money or knows an order.

use crate::Direction;
use crate::terms::{greatest_common_divisor, money};
use model::instrument::Ratio;
use model::{Instrument, Mark, Position, Rate, Usd, div_round_half_away};

/// The largest mark the arithmetic is safe for: 2^60 units, some 115 million USDT.
pub const MARK_MAX: Mark = Mark(1 << 60);

/// Marks at which a pool of margin is liquidated: the nearest ones on either side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LiquidationLevels {
    /// At or below this mark.
    pub below: Option<Mark>,
    /// At or above this mark.
    pub above: Option<Mark>,
}

/// An instrument's margin terms over common denominators.
#[derive(Clone, Debug)]
pub struct MarginSchedule {
    value: Ratio,
    mark_per_tick: i128,
    /// Units per 1 of the tiers' rates, with common factors cancelled so that products fit 128 bits.
    rate_units: i128,
    tiers: Vec<TierTerms>,
    /// Units of the excess of one micro-USDT, one tick-lot of cost and one lot at one mark unit.
    per_usd: i128,
    per_tick_lot: i128,
    per_mark_lot: i128,
    /// The same of the dearest tier's maintenance and closing fee.
    dearest_charge: i128,
}

#[derive(Clone, Copy, Debug)]
struct TierTerms {
    /// Largest size x mark of the tier, where size = lots x value numerator.
    edge: i128,
    /// Maintenance rate in `rate_units`.
    maintenance: i128,
    /// Maintenance plus closing fee in `rate_units`.
    charge: i128,
    /// Deduction in the units of the excess.
    deduction: i128,
}

/// The excess of equity over requirement as a line in the mark, valid up to `limit` in the wanted direction.
struct Piece {
    constant: i128,
    slope: i128,
    limit: i64,
}

impl Piece {
    fn at(&self, mark: i64) -> i128 {
        self.constant + self.slope * i128::from(mark)
    }
}

impl MarginSchedule {
    /// Prepares an instrument's tiers, which must ascend.
    pub fn new(instrument: &Instrument) -> MarginSchedule {
        assert!(!instrument.tiers.is_empty(), "an instrument has a tier");
        assert!(
            instrument.tiers.windows(2).all(|pair| pair[0].notional_max < pair[1].notional_max),
            "margin tiers ascend"
        );
        let value = instrument.mark_lot_value();
        let fee = i128::from(instrument.fees.liquidation.0);
        let rates = instrument.tiers.iter().map(|tier| i128::from(tier.maintenance.0));
        let one = i128::from(Rate::ONE.0);
        let common = rates.fold(greatest_common_divisor(one, fee), greatest_common_divisor);
        let rate_units = one / common;
        let tiers = instrument.tiers.iter().map(|tier| {
            let maintenance = i128::from(tier.maintenance.0);
            assert!(maintenance >= 0 && fee >= 0 && maintenance + fee < one, "a requirement is a fraction");
            assert!(tier.deduction.0 >= 0, "a deduction lowers the requirement");
            TierTerms {
                edge: i128::from(tier.notional_max.0) * value.denominator,
                maintenance: maintenance / common,
                charge: (maintenance + fee) / common,
                deduction: i128::from(tier.deduction.0) * value.denominator * rate_units,
            }
        });
        let tiers: Vec<TierTerms> = tiers.collect();
        let charge_max = tiers.iter().map(|tier| tier.charge).max().expect("an instrument has a tier");
        let mark_per_tick = i128::from(instrument.mark_per_tick());
        MarginSchedule {
            value,
            mark_per_tick,
            rate_units,
            tiers,
            per_usd: value.denominator * rate_units,
            per_tick_lot: mark_per_tick * value.numerator * rate_units,
            per_mark_lot: value.numerator * rate_units,
            dearest_charge: value.numerator * charge_max,
        }
    }

    /// Lots up to which every product below fits 128 bits.
    pub fn lots_max(&self) -> i64 {
        let lots = (1_i128 << 64) / (self.value.numerator * self.rate_units);
        i64::try_from(lots.min(i128::from(i64::MAX / 8))).expect("bounded above")
    }

    /// Profit of a position if it were closed at `mark`, rounded once.
    pub fn unrealised(&self, position: &Position, mark: Mark) -> Usd {
        let mark_lots = i128::from(position.qty.0) * i128::from(mark.0) - position.cost * self.mark_per_tick;
        money(div_round_half_away(mark_lots * self.value.numerator, self.value.denominator))
    }

    /// Maintenance margin of a position at `mark`, rounded up; the closing fee is not in it.
    pub fn maintenance_margin(&self, position: &Position, mark: Mark) -> Usd {
        if position.is_flat() {
            return Usd::ZERO;
        }
        let notional = i128::from(position.qty.0.abs()) * self.value.numerator * i128::from(mark.0);
        let tier = self.tiers[self.tier_index(notional)];
        let exact = tier.maintenance * notional - tier.deduction;
        money(ceil_div(exact, self.per_usd).max(0))
    }

    /// Whether a pool of margin behind these positions is lost at `mark`: its equity does not exceed maintenance
    /// margin and closing fee.
    pub fn liquidates(&self, backing: Usd, positions: &[Position], mark: Mark) -> bool {
        positions.iter().any(|position| !position.is_flat())
            && self.piece(backing, positions, mark.0, Direction::Down).at(mark.0) <= 0
    }

    /// The nearest mark from `from` on, in `direction`, at which the pool is lost; `None` if there is none.
    pub fn liquidation_level(
        &self,
        backing: Usd,
        positions: &[Position],
        from: Mark,
        direction: Direction,
    ) -> Option<Mark> {
        if positions.iter().all(Position::is_flat) {
            return None;
        }
        let mut start = from.0.clamp(1, MARK_MAX.0);
        if self.is_safe_all_the_way(backing, positions, start, direction) {
            return None;
        }
        loop {
            let piece = self.piece(backing, positions, start, direction);
            if piece.at(start) <= 0 {
                return Some(Mark(start));
            }
            // Above zero at the start: it can only cross when it falls on the way.
            if let Some(root) = crossing(&piece, direction) {
                return Some(Mark(root));
            }
            start = match direction {
                Direction::Down if piece.limit <= 1 => return None,
                Direction::Up if piece.limit >= MARK_MAX.0 => return None,
                Direction::Down => piece.limit - 1,
                Direction::Up => piece.limit + 1,
            };
        }
    }

    /// Both nearest levels around `from`.
    pub fn liquidation_levels(&self, backing: Usd, positions: &[Position], from: Mark) -> LiquidationLevels {
        LiquidationLevels {
            below: self.liquidation_level(backing, positions, from, Direction::Down),
            above: self.liquidation_level(backing, positions, from, Direction::Up),
        }
    }

    /// Whether the pool would survive even if every tier charged as much as the dearest: one look spares the search
    /// through the tiers for most positions on their good side.
    fn is_safe_all_the_way(&self, backing: Usd, positions: &[Position], mark: i64, way: Direction) -> bool {
        let dearest = self.dearest(backing, positions, mark);
        match way {
            Direction::Up => dearest.slope >= 0 && dearest.at(mark) > 0,
            // It only has to stay above zero down to nothing.
            Direction::Down => dearest.at(mark) > 0 && dearest.constant > 0,
        }
    }

    /// Marks around `from` between which the pool cannot be lost, whatever its exact levels are: half and double.
    /// Two looks instead of a search; `None` where it is not that safe, and the exact levels must be worked out.
    pub fn safe_range(&self, backing: Usd, positions: &[Position], from: Mark) -> Option<LiquidationLevels> {
        let from = from.0.clamp(2, MARK_MAX.0 / 2);
        let dearest = self.dearest(backing, positions, from);
        let (below, above) = (dearest.at(from / 2) > 0, dearest.at(from * 2) > 0);
        // A line that rises cannot be lost above a place where it is safe, nor one that falls below it.
        (below && above).then_some(LiquidationLevels {
            below: (dearest.slope > 0).then_some(Mark(from / 2)),
            above: (dearest.slope < 0).then_some(Mark(from * 2)),
        })
    }

    /// Excess of equity over a requirement no lower than the real one, as one line.
    fn dearest(&self, backing: Usd, positions: &[Position], mark: i64) -> Piece {
        let mut dearest = Piece { constant: i128::from(backing.0) * self.per_usd, slope: 0, limit: mark };
        for position in positions.iter().filter(|position| !position.is_flat()) {
            let lots = i128::from(position.qty.0);
            dearest.constant -= position.cost * self.per_tick_lot;
            dearest.slope += lots * self.per_mark_lot - lots.abs() * self.dearest_charge;
        }
        dearest
    }

    fn tier_index(&self, size_mark: i128) -> usize {
        self.tiers.iter().position(|tier| size_mark <= tier.edge).unwrap_or(self.tiers.len() - 1)
    }

    fn piece(&self, backing: Usd, positions: &[Position], mark: i64, direction: Direction) -> Piece {
        let mut piece = Piece {
            constant: i128::from(backing.0) * self.per_usd,
            slope: 0,
            limit: if direction == Direction::Down { 1 } else { MARK_MAX.0 },
        };
        for position in positions.iter().filter(|position| !position.is_flat()) {
            let size = i128::from(position.qty.0.abs()) * self.value.numerator;
            let index = self.tier_index(size * i128::from(mark));
            let tier = &self.tiers[index];
            piece.constant += tier.deduction - position.cost * self.per_tick_lot;
            piece.slope += i128::from(position.qty.0) * self.per_mark_lot - size * tier.charge;
            match direction {
                Direction::Down if index > 0 => {
                    piece.limit = piece.limit.max(edge_mark(self.tiers[index - 1].edge, size) + 1);
                }
                Direction::Up if index + 1 < self.tiers.len() => {
                    piece.limit = piece.limit.min(edge_mark(tier.edge, size));
                }
                _ => {}
            }
        }
        piece
    }
}

/// The last mark of a tier for a position of this size.
fn edge_mark(edge: i128, size: i128) -> i64 {
    i64::try_from(edge / size).map_or(MARK_MAX.0, |mark| mark.min(MARK_MAX.0))
}

/// Where a piece that starts above zero first reaches it before its limit.
fn crossing(piece: &Piece, direction: Direction) -> Option<i64> {
    if piece.slope * i128::from(direction.sign()) >= 0 {
        return None;
    }
    let limit = i128::from(piece.limit);
    let (root, inside) = match direction {
        Direction::Down => {
            let root = (-piece.constant).div_euclid(piece.slope);
            (root, root >= limit)
        }
        Direction::Up => {
            let root = ceil_div(piece.constant, -piece.slope);
            (root, root <= limit)
        }
    };
    inside.then(|| i64::try_from(root).expect("a crossing before the limit is a mark"))
}

/// Initial margin of a notional at a leverage, rounded up to a micro-USDT.
pub fn initial_margin(notional: Usd, leverage: u16) -> Usd {
    let leverage = i64::from(leverage);
    Usd((notional.0.abs() + leverage - 1) / leverage)
}

fn ceil_div(numerator: i128, denominator: i128) -> i128 {
    -(-numerator).div_euclid(denominator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Price, Qty};

    fn held(qty: i64, price: i64) -> Position {
        let mut position = Position::FLAT;
        position.fill(Qty(qty), Price(price));
        position
    }

    #[test]
    fn a_long_by_hand() {
        // 1 BTC at 50 000 with 5 000 behind it, 0.4 % maintenance, 0.06 % fee:
        // 5 000 + m - 50 000 = 0.0046 m, so m = 45 000 / 0.9954 = 45 207.9566...
        let schedule = MarginSchedule::new(&Instrument::btcusdt());
        let levels = schedule.liquidation_levels(
            Usd(5_000_000_000),
            &[held(1_000, 500_000)],
            Mark(500_000_000_000_000),
        );
        assert_eq!(levels.below, Some(Mark(452_079_566_003_616)));
        assert_eq!(levels.above, None);
    }

    #[test]
    fn a_short_by_hand_crosses_into_the_next_tier() {
        // Short 3 BTC at 49 000 with 10 000: 157 000 / 3.0138 = 52 093.7..., but above 150 000 of notional the rate
        // is 0.5 %: 157 000 / 3.0168 = 52 041.89737...
        let schedule = MarginSchedule::new(&Instrument::btcusdt());
        let levels = schedule.liquidation_levels(
            Usd(10_000_000_000),
            &[held(-3_000, 490_000)],
            Mark(490_000_000_000_000),
        );
        assert_eq!(levels.below, None);
        assert_eq!(levels.above.map(|mark| mark.0 / 10_000_000_000), Some(52_041));
    }

    #[test]
    fn a_requirement_that_jumps_makes_the_edge_the_level() {
        // Short 3 BTC at 49 000 with 3 700 + a little: fine up to 150 000 (mark 50 000), lost one unit above it.
        let schedule = MarginSchedule::new(&Instrument::btcusdt());
        let legs = [held(-3_000, 490_000)];
        let backing = Usd(3_700_000_000);
        let level = schedule.liquidation_level(backing, &legs, Mark(490_000_000_000_000), Direction::Up);
        assert_eq!(level, Some(Mark(500_000_000_000_001)));
        assert!(!schedule.liquidates(backing, &legs, Mark(500_000_000_000_000)));
    }

    #[test]
    fn an_unlevered_long_is_never_lost() {
        let schedule = MarginSchedule::new(&Instrument::btcusdt());
        let levels = schedule.liquidation_levels(
            Usd(50_000_000_000),
            &[held(1_000, 500_000)],
            Mark(500_000_000_000_000),
        );
        assert_eq!(levels, LiquidationLevels::default());
    }

    #[test]
    fn initial_margin_rounds_up() {
        assert_eq!(initial_margin(Usd(100), 3), Usd(34));
        assert_eq!(initial_margin(Usd(-99), 3), Usd(33));
    }
}
