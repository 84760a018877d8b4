//! What a farm would make of what it is told, held against the exchange in the end.

use crate::world::{UID, Wire, World};
use model::{Instrument, Leg, OrderId, OrderRequest, PositionSide, Progress, Qty, Report};

impl World {
    /// The farm's books follow a report.
    pub fn believe(&mut self, report: &Report) {
        let instrument = Instrument::btcusdt();
        let mut end = None;
        match report {
            Report::Filled(fill) => {
                let line = usize::from(fill.position_side == PositionSide::Short);
                let realised = self.positions[line].fill(fill.qty, fill.price);
                self.wallet = self.wallet + instrument.usd(realised.profit) - fill.fee;
                let known = self.open.iter_mut().find(|(order, ..)| order.id == fill.id);
                let (_, filled, progress) =
                    known.unwrap_or_else(|| panic!("a fill of nothing we know: {fill:?}"));
                *filled += fill.qty.abs();
                *progress = Progress::Taken;
                end = (fill.remaining.0 == 0).then_some(fill.id);
            }
            Report::Cancelled { id, .. } => end = Some(*id),
            Report::Rejected { id, .. } => {
                let is_new = |(order, filled, progress): &&(OrderRequest, Qty, Progress)| {
                    order.id == *id && filled.0 == 0 && *progress != Progress::Taken
                };
                end = self.open.iter().find(is_new).map(|_| *id);
            }
            Report::Accepted { id } | Report::Triggered { id } => {
                if let Some((.., progress)) = self.open.iter_mut().find(|(order, ..)| order.id == *id) {
                    *progress = Progress::Taken;
                }
            }
            Report::Amended { .. } => {}
            Report::Funding { amount, .. } => self.wallet += *amount,
            Report::Liquidated { position_side, qty, price, fee, settlement } => {
                let line = usize::from(*position_side == PositionSide::Short);
                let realised = self.positions[line].fill(*qty, *price);
                self.wallet = self.wallet + instrument.usd(realised.profit) - *fee + *settlement;
            }
            Report::Deleveraged { position_side, qty, price } => {
                let line = usize::from(*position_side == PositionSide::Short);
                self.wallet += instrument.usd(self.positions[line].fill(*qty, *price).profit);
            }
        }
        if let Some(id) = end {
            let never = self.open.iter().any(|(order, filled, _)| order.id == id && filled.0 == 0);
            self.open.retain(|(order, _, progress)| {
                let leg = never && id.leg == Leg::Own && order.id.with_leg(Leg::Own) == id;
                order.id != id && !(leg && *progress == Progress::Attached)
            });
        }
    }

    /// The wire is kind again, and everything is found out.
    pub fn heal(&mut self) {
        self.wire = Wire::Kind;
        self.pass(60);
        // The market goes on: what filled in the last second is still on its way.
        let told = |world: &World| {
            world.holdings.last().is_some_and(|last| last.last == world.reports.len() as u64)
                && world.exchange.wallet_of(UID) == Some(world.wallet)
        };
        for _ in 0..30 {
            if told(self) {
                return;
            }
            self.pass(10);
        }
    }

    /// What was told explains what the exchange has.
    pub fn compare(&self) {
        let holding = self.holdings.last().expect("after healing an account is told of");
        assert_eq!(holding.last, self.reports.len() as u64, "all reports are heard\n{}", self.story());
        let told = self.positions.map(|position| position.qty);
        assert_eq!(holding.positions, told, "positions\n{}", self.story());
        assert_eq!(self.exchange.wallet_of(UID), Some(self.wallet), "money\n{}", self.story());
        assert_eq!(holding.wallet, self.wallet, "money, as it was told");
        let mut rests: Vec<OrderId> =
            holding.orders.iter().map(|id| id.expect("nobody else trades here")).collect();
        // What was lost on its way up was never there: a desk would say it again, or give it up.
        let known = self.open.iter().filter(|(.., progress)| *progress == Progress::Taken);
        let mut known: Vec<OrderId> = known.map(|(order, ..)| order.id).collect();
        rests.sort_unstable();
        known.sort_unstable();
        assert_eq!(rests, known, "orders\n{}", self.story());
    }
}
