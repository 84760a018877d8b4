//! A network of its own for a process, with cables that can be pulled: Linux network namespaces, inside this machine.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A namespace with two cables to this machine.
#[derive(Debug)]
pub struct Network {
    name: String,
    /// The number of its two small networks.
    number: u32,
}

/// One of its two cables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cable {
    /// The first.
    First,
    /// The second.
    Second,
}

impl Cable {
    const ALL: [Cable; 2] = [Cable::First, Cable::Second];

    const fn letter(self) -> char {
        match self {
            Cable::First => 'a',
            Cable::Second => 'b',
        }
    }
}

fn ip(arguments: &[&str]) -> bool {
    let done = Command::new("ip").args(arguments).output();
    done.is_ok_and(|output| output.status.success())
}

impl Network {
    /// A new one; nothing where this user may not make any, and that is said.
    #[allow(clippy::print_stderr, reason = "a skipped test says so")]
    pub fn new() -> Option<Network> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = std::process::id() % 100 * 2 + COUNT.fetch_add(1, Ordering::Relaxed) % 2;
        let name = format!("omega{}n{number}", std::process::id());
        if !ip(&["netns", "add", &name]) {
            eprintln!("SKIPPED: no network namespaces here (they need root and iproute2)");
            return None;
        }
        let network = Network { name, number };
        network.lay();
        Some(network)
    }

    fn lay(&self) {
        let name = self.name.as_str();
        assert!(ip(&["-n", name, "link", "set", "lo", "up"]), "a namespace has a loopback");
        for cable in Cable::ALL {
            let (here, there) = (self.here(cable), self.there(cable));
            let address = format!("{}/30", self.address(cable));
            let inner = format!("{}/30", self.inner(cable));
            assert!(
                ip(&["link", "add", &here, "type", "veth", "peer", "name", &there, "netns", name])
                    && ip(&["addr", "add", &address, "dev", &here])
                    && ip(&["link", "set", &here, "up"])
                    && ip(&["-n", name, "addr", "add", &inner, "dev", &there])
                    && ip(&["-n", name, "link", "set", &there, "up"]),
                "a cable is laid"
            );
        }
    }

    fn here(&self, cable: Cable) -> String {
        format!("om{}{}{}", cable.letter(), std::process::id() % 100_000, self.number)
    }

    fn there(&self, cable: Cable) -> String {
        format!("in{}", cable.letter())
    }

    /// Where this machine is, seen through a cable.
    pub fn address(&self, cable: Cable) -> String {
        format!("10.{}.{}.1", 201 + cable as u32, self.number)
    }

    fn inner(&self, cable: Cable) -> String {
        format!("10.{}.{}.2", 201 + cable as u32, self.number)
    }

    /// A command that runs inside.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }

    /// Pulls a cable: what is under way is lost, and nobody is told.
    pub fn pull(&self, cable: Cable) {
        assert!(ip(&["link", "set", &self.here(cable), "down"]), "the cable is ours");
    }

    /// Plugs it in again.
    pub fn plug(&self, cable: Cable) {
        assert!(ip(&["link", "set", &self.here(cable), "up"]), "the cable is ours");
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for cable in Cable::ALL {
            ip(&["link", "del", &self.here(cable)]);
        }
        ip(&["netns", "del", &self.name]);
    }
}
