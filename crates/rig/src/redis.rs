//! A real redis-server, and a sentinel, on free ports of this machine, in directories of their own, killed by their own pids.

use crate::{Scratch, free_port};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A server.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub port: u16,
    dir: Scratch,
    arguments: Vec<String>,
    child: Child,
}

fn spawn(program: &str, dir: &Path, arguments: &[String]) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(dir.join("log")).expect("a log");
    let mut command = Command::new(program);
    command.current_dir(dir).args(arguments).stdin(Stdio::null()).stdout(log).stderr(Stdio::null());
    command.spawn().expect("it is installed")
}

impl Server {
    /// One that writes down everything before it answers.
    pub fn start(more: &[&str]) -> Server {
        Server::start_on(free_port(), more)
    }

    /// The same on a port of one's choice. Of a setting that is given again the last counts, so `more` may say where else it
    /// listens.
    pub fn start_on(port: u16, more: &[&str]) -> Server {
        let dir = Scratch::in_memory();
        let port_text = port.to_string();
        let fixed = [
            "--port",
            &port_text,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
            "--maxmemory-policy",
            "noeviction",
        ];
        let arguments: Vec<String> = fixed.iter().chain(more).map(|text| (*text).to_owned()).collect();
        let child = spawn("redis-server", &dir.0, &arguments);
        let server = Server { port, dir, arguments, child };
        server.await_ready();
        server
    }

    /// One that follows another.
    pub fn follow(master_port: u16) -> Server {
        Server::start(&["--replicaof", &format!("127.0.0.1 {master_port}")])
    }

    /// Waits until something accepts; a server that is loading says so itself.
    fn await_ready(&self) {
        let began = Instant::now();
        // With TLS alone the plain port is 0, and another one is named.
        let at = self.arguments.iter().position(|text| text == "--tls-port");
        let port = at.map_or(self.port, |at| self.arguments[at + 1].parse().expect("a port"));
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "redis-server does not start: {}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.0.join("log")).unwrap_or_default()
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again where it was.
    pub fn start_again(&mut self) {
        self.child = spawn("redis-server", &self.dir.0, &self.arguments);
        self.await_ready();
    }

    /// Forgets everything it wrote down; to be said while it is dead.
    pub fn forget(&mut self) {
        let _ = std::fs::remove_dir_all(self.dir.0.join("appendonlydir"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A sentinel over a configuration in its own directory.
#[derive(Debug)]
pub struct SentinelServer {
    /// Where it listens.
    pub port: u16,
    _dir: Scratch,
    child: Child,
}

impl SentinelServer {
    /// Watches a master.
    pub fn start(master: &str, master_port: u16, down_after_ms: u32) -> SentinelServer {
        let (port, dir) = (free_port(), Scratch::in_memory());
        let text = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor {master} 127.0.0.1 {master_port} 1\n\
             sentinel down-after-milliseconds {master} {down_after_ms}\nsentinel failover-timeout {master} 5000\n"
        );
        std::fs::write(dir.0.join("sentinel.conf"), text).expect("its configuration");
        let child = spawn("redis-sentinel", &dir.0, &["sentinel.conf".to_owned()]);
        SentinelServer { port, _dir: dir, child }
    }
}

impl Drop for SentinelServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
