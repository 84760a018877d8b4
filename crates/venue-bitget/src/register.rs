//! Our orders as the exchange knows them: its ids, where each rests, how often it was replaced.
//!
//! V2's fills name the exchange's id only, a trigger that went off comes back under a new one, the preset stop of an
//! entry comes to life under an id nobody chose: here they are led back to the decision they are of. Built anew from
//! listings after a restart. Refuses to adopt a stop that more than one of our entries could have brought along.

use crate::meaning::{OrderState, PlanKind, PlanState, PlanStatus, Status};
use crate::order_id::{Origin, Sent};
use crate::request::{Handle, Place, Resting};
use crate::wire::Generation;
use model::{Leg, OrderId, OrderKind, OrderRequest, PositionSide, Price, Qty};
use std::collections::{BTreeMap, VecDeque};

/// Ids of the exchange's that are led back: late fills of what is long over must still find home.
pub const IDS_MAX: usize = 4_096;

/// What is known of an order that may rest.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    order_id: Option<String>,
    place: Place,
    qty: Qty,
    reduce_only: bool,
    revision: u16,
}

/// The stop an entry takes along, until it is found as an order of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Preset {
    stop: Price,
    position_side: PositionSide,
}

/// The register of one account on one symbol.
#[derive(Clone, Debug, Default)]
pub struct Register {
    orders: BTreeMap<OrderId, Known>,
    presets: BTreeMap<OrderId, Preset>,
    by_exchange: BTreeMap<String, OrderId>,
    /// The same ids, in the order they came.
    ids: VecDeque<String>,
}

impl Register {
    /// Nothing known yet.
    pub fn new() -> Register {
        Register::default()
    }

    /// A new order is on its way.
    pub fn sent(&mut self, order: &OrderRequest) {
        let place = match order.kind {
            OrderKind::Market | OrderKind::Limit { .. } => Place::Book,
            OrderKind::StopLimit { price, .. } => Place::Trigger { limit: Some(price) },
            _ => Place::Trigger { limit: None },
        };
        let OrderRequest { qty, reduce_only, position_side, .. } = *order;
        self.orders.insert(order.id, Known { order_id: None, place, qty, reduce_only, revision: 0 });
        if let Some(bracket) = order.bracket {
            self.presets.insert(order.id, Preset { stop: bracket.stop, position_side });
        }
    }

    /// After a restart: an entry of the journal's brought this stop along, and has filled.
    pub fn expect_stop(&mut self, entry: OrderId, stop: Price, position_side: PositionSide) {
        self.presets.insert(entry, Preset { stop, position_side });
    }

    /// It was acknowledged under this id.
    pub fn taken(&mut self, id: OrderId, order_id: &str) {
        if let Some(known) = self.orders.get_mut(&id) {
            known.order_id = Some(order_id.to_owned());
        }
        self.lead_back(order_id, id);
    }

    /// It was refused, or never accepted: nothing of it is left.
    pub fn refused(&mut self, id: OrderId) {
        self.presets.remove(&id);
        self.end(id);
    }

    /// An amendment of it was accepted. V2 makes a new order of the book, of which only our new id is known.
    pub fn amended(&mut self, id: OrderId, generation: Generation) {
        let Some(known) = self.orders.get_mut(&id) else { return };
        if generation == Generation::V2 && known.place == Place::Book {
            known.revision = known.revision.saturating_add(1);
            known.order_id = None;
        }
    }

    /// Takes an order of a listing or a stream in; says whose it is.
    pub fn saw_order(&mut self, state: &OrderState) -> Option<OrderId> {
        let known_by_id = self.by_exchange.get(&state.order_id).copied();
        let (id, revision) = match state.origin {
            Origin::Ours(sent) => (sent.order, Some(sent.revision)),
            // The child of a trigger, under an id of the exchange's.
            Origin::Foreign(_) => (known_by_id?, None),
        };
        self.lead_back(&state.order_id, id);
        let is_current =
            revision.is_none_or(|seen| self.orders.get(&id).is_none_or(|known| seen >= known.revision));
        if !is_current {
            // The order an amendment took the place of: its end is not the end of ours.
            return Some(id);
        }
        match state.status {
            Status::Filled | Status::Ended(_) => {
                self.end(id);
                if state.filled.0 == 0 {
                    // What never filled brought nothing along.
                    self.presets.remove(&id);
                }
            }
            Status::Live | Status::PartlyFilled | Status::Unknown(_) => {
                let reduce_only =
                    self.orders.get(&id).is_some_and(|known| known.reduce_only) || id.leg != Leg::Own;
                let order_id = Some(state.order_id.clone());
                let revision = revision.unwrap_or(0);
                let known = Known { order_id, place: Place::Book, qty: state.qty, reduce_only, revision };
                self.orders.insert(id, known);
            }
        }
        Some(id)
    }

