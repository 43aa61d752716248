//! The command line as a whole, in the language of the process: for parsing, help, man pages and
//! completions.
//!
//! The texts are beside the arguments. Those of clap itself (headings, defaults, values) are translated
//! here.

use std::io::Write;

use clap::builder::{EnumValueParser, PossibleValuesParser, StyledStr, TypedValueParser};
use clap::{Arg, ArgAction, Command, CommandFactory, ValueEnum};

use super::error::lang;
use super::language::LangArg;
use super::{Cli, CliError, CliResult, Exit, Global, OutputFormat};
use super::{
    add, analyze, digest, export, extract, related, saved, search, show, similar, stats, trend,
};
use crate::messages::{Lang, msg};

/// Lines of examples under their heading.
pub fn examples(lines: &str) -> String {
    // The `\` that ends the line before the first example takes its indent away.
    format!(
        "{}\n  {}",
        text!(ko: "예:", en: "Examples:"),
        lines.trim_start()
    )
}

/// Names of values in Korean.
const VALUES: &[(&str, &str)] = &[
    ("ADDRESS", "주소"),
    ("COMMAND", "명령"),
    ("DATE", "날짜"),
    ("DIR", "폴더"),
    ("FIELD", "항목"),
    ("FIELD=COLUMN,...", "항목=열,..."),
    ("FILE", "파일"),
    ("FORMAT", "형식"),
    ("ID", "ID"),
    ("LANG", "언어"),
    ("N", "N"),
    ("NAME", "이름"),
    ("NEW_NAME", "새_이름"),
    ("ORDER", "순서"),
    ("PATH", "경로"),
    ("QUERY", "검색식"),
    ("RULE", "규칙"),
    ("SECONDS", "초"),
    ("SHELL", "셸"),
    ("SIZE", "크기"),
    ("TEXT", "글"),
    ("UNIT", "단위"),
    ("WHEN", "때"),
];

