//! `clippings man`

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueHint;
use clap_mangen::Man;

use super::{CliError, CliResult, Exit};

/// Print the man page, or write man pages for every command to a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings man | man -l -
  clippings man --dir ~/.local/share/man/man1")]
pub struct Args {
    /// Write clippings.1, clippings-add.1, ... there
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

pub fn run(args: &Args) -> CliResult {
    let command = super::command();
    match &args.dir {
        None => {
            let mut page = Vec::new();
            Man::new(command).render(&mut page)?;
            io::stdout().write_all(&page)?;
        }
        Some(dir) => {
            let failed = |e: io::Error| CliError::file(dir, &e);
            fs::create_dir_all(dir).map_err(failed)?;
            clap_mangen::generate_to(command, dir).map_err(failed)?;
        }
    }
    Ok(Exit::Done)
}
