//! A network of its own for a process, with cables that can be pulled: Linux network namespaces, inside this machine.

use std::net::Ipv4Addr;
use std::process::Command;

/// A namespace with two cables to this machine.
#[derive(Debug)]
pub struct Network {
    name: String,
    /// The number of its two small networks, which no other has.
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

/// Networks there may be on a machine at once: the third number of their addresses.
const NETWORKS_MAX: u32 = 250;

fn ip(arguments: &[&str]) -> bool {
    let done = Command::new("ip").args(arguments).output();
    done.is_ok_and(|output| output.status.success())
}

impl Network {
    /// A new one; nothing where this user may not make any, and that is said.
    #[allow(clippy::print_stderr, reason = "a skipped test says so")]
    pub fn new() -> Option<Network> {
        // Whoever has the name has the addresses: the system gives a name to one.
        let first = std::process::id();
        for number in (0..NETWORKS_MAX).map(|more| (first + more) % NETWORKS_MAX) {
            let name = format!("omega-rig-{number}");
            let made = Command::new("ip").args(["netns", "add", &name]).output();
            let why = match made {
                Ok(made) if made.status.success() => {
                    let network = Network { name, number };
                    network.lay();
                    return Some(network);
                }
                Ok(made) => String::from_utf8_lossy(&made.stderr).into_owned(),
                Err(error) => error.to_string(),
            };
            if !why.contains("File exists") {
                eprintln!(
                    "SKIPPED: no network namespaces here, they need root and iproute2 ({})",
                    why.trim()
                );
                return None;
            }
        }
        panic!("{NETWORKS_MAX} networks of tests are left on this machine: ip netns list, ip netns del");
    }

    fn lay(&self) {
        let name = self.name.as_str();
        assert!(ip(&["-n", name, "link", "set", "lo", "up"]), "a namespace has a loopback");
        for cable in Cable::ALL {
            let (here, there) = (self.here(cable), self.there(cable));
            let address = format!("{}/30", self.address(cable));
            let inner = format!("{}/30", self.host(cable, 2));
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
        format!("omega-rig{}{}", cable.letter(), self.number)
    }

    fn there(&self, cable: Cable) -> String {
        format!("in{}", cable.letter())
    }

    /// Where this machine is, seen through a cable.
    pub fn address(&self, cable: Cable) -> Ipv4Addr {
        self.host(cable, 1)
    }

    fn host(&self, cable: Cable, host: u8) -> Ipv4Addr {
        let net = match cable {
            Cable::First => 201,
            Cable::Second => 202,
        };
        let number = u8::try_from(self.number).expect("there are fewer");
        Ipv4Addr::new(10, net, number, host)
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
