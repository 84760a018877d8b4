//! Whatever can be said can be written down and read back; whatever is no journal is refused with a reason.

use super::wire::{Reader, Writer};
use super::*;
use model::event::{Shock, Wake};
use model::{
    AccountId, BarColumns, BotId, CancelReason, Event, Fill, Interval, Leg, Liquidity, Mark, OrderId,
    PositionSide, Price, Qty, Rate, RejectReason, Report, Rng, Time, Usd,
};

/// As large as any venue says.
fn int(rng: &mut Rng) -> i64 {
    rng.below(20_000_000_001) as i64 - 10_000_000_000
}

fn order_id(rng: &mut Rng) -> OrderId {
    let leg = match rng.below(6) {
        0 => Leg::Own,
        1 => Leg::Stop,
        rung => Leg::Target(rung as u8 - 2),
    };
    let (bot, epoch) = (BotId(rng.below(65_536) as u16), rng.below(65_536) as u16);
    OrderId { bot, epoch, decision: rng.next_u64() as u32, leg }
}

fn position_side(rng: &mut Rng) -> PositionSide {
    [PositionSide::Net, PositionSide::Long, PositionSide::Short][rng.below(3) as usize]
}

fn report(rng: &mut Rng) -> Report {
    let id = order_id(rng);
    match rng.below(9) {
        0 => Report::Accepted { id },
        1 => Report::Rejected {
            id,
            reason: RejectReason::ALL[rng.below(RejectReason::ALL.len() as u64) as usize],
        },
        2 => Report::Triggered { id },
        3 => Report::Filled(Fill {
            id,
            position_side: position_side(rng),
            qty: Qty(int(rng)),
            price: Price(int(rng)),
            fee: Usd(int(rng)),
            liquidity: if rng.below(2) == 0 { Liquidity::Maker } else { Liquidity::Taker },
            remaining: Qty(int(rng)),
        }),
        4 => Report::Cancelled { id, reason: CancelReason::OtherFilled },
        5 => Report::Amended { id, price: Price(int(rng)) },
        6 => Report::Funding {
            position_side: position_side(rng),
            position: Qty(int(rng)),
            mark: Mark(int(rng)),
            rate: Rate(int(rng)),
            amount: Usd(int(rng)),
        },
        7 => Report::Deleveraged {
            position_side: position_side(rng),
            qty: Qty(int(rng)),
            price: Price(int(rng)),
        },
        _ => Report::Liquidated {
            position_side: position_side(rng),
            qty: Qty(int(rng)),
            price: Price(int(rng)),
            fee: Usd(int(rng)),
            settlement: Usd(int(rng)),
        },
    }
}

fn event(rng: &mut Rng) -> Event {
    match rng.below(5) {
        0 => Event::Tick(Price(int(rng))),
        1 => Event::Report(AccountId(rng.below(65_536) as u16), report(rng)),
        2 => Event::Shock(Shock::ALL[rng.below(4) as usize]),
        3 => Event::Tenure(rng.below(65_536) as u16),
        _ => Event::Wake(Wake::Unanswered(BotId(rng.below(65_536) as u16))),
    }
}

#[test]
fn every_event_is_read_back() {
    let mut rng = Rng::new(1);
    for _ in 0..20_000 {
        let (now, event) = (Time(int(&mut rng)), event(&mut rng));
        let mut writer = Writer::default();
        input::write_event(&mut writer, now, &event);
        let mut reader = Reader(&writer.0);
        assert_eq!(input::read_event(&mut reader), Ok((now, event)));
        assert_eq!(reader.end(), Ok(()));
        // Cut anywhere it is refused, and nothing panics.
        let cut = rng.below(writer.0.len() as u64) as usize;
        assert!(input::read_event(&mut Reader(&writer.0[..cut])).is_err());
    }
}

#[test]
fn whatever_is_read_is_read_or_refused() {
    let mut rng = Rng::new(2);
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..rng.below(80)).map(|_| rng.below(256) as u8).collect();
        let _ = input::read_event(&mut Reader(&bytes));
        let _ = input::read_bars(&mut Reader(&bytes), &mut BarColumns::new(Interval::MINUTE));
        let _ = Origin::read(&mut Reader(&bytes));
        assert!(replay(&bytes).is_err());
    }
}

/// A figure that would not fit is refused before anybody reckons with it.
#[test]
fn what_no_venue_says_is_refused() {
    let id = order_id(&mut Rng::new(9));
    let fill = |qty, price| {
        let fee = Usd::ZERO;
        let (position_side, liquidity, remaining) = (PositionSide::Net, Liquidity::Taker, Qty::ZERO);
        Event::Report(
            id.bot.own_account(),
            Report::Filled(Fill { id, position_side, qty, price, fee, liquidity, remaining }),
        )
    };
    for (qty, price, is_said) in
        [(Qty(5), Price(7), true), (Qty(1 << 62), Price(7), false), (Qty(5), Price(1 << 62), false)]
    {
        let mut writer = Writer::default();
        input::write_event(&mut writer, Time(1), &fill(qty, price));
        assert_eq!(input::read_event(&mut Reader(&writer.0)).is_ok(), is_said);
    }
}

#[test]
fn a_stranger_is_told_so() {
    assert_eq!(replay(b"").err(), Some(JournalError::NoOrigin));
    let table = "time,open,high,low,close\n".repeat(100);
    assert_eq!(replay(table.as_bytes()).err(), Some(JournalError::NoOrigin));
    let mut other = MAGIC.to_vec();
    frame::write(&mut other, 0, frame::Kind::Origin, &(VERSION + 1).to_le_bytes(), 0);
    assert_eq!(replay(&other).err(), Some(JournalError::Version(VERSION + 1)));
    let mut without = MAGIC.to_vec();
    frame::write(&mut without, 0, frame::Kind::State, &[0; 8], 0);
    assert!(matches!(replay(&without).err(), Some(JournalError::Content(_))));
    assert!(matches!(replay(MAGIC).err(), Some(JournalError::Content(_))));
}
