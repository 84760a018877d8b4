//! What somebody who reads only the last segment must know of those before: what was heard of each account, the highest epoch,
//! and which inputs are left out.
//!
//! It is made from the frames alone, by whoever writes them and by whoever reads them. It refuses to hold what a snapshot
//! does: the state of the farm is not its business.

use super::told::Told;
use super::wire::{Reader, Writer};
use super::{JournalError, input};
use model::event::Audit;
use model::{AccountId, Event, Fill, Qty, Report, Time};
use std::collections::BTreeMap;

/// So many fills and the like are written down at most: with each below 64 bytes they stay below the longest frame.
const THINGS_MAX: usize = 200_000;

/// What was heard up to a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) told: BTreeMap<AccountId, Told>,
    pub(super) epoch: u16,
    pub(super) skipped: Vec<u64>,
}

impl Memory {
    /// One more input.
    pub(super) fn hear(&mut self, at: Time, event: &Event) {
        match event {
            Event::Report(account, report) => self.told.entry(*account).or_default().hear(at, report),
            Event::Audit(account, Audit::End) => self.told.entry(*account).or_default().audit(at),
            Event::Tenure(under) => self.epoch = self.epoch.max(*under),
            _ => {}
        }
    }

    /// Whether it fits into a frame: what one day's fills come to is not bounded by us.
    pub(super) fn is_writable(&self) -> bool {
        let things = |told: &Told| told.fills.len() + told.filled.len() + told.forced.len();
        self.skipped.len() + self.told.values().map(things).sum::<usize>() <= THINGS_MAX
    }

    pub(super) fn write(&self, w: &mut Writer) {
        let Memory { told, epoch, skipped } = self;
        w.u16(*epoch);
        w.length(skipped.len());
        skipped.iter().for_each(|number| w.u64(*number));
        w.length(told.len());
        for (account, told) in told {
            w.u16(account.0);
            write_told(w, told);
        }
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Memory, JournalError> {
        let epoch = r.u16()?;
        let skipped = (0..r.length()?).map(|_| r.u64()).collect::<Result<_, _>>()?;
        let one = |r: &mut Reader<'_>| Ok((AccountId(r.u16()?), read_told(r)?));
        let told = (0..r.length()?).map(|_| one(r)).collect::<Result<_, JournalError>>()?;
        Ok(Memory { told, epoch, skipped })
    }
}

fn write_told(w: &mut Writer, told: &Told) {
    let Told { audited, funded: (funded_at, funded), fills, filled, forced } = told;
    w.i64(audited.0);
    w.i64(funded_at.0);
    w.length(*funded);
    w.length(fills.len());
    for (at, fill) in fills {
        w.i64(at.0);
        input::write_report(w, &Report::Filled(*fill));
    }
    w.length(filled.len());
    for (id, qty) in filled {
        input::write_order_id(w, *id);
        w.i64(qty.0);
    }
    w.length(forced.len());
    for (at, report) in forced {
        w.i64(at.0);
        input::write_report(w, report);
    }
}

fn read_told(r: &mut Reader<'_>) -> Result<Told, JournalError> {
    let fill = |r: &mut Reader<'_>| match (Time(r.i64()?), input::read_report(r)?) {
        (at, Report::Filled(fill)) => Ok::<(Time, Fill), _>((at, fill)),
        _ => Err(JournalError::Content("a fill that is none")),
    };
    let (audited, funded) = (Time(r.i64()?), (Time(r.i64()?), r.length()?));
    let fills = (0..r.length()?).map(|_| fill(r)).collect::<Result<_, _>>()?;
    let one = |r: &mut Reader<'_>| Ok((input::read_order_id(r)?, Qty(r.i64()?)));
    let filled = (0..r.length()?).map(|_| one(r)).collect::<Result<_, JournalError>>()?;
    let one = |r: &mut Reader<'_>| Ok((Time(r.i64()?), input::read_report(r)?));
    let forced = (0..r.length()?).map(|_| one(r)).collect::<Result<_, JournalError>>()?;
    Ok(Told { audited, funded, fills, filled, forced })
}
