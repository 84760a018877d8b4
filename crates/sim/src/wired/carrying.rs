//! Who carries the bytes: from a seat's adapter over the wire to the exchange and back, and what strikes there.
//!
//! Refuses to let an adapter speak whose seat may not.

use super::Socket;
use super::bitget::account_of;
use crate::checks::Broken;
use crate::fault::Fault;
use crate::run::World;
use crate::strike::{Key, up_to};
use crate::turns::{Last, THROTTLE_MAX};
use crate::wire::{Letter, Seated};
use farm::ToVenue;
use mock_bitget::Said;
use model::{Interval, Leg, OrderRequest, Request, Time};
use venue_bitget::adapter::{Alert, CallId, Doing, Signed};
use venue_bitget::http::Method;

/// A request that is carried out after its time is so late.
const GHOST_MAX: Interval = Interval(25_000);

fn index(number: u8) -> usize {
    usize::from(number)
}

impl World<'_> {
    /// A seat thinks and acts through its adapter, until there is nothing new for it.
    pub(crate) fn step_wired(&mut self, seated: Seated, now: Time) {
        let (node, shard) = (index(seated.node), index(seated.shard));
        loop {
            let Some((outbox, last)) = self.think(node, shard, now) else { return };
            for message in outbox {
                self.say_near(seated, now, message);
            }
            let heard = self.carry(seated, now);
            if last == Last::Words {
                return self.die(node, now);
            }
            if !heard {
                return;
            }
        }
    }

    /// A desk says something to its adapter.
    fn say_near(&mut self, seated: Seated, now: Time, message: ToVenue) {
        if let ToVenue::Request { request: Request::Place(order), valid_until, .. } = &message {
            self.promised.insert(order.id, *valid_until);
        }
        self.fates.trace(now, || format!("n{}, s{}: adapter hears {message:?}", seated.node, seated.shard));
        let mono = self.nodes[index(seated.node)].clocks(now).mono;
        self.near(seated).adapter.say(mono, message);
    }

    fn near(&mut self, seated: Seated) -> &mut super::Near {
        let place = &mut self.nodes[index(seated.node)].places[index(seated.shard)];
        let near = place.seat.as_mut().and_then(|occupied| occupied.near.as_mut());
        near.expect("who sits at a wire has an adapter")
    }

    /// Does what an adapter wants done. Whether its desk has heard something.
    fn carry(&mut self, seated: Seated, now: Time) -> bool {
        let (node, shard) = (index(seated.node), index(seated.shard));
        let clocks = self.nodes[node].clocks(now);
        let mut heard = false;
        loop {
            let Some(occupied) = &mut self.nodes[node].places[shard].seat else { return heard };
            if !occupied.seat.may_speak(clocks) {
                return heard;
            }
            let near = occupied.near.as_mut().expect("who sits at a wire has an adapter");
            let Some(doing) = near.adapter.poll() else { return heard };
            match doing {
                Doing::Call(call, signed) => {
                    near.called(call, clocks.mono);
                    self.bytes.calls += 1;
                    self.fates.trace(now, || format!("n{node}, s{shard}: call {} {signed:?}", call.0));
                    self.wire.send(now, Letter::Call(seated, call, Box::new(signed)), &mut self.fates);
                }
                Doing::Open(line, _, path) => {
                    near.dialled += 1;
                    near.sockets.insert(line, near.dialled);
                    let socket = Socket { seated, line, number: near.dialled };
                    self.wire.send(now, Letter::Dial(socket, path), &mut self.fates);
                }
                Doing::Say(line, text) => {
                    if let Some(number) = near.sockets.get(&line).copied() {
                        let socket = Socket { seated, line, number };
                        self.wire.send(now, Letter::Say(socket, text), &mut self.fates);
                    }
                }
                Doing::Close(line, reason) => {
                    self.fates.trace(now, || format!("n{node}, s{shard}: closes {line:?}: {reason:?}"));
                    let near = occupied.near.as_mut().expect("it was just there");
                    if let Some(number) = near.sockets.remove(&line) {
                        let socket = Socket { seated, line, number };
                        self.wire.send(now, Letter::HangUp(socket), &mut self.fates);
                    }
                }
                Doing::Tell(said) => {
                    self.fates.trace(now, || format!("n{node}, s{shard}: farm hears {said:?}"));
                    occupied.seat.hear(clocks, said);
                    heard = true;
                }
                Doing::Alert(alert) => {
                    if let Alert::Barred(..) | Alert::Unlisted(_) | Alert::LockedOut(..) = &alert {
                        let what = format!("an adapter was not let in: {alert:?}");
                        self.wrong.get_or_insert(Broken::Stuck(what));
                    }
                    self.fates.trace(now, || format!("n{node}, s{shard}: {alert:?}"));
                }
                Doing::Bar(_) | Doing::Opened(..) | Doing::Price(..) | Doing::News(_) | Doing::Step(..) => {}
            }
        }
    }

    /// What an adapter's clock wants done.
    pub(crate) fn tend_near(&mut self, node: usize, shard: usize) {
        let mono = self.nodes[node].clocks(self.now).mono;
        let Some(seated) = self.seated(node, shard).filter(|_| self.front.is_wired()) else { return };
        self.near(seated).wake(mono);
        if self.carry(seated, self.now) {
            self.step(node, shard, self.now);
        }
    }

    /// Lets an adapter hear something, if it is still there.
    fn hand(&mut self, at: Time, seated: Seated, hear: impl FnOnce(&mut super::Near, Time)) {
        let (node, shard) = (index(seated.node), index(seated.shard));
        let mono = self.nodes[node].clocks(at).mono;
        let sits = self.nodes[node].places[shard].seat.as_mut();
        let Some(occupied) = sits.filter(|occupied| occupied.number == seated.number) else { return };
        hear(occupied.near.as_mut().expect("who sits at a wire has an adapter"), mono);
        if self.carry(seated, at) {
            self.step(node, shard, at);
        }
    }

    /// A letter of bytes is there.
    pub(crate) fn reach(&mut self, at: Time, key: Key, letter: Letter) {
        match letter {
            Letter::Call(seated, call, signed) => self.reach_exchange(at, key, seated, call, signed),
            Letter::Ghost(seated, signed) => self.haunt(at, seated, &signed),
            Letter::Reply(seated, call, status, body) => {
                self.fates.trace(at, || format!("reply to {} of n{}: {status} {body}", call.0, seated.node));
                self.hand(at, seated, |near, mono| {
                    near.answered(call);
                    near.adapter.answered(mono, call, Some((status, &body)), None);
                });
            }
            Letter::Dial(socket, path) => {
                let is_closed = self.front.is_closed(at);
                let Some(bitget) = self.front.bitget() else { return };
                let open = !is_closed && bitget.connect(at, socket, path);
                let answer = if open { Letter::Opened(socket) } else { Letter::Closed(socket) };
                self.wire.send(at, answer, &mut self.fates);
                self.listen(at);
            }
            Letter::Say(socket, text) => {
                let Some(bitget) = self.front.bitget() else { return };
                bitget.hear(at, socket, &text);
                self.listen(at);
            }
            Letter::HangUp(socket) => {
                if let Some(bitget) = self.front.bitget() {
                    bitget.hung_up(socket);
                }
            }
            Letter::Opened(socket) => {
                self.on_socket(at, socket, |near, mono| near.adapter.opened(mono, socket.line))
            }
            Letter::Frame(socket, text) => {
                self.bytes.frames += 1;
                self.fates.trace(at, || format!("n{} reads {text}", socket.seated.node));
                self.on_socket(at, socket, |near, mono| near.adapter.frame(mono, socket.line, &text));
            }
            Letter::Closed(socket) => self.on_socket(at, socket, |near, mono| {
                near.sockets.remove(&socket.line);
                near.adapter.closed(mono, socket.line);
            }),
            _ => unreachable!("the others are no bytes"),
        }
    }

    fn on_socket(&mut self, at: Time, socket: Socket, hear: impl FnOnce(&mut super::Near, Time)) {
        let Socket { seated, line, number } = socket;
        self.hand(at, seated, |near, mono| {
            if near.sockets.get(&line) == Some(&number) {
                hear(near, mono);
            }
        });
    }

    /// Sends what the exchange has to say on its sockets.
    pub(crate) fn listen(&mut self, now: Time) {
        let Some(bitget) = self.front.bitget() else { return };
        for (socket, said) in bitget.pushed() {
            let letter = match said {
                Said::Text(text) => Letter::Frame(socket, text),
                Said::Close => Letter::Closed(socket),
            };
            self.wire.send(now, letter, &mut self.fates);
        }
    }

    /// What the exchange notices by itself: who is not there any more.
    pub(crate) fn tend_exchange(&mut self) {
        let Some(bitget) = self.front.bitget() else { return };
        let sockets = bitget.sockets();
        for socket in sockets {
            let Seated { node, shard, .. } = socket.seated;
            if self.seated(index(node), index(shard)) != Some(socket.seated) {
                self.front.bitget().expect("it was just there").hung_up(socket);
            }
        }
        self.listen(self.now);
    }

    /// A request is there.
    fn reach_exchange(&mut self, at: Time, key: Key, from: Seated, call: CallId, signed: Box<Signed>) {
        let changes = signed.method == Method::Post;
        let account = account_of(&signed);
        let reply = |status: u16, body: &str| Letter::Reply(from, call, status, body.to_owned());
        if self.front.is_closed(at) {
            let letter = match self.fates.luck(Fault::Maintenance as u64, key).below(3) {
                0 => reply(502, "<html><head><title>502 Bad Gateway</title></head></html>"),
                1 => reply(
                    200,
                    r#"{"code":"40200","msg":"Server upgrade, please try again later","data":null}"#,
                ),
                _ => return,
            };
            return self.wire.send(at, letter, &mut self.fates);
        }
        let throttled = r#"{"code":"429","msg":"Too Many Requests","data":null}"#;
        if let Some(account) = account.filter(|_| changes) {
            if self.front.is_throttled(at, account) {
                return self.wire.send(at, reply(429, throttled), &mut self.fates);
            }
            if let Some(mut rng) = self.fates.strike(at, Fault::Throttled, key) {
                self.front.throttle(account, at + up_to(&mut rng, THROTTLE_MAX));
                return self.wire.send(at, reply(429, throttled), &mut self.fates);
            }
            if let Some(mut rng) = self.fates.strike(at, Fault::GhostAcceptance, key) {
                let late = at + up_to(&mut rng, GHOST_MAX);
                return self.wire.post(late, key, Letter::Ghost(from, signed));
            }
        }
        self.orders += u64::from(changes);
        let before = self.asked.len();
        let (status, body) = self.ask_exchange(at, from, &signed, None);
        let is_new = self.asked.len() > before;
        if changes && let Some(mut rng) = self.fates.strike(at, Fault::Unacknowledged, key) {
            let letter = match rng.below(2) {
                0 => reply(502, "<html><head><title>502 Bad Gateway</title></head></html>"),
                _ => reply(400, r#"{"code":"40725","msg":"service return an error","data":null}"#),
            };
            self.bytes.unacknowledged += u64::from(is_new);
            return self.wire.send(at, letter, &mut self.fates);
        }
        self.wire.send(at, Letter::Reply(from, call, status, body), &mut self.fates);
        self.bytes.unacknowledged += u64::from(is_new && self.wire.has_lost(from, call));
    }

    /// What was taken in long ago is done now, whatever its time.
    fn haunt(&mut self, at: Time, from: Seated, signed: &Signed) {
        if !self.front.is_closed(at) {
            self.ask_exchange(at, from, signed, Some(()));
        }
    }

    fn ask_exchange(&mut self, at: Time, from: Seated, signed: &Signed, ghost: Option<()>) -> (u16, String) {
        self.tell();
        let bitget = self.front.bitget().expect("bytes reach an exchange");
        bitget.exchange.overlook_clocks(ghost.is_some());
        let response = bitget.rest(at, signed);
        bitget.exchange.overlook_clocks(false);
        self.fates.trace(at, || {
            format!("exchange hears s{} {signed:?}: {} {}", from.shard, response.status, response.body)
        });
        if response.body.contains(r#""code":"40008""#) {
            self.front.too_late += 1;
        }
        self.tell();
        self.look_at_asked(at, from, ghost.is_some());
        self.listen(at);
        (response.status, response.body)
    }

    /// What the engine was asked for: each order once, as it was decided, by who holds its shard.
    fn look_at_asked(&mut self, at: Time, from: Seated, is_ghost: bool) {
        let Some(bitget) = self.front.bitget() else { return };
        for (_, request) in bitget.asked() {
            if !is_ghost {
                self.front.served(from);
            }
            self.bytes.moved += u64::from(matches!(request, Request::Amend { .. }));
            let Request::Place(order) = request else { continue };
            self.bytes.rungs += u64::from(matches!(order.id.leg, Leg::Target(_)));
            if crate::front::is_foreign(order.id) {
                continue;
            }
            if is_ghost {
                self.front.overlooked.insert(order.id);
            } else if let Some(until) = self.promised.get(&order.id).copied() {
                if at > until {
                    let what = format!("{} was done at {at}, valid until {until}", order.id);
                    self.wrong.get_or_insert(Broken::Steered(what));
                }
                self.operator.oracle.placed(from.shard, &order, until);
            }
            self.look_at(from, &plain(&order));
        }
    }
}

/// An order without its ladder, which the adapter places itself.
fn plain(order: &OrderRequest) -> OrderRequest {
    let bracket = order
        .bracket
        .map(|bracket| model::Bracket { targets: [model::Target::default(); model::TARGETS_MAX], ..bracket });
    OrderRequest { bracket, ..*order }
}
