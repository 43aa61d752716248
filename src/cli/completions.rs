//! `clippings completions`

use std::io::{self, Write};

use clap_complete::Shell;
use clap_complete::env::Shells;

use super::help::examples;
use super::{CliError, CliResult, Exit};

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings completions bash > ~/.local/share/bash-completion/completions/clippings
  clippings completions zsh > ~/.zfunc/_clippings
  clippings completions fish > ~/.config/fish/completions/clippings.fish"),
    long_about = text!(
        ko: "셸의 자동 완성 스크립트를 보여 줍니다\n\n매체와 저장한 검색의 이름은 `clippings`를 실행해 알아냅니다.",
        en: "Print completions for a shell\n\nThey call `clippings` for the names of outlets and \
            saved searches.",
    ),
)]
pub struct Args {
    #[arg(help = text!(ko: "셸", en: "The shell"))]
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
