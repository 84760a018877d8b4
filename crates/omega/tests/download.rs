//! Downloads under faults: the catalogue ends complete or says exactly what is missing, nothing is fetched twice that
//! was whole, nothing is in the catalogue twice, and a back-test over it is that over an undisturbed download.
//!
//! It refuses to reach beyond 127.0.0.1 and to kill a process that it did not start.

#![cfg(all(feature = "http", feature = "archives"))]
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that fails should stop and say so")]

mod venues;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;
use venues::{Fault, Venues};

/// A catalogue of its own that goes away with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        Scratch(std::env::temp_dir().join(format!("omega-download-{}-{n}", std::process::id())))
    }

    /// Every file that counts, and its content.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        gather(&self.0, &self.0, &mut files);
        files
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn gather(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(root, &path, files);
        } else if path.file_name().unwrap() != "lock" {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            // Somebody may be at work here: what has just been renamed away is seen under its new name next time.
            if let Ok(bytes) = fs::read(path) {
                files.insert(name, bytes);
            }
        }
    }
}

fn command(line: &str, scratch: &Scratch) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omega"));
    command.args(line.split_whitespace()).arg("--dir").arg(&scratch.0);
    command.env_remove("OMEGA_DATA").stdin(Stdio::null());
    command
}

const PACE: &str = "--requests-per-second 1000 --backoff-ms 5";

fn omega(line: &str, scratch: &Scratch) -> Output {
    command(line, scratch).output().unwrap()
}

fn download(line: &str, venues: &Venues, scratch: &Scratch) -> (Option<i32>, Value) {
    let line = format!("data download {line} --json {PACE} --base-url {}", venues.url);
    let output = omega(&line, scratch);
    let document = serde_json::from_slice(&output.stdout);
    (output.status.code(), document.unwrap_or_else(|_| panic!("{}", said(&output))))
}

