//! Events and bars as bytes, and back.

use super::JournalError;
use super::wire::{Reader, Writer};
use model::event::{Audit, Measured, Shock, Wake};
use model::{
    AccountId, Bar, BarColumns, Bars, BotId, CancelReason, Event, Fill, Interval, Leg, Liquidity, Mark,
    OrderId, PositionSide, Price, Qty, Rate, RejectReason, Report, Time, Usd,
};

/// The largest figures that a venue says: beyond these sums of money would not fit. Whoever writes a larger one did not
/// hear it from a venue.
const PRICE_MAX: i64 = 10_000_000_000;
const QTY_MAX: i64 = 100_000_000_000;
const USD_MAX: i64 = 1_000_000_000_000_000;
const MARK_MAX: i64 = 1_000_000_000_000_000_000;
const RATE_MAX: i64 = 10_000_000_000_000;

/// A figure within its bounds, on either side of zero.
fn within(r: &mut Reader<'_>, most: i64) -> Result<i64, JournalError> {
    let value = r.i64()?;
    let inside = (-most..=most).contains(&value);
    if inside { Ok(value) } else { Err(JournalError::Content("a figure that no venue says")) }
}

fn price(r: &mut Reader<'_>) -> Result<Price, JournalError> {
    Ok(Price(within(r, PRICE_MAX)?))
}

fn qty(r: &mut Reader<'_>) -> Result<Qty, JournalError> {
    Ok(Qty(within(r, QTY_MAX)?))
}

fn usd(r: &mut Reader<'_>) -> Result<Usd, JournalError> {
    Ok(Usd(within(r, USD_MAX)?))
}

/// Whether a venue could say it: what cannot be read again must not be written.
pub(crate) fn can_be_said(event: &Event) -> bool {
    let mut w = Writer::default();
    write_event(&mut w, Time::default(), event);
    read_event(&mut Reader(&w.0)).is_ok_and(|(_, back)| back == *event)
}

/// Whether a bar is one, and no larger than any.
pub(crate) fn can_be_lent(bar: &Bar) -> bool {
    let ends = [bar.open, bar.close].iter().all(|end| (bar.low..=bar.high).contains(end));
    ends && bar.low.0 > 0 && bar.high.0 <= PRICE_MAX
}

/// The place of a value in its list, as a byte.
fn place<T: PartialEq + std::fmt::Debug>(all: &[T], value: &T) -> u8 {
    let at = all.iter().position(|known| known == value);
    u8::try_from(at.unwrap_or_else(|| panic!("{value:?} is in the list of its kind")))
        .expect("lists are short")
}

fn placed<T: Copy>(all: &[T], reader: &mut Reader<'_>) -> Result<T, JournalError> {
    all.get(usize::from(reader.byte()?)).copied().ok_or(JournalError::Content("a word of it is not known"))
}

const SIDES: [PositionSide; 3] = [PositionSide::Net, PositionSide::Long, PositionSide::Short];
const LIQUIDITY: [Liquidity; 2] = [Liquidity::Maker, Liquidity::Taker];
const CANCELLED: [CancelReason; 7] = [
    CancelReason::Requested,
    CancelReason::Unfilled,
    CancelReason::PositionClosed,
    CancelReason::OtherFilled,
    CancelReason::Liquidated,
    CancelReason::InsufficientMargin,
    CancelReason::Vanished,
];

pub(super) fn write_order_id(w: &mut Writer, id: OrderId) {
    w.u16(id.bot.0);
    w.u16(id.epoch);
    w.u32(id.decision);
    w.byte(match id.leg {
        Leg::Own => 0,
        Leg::Stop => 1,
        Leg::Target(rung) => 2 + rung,
    });
}

pub(super) fn read_order_id(r: &mut Reader<'_>) -> Result<OrderId, JournalError> {
    let (bot, epoch, decision) = (BotId(r.u16()?), r.u16()?, r.u32()?);
    let leg = match r.byte()? {
        0 => Leg::Own,
        1 => Leg::Stop,
        rung => Leg::Target(rung - 2),
    };
    Ok(OrderId { bot, epoch, decision, leg })
}

