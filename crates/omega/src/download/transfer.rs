//! Bodies from addresses to disk: checked, begun again where they broke off, and each fetched once.
//!
//! A body that arrived whole lies in the directory of transfers until the file of the catalogue that needs it is
//! written, so that whoever is killed in between fetches nothing twice. It refuses a body whose checksum is wrong, one
//! without end, and to go on with half a body of which it cannot tell that it is still the same.

use super::answer::{Verdict, backoff, judge, range_start};
use super::budget::Budget;
use super::plan::{Body, Check};
use super::rest_bitget::{Said, envelope};
use crate::error::Failure;
use data::Bytes;
use md5::Md5;
use model::Rng;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;
use ureq::http::Response;

/// The directory of transfers below the root of a catalogue.
const TRANSFERS: &str = ".transfer";
/// The longest body.
const BODY_BYTES_MAX: u64 = 256 << 20;
/// The longest body of an answer that is no success.
const REFUSAL_BYTES_MAX: u64 = 1 << 16;
/// Attempts at one address, the first included.
const ATTEMPTS_MAX: u32 = 6;
/// Whole bodies that may turn out to be wrong.
pub const DAMAGED_MAX: u32 = 3;
/// What a body passed for which nothing is published to check it by.
pub const UNCHECKED: &str = "none";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// A body that takes longer goes on from where it is.
const BODY_TIMEOUT: Duration = Duration::from_secs(120);
const REDIRECTS_MAX: u32 = 3;

/// A body that is here.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// What it is.
    pub bytes: Bytes,
    /// The check that it passed.
    pub check: String,
}

/// A body that is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The source does not have it.
    NotThere(String),
    /// It could not be had.
    Failed(String),
}

/// How to ask.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// Most requests a second and host.
    pub requests_per_second: u32,
    /// The first wait before asking again.
    pub backoff: Duration,
}

/// All transfers of a run.
pub struct Transfers {
    folder: PathBuf,
    agent: ureq::Agent,
    budget: Budget,
    manners: Manners,
    busy: Mutex<BTreeSet<String>>,
    freed: Condvar,
    missing: Mutex<BTreeMap<String, Missing>>,
    requests: AtomicUsize,
    bytes: AtomicU64,
}

/// The right to write to a catalogue; the operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "it is held, not used")] File);

