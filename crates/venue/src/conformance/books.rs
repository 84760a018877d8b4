//! What a farm knows of one account from what it was told, and nothing else.
//!
//! Refuses a report twice, one with a hole before it that is never filled, and a fill of an order it never asked for.

use model::{
    AccountId, Fill, Instrument, Known, KnownOrder, Leg, OrderId, OrderKind, OrderRequest, Position,
    PositionSide, Price, Progress, Qty, Report, Usd,
};
use model::{RejectReason, Time};
use std::collections::BTreeMap;

/// An order, as far as was told.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) request: OrderRequest,
    pub(super) filled: Qty,
    pub(super) progress: Progress,
}

/// The books.
#[derive(Clone, Debug)]
pub(super) struct Books {
    pub(super) account: AccountId,
    /// What was told, in order, and of what number the last was.
    pub(super) heard: Vec<(Time, Report)>,
    early: BTreeMap<u64, (Time, Report)>,
    pub(super) open: Vec<Kept>,
    pub(super) positions: [Position; 2],
    pub(super) wallet: Usd,
}

fn line(side: PositionSide) -> usize {
    usize::from(side == PositionSide::Short)
}

impl Books {
    pub(super) fn new(account: AccountId, wallet: Usd) -> Books {
        let positions = [Position::FLAT; 2];
        Books { account, heard: Vec::new(), early: BTreeMap::new(), open: Vec::new(), positions, wallet }
    }

    /// An order is asked for; its legs wait for it.
    pub(super) fn ask(&mut self, order: &OrderRequest) {
        let mut keep = |request: OrderRequest, progress| {
            if self.open.iter().all(|kept| kept.request.id != request.id) {
                self.open.push(Kept { request, filled: Qty::ZERO, progress });
            }
        };
        keep(*order, Progress::Sent);
        order.legs().for_each(|leg| keep(leg, Progress::Attached));
    }

    /// A numbered report; those that follow it without a gap are believed.
    pub(super) fn hear(
        &mut self,
        instrument: &Instrument,
        number: u64,
        at: Time,
        report: Report,
    ) -> Result<(), String> {
        let heard = self.heard.len() as u64;
        if number <= heard {
            // A history may repeat what was said, word for word.
            let before = self.heard[usize::try_from(number - 1).expect("a number fits")].1;
            return if before == report {
                Ok(())
            } else {
                Err(format!("number {number} was {before:?} and is {report:?}"))
            };
        }
        self.early.insert(number, (at, report));
        while let Some((at, report)) = self.early.remove(&(self.heard.len() as u64 + 1)) {
            self.heard.push((at, report));
            self.believe(instrument, &report)?;
        }
        Ok(())
    }

    /// What was on its way when the process died.
    pub(super) fn lose_early(&mut self) {
        self.early.clear();
    }

    fn believe(&mut self, instrument: &Instrument, report: &Report) -> Result<(), String> {
        let mut end = None;
        match *report {
            Report::Filled(fill) => {
                self.fill(instrument, &fill)?;
                end = (fill.remaining.0 == 0).then_some(fill.id);
            }
            Report::Cancelled { id, .. } => end = Some(id),
            Report::Rejected { reason: RejectReason::DuplicateId, .. } => {}
            Report::Rejected { id, .. } => {
                let is_new = |kept: &Kept| kept.filled.0 == 0 && kept.progress == Progress::Sent;
                end = self.open.iter().any(|kept| kept.request.id == id && is_new(kept)).then_some(id);
            }
            Report::Accepted { id } | Report::Triggered { id } => {
                if let Some(kept) = self.open.iter_mut().find(|kept| kept.request.id == id) {
                    kept.progress = Progress::Taken;
                }
            }
            Report::Amended { id, price } => self.amend(id, price),
            Report::Funding { amount, .. } => self.wallet += amount,
            Report::Liquidated { position_side, qty, price, fee, settlement } => {
                let realised = self.positions[line(position_side)].fill(qty, price);
                self.wallet = self.wallet + instrument.usd(realised.profit) - fee + settlement;
            }
            Report::Deleveraged { position_side, qty, price } => {
                let realised = self.positions[line(position_side)].fill(qty, price);
                self.wallet += instrument.usd(realised.profit);
            }
        }
        if let Some(id) = end {
            self.end(id);
        }
        Ok(())
    }

