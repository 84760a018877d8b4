//! From a host's name to its addresses, beside everything else.
//!
//! The system's resolver blocks for as long as it likes, so it is asked by a thread of its own, one for each name at a
//! time. Refuses to ask for what is an address already, and to be waited for.

use super::urls::Place;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Addresses are believed for so long.
const BELIEVED_FOR: Duration = Duration::from_secs(60);
/// A name that has no addresses is not asked for again within this.
const REFUSED_FOR: Duration = Duration::from_secs(1);

type Answer = Result<Vec<SocketAddr>, String>;

/// What is known of a name.
enum Known {
    Asked(JoinHandle<()>),
    Answered(Instant, Answer),
}

/// What is known of a place.
pub(super) enum Lookup {
    Here(Vec<SocketAddr>),
    NotYet,
    Failed(String),
}

/// Who knows addresses.
pub(super) struct Resolver {
    names: BTreeMap<Place, Known>,
    tell: Sender<(Place, Answer)>,
    told: Receiver<(Place, Answer)>,
    waker: Arc<mio::Waker>,
}

impl Resolver {
    /// The waker is used whenever an answer is there.
    pub(super) fn new(waker: Arc<mio::Waker>) -> Resolver {
        let (tell, told) = channel();
        Resolver { names: BTreeMap::new(), tell, told, waker }
    }

    /// Takes in what was found out.
    pub(super) fn collect(&mut self) {
        while let Ok((place, answer)) = self.told.try_recv() {
            let known = Known::Answered(Instant::now(), answer);
            if let Some(Known::Asked(thread)) = self.names.insert(place, known) {
                // It has said what it had to say.
                let _ended = thread.join();
            }
        }
    }

    /// The addresses of a place, if they are known; else they are asked for.
    pub(super) fn addresses(&mut self, place: &Place) -> Lookup {
        if let Ok(address) = place.bare_host().parse::<IpAddr>() {
            return Lookup::Here(vec![SocketAddr::new(address, place.port)]);
        }
        match self.names.get(place) {
            Some(Known::Asked(_)) => return Lookup::NotYet,
            Some(Known::Answered(at, Ok(addresses))) if at.elapsed() < BELIEVED_FOR => {
                return Lookup::Here(addresses.clone());
            }
            Some(Known::Answered(at, Err(words))) if at.elapsed() < REFUSED_FOR => {
                return Lookup::Failed(words.clone());
            }
            _ => {}
        }
        match self.ask(place.clone()) {
            Ok(thread) => {
                self.names.insert(place.clone(), Known::Asked(thread));
                Lookup::NotYet
            }
            Err(error) => Lookup::Failed(format!("no thread to ask for {place}: {error}")),
        }
    }

    fn ask(&self, place: Place) -> std::io::Result<JoinHandle<()>> {
        let (tell, waker) = (self.tell.clone(), Arc::clone(&self.waker));
        std::thread::Builder::new().name("resolver".to_owned()).spawn(move || {
            let answer = match (place.bare_host(), place.port).to_socket_addrs() {
                Ok(addresses) => {
                    let addresses: Vec<SocketAddr> = addresses.collect();
                    if addresses.is_empty() {
                        Err(format!("{} has no address", place.host))
                    } else {
                        Ok(addresses)
                    }
                }
                Err(error) => Err(format!("{} is not known: {error}", place.host)),
            };
            // Nobody listens any more: the link was stopped.
            let _told = tell.send((place, answer));
            let _woken = waker.wake();
        })
    }

    /// Joins the threads that are done, and waits for the others until an instant; how many are left behind.
    pub(super) fn stop(&mut self, until: Instant) -> usize {
        loop {
            self.collect();
            let busy = self
                .names
                .values()
                .filter(|known| matches!(known, Known::Asked(thread) if !thread.is_finished()))
                .count();
            if busy == 0 || Instant::now() >= until {
                return busy;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}