fn verify(flags: &str, venues: &Venues, scratch: &Scratch) -> (Option<i32>, Value) {
    let output = omega(&format!("data verify {flags} --json {PACE} --base-url {}", venues.url), scratch);
    let document = serde_json::from_slice(&output.stdout);
    (output.status.code(), document.unwrap_or_else(|_| panic!("{}", said(&output))))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Days and months that are not there, with their series.
fn lacks(document: &Value) -> Vec<String> {
    let lack =
        |lack: &Value| format!("{} {}", lack["series"].as_str().unwrap(), lack["period"].as_str().unwrap());
    document["lacks"].as_array().unwrap().iter().map(lack).collect()
}

#[test]
fn binance_under_faults_ends_complete_and_asks_for_nothing_twice() {
    let (venues, scratch) = (Venues::start(), Scratch::new());
    venues.state.serves_ranges.store(true, Ordering::Relaxed);
    venues
        .fail("klines/BTCUSDT/15m/BTCUSDT-15m-2024-02.zip", &[Fault::Internal, Fault::Drop, Fault::Corrupt]);
    venues.fail("BTCUSDT-15m-2024-01-30.zip", &[Fault::TooMany, Fault::Slow]);
    venues.fail("BTCUSDT-15m-2024-01-31.zip.CHECKSUM", &[Fault::Corrupt, Fault::Drop]);
    venues.always("markPriceKlines/BTCUSDT/15m/BTCUSDT-15m-2024-02.zip", Fault::Denied);
    let line = "--source binance --from 2024-01-30 --to 2024-03-02 --interval 15m";
    let (code, document) = download(line, &venues, &scratch);
    assert_eq!((code, lacks(&document)), (Some(0), vec![]), "{document}");
    assert_eq!(document["complete"], true);
    // Bars: four days and February; funding: three months; marks: every day, because February was not there.
    assert_eq!(document["files"], 5 + 3 + 4 + 29);
    let asked = venues.hits().len();
    let (code, document) = download(line, &venues, &scratch);
    assert_eq!((code, document["requests"].as_i64()), (Some(0), Some(0)));
    assert_eq!(venues.hits().len(), asked, "all of it was there");
    assert!(
        !scratch.files().keys().any(|name| name.starts_with(".transfer")),
        "{:?}",
        scratch.files().keys()
    );
    assert_eq!(verify("", &venues, &scratch).0, Some(0));
    let went_on = venues.hits().iter().any(|hit| hit.range.is_some() && hit.status == 206);
    assert!(went_on, "what broke off was gone on with");
}

#[test]
fn what_is_missing_is_said_exactly_and_repaired_when_it_is_there() {
    let (venues, scratch) = (Venues::start(), Scratch::new());
    venues.always("BTCUSDT-15m-2024-03-05.zip", Fault::Denied);
    venues.always("BTCUSDT-15m-2024-03-07.zip.CHECKSUM", Fault::Denied);
    venues.always("BTCUSDT-15m-2024-03-09.zip", Fault::Corrupt);
    let (code, document) = download(
        "--source binance --kind bars --from 2024-03-04 --to 2024-03-10 --interval 15m",
        &venues,
        &scratch,
    );
    let wanted =
        ["2024-03-05", "2024-03-07", "2024-03-09"].map(|day| format!("binance BTCUSDT bars 15m {day}"));
    assert_eq!((code, lacks(&document)), (Some(1), wanted.to_vec()));
    let why = |i: usize| document["lacks"][i]["why"].as_str().unwrap();
    assert!(why(0).contains("not there (403)") && why(0).contains("2024-03-05.zip"), "{}", why(0));
    assert!(why(2).contains("checksum") && why(2).contains("2024-03-09.zip"), "{}", why(2));
    let listed = omega("data list --json", &scratch);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["series"][0]["gaps"].as_array().unwrap().len(), 3);
    assert_eq!(listed["series"][0]["percent"], 57.14);
    let (code, document) = verify("", &venues, &scratch);
    assert_eq!((code, document["findings"].as_array().unwrap().len()), (Some(1), 3));
    assert_eq!(document["findings"][0]["says"], "binance BTCUSDT bars 15m 2024-03-05: not there");
    venues.heal();
    let asked = venues.hits().len();
    let (code, document) = verify("--repair", &venues, &scratch);
    assert_eq!((code, document["sound"].as_bool()), (Some(0), Some(true)), "{document}");
    assert_eq!(venues.hits().len() - asked, 5, "three files, and two checksums that are not known yet");
}

#[test]
fn rot_truncation_and_loss_are_found_and_mended() {
    let (venues, scratch) = (Venues::start(), Scratch::new());
    download(
        "--source binance --kind bars,funding --from 2024-03-01 --to 2024-03-06 --interval 15m",
        &venues,
        &scratch,
    );
    let before = scratch.files();
    let folder = scratch.0.join("binance/BTCUSDT/bars-15m");
    let table = |day: &str| {
        let found = ["parquet", "csv"].map(|ending| folder.join(format!("{day}.{ending}")));
        found.into_iter().find(|file| file.exists()).unwrap()
    };
    let rotten = table("2024-03-02");
    let mut bytes = fs::read(&rotten).unwrap();
    bytes[100] ^= 1;
    fs::write(&rotten, bytes).unwrap();
    let cut = table("2024-03-03");
    let bytes = fs::read(&cut).unwrap();
    fs::write(&cut, &bytes[..bytes.len() - 7]).unwrap();
    fs::remove_file(table("2024-03-04")).unwrap();
    fs::remove_file(folder.join(format!("{}.manifest", table("2024-03-05").display()))).unwrap();
    let listed = omega("backtest --from 2024-03-01 --to 2024-03-06", &scratch);
    assert!(said(&listed).contains("omega data verify --repair"), "a damaged day stops: {}", said(&listed));
    let (code, document) = verify("", &venues, &scratch);
    let faults: Vec<&str> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["fault"].as_str().unwrap())
        .collect();
    assert_eq!((code, faults), (Some(1), vec!["damaged"; 4]), "{document}");
    let asked = venues.hits().len();
    let (code, document) = verify("--repair", &venues, &scratch);
    assert_eq!(code, Some(0), "{document}");
    assert_eq!(venues.hits().len() - asked, 8, "only what was damaged");
    assert_eq!(scratch.files(), before, "byte for byte as before");
}

