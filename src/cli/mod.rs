//! The command line: arguments → `app` → `report`.
//!
//! One file per command: its arguments, its help and its `run`.

mod add;
mod analyze;
mod candidates;
mod check;
mod clipbook;
mod completions;
mod digest;
mod error;
mod exit;
mod export;
mod extract;
mod global;
mod ingest_args;
mod ls;
mod man;
mod open;
mod output_target;
mod pager;
mod progress;
mod query_args;
mod reindex;
mod related;
mod remove;
mod restore;
mod saved;
mod search;
mod serve;
mod show;
mod signal;
mod similar;
mod stats;
mod trend;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::CompleteEnv;

pub use error::{CliError, CliResult};
pub use exit::Exit;
pub use global::{Global, OutputFormat};

use crate::app;
use crate::messages::msg;
use crate::report::sanitize;
use error::{lang, one_line, say};

/// Search Korean news clippings: saved pages, text and exports
///
/// Indexes saved news articles and searches them instantly.
#[derive(Debug, Parser)]
#[command(
    name = "clippings",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    args_override_self = true,
    after_help = "\
Examples:
  clippings add ~/scraps                    add a folder of saved pages
  clippings search '생성형 AI'              search them
  clippings search '생성형 AI' --add ~/scraps   add what is new there, then search

Run `clippings help COMMAND` for details.

Exit codes: 0 success; 1 nothing found (or, with --strict, something skipped); 2 error;
130 interrupted."
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
    Ls(ls::Args),
    Show(show::Args),
    Open(open::Args),
    Extract(extract::Args),
    Analyze(analyze::Args),
    Trend(trend::Args),
    Related(related::Args),
    Similar(similar::Args),
    Saved(saved::Args),
    Digest(digest::Args),
    Serve(serve::Args),
    Stats(stats::Args),
    Remove(remove::Args),
    Restore(restore::Args),
    Reindex(reindex::Args),
    Check(check::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs the program on the arguments of the process.
pub fn main() -> process::ExitCode {
    // Ends the process when a shell asks for completions.
    CompleteEnv::with_factory(command).complete();
    let cli = match parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version go to standard output: a closed pipe is no error.
            print_usage(&e);
            return if e.use_stderr() {
                Exit::Error
            } else {
                Exit::Done
            }
            .into();
        }
    };
    panic::set_hook(Box::new(|bug| {
        if app::is_guarded() {
            return;
        }
        let bug = bug.to_string().replace('\n', " ");
        let message = msg!(lang(),
            ko: "프로그램 내부 오류입니다. 알려 주세요",
            en: "internal error, please report it",
        );
        say(format_args!("error: {message}: {}", one_line(&bug)));
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(|| run(cli)));
    match result {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(CliError::BrokenPipe)) => Exit::Done.into(),
        Ok(Err(error)) => {
            error.print();
            Exit::Error.into()
        }
        // The hook has printed it.
        Err(_) => Exit::Error.into(),
    }
}