    /// Takes a trigger order in; says whose it is. A stop without a name of ours is led back to the one entry that
    /// brought such a stop along.
    pub fn saw_plan(&mut self, state: &PlanState) -> Option<OrderId> {
        let id = match state.origin {
            Origin::Ours(sent) => sent.order,
            Origin::Foreign(_) => {
                let adopted = || self.entry_of(state).map(|entry| entry.with_leg(Leg::Stop));
                self.whose(&state.order_id).or_else(adopted)?
            }
        };
        self.lead_back(&state.order_id, id);
        match &state.status {
            PlanStatus::Resting | PlanStatus::Unknown(_) => {
                let known = self.orders.get(&id);
                let limit = match known.map(|known| known.place) {
                    Some(Place::Trigger { limit }) => limit,
                    _ => None,
                };
                let is_exit = matches!(state.kind, PlanKind::Exit { .. });
                let place = if is_exit { Place::PositionStop } else { Place::Trigger { limit } };
                let qty = state.qty.or(known.map(|known| known.qty)).unwrap_or(Qty::ZERO);
                let reduce_only = is_exit || known.is_some_and(|known| known.reduce_only);
                let order_id = Some(state.order_id.clone());
                self.orders.insert(id, Known { order_id, place, qty, reduce_only, revision: 0 });
            }
            PlanStatus::Triggered { child } => {
                self.end(id);
                if let Some(child) = child {
                    self.lead_back(child, id);
                }
            }
            PlanStatus::Failed | PlanStatus::Cancelled => self.end(id),
        }
        Some(id)
    }

    /// What `Terms::send` wants to know of an order. The stop of an entry that has not filled is changed through it.
    pub fn resting(&self, id: OrderId) -> Option<Resting<'_>> {
        if let Some(known) = self.orders.get(&id) {
            return Some(known.resting(id, known.place));
        }
        let entry = id.with_leg(Leg::Own);
        let has_preset = id.leg == Leg::Stop && self.presets.contains_key(&entry);
        let known = self.orders.get(&entry).filter(|_| has_preset)?;
        Some(Resting { reduce_only: true, ..known.resting(entry, Place::Preset) })
    }

    /// Whose order the exchange means.
    pub fn whose(&self, order_id: &str) -> Option<OrderId> {
        self.by_exchange.get(order_id).copied()
    }

    /// An order of the exchange's is known to be this one of ours.
    pub fn adopt(&mut self, order_id: &str, id: OrderId) {
        self.lead_back(order_id, id);
    }

    /// Our orders that may rest.
    pub fn resting_ids(&self) -> impl Iterator<Item = OrderId> + '_ {
        self.orders.keys().copied()
    }

    /// The only entry of ours whose bracket has this stop, if there is exactly one.
    fn entry_of(&self, state: &PlanState) -> Option<OrderId> {
        let PlanKind::Exit { stop: Some(stop), .. } = state.kind else { return None };
        let wanted = Preset { stop, position_side: state.position_side };
        let mut fitting = self.presets.iter().filter(|(entry, preset)| {
            **preset == wanted && !self.orders.contains_key(&entry.with_leg(Leg::Stop))
        });
        let (entry, _) = fitting.next()?;
        fitting.next().is_none().then_some(*entry)
    }

    fn end(&mut self, id: OrderId) {
        self.orders.remove(&id);
        if id.leg == Leg::Stop {
            self.presets.remove(&id.with_leg(Leg::Own));
        }
    }

    fn lead_back(&mut self, order_id: &str, id: OrderId) {
        if self.by_exchange.insert(order_id.to_owned(), id).is_none() {
            self.ids.push_back(order_id.to_owned());
        }
        if self.ids.len() > IDS_MAX {
            let oldest = self.ids.pop_front().expect("a list that is too long has a first one");
            if self.orders.values().any(|known| known.order_id.as_ref() == Some(&oldest)) {
                // What rests is never forgotten, however old it is.
                self.ids.push_back(oldest);
            } else {
                self.by_exchange.remove(&oldest);
            }
        }
    }
}

