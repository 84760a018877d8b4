//! Keys are planted where a farm has secrets, and looked for wherever it leaves something: what it says, logs, journal,
//! history, audit, metrics, the API, Redis. None may hold one, in whatever writing.

use crate::farm::{Farm, omega_in};
use crate::{NO_CATALOGUE, Sandbox};
use access::code_shown;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::Time;
use rig::{Process, free_port, is_there};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const KEY: &str = "canarykey5f0c1d";
const SECRET: &str = "canarysecret9b7e2a";
const PHRASE: &str = "canaryphrase4d8c6b";
const REDIS: &str = "canaryredis7a1f3e";
const OPENS: &str = "canarypassphrase2e9d5c of the encrypted file";
const JOURNAL: &str = "c0ffee01c0ffee02c0ffee03c0ffee04c0ffee05c0ffee06c0ffee07c0ffee08";
const HISTORY: &str = "c0ffee11c0ffee12c0ffee13c0ffee14c0ffee15c0ffee16c0ffee17c0ffee18";
const BOOK: &str = "c0ffee21c0ffee22c0ffee23c0ffee24c0ffee25c0ffee26c0ffee27c0ffee28";
/// What a program that is told wrong secrets must not repeat either.
const WRONG: &str = "canarywrong8c3b6d";

/// What was planted, in every writing in which it could come out.
struct Planted(Vec<(String, Vec<u8>)>);

impl Planted {
    fn new() -> Planted {
        let mut planted = Planted(Vec::new());
        for text in [KEY, SECRET, PHRASE, REDIS, OPENS, WRONG] {
            planted.add(text, text.as_bytes());
        }
        for key in [JOURNAL, HISTORY, BOOK] {
            planted.add(key, &bytes_of(key));
        }
        planted
    }

    fn add(&mut self, name: &str, bytes: &[u8]) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let writings =
            [STANDARD.encode(bytes), URL_SAFE_NO_PAD.encode(bytes), hex.to_uppercase(), hex, name.to_owned()];
        self.0.extend(writings.into_iter().map(|text| (name.to_owned(), text.into_bytes())));
        self.0.push((name.to_owned(), bytes.to_vec()));
    }

    /// Which of them are in there.
    fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        let is_in = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
        let mut found: Vec<&str> =
            self.0.iter().filter(|(_, writing)| is_in(writing)).map(|(name, _)| name.as_str()).collect();
        found.dedup();
        found
    }
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

fn private(sandbox: &Sandbox, name: &str, text: &str) -> PathBuf {
    let file = sandbox.write(name, text);
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    file
}

/// Everything that was said and left, with where.
#[derive(Default)]
struct Heard(Vec<(String, Vec<u8>)>);

impl Heard {
    fn said(&mut self, what: &str, text: &str) {
        self.0.push((what.to_owned(), text.as_bytes().to_vec()));
    }

    /// Everything below a directory; but for these names, which are where secrets belong.
    fn files(&mut self, directory: &Path, but: &[&str]) -> usize {
        let mut count = 0;
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                count += self.files(&path, but);
            } else if !but.contains(&name.as_str()) {
                self.0.push((path.display().to_string(), std::fs::read(&path).unwrap()));
                count += 1;
            }
        }
        count
    }

    fn assert_clean(&self, planted: &Planted) {
        for (place, bytes) in &self.0 {
            let found = planted.found_in(bytes);
            assert!(found.is_empty(), "{place} holds {found:?}: {}", String::from_utf8_lossy(bytes));
        }
    }
}

/// What a path of the API answers.
fn ask(port: u16, token: Option<&str>, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let token = token.map_or_else(String::new, |token| format!("authorization: Bearer {token}\r\n"));
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{token}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    let _may_be_cut_off = stream.read_to_string(&mut text);
    text
}

/// The mock exchange with the account of the planted keys.
fn exchange() -> (Process, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omega"));
    command.args(["mock-exchange", "--account", &format!("{KEY}:{SECRET}:{PHRASE}:20000")]);
    command.args(["--demo", "--unlimited", "--position-mode", "one_way"]).env("OMEGA_DATA", NO_CATALOGUE);
    let process = Process::start(&mut command);
    process.until_said("\"rest\"", Duration::from_secs(30));
    let said = process.said();
    let line = said.lines().find(|line| line.starts_with('{')).expect("it says where it listens");
    let urls: serde_json::Value = serde_json::from_str(line).unwrap();
    let rest = urls["rest"].as_str().unwrap().to_owned();
    (process, rest)
}

