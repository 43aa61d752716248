//! The command line: arguments → `app` → `report`.
//!
//! One file per command: its arguments, its help and its `run`.

/// A text in the language of the process: a language that is missing does not compile.
macro_rules! text {
    (ko: $ko:expr, en: $en:expr $(,)?) => {
        match $crate::cli::error::lang() {
            $crate::messages::Lang::Ko => $ko,
            $crate::messages::Lang::En => $en,
        }
    };
}

mod add;
mod analyze;
mod candidates;
mod check;
mod clipbook;
mod completions;
mod copy;
mod digest;
mod error;
mod exit;
mod export;
mod extract;
mod global;
mod help;
mod ingest_args;
mod language;
mod ls;
mod man;
mod open;
mod output_target;
mod overview;
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
mod usage;

use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};
use std::process;

use clap::{FromArgMatches, Parser, Subcommand};
use clap_complete::CompleteEnv;

use error::{CliError, CliResult};
use exit::Exit;
use global::{Global, OutputFormat};
use help::examples;

use crate::app;
use crate::messages::{Label, msg};
use error::{lang, say_labelled};

#[derive(Debug, Parser)]
#[command(
    name = "clippings",
    version,
    propagate_version = true,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true,
    args_override_self = true,
    after_help = examples("") + text!(
        ko: "\
  clippings add ~/scraps                        저장한 페이지 폴더를 추가합니다
  clippings search '생성형 AI'                  추가한 기사를 찾습니다
  clippings search '생성형 AI' --add ~/scraps   새 파일을 추가하고 나서 찾습니다

자세한 내용은 `clippings help 명령`을 실행하세요.

종료 코드: 0 성공, 1 찾은 것이 없음(--strict이면 건너뛴 것이 있음), 2 오류, 130 중단.",
        en: "\
  clippings add ~/scraps                        add a folder of saved pages
  clippings search '생성형 AI'                  search them
  clippings search '생성형 AI' --add ~/scraps   add what is new there, then search

Run `clippings help COMMAND` for details.

Exit codes: 0 success; 1 nothing found (or, with --strict, something skipped); 2 error; \
130 interrupted.",
    ),
    long_about = text!(
        ko: "스크랩한 한국 뉴스 기사를 검색합니다: 저장한 페이지, 글, 내보낸 자료\n\n저장해 둔 뉴스 기사를 인덱스로 만들어 바로 찾습니다.",
        en: "Search Korean news clippings: saved pages, text and exports\n\nIndexes saved news \
            articles and searches them instantly.",
    ),
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
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
    Copy(copy::Args),
    Check(check::Args),
    Completions(completions::Args),
    Man(man::Args),
    Help(help::Args),
}

/// Runs the program on the arguments of the process.
pub fn main() -> process::ExitCode {
    language::choose(&std::env::args_os().collect::<Vec<_>>());
    // Ends the process when a shell asks for completions.
    CompleteEnv::with_factory(help::command).complete();
    let cli = match parse() {
        Ok(cli) => cli,
        Err(mut e) => {
            let printed = usage::print(&mut e);
            return match printed.map_err(CliError::from) {
                _ if e.use_stderr() => Exit::Error,
                // Help and version go to standard output: a closed pipe is no error.
                Ok(()) | Err(CliError::BrokenPipe) => Exit::Done,
                Err(error) => {
                    error.print();
                    Exit::Error
                }
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
        say_labelled(Label::Error, &format!("{message}: {bug}"));
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
    let Some(command) = command else {
        return overview::run(&global);
    };
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
        Command::Copy(args) => copy::run(&args, &global),
        Command::Check(args) => check::run(&args, &global),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Help(args) => help::run(&args, &global),
    }
}

fn parse() -> Result<Cli, clap::Error> {
    let arguments = with_exclusions(std::env::args_os().collect());
    let matches = help::command().try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches)
}

/// Commands whose positional arguments are a query.
const QUERY_COMMANDS: [&str; 5] = ["search", "export", "trend", "related", "saved"];

/// Turns the hyphen of an excluded word (`clippings search 삼성 -전자`), which looks like an option,
/// into a minus sign (U+2212): the query language reads both alike.
fn with_exclusions(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let (mut has_query, mut takes_value) = (false, false);
    for argument in arguments.iter_mut().skip(1) {
        let Some(text) = argument.to_str() else {
            continue;
        };
        if text == "--" {
            break;
        }
        match text.strip_prefix('-') {
            Some(rest) => {
                let is_option = is_option(rest);
                // A negative number after an option (`-n -3`) is a wrong value, not a word.
                let is_value = takes_value && rest.bytes().all(|b| b.is_ascii_digit());
                takes_value = is_option && !rest.contains('=');
                if has_query && !rest.is_empty() && !is_option && !is_value {
                    *argument = format!("\u{2212}{rest}").into();
                }
            }
            None => {
                takes_value = false;
                has_query |= QUERY_COMMANDS.contains(&text);
            }
        }
    }
    arguments
}

/// Whether an argument of a query command is an option and no excluded word: `-o hits.csv`, `-n5`,
/// `-qv`, but not `-openai`. `rest` is what follows its first hyphen.
fn is_option(rest: &str) -> bool {
    match rest.split_at_checked(1) {
        Some(("-", _)) => true,
        Some(("n", value)) => value.starts_with('=') || value.bytes().all(|b| b.is_ascii_digit()),
        Some(("o", file)) => file.is_empty() || file.contains(['=', '.', '/']),
        _ => !rest.is_empty() && rest.chars().all(|c| "hVqv".contains(c)),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::help::command().debug_assert();
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
            ("x search 가 -n -3", "x search 가 -n -3"),
            ("x search 가 --limit -3 -4", "x search 가 --limit -3 −4"),
            ("x search 가 -2024", "x search 가 −2024"),
            ("x search 가 -openai -n5", "x search 가 −openai -n5"),
            ("x search 가 -nvidia -n=5", "x search 가 −nvidia -n=5"),
            ("x search 가 -hbm -qv", "x search 가 −hbm -qv"),
            ("x export 가 -o=a -o -oa.csv", "x export 가 -o=a -o -oa.csv"),
            ("x search 가 -vr -h", "x search 가 −vr -h"),
        ] {
            assert_eq!(read(line), expected);
        }
    }
}