#[test]
fn bitgets_doors_give_the_same_days() {
    let venues = Venues::start();
    let (archive, rest) = (Scratch::new(), Scratch::new());
    venues.state.serves_ranges.store(true, Ordering::Relaxed);
    venues.state.tags.store(true, Ordering::Relaxed);
    venues.fail("1min_20240418.zip", &[Fault::Drop, Fault::Slow]);
    venues.fail("UMCBL/20240419.zip", &[Fault::Corrupt, Fault::Internal]);
    let days = "--source bitget --kind bars --from 2024-04-17 --to 2024-04-19";
    let (code, document) = download(&format!("{days} --via archive"), &venues, &archive);
    assert_eq!(code, Some(0), "{document}");
    let whole: Vec<String> =
        venues.hits().into_iter().filter(|hit| hit.range.is_none()).map(|hit| hit.path).collect();
    assert_eq!(whole.iter().filter(|path| path.contains("20240417")).count(), 1, "two days share a file");
    assert!(venues.hits().iter().any(|hit| hit.status == 206), "what broke off was gone on with");
    for inclusive in [false, true] {
        venues.state.inclusive.store(inclusive, Ordering::Relaxed);
        venues.fail("history-candles", &[Fault::Drop, Fault::TooMany, Fault::Corrupt, Fault::Internal]);
        let rest = Scratch::new();
        let (code, document) = download(days, &venues, &rest);
        assert_eq!((code, lacks(&document)), (Some(0), vec![]), "{document}");
        let tables = |scratch: &Scratch| {
            let mut files = scratch.files();
            files.retain(|name, _| !name.ends_with("manifest"));
            files
        };
        assert_eq!(tables(&archive), tables(&rest), "inclusive {inclusive}");
    }
    let others = "--source bitget --kind mark,index,funding --from 2024-04-29 --to 2024-05-02 --interval 1h";
    let (code, document) = download(others, &venues, &rest);
    assert_eq!((code, lacks(&document)), (Some(0), vec![]), "{document}");
    assert_eq!(verify("", &venues, &rest).0, Some(0));
}

#[test]
fn an_archive_without_tags_is_checked_by_unpacking_it() {
    let (venues, scratch) = (Venues::start(), Scratch::new());
    venues.fail("UMCBL/20240502.zip", &[Fault::Corrupt, Fault::Drop]);
    venues.always("UMCBL/20240505.zip", Fault::Denied);
    let line = "--source bitget --via archive --kind bars --from 2024-05-01 --to 2024-05-04";
    let (code, document) = download(line, &venues, &scratch);
    assert_eq!((code, lacks(&document)), (Some(1), vec!["bitget BTCUSDT bars 1m 2024-05-04".to_owned()]));
    assert!(document["lacks"][0]["why"].as_str().unwrap().contains("20240505.zip"), "half a day is no day");
    let asked = venues.hits().iter().filter(|hit| hit.path.contains("20240501.zip")).count();
    assert_eq!(asked, 1, "the sound half is not fetched again");
    let (code, _) = download(line, &venues, &scratch);
    assert_eq!(code, Some(1));
    let asked = venues.hits().iter().filter(|hit| hit.path.contains("20240504.zip")).count();
    assert_eq!(asked, 1, "the half that is there waits for the other");
}

/// Names under which bodies lie that came whole, and addresses whose file is in the catalogue.
fn whole(scratch: &Scratch, paths: &BTreeSet<String>, url: &str) -> BTreeSet<String> {
    use sha2::Digest;
    let files = scratch.files();
    let manifests = files.iter().filter(|(name, _)| name.ends_with(".manifest"));
    let known: String = manifests.map(|(_, text)| String::from_utf8_lossy(text).into_owned()).collect();
    let is_whole = |path: &&String| {
        let address = format!("{url}{path}");
        let name = venues::hex(&sha2::Sha256::digest(address.as_bytes()))[..32].to_owned();
        files.contains_key(&format!(".transfer/{name}.whole")) || known.contains(&format!("url {address}\n"))
    };
    paths.iter().filter(is_whole).cloned().collect()
}