/// Everything is sealed, every secret is somewhere else, and all of it is used.
fn configuration(sandbox: &Sandbox, port: u16, farm: &str, redis: Option<u16>) -> String {
    let history = private(sandbox, "history.key", HISTORY);
    let bus = redis.map_or_else(String::new, |port| {
        format!("[bus]\nhost = \"127.0.0.1\"\nport = {port}\npassword = \"env:CANARY_REDIS\"\n")
    });
    format!(
        "[farm]\nname = \"canary\"\ndata_dir = \"data\"\n{farm}[gateway]\nlisten = \"127.0.0.1:{port}\"\n\
         [telemetry]\nlog = \"debug\"\n[journal]\nencryption_key = \"env:CANARY_JOURNAL\"\n\
         [history]\nencryption_key = \"file:{}\"\n[access]\nencryption_key = \"secret:book\"\n{bus}\
         [[bot]]\nname = \"holder_btc\"\npersona = \"buy_hold\"\n",
        history.display()
    )
}

fn set_secret(sandbox: &Sandbox, name: &str, value: &str) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_omega"))
        .args(["secrets", "set", name])
        .current_dir(&sandbox.0)
        .env("OMEGA_SECRETS_KEY", OPENS)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

const VARIABLES: [(&str, &str); 6] = [
    ("OMEGA_SECRETS_KEY", OPENS),
    ("CANARY_JOURNAL", JOURNAL),
    ("CANARY_REDIS", REDIS),
    ("CANARY_KEY", KEY),
    ("CANARY_SECRET", SECRET),
    // Whatever a cluster hands to every process.
    ("DISCORD_TOKEN", WRONG),
];

/// Whoever has the machine gives himself an authenticator: its secret is shown to him, once.
fn enrol(farm: &Farm, planted: &mut Planted, heard: &mut Heard) {
    let shown = farm.omega(&["ctl", "mfa", "--json"]).json();
    let fields = shown["answer"]["fields"].as_array().unwrap();
    let secret = fields.iter().find(|field| field[0] == "secret").unwrap()[1].as_str().unwrap().to_owned();
    let bytes = unbase32(&secret);
    planted.add(&secret, &bytes);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let code = code_shown(&bytes, Time(i64::try_from(now.as_millis()).unwrap())).unwrap().to_string();
    let done = farm.omega(&["ctl", "mfa", &code]);
    assert_eq!(done.code, 0, "{done:?}");
    heard.said("mfa", &format!("{}{}", done.out, done.err));
    // Recovery codes are shown here, once, and nowhere again.
    for line in done.out.lines().map(str::trim).filter(|line| line.len() >= 10 && !line.contains(' ')) {
        if line.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
            && line.contains('-')
            && !line.starts_with("--")
        {
            planted.0.push((format!("recovery code {line}"), line.as_bytes().to_vec()));
            heard.0.retain(|(what, _)| what != "mfa");
        }
    }
}

fn unbase32(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut bytes) = (0_u32, 0_u64, Vec::new());
    for letter in text.bytes() {
        let value = if letter.is_ascii_uppercase() { letter - b'A' } else { letter - b'2' + 26 };
        held = held << 5 | u64::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    bytes
}

/// Everything that a person or a program asks of a farm.
fn exercise(farm: &Farm, planted: &mut Planted, heard: &mut Heard) {
    let token = farm.token();
    planted.add(&token, token.as_bytes());
    enrol(farm, planted, heard);
    for words in [
        &["ctl", "farm_status"][..],
        &["ctl", "health"],
        &["ctl", "positions"],
        &["ctl", "whoami"],
        &["ctl", "logs"],
        &["ctl", "audit"],
        &["ctl", "pause", "holder_btc"],
        &["ctl", "close", "holder_btc", "--yes", "--json"],
        &["ctl", "resume", "holder_btc", "--yes", "--code", "000000"],
        &["ctl", "nonsense"],
        &["top", "--once"],
        &["top", "--json"],
        &["doctor", "--offline"],
        &["doctor", "--offline", "--json"],
        &["config", "check", "omega.toml", "--secrets"],
        &["config", "check", "omega.toml", "--json"],
        &["access", "list"],
        &["history", "list", "trades", "--db", "data/history.sqlite"],
        &["replay", "data"],
        &["secrets", "list"],
    ] {
        let said = farm.omega(words);
        heard.said(&words.join(" "), &format!("{}{}", said.out, said.err));
    }
    for path in [
        "/metrics",
        "/health",
        "/ready",
        "/openapi.json",
        "/api/v1/views",
        "/api/v1/commands",
        "/api/v1/identities",
        "/api/v1/audit",
        "/api/v1/pending",
        "/api/v1/history/audit",
        "/api/v1/history/equity",
        "/api/v1/shards/main",
        "/api/v1/nothing",
    ] {
        heard.said(path, &ask(farm.port, Some(&token), path));
        heard.said(path, &ask(farm.port, Some(WRONG), path));
    }
    assert!(
        heard
            .0
            .iter()
            .any(|(what, text)| what == "/metrics" && String::from_utf8_lossy(text).contains("omega_"))
    );
}

