//! Machines, one registry and a wire under true time, and an observer who trusts none of them.
//!
//! The observer knows the true time, what each life could have begun when, and what each lease says of itself.

pub mod machine;
pub mod plan;

use farm::lease::{LeaseAnswer, LeaseRequest, MARGIN, NodeId, Registry};
use machine::{Drifting, Machine, SHARD, State, TICK_MS};
use model::Rng;
use model::order::REQUEST_VALIDITY;
use plan::{Fault, LENGTH_MS, Plan, Strike};
use std::collections::BTreeMap;

/// True time in which the registry's clock jumps ahead by no more than the margin: longer than any lease.
const REGISTRY_STEP_EACH: i64 = 16_000;

/// By how much the venue's idea of a request's validity and a node's may differ in true time.
const VALIDITY_DRIFT: i64 = REQUEST_VALIDITY.0 * 2 / 99 + TICK_MS;

/// Somebody: a machine and which of its lives.
type Life = (usize, usize);

#[derive(Clone, Copy)]
enum Message {
    Request(LeaseRequest),
    Answer(LeaseAnswer),
}

/// What the observer has seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// Until when, in true time, the venue may carry out what a life began.
    carried_until: BTreeMap<Life, i64>,
    /// Until when, in true time, that is so by a life's own statement at its last look.
    stated_until: BTreeMap<Life, i64>,
    epochs: BTreeMap<u16, Life>,
    /// Times another node than the last came to hold the lease.
    pub handovers: u32,
    /// The least true time between what one life said last and the grant to another.
    pub slack_ms_min: Option<i64>,
    /// True times at which somebody began or stopped to be able to speak.
    pub spoke: Vec<(i64, Option<Life>)>,
    /// When the holder was struck dead.
    pub died_at: Option<i64>,
}

pub struct World {
    now: i64,
    plan: Plan,
    rng: Rng,
    machines: Vec<Machine>,
    registry: Registry,
    registry_clock: Drifting,
    registry_stepped_at: i64,
    /// By when it arrives, and a number.
    wire: BTreeMap<(i64, u64), (usize, Message)>,
    sent: u64,
    seen: Seen,
}

/// Lives a plan to its end; says what was seen, or what must not be.
pub fn live(plan: Plan) -> Result<Seen, String> {
    let machines = plan.rates.iter().zip(0..).map(|(&(mono, wall), n)| Machine::new(n, mono, wall)).collect();
    let mut world = World {
        now: 0,
        rng: Rng::new(plan.seed),
        machines,
        registry: Registry::default(),
        registry_clock: Drifting { us: 5_000_000_000, rate: plan.registry_rate },
        registry_stepped_at: -REGISTRY_STEP_EACH,
        wire: BTreeMap::new(),
        sent: 0,
        seen: Seen::default(),
        plan,
    };
    while world.now < LENGTH_MS {
        world.tick()?;
    }
    Ok(world.seen)
}

impl World {
    fn tick(&mut self) -> Result<(), String> {
        self.now += TICK_MS;
        self.registry_clock.tick();
        let now = self.now;
        self.machines.iter_mut().for_each(|machine| machine.tick(now));
        let due = |strike: &&Strike| (now - TICK_MS..now).contains(&strike.at_ms);
        let due: Vec<Strike> = self.plan.strikes.iter().filter(due).copied().collect();
        due.into_iter().for_each(|strike| self.strike(strike));
        while let Some(entry) = self.wire.first_entry().filter(|entry| entry.key().0 <= now) {
            let (machine, message) = entry.remove();
            self.deliver(machine, message)?;
        }
        for i in 0..self.machines.len() {
            self.run(i)?;
        }
        self.observe()
    }

    fn strike(&mut self, Strike { node, fault, .. }: Strike) {
        let holder = self.registry.holder(self.registry_clock.now(), SHARD);
        let Some(i) = node.or(holder.map(|(NodeId(node), _)| node as usize)) else { return };
        let (i, now) = (i % self.machines.len(), self.now);
        let machine = &mut self.machines[i];
        match fault {
            Fault::StepWall { by_ms } => machine.step_wall(by_ms),
            Fault::Freeze { for_ms, sleeps } => machine.freeze(now + for_ms, sleeps),
            Fault::Die { reborn_after_ms } => {
                machine.state = State::Dead { until: now + reborn_after_ms };
                self.seen.died_at = Some(now);
            }
            Fault::Release => {
                if machine.state == State::Runs
                    && let Some(request) = machine.lease.release()
                {
                    self.post(i, Message::Request(request));
                }
            }
            Fault::Deaf { for_ms } => machine.deaf_until = now + for_ms,
            Fault::Mute { for_ms } => machine.mute_until = now + for_ms,
            Fault::StepRegistry { by_ms } => {
                if by_ms > 0 {
                    if now < self.registry_stepped_at + REGISTRY_STEP_EACH {
                        return;
                    }
                    self.registry_stepped_at = now;
                }
                self.registry_clock.us += by_ms.min(MARGIN.0) * 1_000;
            }
        }
    }

    /// Each copy has its own fate.
    fn post(&mut self, machine: usize, message: Message) {
        let copies = 1 + u64::from(self.rng.below(100) < self.plan.repeated_percent);
        for _ in 0..copies {
            if self.rng.below(100) < self.plan.lost_percent {
                continue;
            }
            let is_late = self.rng.below(100) < self.plan.late_percent;
            let delay = self.rng.below(if is_late { 40_000 } else { self.plan.delay_ms_max + 1 });
            let at = self.now + i64::try_from(delay).expect("less than a minute");
            self.sent += 1;
            self.wire.insert((at, self.sent), (machine, message));
        }
    }

