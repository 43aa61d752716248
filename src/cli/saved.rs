//! `clippings saved`

use std::io::Write;

use clap::Subcommand;
use clap_complete::ArgValueCandidates;

use super::candidates::saved;
use super::error::{lang, one_line, say};
use super::global::found;
use super::query_args::{FilterArgs, SynonymArgs, typed};
use super::search::{Output, Session};
use super::{CliResult, Exit, Global, OutputFormat};
use crate::app::Filters;
use crate::messages::msg;
use crate::report::sanitize;
use crate::report::table::{Side, TextTable};

/// Save searches under a name; list, run and remove them
///
/// A saved search keeps its query and filters as typed: `--from 7d` is relative to the day it runs.
/// `@NAME` in any query inserts that saved search. `clippings digest` shows what is new in all of
/// them.
///
/// They are stored in saved.json in the index folder; you can edit it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings saved add 칩 '반도체 OR 메모리' --outlet 한겨레
  clippings saved add 수출-칩 '@칩 수출 -광고' --from 30d
  clippings saved list
  clippings saved run 칩 --sort newest
  clippings search '@칩 -중국' --facets
  clippings saved remove 칩")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(AddArgs),
    List(ListArgs),
    Run(Box<RunArgs>),
    Rename(RenameArgs),
    Remove(RemoveArgs),
}

/// Save a search under a name
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings saved add 금리 '\"기준금리\" -미국' --from 30d
  clippings saved add 우리기자 --reporter 김하나 --reporter 박두리
  clippings saved add 금리 '\"기준금리\"' --replace")]
struct AddArgs {
    /// Name: letters, digits, - _ .
    #[arg(value_name = "NAME")]
    name: String,

    /// Query; omit it, with a filter, for everything that matches
    #[arg(value_name = "QUERY")]
    query: Vec<String>,

    #[command(flatten)]
    filters: FilterArgs,

    /// Replace an existing saved search
    #[arg(long)]
    replace: bool,
}

/// List the saved searches
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings saved list
  clippings saved list --json | jq -r '.[].name'")]
struct ListArgs {
    /// Names of saved searches
    #[arg(value_name = "NAME", add = ArgValueCandidates::new(saved))]
    names: Vec<String>,

    /// The same as --format json
    #[arg(long)]
    json: bool,
}

/// Run saved searches, as `search '@NAME'` does
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings saved run 금리
  clippings saved run 금리 칩 --sort newest --limit 5

Output: like `search`; with several names, like `search --batch`.")]
struct RunArgs {
    /// Names of saved searches
    #[arg(required = true, value_name = "NAME", add = ArgValueCandidates::new(saved))]
    names: Vec<String>,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    synonyms: SynonymArgs,
}

/// Give a saved search another name
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings saved rename 금리 기준금리")]
struct RenameArgs {
    /// Name of the saved search
    #[arg(value_name = "NAME", add = ArgValueCandidates::new(saved))]
    name: String,

    /// New name: letters, digits, - _ .
    #[arg(value_name = "NEW_NAME")]
    new_name: String,
}

/// Remove saved searches
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings saved remove 금리")]
struct RemoveArgs {
    /// Names of saved searches
    #[arg(required = true, value_name = "NAME", add = ArgValueCandidates::new(saved))]
    names: Vec<String>,
}

/// What `saved list` writes.
pub(super) const FORMATS: &[OutputFormat] = &[OutputFormat::Text, OutputFormat::Json];

pub fn run(args: &Args, global: &Global) -> CliResult {
    match &args.action {
        Action::Add(args) => add(args, global),
        Action::List(args) => list(args, global),
        Action::Run(args) => answer(args, global),
        Action::Rename(args) => rename(args, global),
        Action::Remove(args) => remove(args, global),
    }
}

fn add(args: &AddArgs, global: &Global) -> CliResult {
    let query = args.query.join(" ");
    let filters = args.filters.filters();
    let stored = global
        .app()
        .save_search(&args.name, &query, &filters, args.replace)?;
    global.say_notes(&stored.notes);
    if !global.quiet {
        let name = one_line(&stored.name);
        let done = match stored.replaced {
            true => msg!(lang(), ko: "@{name}을(를) 바꿨습니다", en: "replaced @{name}"),
            false => msg!(lang(), ko: "@{name}(으)로 저장했습니다", en: "saved @{name}"),
        };
        say(format_args!("{done}"));
    }
    Ok(Exit::Done)
}

fn list(args: &ListArgs, global: &Global) -> CliResult {
    let format = match args.json {
        true => OutputFormat::Json,
        false => global.format_among("saved list", FORMATS)?,
    };
    let searches = global.app().saved_searches(&args.names)?;
    let mut out = global.output_of(format);
    if format == OutputFormat::Json {
        let json = serde_json::to_string_pretty(&searches)?;
        writeln!(out, "{}", sanitize::json(&json))?;
    } else if !searches.is_empty() {
        let names = [
            msg!(lang(), ko: "이름", en: "name"),
            msg!(lang(), ko: "검색어", en: "query"),
            msg!(lang(), ko: "필터", en: "filters"),
            msg!(lang(), ko: "마지막 다이제스트", en: "last digest"),
        ];
        let columns: Vec<(&str, Side)> = names.iter().map(|n| (n.as_str(), Side::Left)).collect();
        let mut table = TextTable::new(&columns);
        for listed in &searches {
            table.row([
                format!("@{}", listed.search.name),
                listed.search.query.clone(),
                typed(&listed.search.filters()),
                listed.last_digest.clone().unwrap_or_default(),
            ]);
        }
        table.write(global.style(), &mut out)?;
    } else if !global.quiet {
        let none = msg!(lang(),
            ko: "저장한 검색이 없습니다. `clippings saved add 이름 검색어`로 저장하세요",
            en: "no saved searches; save one with `clippings saved add NAME QUERY`",
        );
        say(format_args!("{none}"));
    }
    out.flush()?;
    Ok(found(!searches.is_empty()))
}

fn answer(args: &RunArgs, global: &Global) -> CliResult {
    let app = global.app_with(&args.synonyms);
    // All must exist before any is run.
    let searches = app.saved_searches(&args.names)?;
    let app = global.opened(app)?;
    let several = searches.len() > 1;
    let mut session = Session::new(&app, &args.output, several, global)?;
    for listed in &searches {
        let name = &listed.search.name;
        let id = several.then_some(name.as_str());
        session.answer(id, &format!("@{name}"), &Filters::default())?;
    }
    session.finish()
}

fn rename(args: &RenameArgs, global: &Global) -> CliResult {
    let name = global
        .app()
        .rename_saved_search(&args.name, &args.new_name)?;
    if !global.quiet {
        let name = one_line(&name);
        let done = msg!(lang(), ko: "@{name}(으)로 바꿨습니다", en: "renamed to @{name}");
        say(format_args!("{done}"));
    }
    Ok(Exit::Done)
}

fn remove(args: &RemoveArgs, global: &Global) -> CliResult {
    let removed = global.app().remove_saved_searches(&args.names)?;
    if !global.quiet {
        let done = msg!(lang(), ko: "{removed}개를 지웠습니다", en: "removed {removed}");
        say(format_args!("{done}"));
    }
    Ok(Exit::Done)
}