/// Writes an event and its instant.
pub(super) fn write_event(w: &mut Writer, now: Time, event: &Event) {
    w.i64(now.0);
    match event {
        Event::Tick(price) => {
            w.byte(0);
            w.i64(price.0);
        }
        Event::Report(account, report) => {
            w.byte(1);
            w.u16(account.0);
            write_report(w, report);
        }
        Event::Shock(shock) => {
            w.byte(2);
            w.byte(place(&Shock::ALL, shock));
        }
        Event::Audit(account, audit) => {
            w.byte(4);
            w.u16(account.0);
            write_audit(w, audit);
        }
        Event::Command(command) => {
            w.byte(6);
            super::command::write(w, command);
        }
        Event::Unsayable(account) => {
            w.byte(11);
            w.u16(account.0);
        }
        Event::Quarantined(account) => {
            w.byte(10);
            w.optional(*account, |w, account| w.u16(account.0));
        }
        Event::Measured(Measured { factor, stamp, bits }) => {
            w.byte(9);
            w.byte(*factor);
            w.i64(stamp.0);
            w.u64(*bits);
        }
        Event::Wake(wake) => {
            let (tag, bot) = match *wake {
                Wake::Unanswered(bot) => (3, bot),
                Wake::Leave(bot) => (7, bot),
                Wake::Unapproved(bot) => (8, bot),
            };
            w.byte(tag);
            w.u16(bot.0);
        }
        Event::Tenure(epoch) => {
            w.byte(5);
            w.u16(*epoch);
        }
    }
}

/// Reads it.
pub(super) fn read_event(r: &mut Reader<'_>) -> Result<(Time, Event), JournalError> {
    let now = Time(r.i64()?);
    let event = match r.byte()? {
        0 => Event::Tick(price(r)?),
        1 => Event::Report(AccountId(r.u16()?), read_report(r)?),
        2 => Event::Shock(placed(&Shock::ALL, r)?),
        3 => Event::Wake(Wake::Unanswered(BotId(r.u16()?))),
        5 => Event::Tenure(r.u16()?),
        6 => Event::Command(super::command::read(r)?),
        7 => Event::Wake(Wake::Leave(BotId(r.u16()?))),
        8 => Event::Wake(Wake::Unapproved(BotId(r.u16()?))),
        11 => Event::Unsayable(AccountId(r.u16()?)),
        10 => Event::Quarantined(r.optional(|r| Ok(AccountId(r.u16()?)))?),
        9 => Event::Measured(Measured { factor: r.byte()?, stamp: Time(r.i64()?), bits: r.u64()? }),
        4 => Event::Audit(AccountId(r.u16()?), read_audit(r)?),
        _ => return Err(JournalError::Content("an event of a kind that is not known")),
    };
    Ok((now, event))
}

fn write_audit(w: &mut Writer, audit: &Audit) {
    match *audit {
        Audit::Begin { wallet, positions: [net, short] } => {
            w.byte(0);
            w.ints([wallet.0, net.0, short.0]);
        }
        Audit::Order(id) => tagged(w, 1, id),
        Audit::Foreign => w.byte(2),
        Audit::End => w.byte(3),
    }
}

fn read_audit(r: &mut Reader<'_>) -> Result<Audit, JournalError> {
    Ok(match r.byte()? {
        0 => Audit::Begin { wallet: usd(r)?, positions: [qty(r)?, qty(r)?] },
        1 => Audit::Order(read_order_id(r)?),
        2 => Audit::Foreign,
        3 => Audit::End,
        _ => return Err(JournalError::Content("an audit of a kind that is not known")),
    })
}

