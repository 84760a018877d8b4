//! A node: a machine with its clocks, and for each shard a lease it competes for or a seat it holds.

use crate::clock::Machine;
use crate::disk::Page;
use crate::strike::Key;
use crate::wire::Letter;
use crate::wired::Near;
use farm::{Clocks, Lease, NodeId, Right, Seat, ShardId};
use model::Time;

/// When a process dies: between writing and keeping, where there is something to lose, or right after it has spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doom {
    /// At the next step that writes.
    Writing,
    /// At the next step that decides: what is written down was never sent.
    Deciding,
    /// At the next step that asks for something, and has asked.
    Asking,
}

/// A shard on a node.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// Competing for it.
    pub(crate) lease: Option<Lease>,
    /// Holding it.
    pub(crate) seat: Option<Occupied>,
}

/// A seat, its number among those of its shard, and how many of the run's minutes it was shown.
#[derive(Debug)]
pub(crate) struct Occupied {
    pub(crate) seat: Seat<Page>,
    pub(crate) number: u32,
    pub(crate) shown: usize,
    /// What speaks for it, where bytes are spoken.
    pub(crate) near: Option<Box<Near>>,
}

impl Place {
    /// The lease, wherever it is.
    pub(crate) fn lease_mut(&mut self) -> Option<&mut Lease> {
        match &mut self.seat {
            Some(occupied) => occupied.seat.lease_mut(),
            None => self.lease.as_mut(),
        }
    }

    /// Leaves the seat, if it is taken; what is left is the lease.
    pub(crate) fn stand_up(&mut self) {
        if let Some(occupied) = self.seat.take()
            && let (Right::Leased(lease, _), _) = occupied.seat.stand_up()
        {
            self.lease = Some(lease);
        }
    }
}

/// A node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) number: u8,
    pub(crate) machine: Machine,
    /// Which of its lives this is.
    life: u32,
    pub(crate) places: Vec<Place>,
    /// Rises then, if it is dead.
    pub(crate) dead_until: Option<Time>,
    /// Stands still from and until then.
    pub(crate) frozen: Option<Pause>,
    /// What it should have heard meanwhile.
    pub(crate) late: Vec<(Key, Letter)>,
    /// How it dies, if it is to.
    pub(crate) doomed: Option<Doom>,
}

/// A machine stands still.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause {
    pub(crate) since: Time,
    pub(crate) until: Time,
    pub(crate) counted: Counted,
}

/// Whether the monotonic clock counts a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Yes,
    No,
}

/// More nodes than any run has.
const NODES_MAX: u32 = 8;

impl Node {
    pub(crate) fn new(number: u8, shards: u8) -> Node {
        Node {
            number,
            machine: Machine::default(),
            life: 0,
            places: (0..shards).map(|_| Place::default()).collect(),
            dead_until: None,
            frozen: None,
            late: Vec::new(),
            doomed: None,
        }
    }

    /// What both its clocks show.
    pub(crate) fn clocks(&self, now: Time) -> Clocks {
        self.machine.at(now)
    }

    /// Whether it is neither dead nor standing still.
    pub(crate) fn runs(&self) -> bool {
        self.dead_until.is_none() && self.frozen.is_none()
    }

    /// Another life begins: it competes for every shard, under a number that no life had.
    pub(crate) fn compete(&mut self) {
        self.life += 1;
        let node = NodeId(self.life * NODES_MAX + u32::from(self.number));
        for (place, shard) in self.places.iter_mut().zip(0..) {
            *place = Place { lease: Some(Lease::new(ShardId(shard), node)), seat: None };
        }
    }

    /// Goes on after a pause.
    pub(crate) fn thaw(&mut self) {
        let pause = self.frozen.take().expect("it stands still");
        if pause.counted == Counted::No {
            self.machine.miss(pause.until - pause.since);
        }
    }
}

/// Of a number that a node gave itself.
pub(crate) fn node_of(node: NodeId) -> u8 {
    u8::try_from(node.0 % NODES_MAX).expect("few nodes")
}
