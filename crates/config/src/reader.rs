//! Reads sections out of a text and the environment, and notes everything that is wrong instead of stopping at the first.
//!
//! It refuses to decide what a key means: that is its kind's, and the section's.

use crate::fault::{BadConfig, Place, Showing, place};
use crate::kinds::{Kind, Scalar, Wrong};
use crate::section::{Section, Spec, Times, VARIABLE_PREFIX, join, variable_of};
use model::nearest::{edits, nearest};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Variables of the environment by name.
pub type Environment = BTreeMap<String, String>;

/// Where a value came from.
#[derive(Clone, Debug)]
enum Origin {
    Text(Range<usize>),
    Variable(String),
}

/// Where a section stands.
#[derive(Clone, Debug)]
pub struct At<'p, 'd> {
    pub(crate) path: &'p str,
    pub(crate) table: Option<&'d DeTable<'d>>,
    pub(crate) span: Range<usize>,
    /// Entries of a list have no variables by rule: their places move.
    pub(crate) times: Times,
}

/// A text that is being read.
#[derive(Debug)]
pub struct Reader<'t> {
    text: &'t str,
    environment: &'t Environment,
    specs: &'t [Spec],
    faults: Vec<BadConfig>,
    origins: BTreeMap<String, Origin>,
    unsound: BTreeSet<String>,
}