pub(super) fn write_report(w: &mut Writer, report: &Report) {
    match *report {
        Report::Accepted { id } => tagged(w, 0, id),
        Report::Rejected { id, reason } => {
            tagged(w, 1, id);
            w.byte(place(&RejectReason::ALL, &reason));
        }
        Report::Triggered { id } => tagged(w, 2, id),
        Report::Filled(fill) => {
            tagged(w, 3, fill.id);
            w.byte(place(&SIDES, &fill.position_side));
            w.ints([fill.qty.0, fill.price.0, fill.fee.0, fill.remaining.0]);
            w.byte(place(&LIQUIDITY, &fill.liquidity));
        }
        Report::Cancelled { id, reason } => {
            tagged(w, 4, id);
            w.byte(place(&CANCELLED, &reason));
        }
        Report::Amended { id, price } => {
            tagged(w, 5, id);
            w.i64(price.0);
        }
        Report::Funding { position_side, position, mark, rate, amount } => {
            w.byte(6);
            w.byte(place(&SIDES, &position_side));
            w.ints([position.0, mark.0, rate.0, amount.0]);
        }
        Report::Deleveraged { position_side, qty, price } => {
            w.byte(8);
            w.byte(place(&SIDES, &position_side));
            w.ints([qty.0, price.0]);
        }
        Report::Liquidated { position_side, qty, price, fee, settlement } => {
            w.byte(7);
            w.byte(place(&SIDES, &position_side));
            w.ints([qty.0, price.0, fee.0, settlement.0]);
        }
    }
}

fn tagged(w: &mut Writer, tag: u8, id: OrderId) {
    w.byte(tag);
    write_order_id(w, id);
}

pub(super) fn read_report(r: &mut Reader<'_>) -> Result<Report, JournalError> {
    let tag = r.byte()?;
    if tag >= 6 {
        return read_position_report(r, tag);
    }
    let id = read_order_id(r)?;
    Ok(match tag {
        0 => Report::Accepted { id },
        1 => Report::Rejected { id, reason: placed(&RejectReason::ALL, r)? },
        2 => Report::Triggered { id },
        3 => {
            let position_side = placed(&SIDES, r)?;
            let (qty, price, fee, remaining) = (qty(r)?, price(r)?, usd(r)?, qty(r)?);
            let liquidity = placed(&LIQUIDITY, r)?;
            Report::Filled(Fill { id, position_side, qty, price, fee, liquidity, remaining })
        }
        4 => Report::Cancelled { id, reason: placed(&CANCELLED, r)? },
        _ => Report::Amended { id, price: price(r)? },
    })
}

fn read_position_report(r: &mut Reader<'_>, tag: u8) -> Result<Report, JournalError> {
    let position_side = placed(&SIDES, r)?;
    match tag {
        6 => {
            let (position, mark, rate) = (qty(r)?, Mark(within(r, MARK_MAX)?), Rate(within(r, RATE_MAX)?));
            Ok(Report::Funding { position_side, position, mark, rate, amount: usd(r)? })
        }
        7 => {
            let (qty, price, fee) = (qty(r)?, price(r)?, usd(r)?);
            Ok(Report::Liquidated { position_side, qty, price, fee, settlement: usd(r)? })
        }
        8 => Ok(Report::Deleveraged { position_side, qty: qty(r)?, price: price(r)? }),
        _ => Err(JournalError::Content("a report of a kind that is not known")),
    }
}

/// Writes a lent run of bars.
pub(super) fn write_bars(w: &mut Writer, bars: &Bars<'_>) {
    w.i64(bars.interval.0);
    w.length(bars.len());
    for i in 0..bars.len() {
        let bar = bars.get(i);
        w.ints([bar.open_time.0, bar.open.0, bar.high.0, bar.low.0, bar.close.0]);
        w.f64(bar.volume);
    }
}

/// Reads it into columns that are emptied first.
pub(super) fn read_bars(r: &mut Reader<'_>, columns: &mut BarColumns) -> Result<(), JournalError> {
    let interval = Interval(r.i64()?);
    if columns.interval != interval {
        *columns = BarColumns::new(interval);
    }
    columns.clear();
    for _ in 0..r.length()? {
        let open_time = Time(r.i64()?);
        let (open, high, low, close) = (price(r)?, price(r)?, price(r)?, price(r)?);
        columns.push(Bar { open_time, open, high, low, close, volume: r.f64()? });
    }
    Ok(())
}