/// The whole of it in one mode.
fn nothing_is_let_out(mode: &str, account: &str, redis: bool) {
    let sandbox = Sandbox::new();
    let (mut planted, mut heard) = (Planted::new(), Heard::default());
    set_secret(&sandbox, "book", BOOK);
    set_secret(&sandbox, "phrase", PHRASE);
    std::fs::create_dir(sandbox.path("redis")).unwrap();
    let directory = sandbox.path("redis").display().to_string();
    let server = redis.then(|| rig::redis::Server::start(&["--requirepass", REDIS, "--dir", &directory]));
    let port = free_port();
    let text = configuration(&sandbox, port, mode, server.as_ref().map(|server| server.port)) + account;
    let farm = Farm::of(sandbox, port, &text, &VARIABLES);
    exercise(&farm, &mut planted, &mut heard);
    std::thread::sleep(Duration::from_secs(2));
    let (sandbox, said) = farm.stop();
    heard.said("what the farm said", &said);
    assert_eq!(omega_in(&sandbox, &VARIABLES, &["audit", "verify"]).code, 0);
    // Wrong secrets are not repeated by whoever refuses them.
    for name in ["CANARY_JOURNAL", "CANARY_REDIS", "CANARY_SECRET", "OMEGA_SECRETS_KEY"] {
        let mut wrong = VARIABLES;
        wrong.iter_mut().filter(|(other, _)| *other == name).for_each(|(_, value)| *value = WRONG);
        for words in [&["run", "--for", "1"][..], &["doctor", "--offline"], &["config", "check", "--secrets"]]
        {
            let said = omega_in(&sandbox, &wrong, words);
            heard.said(&format!("wrong {name}: {}", words.join(" ")), &format!("{}{}", said.out, said.err));
        }
    }
    if let Some(server) = &server {
        heard.said("log of Redis", &server.log());
    }
    // Whoever has the machine has his token in its file, and the key of the history in its own.
    let count = heard.files(&sandbox.path("data"), &["local.token"]);
    assert!(count >= 5, "journal, history, audit, book and more: {count}");
    if redis {
        assert!(heard.files(&sandbox.path("redis"), &[]) > 0, "what went over Redis is looked at too");
    }
    heard.assert_clean(&planted);
}

#[test]
fn what_is_planted_is_found_where_it_is() {
    let planted = Planted::new();
    for (text, name) in [
        (format!("a log with {SECRET} in it"), SECRET),
        (format!("a header: Basic {}", STANDARD.encode(PHRASE)), PHRASE),
        (format!("key {}", JOURNAL.to_uppercase()), JOURNAL),
    ] {
        assert_eq!(planted.found_in(text.as_bytes()), [name]);
    }
    assert_eq!(planted.found_in(&[&b"raw "[..], &bytes_of(BOOK)].concat()), [BOOK]);
    assert!(planted.found_in(b"nothing of it").is_empty());
}

#[test]
fn a_farm_on_paper_lets_no_secret_out() {
    nothing_is_let_out("", "[market]\nwarm_up_bars = 60\n[market.generator]\nspeed = 600\n", false);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "it is waited for in optimised code")]
fn a_farm_at_an_exchange_over_redis_lets_no_secret_out() {
    let (exchange, rest) = exchange();
    let account = format!(
        "[market]\nfeed = \"bitget\"\nwarm_up_bars = 60\n[market.bitget]\nrest_url = \"{rest}\"\n[[account]]\nname = \"main\"\n\
         key = \"env:CANARY_KEY\"\nsecret = \"env:CANARY_SECRET\"\npassphrase = \"secret:phrase\"\n\
         position_mode = \"one_way\"\nmargin_mode = \"cross\"\n"
    );
    nothing_is_let_out("mode = \"demo\"\n", &account, is_there("redis-server"));
    drop(exchange);
}