/// Nobody reads more at once.
const FAULTS_MAX: usize = 100;

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str, environment: &'t Environment, specs: &'t [Spec]) -> Reader<'t> {
        let (origins, unsound) = (BTreeMap::new(), BTreeSet::new());
        Reader { text, environment, specs, faults: Vec::new(), origins, unsound }
    }

    /// Everything that is wrong, by place.
    pub(crate) fn into_faults(mut self) -> Vec<BadConfig> {
        self.faults.sort_by(|a, b| a.place.cmp(&b.place));
        self.faults.truncate(FAULTS_MAX);
        self.faults
    }

    pub(crate) fn fault(&mut self, place: Place, key: Option<String>, wrong: Wrong) {
        let Wrong { problem, mend } = wrong;
        self.faults.push(BadConfig { place, key, problem, mend });
    }

    /// Something is wrong with these bytes.
    pub(crate) fn fault_at(&mut self, span: &Range<usize>, key: Option<String>, wrong: Wrong) {
        self.fault(place(self.text, span, Showing::Careful), key, wrong);
    }

    /// Something is wrong with a value that was read: it is shown where it is written, or else its section is.
    pub(crate) fn blame(&mut self, path: &str, wrong: Wrong) {
        let mut outer = path;
        let origin = loop {
            match (self.origins.get(outer), outer.rfind(['.', '['])) {
                (Some(origin), _) => break Some(origin.clone()),
                (None, Some(at)) => outer = &outer[..at],
                (None, None) => break None,
            }
        };
        let place = match origin {
            Some(Origin::Text(span)) => place(self.text, &span, Showing::Careful),
            Some(Origin::Variable(name)) => Place::Variable(name),
            None => Place::Missing,
        };
        self.fault(place, Some(path.to_owned()), wrong);
    }

    /// Whether a value was written anywhere.
    pub(crate) fn is_written(&self, path: &str) -> bool {
        self.origins.contains_key(path)
    }

    /// Whether nothing was wrong with any value there or below.
    pub(crate) fn is_sound(&self, path: &str) -> bool {
        let below = |unsound: &String| {
            unsound.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        !self.unsound.iter().any(below)
    }

    /// What a variable holds; an empty one counts as none.
    pub(crate) fn variable(&self, name: &str) -> Option<&'t str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A key that has a default.
    pub fn with_default<K: Kind>(
        &mut self,
        at: &At<'_, '_>,
        name: &str,
        kind: &K,
        default: &str,
        variables: &[&str],
    ) -> K::Value {
        self.optional(at, name, kind, variables).unwrap_or_else(|| default_of(kind, default))
    }

    /// A key that may be left out.
    pub fn optional<K: Kind>(
        &mut self,
        at: &At<'_, '_>,
        name: &str,
        kind: &K,
        variables: &[&str],
    ) -> Option<K::Value> {
        let path = join(at.path, name);
        let by_rule = variable_of(&path);
        let (origin, read) = match self.overriding(at, &by_rule, variables) {
            Some((variable, text)) => {
                let read = match variable == by_rule {
                    true => kind.read(&kind.says().scalar_of_text(text)),
                    false => kind.read_variable(&variable, text),
                };
                (Origin::Variable(variable), read)
            }
            None => {
                let value = at.table.and_then(|table| table.get(name))?;
                (Origin::Text(value.span()), kind.read(&scalar_of(value.get_ref())))
            }
        };
        self.origins.insert(path.clone(), origin);
        read.map_err(|wrong| {
            self.unsound.insert(path.clone());
            self.blame(&path, wrong);
        })
        .ok()
    }

    fn overriding(&self, at: &At<'_, '_>, by_rule: &str, variables: &[&str]) -> Option<(String, &'t str)> {
        let rule = Some(by_rule).filter(|_| at.times == Times::Once);
        let mut names = rule.into_iter().chain(variables.iter().copied());
        names.find_map(|name| self.variable(name).map(|text| (name.to_owned(), text)))
    }

    /// A key that must be there.
    pub fn required<K: Kind>(
        &mut self,
        at: &At<'_, '_>,
        name: &str,
        kind: &K,
        example: &str,
    ) -> Option<K::Value> {
        if at.table.is_some_and(|table| table.get(name).is_some()) {
            return self.optional(at, name, kind, &[]);
        }
        let path = join(at.path, name);
        self.unsound.insert(path.clone());
        let wrong = Wrong::new("is missing", format!("add for example {name} = {example}"));
        self.fault_at(&at.span, Some(path), wrong);
        None
    }

    /// A section in a section.
    pub(crate) fn table<S: Section>(&mut self, at: &At<'_, '_>, name: &str) -> Option<S> {
        let path = join(at.path, name);
        let value = at.table.and_then(|table| table.get(name));
        let (table, span) = match value.map(|value| (value.get_ref(), value.span())) {
            None => (None, at.span.clone()),
            Some((DeValue::Table(table), span)) => (Some(table), span),
            Some((other, span)) => {
                let problem = format!("is {}, where a section belongs", scalar_of(other).sort());
                self.unsound.insert(path.clone());
                self.fault_at(
                    &span,
                    Some(path.clone()),
                    Wrong::new(problem, format!("write [{path}], and its keys below")),
                );
                (None, span)
            }
        };
        if table.is_some() {
            self.origins.insert(path.clone(), Origin::Text(span.clone()));
        }
        S::read(self, &At { path: &path, table, span, times: Times::Once })
    }

    /// A section that stands as often as there are things.
    pub(crate) fn tables<S: Section>(&mut self, at: &At<'_, '_>, name: &str, most: usize) -> Vec<S> {
        let Some(value) = at.table.and_then(|table| table.get(name)) else { return Vec::new() };
        self.origins.insert(name.to_owned(), Origin::Text(value.span()));
        let mend = format!("write [[{name}]] in two pairs of brackets, once for each");
        let refuse = |reader: &mut Self, span: Range<usize>, path: String, found: &str| {
            reader.unsound.insert(name.to_owned());
            reader.fault_at(
                &span,
                Some(path),
                Wrong::new(format!("is {found}, where a list of sections belongs"), mend.clone()),
            );
        };
        let DeValue::Array(items) = value.get_ref() else {
            let found = match value.get_ref() {
                DeValue::Table(_) => "one section",
                other => scalar_of(other).sort(),
            };
            refuse(self, value.span(), name.to_owned(), found);
            return Vec::new();
        };
        let mut read = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let path = format!("{name}[{index}]");
            if index == most {
                self.unsound.insert(name.to_owned());
                self.fault_at(
                    &item.span(),
                    Some(path),
                    Wrong::new(format!("is one too many: at most {most} are taken"), "leave some out"),
                );
                break;
            }
            self.origins.insert(path.clone(), Origin::Text(item.span()));
            match item.get_ref() {
                DeValue::Table(table) => {
                    let at = At { path: &path, table: Some(table), span: item.span(), times: Times::Many };
                    read.extend(S::read(self, &at));
                }
                other => refuse(self, item.span(), path, scalar_of(other).sort()),
            }
        }
        read
    }

    /// Notes every key that the section does not have.
    pub(crate) fn finish(&mut self, at: &At<'_, '_>, keys: &[&str], tables: &[&str]) {
        let Some(table) = at.table else { return };
        for (key, value) in table.iter() {
            let name = key.get_ref().as_ref();
            if keys.contains(&name) || tables.contains(&name) {
                continue;
            }
            let path = join(at.path, &crate::reader::clean(name));
            let known = || keys.iter().chain(tables).copied();
            let mend = self.meant(
                at,
                name,
                matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_)),
                known(),
            );
            let what = if at.path.is_empty() { "is no section" } else { "is no key" };
            // Nobody knows what an unknown key of a section with secrets holds.
            let showing = match self.holds_secrets(at) {
                true => Showing::KeysOnly,
                false => Showing::Careful,
            };
            let place = place(self.text, &key.span(), showing);
            self.fault(place, Some(path), Wrong::new(what, mend));
        }
    }

    fn holds_secrets(&self, at: &At<'_, '_>) -> bool {
        let section = at.path.split('[').next().unwrap_or_default();
        self.every_spec()
            .iter()
            .any(|spec| spec.path == section && spec.keys.iter().any(|key| key.says.is_secret))
    }

    fn every_spec(&self) -> Vec<&'t Spec> {
        fn collect<'s>(specs: &'s [Spec], into: &mut Vec<&'s Spec>) {
            for spec in specs {
                into.push(spec);
                collect(&spec.tables, into);
            }
        }
        let mut all = Vec::new();
        collect(self.specs, &mut all);
        all
    }

    fn meant<'k>(
        &self,
        at: &At<'_, '_>,
        name: &str,
        is_table: bool,
        known: impl Iterator<Item = &'k str> + Clone,
    ) -> String {
        let all = self.every_spec();
        let of_path = |path: &str| all.iter().find(|spec| spec.path == path);
        let having = |name: &str| all.iter().find(|spec| spec.keys.iter().any(|key| key.name == name));
        if let Some(meant) = nearest(name, known.clone()) {
            let section = of_path(meant).filter(|_| at.path.is_empty());
            let meant = section.map_or_else(|| format!("`{meant}`"), |spec| spec.header());
            return format!("did you mean {meant}?");
        }
        if let Some(spec) = having(name).filter(|_| !is_table) {
            return format!("`{name}` belongs in {}", spec.header());
        }
        let anywhere = nearest(name, all.iter().flat_map(|spec| spec.keys.iter().map(|key| key.name)));
        let misplaced = anywhere.filter(|meant| !is_table && edits(name, meant) <= 2);
        if let Some((meant, spec)) = misplaced.and_then(|meant| Some((meant, having(meant)?))) {
            return format!("did you mean `{meant}`? it belongs in {}", spec.header());
        }
        let inner = all.iter().find(|spec| spec.path.rsplit_once('.').is_some_and(|(_, last)| last == name));
        if let Some(spec) = inner.filter(|_| is_table) {
            return format!("write [{}]", spec.path);
        }
        let place = if at.path.is_empty() { "there are the sections" } else { "there are" };
        format!("{place} {}; `omega config schema` says what each does", known.collect::<Vec<_>>().join(", "))
    }

    /// Notes every variable that looks as if it were for a section and is for no key.
    pub(crate) fn check_variables(&mut self) {
        let all = self.every_spec();
        let single = all.iter().filter(|spec| spec.times == Times::Once);
        let keys = single
            .clone()
            .flat_map(|spec| spec.keys.iter().map(|key| variable_of(&join(&spec.path, key.name))));
        let known: BTreeSet<String> = keys.collect();
        let sections: Vec<String> = all
            .iter()
            .filter(|spec| !spec.path.contains('.'))
            .map(|spec| format!("{}_", variable_of(&spec.path)))
            .collect();
        for name in self.environment.keys() {
            let is_ours =
                name.starts_with(VARIABLE_PREFIX) && sections.iter().any(|section| name.starts_with(section));
            if !is_ours || known.contains(name) || is_of_a_cluster(name) || NOT_KEYS.contains(&name.as_str())
            {
                continue;
            }
            let meant = nearest_variable(name, &known);
            let mend = match meant {
                Some(meant) => format!("did you mean {meant}?"),
                None => "unset it; `omega config schema` lists every variable".to_owned(),
            };
            self.fault(
                Place::Variable(name.clone()),
                None,
                Wrong::new(format!("{} overrides no key", clean(name)), mend),
            );
        }
    }
}