#[test]
fn killed_and_resumed_it_is_as_if_nothing_had_happened() {
    let line = "--source binance --kind bars,funding,mark --interval 5m";
    killed_and_resumed(line, ("2024-03-01", "2024-03-12"), 10);
}

/// Here a body is needed by two days, so one that came whole waits for the second.
#[test]
fn killed_between_two_days_that_share_a_file_it_fetches_the_file_once() {
    killed_and_resumed("--source bitget --via archive --kind bars", ("2024-04-06", "2024-04-25"), 2);
}

/// Downloads, killed again and again after at most `hits_max` requests more, against an undisturbed download.
fn killed_and_resumed(line: &str, (from, to): (&str, &str), hits_max: u64) {
    let venues = Venues::start();
    let (calm, killed) = (Scratch::new(), Scratch::new());
    let line = format!("{line} --from {from} --to {to}");
    venues.state.tags.store(true, Ordering::Relaxed);
    assert_eq!(download(&line, &venues, &calm).0, Some(0));
    let paths: BTreeSet<String> = venues.hits().into_iter().map(|hit| hit.path).collect();
    let files: BTreeSet<String> = paths.into_iter().filter(|path| path.ends_with(".zip")).collect();
    venues.state.serves_ranges.store(true, Ordering::Relaxed);
    venues.state.delay_ms.store(15, Ordering::Relaxed);
    venues.state.chance.store(9, Ordering::Relaxed);
    let mut rng = model::Rng::new(7);
    let mut kills = 0;
    for round in 0..4 {
        let before = whole(&killed, &files, &venues.url);
        let asked = venues.hits().len();
        let full = format!("data download {line} {PACE} --base-url {}", venues.url);
        let mut child = command(&full, &killed).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // By turns wherever it stands after a few requests more, and once more of it is whole, however fast this
        // machine is.
        let enough = asked + 1 + rng.below(hits_max) as usize;
        let is_far = || match round % 2 {
            0 => venues.hits().len() >= enough,
            _ => whole(&killed, &files, &venues.url).len() > before.len(),
        };
        while !is_far() && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(2));
        }
        thread::sleep(Duration::from_millis(rng.below(20)));
        // This child only, by the id it was started with.
        child.kill().unwrap();
        kills += i32::from(child.wait().unwrap().code().is_none());
        let again: Vec<String> = venues.hits()[asked..].iter().map(|hit| hit.path.clone()).collect();
        assert!(!again.iter().any(|path| before.contains(path)), "fetched though it was whole");
    }
    assert!(kills >= 2, "{kills} of 4 were still at work");
    let before = whole(&killed, &files, &venues.url);
    assert!(!before.is_empty() && before.len() < files.len(), "{} of {}", before.len(), files.len());
    let asked = venues.hits().len();
    let (code, document) = download(&line, &venues, &killed);
    assert_eq!((code, lacks(&document)), (Some(0), vec![]), "{document}");
    assert!(!venues.hits()[asked..].iter().any(|hit| before.contains(&hit.path)), "fetched though whole");
    assert_eq!(killed.files(), calm.files(), "byte for byte, and nothing besides");
    assert_eq!(backtest(&killed, from, to), backtest(&calm, from, to));
}

