//! The documents that the table of keys makes: the list of every key, its JSON Schema, and a file to begin with.
//!
//! It refuses to say anything about a key that the key's own entry does not say.

use crate::kinds::Shape;
use crate::section::{Absent, Key, Reload, Spec, Times, join, variable_of};
use crate::sections::specs;
use serde_json::{Map, Value, json};
use std::fmt::Write;

fn flat(specs: &[Spec]) -> Vec<&Spec> {
    specs.iter().flat_map(|spec| std::iter::once(spec).chain(flat(&spec.tables))).collect()
}

/// The variables that override a key, the first that is set going before the others.
fn variables(spec: &Spec, key: &Key) -> Vec<String> {
    let by_rule = (spec.times == Times::Once).then(|| variable_of(&join(&spec.path, key.name)));
    by_rule.into_iter().chain(key.variables.iter().map(|name| (*name).to_owned())).collect()
}

fn absent(key: &Key) -> String {
    match key.absent {
        Absent::Default(text) => format!("default {text}"),
        Absent::Unset(_) => "unset".to_owned(),
        Absent::Required(_) => "required".to_owned(),
    }
}

fn takes(key: &Key) -> String {
    let untold = key.unit().filter(|unit| !key.says.takes.contains(unit));
    let unit = untold.map_or_else(String::new, |unit| format!(" ({unit})"));
    format!("{}{unit}", key.says.takes)
}

const fn reload(key: &Key) -> &'static str {
    match key.reload {
        Reload::Live => "while it runs",
        Reload::Restart => "by a restart",
    }
}

/// Every key, for a terminal.
pub fn schema() -> String {
    let specs = specs();
    let mut text = String::new();
    for spec in flat(&specs) {
        let _never_fails = writeln!(text, "{}  {}", spec.header(), spec.about);
        for key in &spec.keys {
            let _never_fails = writeln!(text, "  {}: {}, {}", key.name, key.says.shape.name(), absent(key));
            let _never_fails = writeln!(text, "      {}", key.about);
            if key.says.choices.iter().any(|(_, about)| !about.is_empty()) {
                for (word, about) in &key.says.choices {
                    let _never_fails = writeln!(text, "        \"{word}\": {about}");
                }
            } else {
                let _never_fails = writeln!(text, "      takes {}", takes(key));
            }
            let variables = variables(spec, key);
            if !variables.is_empty() {
                let _never_fails = writeln!(text, "      variable {}", variables.join(", "));
            }
            let _never_fails = writeln!(text, "      a new value is taken {}", reload(key));
        }
        text.push('\n');
    }
    text
}

/// Every key, as tables of Markdown.
pub fn markdown() -> String {
    let specs = specs();
    let cell = |text: &str| text.replace('|', "\\|");
    let mut text = String::new();
    for spec in flat(&specs) {
        let _never_fails = write!(text, "\n### {}\n\n{}\n", spec.header(), spec.about);
        if spec.keys.is_empty() {
            continue;
        }
        text.push_str(
            "\n| key | what it does | takes | default | variable | reload |\n|---|---|---|---|---|---|\n",
        );
        for key in &spec.keys {
            let words: Vec<String> = key
                .says
                .choices
                .iter()
                .filter(|(_, about)| !about.is_empty())
                .map(|(word, about)| format!("`{word}`: {about}"))
                .collect();
            let takes = if words.is_empty() { takes(key) } else { words.join(" ") };
            let default = match key.absent {
                Absent::Default(text) => format!("`{text}`"),
                Absent::Unset(_) => "unset".to_owned(),
                Absent::Required(_) => "*required*".to_owned(),
            };
            let variables: Vec<String> =
                variables(spec, key).iter().map(|name| format!("`{name}`")).collect();
            let live = if key.reload == Reload::Live { "yes" } else { "restart" };
            let _never_fails = writeln!(
                text,
                "| `{}` | {} | {} | {} | {} | {live} |",
                key.name,
                cell(&key.about),
                cell(&takes),
                cell(&default),
                variables.join(" ")
            );
        }
    }
    text
}