impl Known {
    fn resting(&self, id: OrderId, place: Place) -> Resting<'_> {
        let handle = match &self.order_id {
            Some(order_id) => Handle::Exchange(order_id),
            None => Handle::Client(Sent { order: id, revision: self.revision }),
        };
        Resting { handle, place, qty: self.qty, reduce_only: self.reduce_only, revision: self.revision }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meaning::{Ending, Way};
    use crate::order_id::Foreign;
    use model::{BotId, Bracket, CancelReason, Side, TARGETS_MAX, Target, Time, TimeInForce};

    const FOREIGN: Origin = Origin::Foreign(Foreign::Unnamed);

    fn id(decision: u32, leg: Leg) -> OrderId {
        OrderId { bot: BotId(3), epoch: 0, decision, leg }
    }

    fn entry(decision: u32, stop: i64) -> OrderRequest {
        OrderRequest {
            id: id(decision, Leg::Own),
            side: Side::Buy,
            position_side: PositionSide::Long,
            qty: Qty(20),
            kind: OrderKind::Limit { price: Price(600_000), tif: TimeInForce::PostOnly },
            reduce_only: false,
            bracket: Some(Bracket { stop: Price(stop), targets: [Target::default(); TARGETS_MAX] }),
            one_cancels_other: None,
        }
    }

    fn order(order_id: &str, origin: Origin, status: Status) -> OrderState {
        OrderState {
            order_id: order_id.to_owned(),
            origin,
            status,
            from_trigger: false,
            way: Way { side: Side::Buy, position_side: PositionSide::Long, forced: None },
            qty: Qty(20),
            filled: Qty(0),
            price: None,
            execution: None,
            updated_at: Time(0),
        }
    }

    fn stop_plan(order_id: &str, stop: i64, status: PlanStatus) -> PlanState {
        let kind = PlanKind::Exit { stop: Some(Price(stop)), target: None };
        let position_side = PositionSide::Long;
        PlanState { order_id: order_id.to_owned(), origin: FOREIGN, status, kind, position_side, qty: None }
    }

    fn ours(decision: u32, revision: u16) -> Origin {
        Origin::Ours(Sent { order: id(decision, Leg::Own), revision })
    }

    #[test]
    fn a_stop_is_first_a_preset_then_an_order_then_a_fill() {
        let mut register = Register::new();
        let (own, stop) = (id(1, Leg::Own), id(1, Leg::Stop));
        register.sent(&entry(1, 590_000));
        let unacknowledged = register.resting(stop).unwrap();
        assert_eq!(unacknowledged.place, Place::Preset);
        assert!(register.resting(id(1, Leg::Target(0))).is_none(), "the ladder is not carried by the entry");
        assert_eq!(
            unacknowledged.handle,
            Handle::Client(Sent { order: own, revision: 0 }),
            "the entry carries it"
        );
        register.taken(own, "136");
        assert_eq!(register.resting(own).unwrap().handle, Handle::Exchange("136"));
        let filled = OrderState { filled: Qty(20), ..order("136", ours(1, 0), Status::Filled) };
        assert_eq!(register.saw_order(&filled), Some(own));
        assert!(register.resting(own).is_none() && register.resting(stop).is_none(), "not found yet");
        assert_eq!(register.saw_plan(&stop_plan("900", 590_000, PlanStatus::Resting)), Some(stop));
        let resting = register.resting(stop).unwrap();
        assert_eq!((resting.place, resting.handle), (Place::PositionStop, Handle::Exchange("900")));
        assert!(resting.reduce_only);
        // It was moved: the price no longer tells, the id does.
        assert_eq!(register.saw_plan(&stop_plan("900", 595_000, PlanStatus::Resting)), Some(stop));
        let triggered = PlanStatus::Triggered { child: Some("901".to_owned()) };
        assert_eq!(register.saw_plan(&stop_plan("900", 595_000, triggered)), Some(stop));
        assert_eq!(register.whose("901"), Some(stop), "fills of the child are the stop's");
        assert!(register.resting(stop).is_none());
        assert_eq!(register.saw_order(&order("901", FOREIGN, Status::Filled)), Some(stop));
        assert_eq!(register.whose("136"), Some(own), "late fills of the entry find home");
    }

