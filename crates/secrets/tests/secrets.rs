//! Secrets on a disk: files that are broken, open to all or rotated, and what becomes of references.

#![allow(clippy::unwrap_used, reason = "a test that fails should stop and say so")]

use config::{Environment, Reference};
use proptest::prelude::*;
use secrets::{BadSecret, Cost, Fetcher, Passphrase, Safe, SecretText, Source};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// As little as argon2 takes: a test of a file is no test of argon2.
const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };
const CANARY: &str = "hunter2-canary";

struct Sandbox(PathBuf);

impl Sandbox {
    fn new() -> Sandbox {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("omega-secrets-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        Sandbox(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, bytes: &[u8], mode: u32) -> PathBuf {
        let file = self.path(name);
        fs::write(&file, bytes).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn phrase(words: &str) -> Passphrase {
    Passphrase::new(text(words))
}

fn saved(file: &Path) -> Safe {
    let mut safe = Safe::create(file, &phrase("correct horse"), CHEAP).unwrap();
    safe.set("bitget.key", &text(CANARY)).unwrap();
    safe.set("bitget_secret", &text("second")).unwrap();
    safe.save().unwrap();
    safe
}

#[test]
fn what_is_set_is_there_again_and_only_for_its_owner() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("secrets.omega");
    saved(&file);
    let mut safe = Safe::open(&file, &phrase("correct horse")).unwrap();
    assert_eq!(safe.names().collect::<Vec<_>>(), ["bitget.key", "bitget_secret"]);
    assert_eq!(safe.get("bitget.key").unwrap().expose(), CANARY);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(sandbox.names(), ["secrets.omega"], "nothing is left beside it");
    assert!(!fs::read(&file).unwrap().windows(CANARY.len()).any(|window| window == CANARY.as_bytes()));
    assert!(!format!("{safe:?}").contains(CANARY));
    safe.remove("bitget.key").unwrap();
    safe.save().unwrap();
    let said =
        Safe::open(&file, &phrase("correct horse")).unwrap().get("bitget.key").unwrap_err().to_string();
    assert!(
        said.contains("did you mean bitget_secret?") && said.contains("omega secrets set bitget.key"),
        "{said}"
    );
}

#[test]
fn each_way_a_file_is_wrong_has_its_words() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("secrets.omega");
    let open = || Safe::open(&file, &phrase("correct horse"));
    assert!(matches!(open(), Err(BadSecret::NoSafe(_))));
    saved(&file);
    assert!(matches!(Safe::open(&file, &phrase("wrong horse")), Err(BadSecret::WrongPassphrase(_))));
    let whole = fs::read(&file).unwrap();
    for length in 0..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        assert!(matches!(open(), Err(BadSecret::Damaged(..))), "cut to {length}");
    }
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(&file, &flipped).unwrap();
        let error = open().unwrap_err();
        assert!(matches!(error, BadSecret::Damaged(..)), "byte {at}: {error}");
    }
    fs::write(&file, [&whole[..], b"x"].concat()).unwrap();
    assert!(matches!(open(), Err(BadSecret::Damaged(..))));
}

/// The same with a checksum that fits: who changes the file on purpose makes one.
fn forged(bytes: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut body = bytes[..bytes.len() - 4].to_vec();
    change(&mut body);
    let crc = crc32fast::hash(&body).to_le_bytes();
    [&body[..], &crc].concat()
}

#[test]
fn who_changes_a_file_on_purpose_is_noticed() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("secrets.omega");
    saved(&file);
    let whole = fs::read(&file).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for at in 0..whole.len() - 4 {
        fs::write(&file, forged(&whole, |body| body[at] ^= 1)).unwrap();
        // The cost, which a forger may raise, is bounded; below the bound it is another key.
        let error = Safe::open(&file, &phrase("correct horse")).unwrap_err();
        seen.insert(error.to_string().chars().rev().take(30).collect::<String>());
        let expected = matches!(
            error,
            BadSecret::Damaged(..)
                | BadSecret::Tampered(..)
                | BadSecret::WrongPassphrase(_)
                | BadSecret::Version(..)
        );
        assert!(expected, "byte {at}: {error}");
    }
    assert!(seen.len() >= 4, "{seen:?}");
    for length in 0..whole.len() - 4 {
        fs::write(&file, forged(&whole, |body| body.truncate(length))).unwrap();
        assert!(
            Safe::open(&file, &phrase("correct horse")).is_err(),
            "cut to {length}, with a checksum that fits"
        );
    }
    let name = whole.windows(10).position(|window| window == b"bitget.key").unwrap();
    fs::write(&file, forged(&whole, |body| body[name + 6] = b'_')).unwrap();
    assert!(matches!(Safe::open(&file, &phrase("correct horse")), Err(BadSecret::Tampered(..))), "renamed");
    fs::write(&file, forged(&whole, |body| body[8] = 2)).unwrap();
    assert!(matches!(Safe::open(&file, &phrase("correct horse")), Err(BadSecret::Version(_, 2))));
    fs::write(&file, forged(&whole, |body| body[9..13].fill(0xff))).unwrap();
    assert!(
        matches!(Safe::open(&file, &phrase("correct horse")), Err(BadSecret::Damaged(..))),
        "a cost without end"
    );
}