/// The lines of a commented block are at most so long.
const COMMENT_CHARS: usize = 110;

fn comment(text: &mut String, said: &str) {
    let mut line = String::from("#");
    for word in said.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > COMMENT_CHARS {
            let _never_fails = writeln!(text, "{line}");
            line = "#".to_owned();
        }
        line.push(' ');
        line.push_str(word);
    }
    let _never_fails = writeln!(text, "{line}");
}

/// A file that says what stands where nothing is written: every key with its default, what is unset as a comment.
pub fn example() -> String {
    let mut text = String::new();
    comment(
        &mut text,
        "A configuration of omega with every key. What stands here is what an empty file means; keep the lines you change.",
    );
    comment(&mut text, "Each variable named in `omega config schema` goes before this file.");
    for spec in flat(&specs()) {
        let optional = spec.times == Times::Many;
        text.push('\n');
        comment(&mut text, &spec.about);
        let mark = if optional { "#" } else { "" };
        let _never_fails = writeln!(text, "{mark}{}", spec.header());
        for key in &spec.keys {
            comment(&mut text, &format!("{} ({})", key.about, takes(key)));
            let (mark, value) = match key.absent {
                Absent::Default(value) => (mark, value),
                Absent::Unset(value) | Absent::Required(value) => ("#", value),
            };
            let _never_fails = writeln!(text, "{mark}{} = {value}", key.name);
        }
    }
    text
}

/// A JSON Schema (draft 2020-12) of the file, for editors.
pub fn json_schema() -> String {
    let properties: Map<String, Value> =
        specs().iter().map(|spec| (spec.path.clone(), of_section(spec))).collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "omega.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    format!("{schema:#}\n")
}

fn of_section(spec: &Spec) -> Value {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let keys = spec.keys.iter().map(|key| (key.name.to_owned(), of_key(spec, key)));
    let tables = spec.tables.iter().map(|inner| (last(&inner.path), of_section(inner)));
    let properties: Map<String, Value> = keys.chain(tables).collect();
    let required: Vec<&str> = spec
        .keys
        .iter()
        .filter(|key| matches!(key.absent, Absent::Required(_)))
        .map(|key| key.name)
        .collect();
    let object = json!({
        "type": "object",
        "description": spec.about,
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    });
    match spec.times {
        Times::Once => object,
        Times::Many => json!({ "type": "array", "description": spec.about, "items": object }),
    }
}

fn of_key(spec: &Spec, key: &Key) -> Value {
    let mut number = json!({ "type": if key.says.shape == Shape::Decimal { "number" } else { "integer" } });
    if let Some((min, max)) = key.says.bounds {
        let bound = |bound: f64| {
            if bound.fract() == 0.0 && bound.abs() < 9e15 { json!(bound as i64) } else { json!(bound) }
        };
        number["minimum"] = bound(min);
        number["maximum"] = bound(max);
    }
    let mut words = json!({ "type": "string" });
    if !key.says.choices.is_empty() {
        words["enum"] = key.says.choices.iter().map(|(word, _)| word.as_str()).collect();
    }
    let mut schema = match key.says.shape {
        Shape::Text if key.says.is_secret => json!({ "type": "string", "pattern": "^(env|file|secret):." }),
        Shape::Text => words,
        Shape::Whole | Shape::Decimal => number,
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::List => json!({ "type": "array", "items": words }),
        Shape::WholeOrOff => json!({ "anyOf": [number, { "const": "off" }] }),
    };
    schema["description"] = format!("{} ({})", key.about, takes(key)).into();
    schema["x-reload"] = reload(key).into();
    schema["x-variables"] = variables(spec, key).into();
    if let Some(unit) = key.unit() {
        schema["x-unit"] = unit.into();
    }
    if let Absent::Default(text) = key.absent {
        let value: toml::Table = format!("value = {text}").parse().expect("a default is written as TOML");
        schema["default"] = serde_json::to_value(&value["value"]).expect("TOML's values are JSON's");
    }
    schema
}