fn run(cli: Cli) -> CliResult {
    let Cli { global, command } = cli;
    match command {
        Command::Add(args) => add::run(&args, &global),
        Command::Search(args) => search::run(&args, &global),
        Command::Export(args) => export::run(&args, &global),
        Command::Ls(args) => ls::run(&args, &global),
        Command::Show(args) => show::run(&args, &global),
        Command::Open(args) => open::run(&args, &global),
        Command::Extract(args) => extract::run(&args, &global),
        Command::Analyze(args) => analyze::run(&args, &global),
        Command::Trend(args) => trend::run(&args, &global),
        Command::Related(args) => related::run(&args, &global),
        Command::Similar(args) => similar::run(&args, &global),
        Command::Saved(args) => saved::run(&args, &global),
        Command::Digest(args) => digest::run(&args, &global),
        Command::Serve(args) => serve::run(&args, &global),
        Command::Stats(args) => stats::run(&args, &global),
        Command::Remove(args) => remove::run(&args, &global),
        Command::Restore(args) => restore::run(&args, &global),
        Command::Reindex(args) => reindex::run(&args, &global),
        Command::Check(args) => check::run(&args, &global),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

/// Prints help or a usage error. Arguments come from anywhere (`xargs`, names of files): where one
/// has characters that control a terminal, the message is printed without colors and sanitized.
fn print_usage(e: &clap::Error) {
    let is_clean = |argument: OsString| {
        argument
            .to_str()
            .is_some_and(|text| matches!(sanitize::paragraphs(text), Cow::Borrowed(_)))
    };
    if std::env::args_os().all(is_clean) {
        let _ = e.print();
    } else {
        let text = e.render().to_string();
        let _ = write!(io::stderr(), "{}", sanitize::paragraphs(&text));
    }
}

fn parse() -> Result<Cli, clap::Error> {
    let arguments = with_exclusions(std::env::args_os().collect());
    let matches = command().try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches)
}

/// Commands whose positional arguments are a query.
const QUERY_COMMANDS: [&str; 5] = ["search", "export", "trend", "related", "saved"];

/// The short options, and `-` of long ones.
const SHORT_OPTIONS: &str = "hVqvno-";

/// Turns the hyphen of an excluded word (`clippings search 삼성 -전자`), which looks like an option,
/// into a minus sign (U+2212): the query language reads both alike.
fn with_exclusions(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut has_query = false;
    for argument in arguments.iter_mut().skip(1) {
        let Some(text) = argument.to_str() else {
            continue;
        };
        if text == "--" {
            break;
        }
        match text.strip_prefix('-') {
            Some(rest) => {
                let is_option = rest.starts_with(|c| SHORT_OPTIONS.contains(c));
                if has_query && !rest.is_empty() && !is_option {
                    *argument = format!("\u{2212}{rest}").into();
                }
            }
            None => has_query |= QUERY_COMMANDS.contains(&text),
        }
    }
    arguments
}

/// The whole command line.
fn command() -> clap::Command {
    with_formats(Cli::command(), &[])
}

/// The formats of a command; none for a command that writes in no format of its own.
fn formats(path: &[&str]) -> &'static [OutputFormat] {
    match path {
        ["add"] => add::FORMATS,
        ["search" | "ls"] | ["saved", "run"] => search::FORMATS,
        ["export"] => export::FORMATS,
        ["show"] => show::FORMATS,
        ["extract"] => extract::FORMATS,
        ["analyze"] => analyze::FORMATS,
        ["trend"] => trend::FORMATS,
        ["related"] => related::FORMATS,
        ["similar"] => similar::FORMATS,
        ["saved", "list"] => saved::FORMATS,
        ["digest"] => digest::FORMATS,
        ["stats"] => stats::FORMATS,
        _ => &[],
    }
}

/// Gives every command a `--format` of its own, which offers what it writes.
fn with_formats(mut command: clap::Command, path: &[&str]) -> clap::Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in &names {
        let path = [path, &[name]].concat();
        command = command.mut_subcommand(name, |sub| with_formats(sub, &path));
    }
    match path {
        [] => command,
        path => command.arg(format_arg(formats(path))),
    }
}

fn format_arg(known: &'static [OutputFormat]) -> Arg {
    let values = known.iter().filter_map(ValueEnum::to_possible_value);
    let parser = PossibleValuesParser::new(values);
    let format = Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .value_parser(parser.try_map(|name| OutputFormat::from_str(&name, true)))
        .help_heading("Global options")
        .hide(known.is_empty());
    match known.first() {
        Some(first) => format.help(format!("Output format [default: {}]", first.name())),
        None => format,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }

    #[test]
    fn every_command_offers_the_formats_that_it_writes() {
        let mut command = super::command();
        command.build();
        let mut commands: Vec<&clap::Command> = command.get_subcommands().collect();
        while let Some(sub) = commands.pop() {
            commands.extend(sub.get_subcommands().filter(|c| c.get_name() != "help"));
            let Some(format) = sub.get_arguments().find(|arg| arg.get_id() == "format") else {
                assert_eq!(sub.get_name(), "help");
                continue;
            };
            let offered = format.get_possible_values().len();
            let writes = sub.get_bin_name().unwrap_or_default();
            let path: Vec<&str> = writes.split(' ').skip(1).collect();
            assert_eq!(offered, super::formats(&path).len(), "{writes}");
            assert_eq!(format.is_hide_set(), offered == 0, "{writes}");
        }
    }

    #[test]
    fn excluded_words_are_not_options() {
        let read = |line: &str| {
            let arguments = line.split(' ').map(std::ffi::OsString::from).collect();
            let read = super::with_exclusions(arguments);
            let read: Vec<String> = read
                .into_iter()
                .map(|a| a.into_string().unwrap_or_default())
                .collect();
            read.join(" ")
        };
        for (line, expected) in [
            ("x search 삼성 -전자 -n 5", "x search 삼성 −전자 -n 5"),
            ("x search -@칩 -AI --limit 3", "x search −@칩 −AI --limit 3"),
            ("x -q export -q 가 -", "x -q export -q 가 -"),
            ("x search -- -가", "x search -- -가"),
            ("x add -가", "x add -가"),
        ] {
            assert_eq!(read(line), expected);
        }
    }
}
