//! The source tree as the rules see it: every file once, in memory, Rust files already cut into tokens.
//!
//! Exists so that a rule is a function of a value and can be tested on two lines of text. Refuses to look at what
//! git ignores, and at anything outside the repository.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use proc_macro2::{TokenStream, TokenTree};

/// One file of the repository.
pub struct SourceFile {
    /// Path from the root, with forward slashes.
    pub path: String,
    /// Its text; empty when it is not UTF-8.
    pub text: String,
    /// Its size on disk.
    pub size_bytes: u64,
    tokens: Option<TokenStream>,
}

impl SourceFile {
    fn new(path: &str, bytes: Vec<u8>) -> SourceFile {
        let size_bytes = bytes.len() as u64;
        let text = String::from_utf8(bytes).unwrap_or_default();
        let tokens = if path.ends_with(".rs") { text.parse().ok() } else { None };
        SourceFile { path: path.to_owned(), text, size_bytes, tokens }
    }

    /// The tokens of a Rust file; nothing for any other file, or when the text does not lex.
    pub fn tokens(&self) -> Option<&TokenStream> {
        self.tokens.as_ref()
    }

    /// Whether this is Rust source.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The name without its ending.
    pub fn stem(&self) -> &str {
        self.name().split('.').next().unwrap_or_default()
    }

    /// The directory that holds it, without a closing slash; empty at the root.
    pub fn directory(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(directory, _)| directory)
    }

    /// Calls `visit` with each run of tokens between two brackets, outermost first.
    pub fn each_level(&self, visit: &mut dyn FnMut(&[TokenTree])) {
        fn descend(stream: TokenStream, visit: &mut dyn FnMut(&[TokenTree])) {
            let level: Vec<TokenTree> = stream.into_iter().collect();
            visit(&level);
            for token in level {
                if let TokenTree::Group(group) = token {
                    descend(group.stream(), visit);
                }
            }
        }
        if let Some(tokens) = &self.tokens {
            descend(tokens.clone(), visit);
        }
    }
}

/// Every file that git would see.
pub struct Tree {
    files: Vec<SourceFile>,
    directories: BTreeSet<String>,
}

impl Tree {
    /// The repository that holds this crate.
    pub fn of_workspace() -> io::Result<Tree> {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies one level below the root");
        let mut files = Vec::new();
        walk(root, "", &Ignored::default(), &mut files)?;
        Ok(Tree::new(files))
    }

    /// A made tree, for the tests of the rules.
    pub fn of(files: &[(&str, &str)]) -> Tree {
        Tree::new(files.iter().map(|(path, text)| SourceFile::new(path, text.as_bytes().to_vec())).collect())
    }

    fn new(mut files: Vec<SourceFile>) -> Tree {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut directories = BTreeSet::new();
        for file in &files {
            let mut directory = file.directory();
            while !directory.is_empty() && directories.insert(directory.to_owned()) {
                directory = directory.rsplit_once('/').map_or("", |(above, _)| above);
            }
        }
        Tree { files, directories }
    }

    /// All files, by path.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// All Rust files, by path.
    pub fn rust_files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| file.is_rust())
    }

    /// All directories that hold a file.
    pub fn directories(&self) -> impl Iterator<Item = &str> {
        self.directories.iter().map(String::as_str)
    }

    /// The file at exactly this path.
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|index| &self.files[index])
    }

    /// Whether a file or directory lies there.
    pub fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.file(path).is_some() || self.directories.contains(path)
    }
}

/// The plain lines of the `.gitignore` files met on the way down.
#[derive(Clone, Default)]
struct Ignored {
    everywhere: Vec<String>,
}

impl Ignored {
    /// What is ignored in `directory`: (there and below, there only).
    fn read(&self, directory: &Path) -> (Ignored, Vec<String>) {
        let mut below = self.clone();
        let mut here = Vec::new();
        for line in fs::read_to_string(directory.join(".gitignore")).unwrap_or_default().lines() {
            let line = line.trim().trim_end_matches('/');
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.strip_prefix('/') {
                Some(anchored) => here.push(anchored.to_owned()),
                None => below.everywhere.push(line.to_owned()),
            }
        }
        (below, here)
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_prefix('*').map_or(pattern == name, |ending| name.ends_with(ending))
}

fn walk(directory: &Path, prefix: &str, above: &Ignored, files: &mut Vec<SourceFile>) -> io::Result<()> {
    let (ignored, here) = above.read(directory);
    let entries: io::Result<Vec<(PathBuf, fs::FileType)>> =
        fs::read_dir(directory)?.map(|entry| entry.and_then(|e| Ok((e.path(), e.file_type()?)))).collect();
    for (path, kind) in entries? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name == ".git" || ignored.everywhere.iter().chain(&here).any(|pattern| matches(pattern, &name)) {
            continue;
        }
        let below = format!("{prefix}{name}");
        if kind.is_dir() {
            walk(&path, &format!("{below}/"), &ignored, files)?;
        } else if kind.is_file() {
            match fs::read(&path) {
                Ok(bytes) => files.push(SourceFile::new(&below, bytes)),
                // An editor's or a neighbour's temporary file may be gone since the listing.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_knows_its_files_and_directories() {
        let tree = Tree::of(&[("b/c/d.rs", "fn d() {}"), ("a.md", "")]);
        assert!(tree.exists("b/c/") && tree.exists("b") && tree.exists("a.md") && !tree.exists("c"));
        let file = tree.file("b/c/d.rs").expect("just made");
        assert_eq!((file.stem(), file.directory(), file.is_rust()), ("d", "b/c", true));
    }

    #[test]
    fn what_git_ignores_is_not_seen() {
        let tree = Tree::of_workspace().expect("the workspace can be read");
        assert!(tree.exists("xtask/src/tree.rs") && tree.exists("crates/model"));
        assert!(!tree.exists("target") && !tree.exists(".git") && !tree.exists(".venv"));
    }
}