/// What a back-test says of a catalogue, but for the seconds it took and where it lies.
fn backtest(scratch: &Scratch, from: &str, to: &str) -> Value {
    let trades =
        std::env::temp_dir().join(format!("{}.csv", scratch.0.file_name().unwrap().to_str().unwrap()));
    let line = format!("backtest --from {from} --to {to} --json --persona ema_cross strategic --trades");
    let mut command = command(&line, scratch);
    let at = command.get_args().position(|argument| argument == "--dir").unwrap();
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    command = Command::new(env!("CARGO_BIN_EXE_omega"));
    command.args(&arguments[..at]).arg(&trades).args(&arguments[at..]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let mut document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = fs::read_to_string(&trades).unwrap();
    fs::remove_file(&trades).unwrap();
    assert!(text.lines().count() > 3, "somebody traded");
    strip(&mut document);
    document["trades"] = Value::String(text);
    document
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(pairs) => {
            pairs.retain(|key, value| {
                let text = value.as_str().unwrap_or_default();
                !key.ends_with("_s") && !key.contains("per_second") && !text.contains("omega-download-")
            });
            pairs.values_mut().for_each(strip);
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        _ => {}
    }
}

#[test]
fn a_backtest_says_the_line_that_fetches_what_it_lacks() {
    let (venues, scratch) = (Venues::start(), Scratch::new());
    let lacking = omega("backtest --symbol BTCUSDT --from 2024-03-01 --to 2024-03-02", &scratch);
    assert_eq!(lacking.status.code(), Some(1));
    let hint = said(&lacking);
    let line = hint.split('`').nth(1).unwrap_or_else(|| panic!("{hint}"));
    let line = line.strip_prefix("omega ").unwrap().split(" --dir").next().unwrap().to_owned();
    assert_eq!(line, "data download --source binance --symbol BTCUSDT --from 2024-03-01 --to 2024-03-02");
    let fetched = omega(&format!("{line} {PACE} --base-url {}", venues.url), &scratch);
    assert!(fetched.status.success(), "{}", said(&fetched));
    let line = "backtest --symbol BTCUSDT --from 2024-03-01 --to 2024-03-02 --persona buy_hold --json";
    let tested = omega(line, &scratch);
    assert!(tested.status.success(), "{}", said(&tested));
    assert!(!said(&tested).contains("warning"), "{}", said(&tested));
    for others in
        ["study --seeds 1 --period 2 --no-twin --persona cosmic", "cosmos test --factor moon --placebos 2"]
    {
        let read = omega(&format!("{others} --from 2024-03-01 --to 2024-03-02 --json"), &scratch);
        assert!(read.status.success(), "{others}: {}", said(&read));
    }
    let short = omega(&line.replace("03-02", "03-04"), &scratch);
    assert!(said(&short).contains("covers only"), "{}", said(&short));
    download(
        "--source bitget --kind bars --from 2024-03-01 --to 2024-03-01 --interval 1h",
        &venues,
        &scratch,
    );
    let torn = omega(line, &scratch);
    assert_eq!(torn.status.code(), Some(2));
    assert!(said(&torn).contains("--source"), "{}", said(&torn));
    assert!(omega(&format!("{line} --source binance"), &scratch).status.success());
}

#[test]
fn two_downloads_do_not_write_to_one_catalogue() {
    let (venues, scratch) = (Venues::start(), Scratch::new());
    venues.state.delay_ms.store(400, Ordering::Relaxed);
    let line = "--source binance --kind bars --from 2024-03-01 --to 2024-03-02 --interval 1h";
    let full = format!("data download {line} {PACE} --base-url {}", venues.url);
    let mut first = command(&full, &scratch).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while venues.hits().is_empty() && first.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(10));
    }
    let second = omega(&full, &scratch);
    assert!(said(&second).contains("another download"), "{}", said(&second));
    assert!(first.wait().unwrap().success());
}

const NOWHERE: &str = "--requests-per-second 1000 --backoff-ms 1 --base-url http://127.0.0.1:1";

