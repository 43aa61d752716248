//! `clippings completions`

use std::io::{self, Write};

use clap_complete::Shell;

use super::{CliResult, Exit};

/// Print completions for a shell
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
    // Written in one go: clap_complete panics when its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "clippings", &mut script);
    io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}