/// Variables of ours that are for no key: what opens the encrypted file cannot be told in the file's configuration.
const NOT_KEYS: &[&str] =
    &["OMEGA_SECRETS_KEY", "OMEGA_SECRETS_KEY_FILE", "OMEGA_SECRETS_NEW_KEY", "OMEGA_SECRETS_NEW_KEY_FILE"];

/// Kubernetes sets these for every service, and a service may be called `omega-gateway`.
fn is_of_a_cluster(name: &str) -> bool {
    name.contains("_SERVICE_") || name.ends_with("_PORT") || name.contains("_PORT_")
}

fn nearest_variable<'k>(name: &str, known: &'k BTreeSet<String>) -> Option<&'k str> {
    let lower: BTreeMap<String, &str> =
        known.iter().map(|known| (known.to_lowercase(), known.as_str())).collect();
    let meant = nearest(name, lower.keys().map(String::as_str))?;
    lower.get(meant).copied().filter(|meant| edits(meant, name) <= 4)
}

/// A name without what would break a line.
pub(crate) fn clean(name: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 60;
    name.chars().take(SHOWN_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The value that a default's text stands for.
pub(crate) fn default_of<K: Kind>(kind: &K, text: &str) -> K::Value {
    let document = format!("value = {text}");
    let parsed = DeTable::parse(&document).expect("a default is written as TOML");
    let value = parsed.get_ref().get("value").expect("it was just written");
    kind.read(&scalar_of(value.get_ref())).expect("a default is a value of its key's kind")
}

/// A value as kinds read it.
pub(crate) fn scalar_of<'v>(value: &'v DeValue<'_>) -> Scalar<'v> {
    match value {
        DeValue::String(text) => Scalar::Text(Cow::Borrowed(text.as_ref())),
        DeValue::Integer(integer) => {
            let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
            Scalar::Whole(integer.to_string(), number)
        }
        DeValue::Float(float) => Scalar::Decimal(Cow::Borrowed(float.as_str())),
        DeValue::Boolean(truth) => Scalar::Truth(*truth),
        DeValue::Datetime(instant) => Scalar::Instant(instant.to_string()),
        DeValue::Array(items) => {
            Scalar::List(items.iter().map(|item: &Spanned<DeValue<'_>>| scalar_of(item.get_ref())).collect())
        }
        DeValue::Table(_) => Scalar::Table,
    }
}