#[test]
fn a_repair_that_fetches_nothing_removes_nothing_and_says_so() {
    let (venues, scratch) = (Venues::start(), Scratch::new());
    download(
        "--source binance --kind bars --from 2024-03-01 --to 2024-03-03 --interval 4h",
        &venues,
        &scratch,
    );
    let before = scratch.files();
    let folder = scratch.0.join("binance/BTCUSDT/bars-4h");
    let file = |start: &str, end: &str| {
        let is_it = |name: &&String| name.contains(start) && name.ends_with(end);
        let wanted = before.keys().filter(|name| name.ends_with("manifest") == (end == "manifest"));
        scratch.0.join(wanted.clone().find(is_it).unwrap())
    };
    // At the edge a file that is cut short, in the middle a sound one that lost its manifest, and one of somebody else.
    fs::write(file("2024-03-03", ""), "x").unwrap();
    fs::remove_file(file("2024-03-02", "manifest")).unwrap();
    fs::write(folder.join("2024-03-04.bak"), "mine").unwrap();
    let broken = scratch.files();
    let output = omega(&format!("data verify --repair {NOWHERE}"), &scratch);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    for line in ["0 of 2 findings were repaired", "2024-03-02: damaged", "2024-03-03: damaged"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("is sound"), "{text}");
    assert_eq!(scratch.files(), broken);
    let (code, document) = verify("--repair", &venues, &scratch);
    assert_eq!((code, document["repaired"].as_i64()), (Some(0), Some(2)), "{document}");
    let mut mended = scratch.files();
    assert!(mended.remove("binance/BTCUSDT/bars-4h/2024-03-04.bak").is_some());
    assert_eq!(mended, before);
}

#[test]
fn what_a_kill_left_within_a_month_goes_when_the_month_comes() {
    let (venues, scratch) = (Venues::start(), Scratch::new());
    let day = "--source binance --kind bars --from 2024-02-03 --to 2024-02-03 --interval 4h";
    download(day, &venues, &scratch);
    let manifest = scratch.files().into_keys().find(|name| name.ends_with(".manifest")).unwrap();
    fs::remove_file(scratch.0.join(manifest)).unwrap();
    let month = day.replacen("02-03", "02-01", 1).replace("02-03", "02-29");
    let (code, document) = download(&month, &venues, &scratch);
    assert_eq!((code, document["complete"].as_bool()), (Some(0), Some(true)), "{document}");
    let tested = omega("backtest --from 2024-02-01 --to 2024-02-29 --persona buy_hold --json", &scratch);
    assert!(tested.status.success(), "{}", said(&tested));
    // One that reaches beyond what was asked for is nothing to remove, and nothing to call complete.
    fs::write(scratch.0.join("binance/BTCUSDT/bars-4h/2024-03.csv"), "half").unwrap();
    let days = day.replace("02-03", "03-04");
    let (code, document) = download(&days, &venues, &scratch);
    assert_eq!((code, document["complete"].as_bool()), (Some(1), Some(false)), "{document}");
    assert_eq!(document["damaged"].as_array().unwrap().len(), 1);
}

#[test]
fn an_answer_that_there_is_nothing_yet_is_asked_for_again() {
    let (venues, scratch) = (Venues::start(), Scratch::new());
    venues.always("history-candles", Fault::Nothing);
    let line = "--source bitget --kind bars --from 2024-05-01 --to 2024-05-01 --interval 1h";
    let (code, document) = download(line, &venues, &scratch);
    assert_eq!((code, lacks(&document).len()), (Some(1), 1), "{document}");
    venues.heal();
    let (code, document) = download(line, &venues, &scratch);
    assert_eq!((code, lacks(&document)), (Some(0), vec![]), "{document}");
}

#[test]
fn a_catalogue_that_is_not_there_is_not_sound() {
    let (venues, scratch) = (Venues::start(), Scratch::new());
    for line in ["data verify", "data verify --repair"] {
        let output = omega(line, &scratch);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(scratch.0.to_str().unwrap()), "{}", said(&output));
        assert!(!scratch.0.exists(), "a wrong name makes no directory");
    }
    download(
        "--source binance --kind bars --from 2024-03-01 --to 2024-03-01 --interval 4h",
        &venues,
        &scratch,
    );
    for none in ["--symbol ETHUSDT", "--source bitget"] {
        let output = omega(&format!("data verify {none}"), &scratch);
        assert_eq!(output.status.code(), Some(1), "{none}");
        assert!(said(&output).contains("no series"), "{}", said(&output));
    }
    let file = Scratch(scratch.0.join("binance/BTCUSDT/a-file"));
    fs::write(&file.0, "x").unwrap();
    let output = omega("data list", &file);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("is a file, not a directory"), "{}", said(&output));
}
