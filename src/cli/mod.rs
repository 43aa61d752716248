//! The command line: arguments in, one command run, an exit code out.
//!
//! Stands on top of everything and is known by nothing. One file per command: its arguments, its
//! help and its `run`. What a command does is in the modules below; here it is only asked for and
//! shown.

mod add;
mod analyze;
mod asking;
mod book;
mod check;
mod completions;
mod digest;
mod error;
mod exit;
mod export;
mod extract;
mod filters;
mod global;
mod ingesting;
mod man;
mod progress;
mod reindex;
mod related;
mod remove;
mod results;
mod saved;
mod search;
mod show;
mod signal;
mod stats;
mod trend;
mod writing;

use std::borrow::Cow;
use std::panic::{self, AssertUnwindSafe};
use std::process;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use error::{CliError, CliResult};
pub use exit::Exit;
pub use global::{Global, OutputFormat};

use crate::index::is_guarded;
use crate::report::sanitize;

/// Search Korean news clippings: saved pages, text and exports
///
/// Takes in saved articles, keeps them in an index and finds anything in them at once.
#[derive(Debug, Parser)]
#[command(
    name = "clippings",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  clippings add ~/scraps                    take in a folder of saved pages
  clippings search '생성형 AI'              find in them
  clippings search '생성형 AI' --add ~/scraps   take in what is new there, then find

`clippings help COMMAND` tells more about a command.

Exit codes: 0 done, or something found; 1 nothing found, or something skipped under --strict;
2 error; 130 interrupted."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(add::Args),
    Search(Box<search::Args>),
    Export(Box<export::Args>),
    Show(show::Args),
    Extract(extract::Args),
    Analyze(analyze::Args),
    Trend(trend::Args),
    Related(related::Args),
    Saved(saved::Args),
    Digest(digest::Args),
    Stats(stats::Args),
    Remove(remove::Args),
    Reindex(reindex::Args),
    Check(check::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs the program on the arguments of the process.
pub fn main() -> process::ExitCode {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are asked for and go to standard output: a closed pipe is no error.
            tell(&e);
            return if e.use_stderr() {
                Exit::Error
            } else {
                Exit::Done
            }
            .into();
        }
    };
    panic::set_hook(Box::new(|bug| {
        if is_guarded() {
            return;
        }
        let bug = bug.to_string().replace('\n', " ");
        eprintln!(
            "error: inside the program, please report it: {}",
            error::one_line(&bug)
        );
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(|| run(cli)));
    match result {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(CliError::BrokenPipe)) => Exit::Done.into(),
        Ok(Err(error)) => {
            error.print();
            Exit::Error.into()
        }
        // The hook has told it.
        Err(_) => Exit::Error.into(),
    }
}

fn run(cli: Cli) -> CliResult {
    let Cli { global, command } = cli;
    match command {
        Command::Add(args) => add::run(&args, &global),
        Command::Search(args) => search::run(&args, &global),
        Command::Export(args) => export::run(&args, &global),
        Command::Show(args) => show::run(&args, &global),
        Command::Extract(args) => extract::run(&args, &global),
        Command::Analyze(args) => analyze::run(&args, &global),
        Command::Trend(args) => trend::run(&args, &global),
        Command::Related(args) => related::run(&args, &global),
        Command::Saved(args) => saved::run(&args, &global),
        Command::Digest(args) => digest::run(&args, &global),
        Command::Stats(args) => stats::run(&args, &global),
        Command::Remove(args) => remove::run(&args, &global),
        Command::Reindex(args) => reindex::run(&args, &global),
        Command::Check(args) => check::run(&args, &global),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

/// Prints help, or what is wrong with the arguments. These come from anywhere too (`xargs`, names of
/// files): where one holds what a terminal would obey, the message goes without colours and clean.
fn tell(e: &clap::Error) {
    let is_clean = |argument: std::ffi::OsString| {
        argument
            .to_str()
            .is_some_and(|text| matches!(sanitize::paragraphs(text), Cow::Borrowed(_)))
    };
    if std::env::args_os().all(is_clean) {
        let _ = e.print();
    } else {
        eprint!("{}", sanitize::paragraphs(&e.render().to_string()));
    }
}

fn parse() -> Result<Cli, clap::Error> {
    let matches = Cli::command().try_get_matches()?;
    Cli::from_arg_matches(&matches)
}

/// The whole command line, for completions and the manual.
fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }
}