/// The layout of clap's help, with its one word in Korean.
const TEMPLATE: &str = "\
{before-help}{about-with-newline}
\x1b[1m\x1b[4m사용법:\x1b[0m {usage}

{all-args}{after-help}";

/// The whole command line.
pub fn command() -> Command {
    let mut command = with_formats(Cli::command(), &[]).args(everywhere());
    command.build();
    localized(command)
}

/// The options of clap itself, and that of the language, which is read before the others.
fn everywhere() -> [Arg; 3] {
    let option = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .global(true)
            .help_heading(text!(ko: "공통 옵션", en: "Global options"))
            .help(help)
    };
    let lang = option("lang", text!(ko: "메시지와 도움말의 언어", en: "Language of messages and help"))
        .value_name("LANG")
        .value_parser(EnumValueParser::<LangArg>::new())
        .long_help(text!(
            ko: "메시지와 도움말의 언어\n\n환경 변수 CLIPPINGS_LANG, LC_ALL, LC_MESSAGES, LANG으로도 정합니다.",
            en: "Language of messages and help\n\nAlso set by the environment variables CLIPPINGS_LANG, LC_ALL, \
                LC_MESSAGES and LANG.",
        ));
    let help = option(
        "help",
        text!(ko: "도움말을 보여 줍니다(-h는 간단히)", en: "Print help (-h: a summary)"),
    );
    let version = option(
        "version",
        text!(ko: "버전을 보여 줍니다", en: "Print version"),
    );
    [
        lang,
        help.short('h').action(ArgAction::Help),
        version.short('V').action(ArgAction::Version),
    ]
}

/// The formats of a command; none for a command that writes in no format of its own.
pub(super) fn formats(path: &[&str]) -> &'static [OutputFormat] {
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

/// Restricts `--format` of each command to the formats that it writes.
fn with_formats(mut command: Command, path: &[&str]) -> Command {
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
        .help_heading(text!(ko: "공통 옵션", en: "Global options"))
        .hide(known.is_empty());
    match known.first() {
        Some(first) => {
            let first = first.name();
            format.help(msg!(lang(),
                ko: "출력 형식 [기본값: {first}]",
                en: "Output format [default: {first}]",
            ))
        }
        None => format,
    }
}

/// Adds short texts, the first paragraphs of the long ones, and translates the texts of clap.
fn localized(mut command: Command) -> Command {
    if let Some(long) = command.get_long_about() {
        let first = first_paragraph(long);
        command = command.about(first);
    }
    command = command.mut_args(|arg| match (arg.get_help(), arg.get_long_help()) {
        (None, Some(long)) => {
            let first = first_paragraph(long);
            arg.help(first)
        }
        _ => arg,
    });
    if lang() == Lang::Ko {
        command = in_korean(command);
    }
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in &names {
        command = command.mut_subcommand(name, localized);
    }
    command
}

fn first_paragraph(long: &StyledStr) -> String {
    let long = long.to_string();
    let first = long.split("\n\n").next().unwrap_or_default();
    first.to_owned()
}

fn in_korean(command: Command) -> Command {
    let mut command = command
        .help_template(TEMPLATE)
        .subcommand_help_heading("명령")
        .subcommand_value_name("명령")
        .mut_args(arg_in_korean);
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim_start();
    let usage = usage.replace("[OPTIONS]", "[옵션]");
    command.override_usage(usage)
}

fn arg_in_korean(arg: Arg) -> Arg {
    let names: Vec<&'static str> = arg
        .get_value_names()
        .unwrap_or_default()
        .iter()
        .filter_map(|name| value_in_korean(name))
        .collect();
    let heading = arg.get_help_heading().is_none();
    let is_positional = arg.is_positional();
    let takes_values = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let mut additions = Vec::new();
    if takes_values && !arg.is_hide_default_value_set() {
        let defaults: Vec<String> = arg
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        if !defaults.is_empty() {
            additions.push(format!("[기본값: {}]", defaults.join(", ")));
        }
    }
    let values = match takes_values && !arg.is_hide_possible_values_set() {
        true => arg.get_possible_values(),
        false => Vec::new(),
    };
    let short: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
    let short = match short.is_empty() {
        true => None,
        false => Some(format!("[값: {}]", short.join(", "))),
    };
    let listed: String = values
        .iter()
        .map(|value| match value.get_help() {
            Some(help) => format!("\n- {}: {help}", value.get_name()),
            None => format!("\n- {}", value.get_name()),
        })
        .collect();
    let mut help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let long = arg.get_long_help().map(ToString::to_string);
    let mut long = long.unwrap_or_else(|| help.clone());
    for addition in &additions {
        help += &format!(" {addition}");
        long += &format!(" {addition}");
    }
    if let Some(short) = short {
        help += &format!(" {short}");
    }
    if !listed.is_empty() {
        long += "\n\n값:";
        long += &listed;
    }
    let mut arg = arg
        .help(help)
        .long_help(long)
        .hide_default_value(true)
        .hide_possible_values(true);
    if !names.is_empty() {
        arg = arg.value_names(names);
    }
    match (heading, is_positional) {
        (true, true) => arg.help_heading("인수"),
        (true, false) => arg.help_heading("옵션"),
        (false, _) => arg,
    }
}

fn value_in_korean(name: &str) -> Option<&'static str> {
    let found = VALUES.iter().find(|(english, _)| *english == name);
    found.map(|(_, korean)| *korean)
}

#[derive(Debug, clap::Args)]
#[command(about = text!(ko: "명령의 도움말을 보여 줍니다", en: "Show help for a command"))]
pub struct Args {
    #[arg(
        value_name = "COMMAND",
        help = text!(ko: "명령(예: `saved add`)", en: "The command, e.g. `saved add`"),
    )]
    command: Vec<String>,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let mut found = command();
    for name in &args.command {
        let Some(sub) = found.find_subcommand(name) else {
            return Err(CliError::new(msg!(lang(),
                ko: "없는 명령입니다: '{name}'",
                en: "there is no command '{name}'",
            ))
            .with_hint(msg!(lang(),
                ko: "`clippings help`로 모두 볼 수 있습니다",
                en: "`clippings help` lists them all",
            )));
        };
        found = sub.clone();
    }
    let help = found.render_long_help();
    let mut out = global.output_of(OutputFormat::Text);
    match global.colors() {
        true => write!(out, "{}", help.ansi())?,
        false => write!(out, "{help}")?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_offers_the_formats_that_it_writes() {
        let command = command();
        let mut commands: Vec<&Command> = command.get_subcommands().collect();
        while let Some(sub) = commands.pop() {
            commands.extend(sub.get_subcommands());
            let format = sub.get_arguments().find(|arg| arg.get_id() == "format");
            let format = format.unwrap();
            let offered = format.get_possible_values().len();
            let writes = sub.get_bin_name().unwrap_or_default();
            let path: Vec<&str> = writes.split(' ').skip(1).collect();
            assert_eq!(offered, formats(&path).len(), "{writes}");
            assert_eq!(format.is_hide_set(), offered == 0, "{writes}");
        }
    }

    #[test]
    fn all_names_of_values_have_a_korean_one() {
        let command = command();
        let mut commands = vec![&command];
        while let Some(sub) = commands.pop() {
            commands.extend(sub.get_subcommands().filter(|c| c.get_name() != "help"));
            for arg in sub.get_arguments().filter(|arg| !arg.is_hide_set()) {
                assert!(
                    arg.get_help().is_some(),
                    "{}: {}",
                    sub.get_name(),
                    arg.get_id()
                );
                for name in arg.get_value_names().unwrap_or_default() {
                    let takes_values = arg.get_action().takes_values();
                    assert!(!takes_values || value_in_korean(name).is_some(), "{name}");
                }
            }
        }
    }
}