    fn fill(&mut self, instrument: &Instrument, fill: &Fill) -> Result<(), String> {
        let realised = self.positions[line(fill.position_side)].fill(fill.qty, fill.price);
        self.wallet = self.wallet + instrument.usd(realised.profit) - fill.fee;
        let kept = self.open.iter_mut().find(|kept| kept.request.id == fill.id);
        let kept = kept.ok_or_else(|| format!("a fill of nothing that was asked for: {fill:?}"))?;
        kept.filled += fill.qty.abs();
        kept.progress = Progress::Taken;
        Ok(())
    }

    fn amend(&mut self, id: OrderId, to: Price) {
        if let Some(kept) = self.open.iter_mut().find(|kept| kept.request.id == id)
            && let OrderKind::Limit { price, .. } | OrderKind::StopMarket { trigger: price } =
                &mut kept.request.kind
        {
            *price = to;
        }
    }

    fn end(&mut self, id: OrderId) {
        let never = self.open.iter().any(|kept| kept.request.id == id && kept.filled.0 == 0);
        self.open.retain(|kept| {
            let own = kept.request.id;
            let leg = never && id.leg == Leg::Own && own.with_leg(Leg::Own) == id;
            own != id && !(leg && kept.progress == Progress::Attached)
        });
        // Nothing is left to wait for once a position is flat.
        let flat = self.positions.iter().all(|position| position.qty.0 == 0);
        let heard = &self.heard;
        let is_alone = |leg: &Kept| {
            let entry = leg.request.id.with_leg(Leg::Own);
            let whole = |fill: &Fill| fill.id == entry && fill.remaining.0 == 0;
            heard.iter().any(|(_, report)| matches!(report, Report::Filled(fill) if whole(fill)))
        };
        self.open.retain(|kept| !(flat && kept.progress == Progress::Attached && is_alone(kept)));
    }

    /// Orders that rest, as far as was told.
    pub(super) fn resting(&self) -> Vec<OrderId> {
        let rests = self.open.iter().filter(|kept| kept.progress == Progress::Taken);
        let mut rests: Vec<OrderId> = rests.map(|kept| kept.request.id).collect();
        rests.sort_unstable();
        rests
    }

    /// What is known, for a process that begins anew.
    pub(super) fn known(&self, since: Time) -> Known {
        let order = |kept: &Kept| {
            let price = match kept.request.kind {
                OrderKind::Limit { price, .. } | OrderKind::StopLimit { price, .. } => Some(price),
                OrderKind::StopMarket { trigger } | OrderKind::TakeProfit { trigger } => Some(trigger),
                OrderKind::Market | OrderKind::TrailingStop { .. } => None,
            };
            let OrderRequest { id, side, qty, reduce_only, .. } = kept.request;
            KnownOrder { id, side, qty, price, reduce_only, progress: kept.progress, filled: kept.filled }
        };
        let funded = self.heard.iter().filter(|(_, report)| matches!(report, Report::Funding { .. }));
        let funded_at = funded.clone().map(|(at, _)| *at).max().unwrap_or(Time(i64::MIN));
        let fills = self.heard.iter().filter_map(|(at, report)| match report {
            Report::Filled(fill) => Some((*at, *fill)),
            _ => None,
        });
        let is_forced =
            |report: &&Report| matches!(report, Report::Liquidated { .. } | Report::Deleveraged { .. });
        let forced = self.heard.iter().map(|(_, report)| report).filter(is_forced);
        Known {
            account: self.account,
            heard: self.heard.len() as u64,
            since: self.heard.last().map_or(since, |(at, _)| *at),
            funded: (funded_at, funded.filter(|(at, _)| *at == funded_at).count()),
            orders: self.open.iter().map(order).collect(),
            positions: self.positions.iter().map(|held| held.qty).filter(|qty| qty.0 != 0).collect(),
            fills: fills.collect(),
            forced: forced.copied().collect(),
        }
    }
}
