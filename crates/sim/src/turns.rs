//! What nodes do in a run: they hear, think and speak, die and rise, gain and lose their shards.

use crate::checks::Broken;
use crate::company::{Ghosts, SHARED};
use crate::disk::Page;
use crate::fault::Fault;
use crate::front::Lateness;
use crate::node::{Doom, Occupied, node_of};
use crate::run::World;
use crate::settings::{Sabotage, Tenancy};
use crate::strike::{Far, Key, Link, Target, up_to};
use crate::wire::{Letter, Seated};
use crate::wired::Near;
use farm::{Clocks, FromVenue, LeaseAnswer, LeaseNews, LeaseRequest, Right, Seat, ToVenue};
use model::{Command, Interval, Leg, OrderRequest, Report, Request, Time};

/// The longest that a node is dead, and that a venue which throttles looks at nothing.
pub(crate) const DEAD_MAX: Interval = Interval(180_000);
pub(crate) const THROTTLE_MAX: Interval = Interval(5_000);

fn index(number: u8) -> usize {
    usize::from(number)
}

/// Whether a node dies behind what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Last {
    Words,
    No,
}

impl World<'_> {
    /// Who sits for a shard and may speak.
    pub(crate) fn holder(&self, shard: usize) -> Option<&Occupied> {
        let now = self.now;
        let seats = self.nodes.iter().filter(|node| node.runs()).filter_map(|node| {
            let occupied = node.places[shard].seat.as_ref()?;
            occupied.seat.may_speak(node.clocks(now)).then_some(occupied)
        });
        seats.max_by_key(|occupied| occupied.number)
    }

    /// Another life of a node.
    pub(crate) fn begin_life(&mut self, node: usize) -> Result<(), Broken> {
        self.nodes[node].compete();
        if self.tenancy == Tenancy::Leased {
            return Ok(());
        }
        (0..self.shards.len()).try_for_each(|shard| {
            self.nodes[node].places[shard].lease = None;
            self.take_seat(node, shard, Right::Sole)
        })
    }

    /// A seat is taken: from what the shard's disk holds.
    fn take_seat(&mut self, node: usize, shard: usize, right: Right) -> Result<(), Broken> {
        let (now, clocks) = (self.now, self.nodes[node].clocks(self.now));
        let kept = &mut self.shards[shard];
        kept.seats += 1;
        kept.epochs.insert(if let Right::Leased(_, epoch) = &right { *epoch } else { 0 });
        let number = kept.seats;
        let (disk, origin) = (&mut kept.disk, &kept.origin);
        let (bytes, mut behind) = (disk.read(), 0);
        let seat = if bytes.is_empty() {
            Seat::begin(Page::default(), origin, clocks, right)
        } else {
            Seat::rise(&bytes, clocks, right, |kept| {
                behind = kept;
                Page::default()
            })
        };
        let mut seat = seat.map_err(|error| Broken::Replay(error.to_string()))?;
        let near = self.front.is_wired().then(|| {
            let mode = |account| self.front.venue().account(account).mode();
            self.bytes.adapters += 1;
            Box::new(Near::new(&seat, clocks.mono, mode, u64::from(number)))
        });
        disk.open(number, bytes, behind);
        disk.write(number, seat.keeper_mut(), true);
        self.front.seat_taken(u8::try_from(shard).expect("few shards"), number);
        let seen = seat.farm().market().now();
        if seen == Time::default() {
            seat.open(clocks, crate::market::START, self.opening);
        }
        let shown = self.bars.partition_point(|bar| bar.open_time < seen);
        self.nodes[node].places[shard].seat = Some(Occupied { seat, number, shown, near });
        self.fates.trace(now, || format!("n{node} takes seat {number} of s{shard}"));
        self.show_bars_of(node, shard);
        Ok(())
    }

    /// Shows a node the minutes it has not seen.
    pub(crate) fn show_bars(&mut self, node: usize) {
        (0..self.shards.len()).for_each(|shard| self.show_bars_of(node, shard));
    }

    fn show_bars_of(&mut self, node: usize, shard: usize) {
        let World { nodes, wire, bars, now, .. } = self;
        let link = Link { node: nodes[node].number, far: Far::Venue };
        if !nodes[node].runs() || wire.is_cut(*now, link) {
            return;
        }
        let clocks = nodes[node].clocks(*now);
        let Some(occupied) = &mut nodes[node].places[shard].seat else { return };
        for bar in &bars[occupied.shown..] {
            occupied.seat.see(clocks, *bar);
        }
        occupied.shown = bars.len();
        self.step(node, shard, self.now);
    }

    /// What is due on a node at the end of a second.
    pub(crate) fn tend(&mut self, node: usize) -> Result<(), Broken> {
        if self.nodes[node].dead_until.is_some_and(|until| until <= self.now) {
            self.nodes[node].dead_until = None;
            self.fates.trace(self.now, || format!("n{node} rises"));
            self.begin_life(node)?;
        }
        if self.nodes[node].frozen.is_some_and(|pause| pause.until <= self.now) {
            self.thaw(node)?;
        }
        for shard in 0..self.shards.len() {
            if !self.nodes[node].runs() {
                return Ok(());
            }
            self.tend_lease(node, shard)?;
            let clocks = self.nodes[node].clocks(self.now);
            if self.reload(node, shard, clocks) {
                self.step(node, shard, self.now);
            }
            let seat = self.nodes[node].places[shard].seat.as_ref();
            if seat.is_some_and(|at| at.seat.next_wake().is_some_and(|wake| wake <= clocks.mono)) {
                self.step(node, shard, self.now);
            }
            self.tend_near(node, shard);
        }
        Ok(())
    }

    /// Puts a seat under the rules that its operator wants; whether that changes any.
    fn reload(&mut self, node: usize, shard: usize, clocks: Clocks) -> bool {
        let rules = self.shards[shard].rules;
        let Some(occupied) = &mut self.nodes[node].places[shard].seat else { return false };
        let changes = *occupied.seat.farm().rules() != rules;
        if changes {
            occupied.seat.set_rules(clocks, rules).expect("the operator keeps to what is counted");
        }
        changes
    }

    fn tend_lease(&mut self, node: usize, shard: usize) -> Result<(), Broken> {
        let clocks = self.nodes[node].clocks(self.now);
        let Some(lease) = self.nodes[node].places[shard].lease_mut() else { return Ok(()) };
        if lease.next_wake().is_none_or(|wake| clocks.mono < wake) {
            return Ok(());
        }
        let (request, news) = (lease.wake(clocks), lease.take_news());
        if let Some(request) = request {
            let number = self.nodes[node].number;
            self.wire.send(self.now, Letter::Ask(number, request), &mut self.fates);
        }
        news.map_or(Ok(()), |news| self.hear_news(node, shard, self.now, news))
    }

    fn hear_news(&mut self, node: usize, shard: usize, at: Time, news: LeaseNews) -> Result<(), Broken> {
        self.fates.trace(at, || format!("n{node}, s{shard}: {news:?}"));
        let place = &mut self.nodes[node].places[shard];
        if self.sabotage == Some(Sabotage::LeaseIsIgnored) && place.seat.is_some() {
            return Ok(());
        }
        place.stand_up();
        match news {
            LeaseNews::Lost => Ok(()),
            LeaseNews::Gained(epoch) => {
                let lease = place.lease.take().expect("who gains competed");
                let right = match self.sabotage {
                    Some(Sabotage::LeaseIsIgnored) => Right::Sole,
                    _ => Right::Leased(lease, epoch),
                };
                self.take_seat(node, shard, right)
            }
        }
    }

    /// A machine goes on: hears in a row what it should have heard.
    fn thaw(&mut self, node: usize) -> Result<(), Broken> {
        self.nodes[node].thaw();
        self.fates.trace(self.now, || format!("n{node} goes on"));
        for (key, letter) in std::mem::take(&mut self.nodes[node].late) {
            self.deliver(self.now, key, letter)?;
        }
        self.show_bars(node);
        Ok(())
    }

    /// A message is there.
    pub(crate) fn deliver(&mut self, at: Time, key: Key, letter: Letter) -> Result<(), Broken> {
        let node = match &letter {
            Letter::Order(..) | Letter::Ask(..) | Letter::Replied(..) | Letter::Word(..) => None,
            Letter::Told(node, ..) => Some(index(*node)),
            Letter::Said(seated, _) => Some(index(seated.node)),
            Letter::Answer(node, _) => Some(index(*node)),
            Letter::Call(..)
            | Letter::Ghost(..)
            | Letter::Dial(..)
            | Letter::Say(..)
            | Letter::HangUp(..) => None,
            Letter::Reply(seated, ..) => Some(index(seated.node)),
            Letter::Opened(socket) | Letter::Frame(socket, _) | Letter::Closed(socket) => {
                Some(index(socket.seated.node))
            }
        };
        if let Some(node) = node.map(|node| &mut self.nodes[node])
            && node.frozen.is_some()
        {
            node.late.push((key, letter));
            return Ok(());
        }
        match letter {
            Letter::Order(seated, message) => self.reach_venue(at, key, seated, message),
            Letter::Said(seated, said) => self.reach_seat(at, seated, said),
            Letter::Ask(node, request) => self.reach_registry(at, node, &request),
            Letter::Answer(node, answer) => return self.reach_lease(at, index(node), &answer),
            Letter::Told(node, shard, command) => self.reach_farm(at, index(node), index(shard), command),
            Letter::Replied(_, _, id, _) => self.operator.hear_reply(id),
            Letter::Word(_, shard, heard) => self.hear_said(at, shard, heard),
            bytes => self.reach(at, key, bytes),
        }
        Ok(())
    }

    /// Who does not hold a shard has nothing to say for it.
    fn reach_farm(&mut self, at: Time, node: usize, shard: usize, command: Command) {
        let clocks = self.nodes[node].clocks(at);
        let Some(occupied) = &mut self.nodes[node].places[shard].seat else { return };
        occupied.seat.command(clocks, command);
        self.step(node, shard, at);
    }

    fn reach_registry(&mut self, at: Time, node: u8, request: &LeaseRequest) {
        if at < self.unattended_until {
            return;
        }
        let clock = self.registry_clock.at(at).wall;
        self.fates.trace(at, || format!("registry hears {request:?}"));
        if let Some(answer) = self.registry.hear(clock, request) {
            self.wire.send(at, Letter::Answer(node, answer), &mut self.fates);
        }
    }

    fn reach_lease(&mut self, at: Time, node: usize, answer: &LeaseAnswer) -> Result<(), Broken> {
        let shard = usize::from(answer.shard.0);
        if index(node_of(answer.node)) != node || self.nodes[node].dead_until.is_some() {
            return Ok(());
        }
        let clocks = self.nodes[node].clocks(at);
        let Some(lease) = self.nodes[node].places[shard].lease_mut() else { return Ok(()) };
        let news = lease.hear(clocks, answer);
        news.map_or(Ok(()), |news| self.hear_news(node, shard, at, news))
    }

    fn reach_venue(&mut self, at: Time, key: Key, from: Seated, message: ToVenue) {
        self.fates.trace(at, || format!("venue hears s{} {message:?}", from.shard));
        let mut lateness = Lateness::Refused;
        if let ToVenue::Request { account, request, valid_until } = &message {
            if self.front.is_throttled(at, *account) {
                return;
            }
            if let Some(mut rng) = self.fates.strike(at, Fault::Throttled, key) {
                return self.front.throttle(*account, at + up_to(&mut rng, THROTTLE_MAX));
            }
            let may_break = *account != SHARED || self.company.ghosts == Ghosts::Everywhere;
            let is_late = at > *valid_until && may_break;
            if is_late && self.fates.strike(at, Fault::GhostAcceptance, key).is_some() {
                lateness = Lateness::Overlooked;
            }
            let is_taken =
                !self.front.is_closed(at) && (at <= *valid_until || lateness == Lateness::Overlooked);
            if let (Request::Place(order), true) = (request, is_taken) {
                self.operator.oracle.placed(from.shard, order, *valid_until);
            }
            if let Request::Place(order) = request {
                self.look_at(from, order);
            }
            self.orders += 1;
        }
        if let Some(answer) = self.front.hear(at, from, message, lateness) {
            self.wire.send(at, Letter::Said(from, answer), &mut self.fates);
        }
    }

    /// One order by an id, decided under an epoch that its shard was held under.
    pub(crate) fn look_at(&mut self, from: Seated, order: &OrderRequest) {
        let known = *self.asked.entry(order.id).or_insert(*order);
        if known != *order {
            self.wrong.get_or_insert(Broken::TwoOfOneId(order.id));
        }
        if !self.shards[index(from.shard)].epochs.contains(&order.id.epoch) {
            self.wrong.get_or_insert(Broken::NoSuchEpoch(order.id));
        }
    }

    fn reach_seat(&mut self, at: Time, seated: Seated, said: FromVenue) {
        let (node, shard) = (index(seated.node), index(seated.shard));
        let clocks = self.nodes[node].clocks(at);
        let sits = self.nodes[node].places[shard].seat.as_mut();
        let Some(occupied) = sits.filter(|occupied| occupied.number == seated.number) else { return };
        self.fates.trace(at, || format!("n{node}, s{shard}: farm hears {said:?}"));
        occupied.seat.hear(clocks, said);
        self.step(node, shard, at);
    }

    /// The venue tells everybody who sits for a shard what is new.
    pub(crate) fn tell(&mut self) {
        let is_wired = self.front.is_wired();
        for said in self.front.said() {
            if is_wired {
                self.fates.trace(self.now, || format!("engine says {said:?}"));
            }
            let FromVenue::Report { account, report, .. } = &said else { continue };
            if is_wired && matches!(report, Report::Triggered { id } if id.leg == Leg::Stop) {
                self.bytes.stops += 1;
            }
            if is_wired || self.front.is_closed(self.now) {
                continue;
            }
            let is_theirs = |shard: &crate::run::Shard| {
                shard.origin.recruits.iter().any(|recruit| recruit.account == *account)
            };
            // What is said to a stranger is not ours to hear.
            let Some(shard) = self.shards.iter().position(is_theirs) else { continue };
            for node in 0..self.nodes.len() {
                if let Some(seated) = self.seated(node, shard) {
                    self.wire.send(self.now, Letter::Said(seated, said.clone()), &mut self.fates);
                }
            }
        }
    }

    pub(crate) fn seated(&self, node: usize, shard: usize) -> Option<Seated> {
        let number = self.nodes[node].places[shard].seat.as_ref()?.number;
        let shard = u8::try_from(shard).expect("few shards");
        Some(Seated { node: self.nodes[node].number, shard, number })
    }

    /// A seat thinks and acts: what it says to the venue, and whether its node dies behind that; none if it died before.
    pub(crate) fn think(&mut self, node: usize, shard: usize, now: Time) -> Option<(Vec<ToVenue>, Last)> {
        let (clocks, doomed) = (self.nodes[node].clocks(now), self.nodes[node].doomed);
        let seat = &mut self.nodes[node].places[shard].seat.as_mut().expect("somebody sits there").seat;
        seat.think(clocks);
        let unsynced = seat.keeper().unsynced() > 0;
        if (doomed == Some(Doom::Writing) && unsynced)
            || (doomed == Some(Doom::Deciding) && unsynced && seat.desk().is_asking())
        {
            self.die(node, now);
            return None;
        }
        let outbox = self.act(node, shard, clocks);
        let asks = outbox.iter().any(|message| matches!(message, ToVenue::Request { .. }));
        self.speak(node, shard, now);
        let last = if doomed == Some(Doom::Asking) && asks { Last::Words } else { Last::No };
        Some((outbox, last))
    }

    /// A seat thinks and acts, or its node dies in between.
    pub(crate) fn step(&mut self, node: usize, shard: usize, now: Time) {
        let Some(seated) = self.seated(node, shard) else { return };
        if self.front.is_wired() {
            return self.step_wired(seated, now);
        }
        let Some((outbox, last)) = self.think(node, shard, now) else { return };
        for message in outbox {
            self.wire.send(now, Letter::Order(seated, message), &mut self.fates);
        }
        if last == Last::Words {
            self.die(node, now);
        }
    }

    /// Journal, then act.
    pub(crate) fn act(&mut self, node: usize, shard: usize, clocks: Clocks) -> Vec<ToVenue> {
        let is_kept = self.sabotage != Some(Sabotage::DiskForgets);
        let occupied = self.nodes[node].places[shard].seat.as_mut().expect("somebody sits there");
        let outbox = occupied.seat.act(clocks);
        self.shards[shard].disk.write(occupied.number, occupied.seat.keeper_mut(), is_kept);
        outbox
    }

    /// A node dies, and all its seats with it.
    pub(crate) fn die(&mut self, node: usize, now: Time) {
        let minute = crate::market::minute_of(now);
        for shard in 0..self.shards.len() {
            let Some(mut occupied) = self.nodes[node].places[shard].seat.take() else { continue };
            let disk = &mut self.shards[shard].disk;
            disk.write(occupied.number, occupied.seat.keeper_mut(), true);
            let unsynced = disk.unsynced();
            if unsynced == 0 {
                continue;
            }
            let key = Key::Minute(Target::Shard(u8::try_from(shard).expect("few shards")), minute);
            let left = if self.fates.strike(now, Fault::UnsyncedLost, key).is_some() {
                0
            } else if let Some(mut rng) = self.fates.strike(now, Fault::TornTail, key) {
                usize::try_from(rng.below(unsynced as u64)).expect("bytes in memory")
            } else {
                unsynced
            };
            disk.crash(left);
            self.fates.trace(now, || format!("{left} of {unsynced} bytes reach the disk of s{shard}"));
        }
        let key = Key::Minute(Target::Node(self.nodes[node].number), minute);
        let rises = now + up_to(&mut self.fates.luck(Fault::Crash as u64, key), DEAD_MAX);
        self.fates.trace(now, || format!("n{node} dies"));
        let rises = if self.tenancy == Tenancy::Sole { rises.max(self.unattended_until) } else { rises };
        let node = &mut self.nodes[node];
        (node.dead_until, node.doomed) = (Some(rises), None);
        node.places.iter_mut().for_each(|place| place.lease = None);
    }
}