#[test]
fn a_rotation_changes_the_passphrase_and_nothing_else() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("secrets.omega");
    let old = saved(&file);
    let before = fs::read(&file).unwrap();
    old.rotated(&phrase("battery staple"), CHEAP).unwrap().save().unwrap();
    assert!(matches!(Safe::open(&file, &phrase("correct horse")), Err(BadSecret::WrongPassphrase(_))));
    let new = Safe::open(&file, &phrase("battery staple")).unwrap();
    assert_eq!(new.get("bitget.key").unwrap().expose(), CANARY);
    assert_eq!(new.names().count(), 2);
    let after = fs::read(&file).unwrap();
    let kept = before.windows(16).filter(|window| after.windows(16).any(|other| other == *window)).count();
    assert!(kept <= 40, "{kept} runs of bytes are the same: salt, nonces and texts are all new");
}

#[test]
fn a_disk_that_fails_leaves_the_old_file() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("secrets.omega");
    let mut safe = saved(&file);
    let before = fs::read(&file).unwrap();
    // A directory in the way of the file beside it: it can be neither removed as a file nor made.
    let beside = sandbox.path(&format!(".secrets.omega.{}.part", std::process::id()));
    fs::create_dir(&beside).unwrap();
    safe.set("third", &text("x")).unwrap();
    assert!(matches!(safe.save(), Err(BadSecret::File { .. })));
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn names_texts_and_passphrases_have_bounds() {
    let sandbox = Sandbox::new();
    let mut safe = Safe::create(&sandbox.path("s"), &phrase("p"), CHEAP).unwrap();
    for name in ["", "a b", "../x", &"x".repeat(65)] {
        assert!(matches!(safe.set(name, &text("x")), Err(BadSecret::Name(_))), "{name}");
    }
    for wrong in ["", "a\0b", &"x".repeat(secrets::SECRET_BYTES_MAX + 1)] {
        assert!(matches!(safe.set("n", &text(wrong)), Err(BadSecret::NoText(_))));
    }
    for n in 0..secrets::SECRETS_MAX {
        safe.set(&format!("n{n}"), &text("x")).unwrap();
    }
    assert!(matches!(safe.set("more", &text("x")), Err(BadSecret::Full(_))));
    safe.set("n0", &text("another")).unwrap();
    assert!(matches!(phrase("elevenchars").check_new(), Err(BadSecret::Short(12))));
    assert!(phrase("twelve chars").check_new().is_ok());
}

fn fetch(
    environment: &[(&str, &str)],
    file: &Path,
    reference: &str,
) -> Result<(String, Vec<String>), BadSecret> {
    let environment: Environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut fetcher = Fetcher::new(&environment, file, Box::new(|_| None));
    let secret = fetcher.fetch(&Reference::parse(reference).unwrap())?;
    Ok((secret.expose().to_owned(), fetcher.warnings().to_vec()))
}