impl Lock {
    /// Takes it, or says that another has it.
    pub fn take(root: &Path) -> Result<Lock, Failure> {
        let folder = root.join(TRANSFERS);
        let failed = |source| Failure::Write { file: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(failed)?;
        let lock = File::create(folder.join("lock")).map_err(failed)?;
        if lock.try_lock().is_err() {
            return Err(Failure::input(
                format!("another download is writing to {}", root.display()),
                "wait for it to end, or give another --dir",
            ));
        }
        Ok(Lock(lock))
    }
}

/// What an attempt came to.
enum Attempt {
    Whole(String),
    Damaged(String),
    Missing(Missing),
    Again(Option<Duration>, String),
}

impl Transfers {
    /// The transfers of whoever holds the lock of a catalogue.
    pub fn new(root: &Path, _: &Lock, manners: Manners) -> Transfers {
        let folder = root.join(TRANSFERS);
        let agent = ureq::Agent::config_builder()
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(ANSWER_TIMEOUT))
            .timeout_recv_body(Some(BODY_TIMEOUT))
            .max_redirects(REDIRECTS_MAX)
            .http_status_as_error(false)
            .user_agent(concat!("omega/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Transfers {
            folder,
            agent,
            budget: Budget::new(manners.requests_per_second),
            manners,
            busy: Mutex::default(),
            freed: Condvar::new(),
            missing: Mutex::default(),
            requests: AtomicUsize::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// Requests made so far, and bytes of bodies that came.
    pub fn counted(&self) -> (usize, u64) {
        (self.requests.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    /// The body, fetched now or before.
    pub fn get(&self, body: &Body) -> Result<Arrived, Missing> {
        let _alone = self.alone(&body.url);
        if let Some(missing) = self.missing.lock().expect("no holder of this lock panics").get(&body.url) {
            return Err(missing.clone());
        }
        let result = match self.kept(&body.url) {
            Some(arrived) => Ok(arrived),
            None => self.fetch(body),
        };
        if let Err(missing) = &result {
            let mut all = self.missing.lock().expect("no holder of this lock panics");
            all.insert(body.url.clone(), missing.clone());
        }
        result
    }

    /// Forgets a body: it is wrong, or nobody needs it any more.
    pub fn discard(&self, url: &str) {
        for ending in ["whole", "check", "part", "tag", "sum"] {
            // What is not there is gone; what cannot be removed is removed by the next run.
            let _ = fs::remove_file(self.place(url, ending));
        }
    }

    /// Forgets a body that says there is nothing, so that the next run asks again; nobody is in the middle of it.
    pub fn forget(&self, url: &str) {
        let _alone = self.alone(url);
        self.discard(url);
    }

    /// Forgets a body for good: nobody asks for it again in this run.
    pub fn condemn(&self, url: &str, missing: &Missing) {
        self.discard(url);
        let mut all = self.missing.lock().expect("no holder of this lock panics");
        all.insert(url.to_owned(), missing.clone());
    }

    /// Removes every body but these: what an earlier run left and this one does not need.
    pub fn keep_only(&self, urls: &BTreeSet<&str>) {
        let kept: BTreeSet<String> = urls.iter().map(|url| name(url)).collect();
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let file = entry.file_name();
            let stem = file.to_str().and_then(|name| name.split('.').next()).unwrap_or_default();
            if stem != "lock" && !kept.contains(stem) {
                // As above.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn place(&self, url: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", name(url)))
    }

    /// Nobody else fetches this address until the answer is dropped.
    fn alone(&self, url: &str) -> Alone<'_> {
        let mut busy = self.busy.lock().expect("no holder of this lock panics");
        while !busy.insert(url.to_owned()) {
            busy = self.freed.wait(busy).expect("no holder of this lock panics");
        }
        Alone { transfers: self, url: url.to_owned() }
    }

    fn kept(&self, url: &str) -> Option<Arrived> {
        let bytes = fs::read(self.place(url, "whole")).ok()?;
        let check = fs::read_to_string(self.place(url, "check")).ok()?;
        Some(Arrived { bytes: Bytes::from(bytes), check })
    }

    fn fetch(&self, body: &Body) -> Result<Arrived, Missing> {
        let url = &body.url;
        let failed = |why: String| Missing::Failed(format!("{why}: {url}"));
        let mut rng = Rng::new(seed(url));
        let (mut damaged, mut attempt) = (0, 1);
        loop {
            let attempted =
                self.attempt(body).unwrap_or_else(|error| Attempt::Again(None, error.to_string()));
            let (after, why) = match attempted {
                Attempt::Whole(check) => {
                    let keep = fs::write(self.place(url, "check"), &check)
                        .and_then(|()| fs::rename(self.place(url, "part"), self.place(url, "whole")));
                    keep.map_err(|error| failed(error.to_string()))?;
                    return self.kept(url).ok_or_else(|| failed("a body cannot be read back".to_owned()));
                }
                Attempt::Missing(missing) => return Err(missing),
                Attempt::Damaged(why) => {
                    self.discard(url);
                    damaged += 1;
                    if damaged == DAMAGED_MAX {
                        return Err(failed(format!("{why} ({DAMAGED_MAX} times)")));
                    }
                    (None, why)
                }
                Attempt::Again(after, why) => (after, why),
            };
            if attempt == ATTEMPTS_MAX {
                return Err(failed(format!("{why} (the last of {ATTEMPTS_MAX} attempts)")));
            }
            let wait = backoff(self.manners.backoff, attempt, rng.unit());
            match after {
                Some(after) => self.budget.hold(url, after.max(wait)),
                None => thread::sleep(wait),
            }
            attempt += 1;
        }
    }

    /// One attempt: an error is one of the network or the disk.
    fn attempt(&self, body: &Body) -> Result<Attempt, ureq::Error> {
        let published = match body.check {
            Check::Sidecar => match self.published_sum(&body.url)? {
                Ok(sum) => Some(sum),
                Err(other) => return Ok(other),
            },
            Check::EntityTag | Check::Envelope => None,
        };
        // Whoever was killed between the last byte and the check has all of it.
        let part = self.place(&body.url, "part");
        if body.check != Check::Envelope
            && let Ok(bytes) = fs::read(&part)
            && let Some(check) =
                self.passed(body, published.as_deref(), &bytes).filter(|check| check != UNCHECKED)
        {
            return Ok(Attempt::Whole(check));
        }
        if let Some(other) = self.stream(body, published.is_some())? {
            return Ok(other);
        }
        let bytes = fs::read(&part)?;
        if body.check != Check::Envelope {
            let wrong = || Attempt::Damaged("its checksum is not the published one".to_owned());
            return Ok(self.passed(body, published.as_deref(), &bytes).map_or_else(wrong, Attempt::Whole));
        }
        let said = envelope(&bytes);
        if said != Said::Success {
            fs::remove_file(&part)?;
        }
        Ok(match said {
            Said::Success => Attempt::Whole("envelope".to_owned()),
            Said::Again(why) => Attempt::Again(None, why),
            Said::No(why) => Attempt::Missing(Missing::Failed(format!("{why}: {}", body.url))),
        })
    }

    /// The check that a body passes, if it does: the published SHA-256, else the MD5 that its tag is, else none.
    fn passed(&self, body: &Body, published: Option<&str>, bytes: &[u8]) -> Option<String> {
        if let Some(sum) = published {
            return (sha256(bytes) == sum).then(|| format!("sha256 {sum}"));
        }
        // A tag that cannot be read is no tag.
        let tag = fs::read_to_string(self.place(&body.url, "tag")).unwrap_or_default();
        match md5_of_tag(&tag) {
            Some(sum) => (hex(&Md5::digest(bytes)) == sum).then(|| format!("md5 {sum}")),
            None => Some(UNCHECKED.to_owned()),
        }
    }

    /// The checksum that is published beside a body.
    fn published_sum(&self, url: &str) -> Result<Result<String, Attempt>, ureq::Error> {
        let place = self.place(url, "sum");
        if let Ok(sum) = fs::read_to_string(&place) {
            return Ok(Ok(sum));
        }
        let beside = format!("{url}.CHECKSUM");
        let mut answer = self.ask(&beside, None)?;
        if answer.status() != 200 {
            return Ok(Err(self.refused(&beside, &mut answer)?));
        }
        let text = answer.body_mut().with_config().limit(REFUSAL_BYTES_MAX).read_to_string()?;
        let sum = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        if sum.len() != 64 || !sum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Err(Attempt::Damaged("the checksum beside it is none".to_owned())));
        }
        fs::write(place, &sum)?;
        Ok(Ok(sum))
    }

    /// Streams a body to disk, going on from what is there where it can be known to be the same.
    fn stream(&self, body: &Body, is_summed: bool) -> Result<Option<Attempt>, ureq::Error> {
        let (part, tag_place) = (self.place(&body.url, "part"), self.place(&body.url, "tag"));
        let tag = fs::read_to_string(&tag_place).ok().filter(|tag| is_strong(tag));
        let there = fs::metadata(&part).map_or(0, |part| part.len());
        let goes_on = there > 0 && (tag.is_some() || is_summed);
        let range = goes_on.then(|| (format!("bytes={there}-"), tag));
        let mut answer = self.ask(&body.url, range)?;
        let header =
            |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (new_tag, start) =
            (header("etag"), header("content-range").and_then(|range| range_start(&range)));
        let status = answer.status().as_u16();
        let mut out = match status {
            200 => begin(&part, &tag_place, &new_tag.unwrap_or_default())?,
            206 if goes_on && start == Some(there) => OpenOptions::new().append(true).open(&part)?,
            206 | 416 => {
                fs::remove_file(&part)?;
                return Ok(Some(Attempt::Again(
                    None,
                    "the server does not go on where it broke off".to_owned(),
                )));
            }
            _ => return Ok(Some(self.refused(&body.url, &mut answer)?)),
        };
        let announced = answer.body().content_length();
        let mut reader = answer.body_mut().with_config().limit(BODY_BYTES_MAX).reader();
        let came = self.pour(&mut reader, &mut out)?;
        if announced.is_some_and(|announced| announced != came) {
            return Ok(Some(Attempt::Again(None, format!("{came} of {announced:?} bytes came"))));
        }
        out.sync_all()?;
        Ok(None)
    }

    fn pour(&self, reader: &mut impl Read, out: &mut File) -> io::Result<u64> {
        let (mut chunk, mut came) = (vec![0; 1 << 16], 0);
        loop {
            let count = reader.read(&mut chunk)?;
            if count == 0 {
                return Ok(came);
            }
            out.write_all(&chunk[..count])?;
            came += count as u64;
            self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        }
    }

    fn ask(
        &self,
        url: &str,
        range: Option<(String, Option<String>)>,
    ) -> Result<Response<ureq::Body>, ureq::Error> {
        self.budget.spend(url);
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut request = self.agent.get(url);
        if let Some((range, tag)) = range {
            request = request.header("Range", range);
            if let Some(tag) = tag {
                request = request.header("If-Range", tag);
            }
        }
        request.call()
    }

    fn refused(&self, url: &str, answer: &mut Response<ureq::Body>) -> Result<Attempt, ureq::Error> {
        let after =
            answer.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = answer.status().as_u16();
        let mut text = Vec::new();
        answer.body_mut().with_config().limit(REFUSAL_BYTES_MAX).reader().read_to_end(&mut text)?;
        Ok(match judge(status, after.as_deref(), &text) {
            Verdict::NotThere => Attempt::Missing(Missing::NotThere(format!("not there ({status}): {url}"))),
            Verdict::Again(after, why) => Attempt::Again(after, why),
            Verdict::No(why) => Attempt::Missing(Missing::Failed(format!("{why}: {url}"))),
        })
    }
}

/// The right to fetch an address alone.
struct Alone<'t> {
    transfers: &'t Transfers,
    url: String,
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.transfers.busy.lock().expect("no holder of this lock panics").remove(&self.url);
        self.transfers.freed.notify_all();
    }
}

/// An empty body and its tag, in this order: whoever is killed in between must not go on with old bytes under a new tag.
fn begin(part: &Path, tag_place: &Path, tag: &str) -> io::Result<File> {
    let out = File::create(part)?;
    fs::write(tag_place, tag)?;
    Ok(out)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// What the files of an address are called.
fn name(url: &str) -> String {
    sha256(url.as_bytes())[..32].to_owned()
}

/// The jitter of an address is its own and always the same.
fn seed(url: &str) -> u64 {
    Sha256::digest(url.as_bytes()).iter().take(8).fold(0, |seed, &byte| seed << 8 | u64::from(byte))
}

/// A tag that names exactly these bytes.
fn is_strong(tag: &str) -> bool {
    tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"')
}

/// Object stores tag a body that was sent in one piece with its MD5.
fn md5_of_tag(tag: &str) -> Option<&str> {
    let sum = tag.strip_prefix('"')?.strip_suffix('"')?;
    (sum.len() == 32 && sum.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_tag_that_is_an_md5_is_one() {
        let sum = "d41d8cd98f00b204e9800998ecf8427e";
        assert_eq!(md5_of_tag(&format!("\"{sum}\"")), Some(sum));
        for tag in [sum.to_owned(), format!("\"{sum}-3\""), format!("W/\"{sum}\""), String::new()] {
            assert_eq!(md5_of_tag(&tag), None, "{tag}");
        }
        assert!(!is_strong("W/\"x\"") && is_strong("\"x\""));
        assert_eq!(hex(&Md5::digest(b"")), sum);
    }

    #[test]
    fn old_bytes_never_lie_under_a_new_tag() {
        let folder = std::env::temp_dir().join(format!("omega-transfer-{}", std::process::id()));
        // A tag that cannot be written, because a directory is in its place, stands for a kill before it.
        fs::create_dir_all(folder.join("tag")).unwrap();
        let part = folder.join("part");
        fs::write(&part, "old").unwrap();
        assert!(begin(&part, &folder.join("tag"), "\"new\"").is_err());
        assert_eq!(fs::read(&part).unwrap(), b"");
        fs::remove_dir_all(&folder).unwrap();
    }
}
