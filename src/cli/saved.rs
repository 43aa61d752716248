//! `clippings saved`

use std::io::Write;

use clap::Subcommand;
use clap_complete::ArgValueCandidates;

use super::candidates::saved;
use super::error::{lang, one_line, say};
use super::global::found;
use super::help::examples;
use super::query_args::{FilterArgs, SynonymArgs, typed};
use super::search::{Output, Session};
use super::{CliResult, Exit, Global, OutputFormat};
use crate::app::Filters;
use crate::messages::msg;
use crate::report::sanitize;
use crate::report::table::{Side, TextTable};

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings saved add 칩 '반도체 OR 메모리' --outlet 한겨레
  clippings saved add 수출-칩 '@칩 수출 -광고' --from 30d
  clippings saved list
  clippings saved run 칩 --sort newest
  clippings search '@칩 -중국' --facets
  clippings saved remove 칩"),
    long_about = text!(
        ko: "검색에 이름을 붙여 저장하고, 보고, 실행하고, 지웁니다\n\n검색식과 조건을 입력한 그대로 저장하므로 `--from 7d`는 실행하는 날부터 셉니다. 어느 \
            검색식에서나 `@이름`으로 불러 쓸 수 있고, `clippings digest`는 저장한 검색 모두의 새 기사를 보여 줍니다.\n\n인덱스 폴더의 \
            saved.json에 저장하며, 직접 고쳐도 됩니다.",
        en: "Save searches under a name; list, run and remove them\n\nA saved search keeps its query \
            and filters as typed: `--from 7d` is relative to the day it runs. `@NAME` in any query \
            inserts that saved search. `clippings digest` shows what is new in all of them.\n\nThey \
            are stored in saved.json in the index folder; you can edit it.",
    ),
)]
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

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings saved add 금리 '\"기준금리\" -미국' --from 30d
  clippings saved add 우리기자 --reporter 김하나 --reporter 박두리
  clippings saved add 금리 '\"기준금리\"' --replace"),
    about = text!(ko: "검색에 이름을 붙여 저장합니다", en: "Save a search under a name"),
)]
struct AddArgs {
    #[arg(
        value_name = "NAME",
        help = text!(ko: "이름: 글자, 숫자, - _ .", en: "Name: letters, digits, - _ ."),
    )]
    name: String,

    #[arg(
        value_name = "QUERY",
        help = text!(
            ko: "검색식. 조건이 있으면 생략할 수 있습니다",
            en: "Query; omit it, with a filter, for everything that matches",
        ),
    )]
    query: Vec<String>,

    #[command(flatten)]
    filters: FilterArgs,

    #[arg(
        long,
        help = text!(ko: "같은 이름으로 저장한 검색을 바꿉니다", en: "Replace an existing saved search"),
    )]
    replace: bool,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings saved list
  clippings saved list --json | jq -r '.[].name'"),
    about = text!(ko: "저장한 검색을 보여 줍니다", en: "List the saved searches"),
)]
struct ListArgs {
    #[arg(
        value_name = "NAME", add = ArgValueCandidates::new(saved),
        help = text!(ko: "저장한 검색의 이름", en: "Names of saved searches"),
    )]
    names: Vec<String>,

    #[arg(
        long,
        help = text!(ko: "--format json과 같습니다", en: "The same as --format json"),
    )]
    json: bool,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings saved run 금리
  clippings saved run 금리 칩 --sort newest --limit 5") + text!(
        ko: "\n\n출력은 `search`와 같고, 이름이 여럿이면 `search --batch`와 같습니다.",
        en: "\n\nOutput: like `search`; with several names, like `search --batch`.",
    ),
    about = text!(
        ko: "저장한 검색을 실행합니다. `search '@이름'`과 같습니다",
        en: "Run saved searches, as `search '@NAME'` does",
    ),
)]
struct RunArgs {
    #[arg(
        required = true, value_name = "NAME", add = ArgValueCandidates::new(saved),
        help = text!(ko: "저장한 검색의 이름", en: "Names of saved searches"),
    )]
    names: Vec<String>,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    synonyms: SynonymArgs,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings saved rename 금리 기준금리"),
    about = text!(ko: "저장한 검색의 이름을 바꿉니다", en: "Give a saved search another name"),
)]
struct RenameArgs {
    #[arg(
        value_name = "NAME", add = ArgValueCandidates::new(saved),
        help = text!(ko: "저장한 검색의 이름", en: "Name of the saved search"),
    )]
    name: String,

    #[arg(
        value_name = "NEW_NAME",
        help = text!(ko: "새 이름: 글자, 숫자, - _ .", en: "New name: letters, digits, - _ ."),
    )]
    new_name: String,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings saved remove 금리"),
    about = text!(ko: "저장한 검색을 지웁니다", en: "Remove saved searches"),
)]
struct RemoveArgs {
    #[arg(
        required = true, value_name = "NAME", add = ArgValueCandidates::new(saved),
        help = text!(ko: "저장한 검색의 이름", en: "Names of saved searches"),
    )]
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
            msg!(lang(), ko: "검색식", en: "query"),
            msg!(lang(), ko: "조건", en: "filters"),
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
            ko: "저장한 검색이 없습니다. `clippings saved add 이름 검색식`으로 저장하세요",
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