    #[test]
    fn what_two_entries_could_have_brought_is_nobodys() {
        let mut register = Register::new();
        register.sent(&entry(1, 590_000));
        register.sent(&entry(2, 590_000));
        assert_eq!(register.saw_plan(&stop_plan("900", 590_000, PlanStatus::Resting)), None);
        register.refused(id(2, Leg::Own));
        assert_eq!(
            register.saw_plan(&stop_plan("900", 590_000, PlanStatus::Resting)),
            Some(id(1, Leg::Stop))
        );
        assert_eq!(
            register.saw_plan(&stop_plan("902", 590_000, PlanStatus::Resting)),
            None,
            "it has its stop"
        );
        assert_eq!(register.saw_plan(&stop_plan("903", 580_000, PlanStatus::Resting)), None, "made by hand");
        let short = PlanState {
            position_side: PositionSide::Short,
            ..stop_plan("904", 590_000, PlanStatus::Resting)
        };
        assert_eq!(register.saw_plan(&short), None);
        assert_eq!(register.saw_order(&order("77", FOREIGN, Status::Live)), None);
    }

    #[test]
    fn an_amended_order_of_v2_is_a_new_one_and_the_old_ones_end_is_not_its_own() {
        let mut register = Register::new();
        let own = id(1, Leg::Own);
        register.sent(&entry(1, 590_000));
        register.taken(own, "136");
        register.amended(own, Generation::V3);
        assert_eq!(register.resting(own).unwrap().handle, Handle::Exchange("136"), "V3 keeps the order");
        register.amended(own, Generation::V2);
        assert_eq!(register.resting(own).unwrap().handle, Handle::Client(Sent { order: own, revision: 1 }));
        let cancelled = Status::Ended(Ending::Cancelled(CancelReason::Requested));
        assert_eq!(register.saw_order(&order("136", ours(1, 0), cancelled.clone())), Some(own));
        assert!(register.resting(own).is_some());
        register.saw_order(&order("137", ours(1, 1), Status::Live));
        let resting = register.resting(own).unwrap();
        assert_eq!((resting.handle, resting.revision), (Handle::Exchange("137"), 1));
        register.saw_order(&order("137", ours(1, 1), cancelled));
        assert!(register.resting(own).is_none());
        assert_eq!(register.resting_ids().count(), 0);
    }

    #[test]
    fn after_a_restart_listings_are_enough() {
        let mut register = Register::new();
        register.saw_order(&order("136", ours(1, 3), Status::PartlyFilled));
        let resting = register.resting(id(1, Leg::Own)).unwrap();
        assert_eq!((resting.handle, resting.revision, resting.qty), (Handle::Exchange("136"), 3, Qty(20)));
        let own_stop = Origin::Ours(Sent { order: id(1, Leg::Stop), revision: 0 });
        let plan = PlanState { origin: own_stop, ..stop_plan("900", 590_000, PlanStatus::Resting) };
        assert_eq!(register.saw_plan(&plan), Some(id(1, Leg::Stop)));
        assert_eq!(register.resting(id(1, Leg::Stop)).unwrap().place, Place::PositionStop);
    }

    #[test]
    fn memory_has_an_end_and_keeps_what_rests() {
        let mut register = Register::new();
        register.saw_order(&order("oldest", ours(9_999, 0), Status::Live));
        for decision in 0..u32::try_from(IDS_MAX).unwrap() + 10 {
            register.saw_order(&order(&decision.to_string(), ours(decision, 0), Status::Filled));
        }
        assert!(
            register.by_exchange.len() <= IDS_MAX + 1 && register.ids.len() == register.by_exchange.len()
        );
        assert_eq!((register.whose("9"), register.whose("11")), (None, Some(id(11, Leg::Own))));
        assert_eq!(register.whose("oldest"), Some(id(9_999, Leg::Own)));
    }

    #[test]
    fn an_entry_that_never_filled_brought_no_stop() {
        let mut register = Register::new();
        register.sent(&entry(1, 590_000));
        let cancelled = Status::Ended(Ending::Cancelled(CancelReason::Requested));
        register.saw_order(&order("136", ours(1, 0), cancelled));
        assert_eq!(register.saw_plan(&stop_plan("900", 590_000, PlanStatus::Resting)), None);
        register.expect_stop(id(2, Leg::Own), Price(590_000), PositionSide::Long);
        assert_eq!(
            register.saw_plan(&stop_plan("900", 590_000, PlanStatus::Resting)),
            Some(id(2, Leg::Stop))
        );
    }
}