    fn deliver(&mut self, i: usize, message: Message) -> Result<(), String> {
        let now = self.now;
        match message {
            Message::Request(_) if now < self.machines[i].mute_until => {}
            Message::Request(request) => {
                let answer = self.registry.hear(self.registry_clock.now(), &request);
                if let Some(answer) = answer {
                    if let (LeaseRequest::Acquire { .. }, Some(epoch)) = (request, answer.granted) {
                        self.granted(i, epoch)?;
                    }
                    self.post(i, Message::Answer(answer));
                }
            }
            Message::Answer(answer) => match self.machines[i].state {
                _ if now < self.machines[i].deaf_until => {}
                State::Dead { .. } => {}
                // It waits in the socket.
                State::Frozen { until, .. } => {
                    self.sent += 1;
                    self.wire.insert((until.max(now + 1), self.sent), (i, message));
                }
                State::Runs => {
                    let clocks = self.machines[i].look();
                    self.machines[i].lease.hear(clocks, &answer);
                    self.state_of(i)?;
                }
            },
        }
        Ok(())
    }

    fn run(&mut self, i: usize) -> Result<(), String> {
        let machine = &mut self.machines[i];
        let due = machine.lease.next_wake().is_some_and(|due| due <= machine.mono.now());
        if machine.state == State::Runs && due {
            let clocks = machine.look();
            if let Some(request) = machine.lease.wake(clocks) {
                self.post(i, Message::Request(request));
            }
            self.state_of(i)?;
        }
        Ok(())
    }

    /// What a lease says of itself, on the true clock.
    fn state_of(&mut self, i: usize) -> Result<(), String> {
        let machine = &self.machines[i];
        let left_us = machine.lease.says_until().map_or(0, |until| until.0 * 1_000 - machine.mono.us);
        let until = self.now + left_us.div_euclid(machine.mono.rate);
        let life = (i, machine.life);
        // One that may not begin anything only bounds what it said before: after a sleep it cannot know how late it is.
        let is_silent = machine.lease.epoch(machine.clocks()).is_none();
        let before = self.seen.stated_until.get(&life).copied().filter(|_| is_silent);
        self.seen.stated_until.insert(life, before.map_or(until, |before| before.min(until)));
        let carried = self.seen.carried_until.get(&life).copied().unwrap_or(0);
        if carried > self.now && carried > until + VALIDITY_DRIFT {
            return Err(format!("UNSTATED: {life:?} says until {until}, is carried out until {carried}"));
        }
        Ok(())
    }

    /// The registry let somebody in: everybody else must be over.
    fn granted(&mut self, i: usize, epoch: u16) -> Result<(), String> {
        let (now, node) = (self.now, (i, self.machines[i].life));
        // A question of a former life may be granted late: nobody alive will hear of it, and the number is spent.
        if let Some(&last) = self.seen.epochs.get(&epoch) {
            return if last.0 == i {
                Ok(())
            } else {
                Err(format!("epoch {epoch} of {last:?} granted to {node:?}"))
            };
        }
        if let Some((&last, &holder)) = self.seen.epochs.last_key_value() {
            if last >= epoch {
                return Err(format!("epoch {epoch} after {last}"));
            }
            self.seen.handovers += u32::from(holder != node);
        }
        self.seen.epochs.insert(epoch, node);
        for (&other, &until) in self.seen.carried_until.iter().filter(|(other, _)| **other != node) {
            if until > now {
                return Err(format!(
                    "CARRIED: granted to {node:?} at {now}, {other:?} is carried out until {until}"
                ));
            }
            let slack = self.seen.slack_ms_min.unwrap_or(i64::MAX).min(now - until);
            self.seen.slack_ms_min = Some(slack);
        }
        for (&other, &until) in self.seen.stated_until.iter().filter(|(other, _)| **other != node) {
            if until > now {
                return Err(format!("STATED: granted to {node:?} at {now}, {other:?} says until {until}"));
            }
        }
        Ok(())
    }

    /// A frozen process may thaw at any instant, so it counts as one that can speak.
    fn observe(&mut self) -> Result<(), String> {
        let mut speaker: Option<Life> = None;
        for (i, machine) in self.machines.iter().enumerate() {
            if matches!(machine.state, State::Dead { .. }) {
                continue;
            }
            let Some(epoch) = machine.lease.epoch(machine.clocks()) else { continue };
            let life = (i, machine.life);
            if let Some(other) = speaker.replace(life) {
                return Err(format!("TWO: {other:?} and {life:?} may speak at {}", self.now));
            }
            if self.seen.epochs.get(&epoch) != Some(&life) {
                return Err(format!(
                    "{life:?} speaks under epoch {epoch} of {:?}",
                    self.seen.epochs.get(&epoch)
                ));
            }
            // The venue's clock may be slow.
            let until = self.now + REQUEST_VALIDITY.0 * 100 / 99 + 1;
            self.seen.carried_until.insert(life, until);
        }
        if self.seen.spoke.last().and_then(|(_, last)| *last) != speaker {
            self.seen.spoke.push((self.now, speaker));
        }
        Ok(())
    }
}