#[test]
fn variables_and_files() {
    let sandbox = Sandbox::new();
    let none = sandbox.path("none");
    let env = [("A", CANARY), ("EMPTY", "")];
    assert_eq!(fetch(&env, &none, "env:A").unwrap().0, CANARY);
    assert!(matches!(fetch(&env, &none, "env:B"), Err(BadSecret::NotSet(name)) if name == "B"));
    assert!(matches!(fetch(&env, &none, "env:EMPTY"), Err(BadSecret::NoText(_))));
    let of = |file: &Path| fetch(&[], &none, &format!("file:{}", file.display()));
    let cases: [(&str, &[u8], &str); 4] = [
        ("a", b"key\n", "key"),
        ("b", b"key\r\n", "key"),
        ("c", b"key\n\n", "key\n"),
        ("d", b" key", " key"),
    ];
    for (name, bytes, want) in cases {
        assert_eq!(of(&sandbox.write(name, bytes, 0o600)).unwrap(), (want.to_owned(), vec![]));
    }
    assert!(of(&sandbox.write("group", b"key", 0o640)).is_ok(), "a group is chosen");
    let open = of(&sandbox.write("open", b"key", 0o644)).unwrap_err().to_string();
    assert!(open.contains("chmod o-rwx"), "{open}");
    assert!(matches!(of(&sandbox.write("empty", b"\n", 0o600)), Err(BadSecret::NoText(_))));
    assert!(matches!(of(&sandbox.write("binary", b"\xff\xfe", 0o600)), Err(BadSecret::NoText(_))));
    let long = vec![b'x'; secrets::SECRET_BYTES_MAX + 10];
    assert!(matches!(of(&sandbox.write("long", &long, 0o600)), Err(BadSecret::NoText(_))));
    assert!(matches!(of(&sandbox.0), Err(BadSecret::File { .. })), "a directory");
    assert!(matches!(of(&sandbox.path("nothing")), Err(BadSecret::File { .. })));
}

#[test]
fn what_kubernetes_mounts_is_read_and_warned_of() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("..2026_01_01")).unwrap();
    sandbox.write("..2026_01_01/key", b"key\n", 0o644);
    symlink("..2026_01_01", sandbox.path("..data")).unwrap();
    symlink("..data/key", sandbox.path("key")).unwrap();
    let (secret, warnings) =
        fetch(&[], &sandbox.path("none"), &format!("file:{}", sandbox.path("key").display())).unwrap();
    assert_eq!((secret.as_str(), warnings.len()), ("key", 1));
    assert!(warnings[0].contains("defaultMode 0400"), "{warnings:?}");
}

#[test]
fn the_encrypted_file_is_opened_by_variable_file_or_person() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("secrets.omega");
    saved(&file);
    let by = |environment: &[(&str, &str)]| fetch(environment, &file, "secret:bitget.key");
    assert_eq!(by(&[("OMEGA_SECRETS_KEY", "correct horse")]).unwrap().0, CANARY);
    let key = sandbox.write("key", b"correct horse\n", 0o400);
    assert_eq!(by(&[("OMEGA_SECRETS_KEY_FILE", key.to_str().unwrap())]).unwrap().0, CANARY);
    assert!(matches!(by(&[]), Err(BadSecret::NoPassphrase("OMEGA_SECRETS_KEY"))));
    let environment = Environment::new();
    let mut asked = 0;
    let ask = |source: Source| {
        asked += 1;
        assert_eq!(source, Source::Current);
        Some(text("correct horse"))
    };
    let mut fetcher = Fetcher::new(&environment, &file, Box::new(ask));
    for name in ["bitget.key", "bitget_secret"] {
        assert!(fetcher.fetch(&Reference::Secret(name.to_owned())).is_ok());
    }
    assert!(!format!("{fetcher:?}").contains(CANARY));
    drop(fetcher);
    assert_eq!(asked, 1, "a person is asked once");
}

#[test]
fn whoever_changes_the_file_waits_for_the_other() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("secrets.omega");
    saved(&file);
    let write = |n: usize| {
        let _hold = Safe::hold(&file).unwrap();
        let mut safe = Safe::open(&file, &phrase("correct horse")).unwrap();
        safe.set(&format!("n{n}"), &text("x")).unwrap();
        // Two processes have two names beside the file; two threads of one would share one.
        safe.save().unwrap();
    };
    std::thread::scope(|scope| {
        for n in 0..8 {
            scope.spawn(move || write(n));
        }
    });
    assert_eq!(Safe::open(&file, &phrase("correct horse")).unwrap().names().count(), 10);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300), honest in any::<bool>()) {
        let sandbox = Sandbox::new();
        let file = sandbox.path("s");
        let bytes = if honest { forged(&[&bytes[..], &[0; 4]].concat(), |body| {
            body.splice(0..body.len().min(21), *b"OMEGASEC\x01\x08\0\0\0\x01\0\0\0\x01\0\0\0");
        }) } else { bytes };
        fs::write(&file, bytes).unwrap();
        prop_assert!(Safe::open(&file, &phrase("x")).is_err());
    }
}
