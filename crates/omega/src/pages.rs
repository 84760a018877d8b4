//! Reference pages in Markdown, made from the command line itself: a page a command, and an index.
//!
//! It refuses to know any command: whatever clap is told, with its defaults, values and examples, is on the page. The
//! examples of a command are those of its help, lines that begin with `  omega `.

use clap::{Arg, Command};

/// A page and the name of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// `pnl.md`.
    pub file: String,
    /// Its Markdown.
    pub text: String,
}

const MADE: &str = "<!-- Made by `omega docs --dir docs/commands` from the flags themselves: change those, not this page. -->";

/// Every page of a command line; hidden commands have none.
pub fn pages(mut cli: Command) -> Vec<Page> {
    cli.build();
    let mut all = vec![Page { file: "README.md".to_owned(), text: index(&cli) }];
    for command in shown(&cli) {
        let mut text = format!("{MADE}\n");
        section(command, 1, &mut text);
        all.push(Page { file: format!("{}.md", command.get_name()), text });
    }
    all
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    let listed = command.get_subcommands();
    listed.filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

fn index(cli: &Command) -> String {
    let mut text = format!("{MADE}\n# The commands of omega\n\n{}.\n", about(cli));
    text.push_str("\n| command | what it does |\n|---|---|\n");
    for command in shown(cli) {
        let name = command.get_name();
        text.push_str(&format!("| [`omega {name}`]({name}.md) | {} |\n", cell(&about(command))));
        for verb in shown(command) {
            let link = format!("{name}.md#omega-{name}-{}", verb.get_name());
            text.push_str(&format!(
                "| [`omega {name} {}`]({link}) | {} |\n",
                verb.get_name(),
                cell(&about(verb))
            ));
        }
    }
    if let Some(after) = cli.get_after_help() {
        text.push_str(&format!("\n{after}\n"));
    }
    text
}

/// A command and the commands below it.
fn section(command: &Command, depth: usize, text: &mut String) {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    let usage = usage.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let heading = "#".repeat(depth);
    text.push_str(&format!("{heading} {name}\n\n{}.\n\n```\n{usage}\n```\n", about(command)));
    table("argument", command.get_positionals(), text);
    table("flag", command.get_arguments().filter(|arg| !arg.is_positional()), text);
    let examples = examples(command);
    if !examples.is_empty() {
        text.push_str(&format!("\nExamples:\n\n```\n{}\n```\n", examples.join("\n")));
    }
    for verb in shown(command) {
        text.push('\n');
        section(verb, depth + 1, text);
    }
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn examples(command: &Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    help.lines().filter_map(|line| line.strip_prefix("  ")).map(str::to_owned).collect()
}

fn table<'a>(kind: &str, arguments: impl Iterator<Item = &'a Arg>, text: &mut String) {
    let rows: Vec<String> = arguments
        .filter(|arg| !arg.is_hide_set() && arg.get_id() != "help" && arg.get_id() != "version")
        .map(row)
        .collect();
    if !rows.is_empty() {
        text.push_str(&format!("\n| {kind} | what it is | default |\n|---|---|---|\n{}", rows.concat()));
    }
}

fn row(arg: &Arg) -> String {
    let mut help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut default = String::new();
    // A default that depends on something is told in words at the end of the help.
    if let Some((before, told)) = help.clone().split_once(" [default: ") {
        help = before.to_owned();
        default = told.trim_end_matches(']').to_owned();
    }
    let given: Vec<String> =
        arg.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    if !given.is_empty() && arg.get_action().takes_values() {
        default = given.join(" ");
    } else if arg.is_required_set() {
        default = "*required*".to_owned();
    }
    if arg.get_action().takes_values() {
        let values: Vec<String> =
            arg.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
        if !values.is_empty() {
            help.push_str(&format!(": {}", values.join(", ")));
        }
    }
    format!("| `{}` | {} | {} |\n", cell(&arg.to_string()), cell(&help), cell(&default))
}

/// Text that does not end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_all_that_clap_was_told() {
        let verb = Command::new("fly")
            .about("Leave the ground")
            .after_help("Examples:\n  omega bird fly\n\nOr walk.");
        let bird = Command::new("bird")
            .about("A bird | or two")
            .arg(
                Arg::new("kind")
                    .long("kind")
                    .value_name("KIND")
                    .help("Which")
                    .value_parser(["owl", "gull"])
                    .required(true),
            )
            .arg(Arg::new("age").long("age").help("Years [default: its own]"))
            .arg(Arg::new("legs").long("legs").help("Legs").default_value("2"))
            .arg(Arg::new("old").long("old").help("No more").hide(true))
            .subcommand(verb);
        let cli =
            Command::new("omega").about("Birds").subcommand(bird).subcommand(Command::new("x").hide(true));
        let pages = pages(cli);
        let names: Vec<&str> = pages.iter().map(|page| page.file.as_str()).collect();
        assert_eq!(names, ["README.md", "bird.md"]);
        let text = &pages[1].text;
        for line in [
            "# omega bird\n\nA bird | or two.\n\n```\nomega bird [OPTIONS] --kind <KIND> [COMMAND]\n```\n",
            "\n| `--kind <KIND>` | Which: `owl`, `gull` | *required* |\n",
            "\n| `--age <age>` | Years | its own |\n| `--legs <legs>` | Legs | `2` |\n",
            "\n## omega bird fly\n\nLeave the ground.\n",
            "\nExamples:\n\n```\nomega bird fly\n```\n",
        ] {
            assert!(text.contains(line), "{line}\nis not in\n{text}");
        }
        assert!(!text.contains("No more") && !text.contains("bird help"), "{text}");
        assert!(
            pages[0].text.contains("| [`omega bird`](bird.md) | A bird \\| or two |\n"),
            "{}",
            pages[0].text
        );
    }
}
