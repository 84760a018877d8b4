//! Who may write where the farm keeps its files, and who may read what nobody else should.
//!
//! It refuses to change a right, and to read what it looks at.

use super::{Finding, Ground, disk};
use config::Reference;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Rights of those who are neither the owner nor of the file's group.
const OTHERS: u32 = 0o007;
/// What of a farm's files is somebody's alone.
const PRIVATE: [&str; 4] = ["local.token", "access.json", "audit.log", "history.sqlite"];

pub(super) fn look(ground: &Ground) -> Vec<Finding> {
    vec![directory(ground), files(ground)]
}

fn directory(ground: &Ground) -> Finding {
    const WHAT: &str = "directory";
    let wanted = Path::new(&ground.config.farm.data_dir);
    let nearest = disk::nearest(&ground.config.farm.data_dir);
    let us = std::fs::metadata("/proc/self").map(|about| about.uid()).ok();
    let who = us.map_or_else(|| "this user".to_owned(), |uid| format!("uid {uid}"));
    let probe = nearest.join(format!(".omega-doctor-rights-{}", std::process::id()));
    let written = std::fs::write(&probe, b"probe");
    let _was_never_there = std::fs::remove_file(&probe);
    let is_there = wanted.is_dir();
    let place = wanted.display();
    match (written, is_there) {
        (Ok(()), true) => Finding::ok(WHAT, format!("{who} may write in {place}")),
        (Ok(()), false) => {
            Finding::ok(WHAT, format!("{place} is not there yet; {who} may make it in {}", nearest.display()))
        }
        (Err(error), _) => Finding::broken(
            WHAT,
            format!("{who} may not write in {} ({error})", nearest.display()),
            format!(
                "give it to this user: `chown {} {}`, or name another directory in farm.data_dir",
                us.unwrap_or(0),
                nearest.display()
            ),
        ),
    }
}

/// Everything that must not be read by others: what the farm keeps, and files with secrets that the configuration names.
fn files(ground: &Ground) -> Finding {
    const WHAT: &str = "private files";
    let data = Path::new(&ground.config.farm.data_dir);
    let mut named: Vec<PathBuf> = PRIVATE.iter().map(|name| data.join(name)).collect();
    named.push(PathBuf::from(&ground.config.secrets.file));
    named.extend(crate::configured::references(&ground.config).into_iter().filter_map(|(_, reference)| {
        match reference {
            Reference::File(path) => Some(PathBuf::from(path)),
            Reference::Environment(_) | Reference::Secret(_) => None,
        }
    }));
    let there: Vec<PathBuf> = named.into_iter().filter(|path| path.is_file()).collect();
    let open: Vec<String> = there
        .iter()
        .filter(|path| std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & OTHERS != 0))
        .map(|path| path.display().to_string())
        .collect();
    if open.is_empty() {
        return Finding::ok(WHAT, format!("{} there, none of them open to others", there.len()));
    }
    let list = open.join(" ");
    Finding::broken(
        WHAT,
        format!("others may read {list}"),
        format!("`chmod o-rwx {list}`; if others were here, rotate what is in them"),
    )
}
