//! `clippings completions`

use std::io::{self, Write};

use clap_complete::Shell;
use clap_complete::env::Shells;

use super::{CliError, CliResult, Exit};

/// Print completions for a shell
///
/// They call `clippings` for the names of outlets and saved searches.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings completions bash > ~/.local/share/bash-completion/completions/clippings
  clippings completions zsh > ~/.zfunc/_clippings
  clippings completions fish > ~/.config/fish/completions/clippings.fish")]
pub struct Args {
    /// The shell
    shell: Shell,
}

pub fn run(args: &Args) -> CliResult {
    let name = args.shell.to_string();
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(&name) else {
        return Err(CliError::new(name));
    };
    let mut script = Vec::new();
    shell.write_registration(
        "COMPLETE",
        "clippings",
        "clippings",
        "clippings",
        &mut script,
    )?;
    io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}
