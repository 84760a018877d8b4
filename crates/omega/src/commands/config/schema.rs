//! `omega config schema`: every key there is. It refuses to say what the table of keys does not.

use crate::console::Console;
use crate::error::Failure;
use clap::Args;

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega config schema\n  omega config schema --json")]
pub(super) struct Arguments {
    /// Print a JSON Schema instead, for editors
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print tables of Markdown instead, as docs/configuration.md has them
    #[arg(long)]
    markdown: bool,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    console.print(&match (arguments.json, arguments.markdown) {
        (true, _) => config::json_schema(),
        (false, true) => config::markdown(),
        (false, false) => config::schema(),
    })
}
