//! `clippings saved`

use std::io::Write;

use clap::Subcommand;
use serde::Serialize;

use super::error::one_line;
use super::filters::{Filters, SynonymArgs};
use super::search::{Output, Session};
use super::{CliError, CliResult, Exit, Global, OutputFormat, asking};
use crate::index::{IndexError, Meta};
use crate::query;
use crate::report::table::{Side, Table};
use crate::report::{Style, sanitize};
use crate::saved::{DigestState, SavedLock, Search, Searches};

/// Keep searches under a name, list, run and remove them
///
/// A saved search keeps its query and filters as they are typed: `--from 7d` is counted from the
/// day it is run on. In any query `@NAME` stands for what the saved search of that name asks for,
/// in other saved searches too. `clippings digest` shows what is new in all of them.
///
/// They lie in saved.json in the index folder, which may be edited by hand.
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
    Remove(RemoveArgs),
}

/// Keep a search under a name
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings saved add 금리 '\"기준금리\" -미국' --from 30d
  clippings saved add 우리기자 --reporter 김하나 --reporter 박두리
  clippings saved add 금리 '\"기준금리\"' --replace")]
struct AddArgs {
    /// Its name: one word of letters and digits, with - _ or . between them
    #[arg(value_name = "NAME")]
    name: String,

    /// What to find; nothing, with a filter, takes all that pass
    #[arg(value_name = "QUERY")]
    query: Vec<String>,

    #[command(flatten)]
    filters: Filters,

    /// Put it in the place of the one that has this name
    #[arg(long)]
    replace: bool,
}

/// List the saved searches
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings saved list
  clippings saved list --json | jq -r '.[].name'

Output: --format text (default) or json.")]
struct ListArgs {
    /// Only these
    #[arg(value_name = "NAME")]
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

Output: as that of `search`; with several names, as that of a batch.")]
struct RunArgs {
    /// Their names
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    synonyms: SynonymArgs,
}

/// Remove saved searches
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings saved remove 금리")]
struct RemoveArgs {
    /// Their names
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    if !Meta::exists(&global.index) {
        return Err(IndexError::Missing(global.index.clone()).into());
    }
    match &args.action {
        Action::Add(args) => add(args, global),
        Action::List(args) => list(args, global),
        Action::Run(args) => answer(args, global),
        Action::Remove(args) => remove(args, global),
    }
}

fn add(args: &AddArgs, global: &Global) -> CliResult {
    let query = args.query.join(" ").trim().to_owned();
    if query.is_empty() && args.filters.are_none() {
        return Err(CliError::new("there is nothing to search for")
            .with_hint("write a query or a filter after the name; '*' finds everything"));
    }
    let today = asking::today();
    args.filters.days(today)?;
    let _lock = SavedLock::acquire(&global.index)?;
    let mut searches = Searches::read(&global.index)?;
    let search = args.filters.saved_as(&args.name, query);
    let mut notes = Vec::new();
    let replaced = searches.put(search, args.replace, today, &mut notes)?;
    searches.write(&global.index)?;
    asking::tell(&notes, global);
    if !global.quiet {
        let name = args.name.trim_start_matches('@');
        let done = if replaced { "replaced" } else { "saved" };
        eprintln!("{done} @{}", one_line(name));
    }
    Ok(Exit::Done)
}

/// A saved search as it is listed for programs.
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    search: &'a Search,
    /// When it was in a digest last.
    last_digest: Option<String>,
}

fn list(args: &ListArgs, global: &Global) -> CliResult {
    let format = match args.json {
        true => OutputFormat::Json,
        false => global.format_among(&[OutputFormat::Text, OutputFormat::Json])?,
    };
    let searches = Searches::read(&global.index)?;
    let chosen: Vec<&Search> = match args.names.as_slice() {
        [] => searches.all().iter().collect(),
        names => {
            let found = names.iter().map(|name| searches.get(name));
            found.collect::<Result<_, _>>()?
        }
    };
    let seen = DigestState::read(&global.index)?;
    let last = |search: &Search| {
        let mark = seen.mark(&search.name)?;
        Some(asking::korean_time(mark.last))
    };
    let mut out = global.output();
    if format == OutputFormat::Json {
        let listed: Vec<Listed<'_>> = chosen
            .iter()
            .map(|search| Listed {
                search,
                last_digest: last(search),
            })
            .collect();
        let json = serde_json::to_string_pretty(&listed)?;
        writeln!(out, "{}", sanitize::json(&json))?;
    } else if !chosen.is_empty() {
        let mut table = Table::new(&[
            ("name", Side::Left),
            ("query", Side::Left),
            ("filters", Side::Left),
            ("last digest", Side::Left),
        ]);
        for search in &chosen {
            table.row([
                format!("@{}", search.name),
                search.query.clone(),
                filters(search),
                last(search).unwrap_or_default(),
            ]);
        }
        let style = Style {
            color: global.colors(),
            width: global.width(),
        };
        table.write(style, &mut out)?;
    } else if !global.quiet {
        eprintln!("no searches are saved; keep one with `clippings saved add NAME QUERY`");
    }
    out.flush()?;
    Ok(match chosen.is_empty() {
        true => Exit::Nothing,
        false => Exit::Done,
    })
}

/// The filters of a search as they are typed.
pub(super) fn filters(search: &Search) -> String {
    let mut options = Vec::new();
    for (option, values) in [("outlet", &search.outlets), ("reporter", &search.reporters)] {
        options.extend(values.iter().map(|value| format!("--{option} {value}")));
    }
    for (option, value) in [("from", &search.from), ("to", &search.to)] {
        options.extend(value.iter().map(|value| format!("--{option} {value}")));
    }
    if search.undated {
        options.push("--undated".to_owned());
    }
    options.join(" ")
}

fn answer(args: &RunArgs, global: &Global) -> CliResult {
    // All are found before any is answered.
    let searches = Searches::read(&global.index)?;
    let mut names = Vec::with_capacity(args.names.len());
    for name in &args.names {
        names.push(searches.get(name)?.name.clone());
    }
    let synonyms = args.synonyms.read(global)?;
    let mut session = Session::open(&args.output, synonyms, query::Filters::default(), global)?;
    for name in &names {
        let id = (names.len() > 1).then_some(name.as_str());
        session.answer(id, &format!("@{name}"), asking::today())?;
    }
    session.finish()
}

fn remove(args: &RemoveArgs, global: &Global) -> CliResult {
    let lock = SavedLock::acquire(&global.index)?;
    let mut searches = Searches::read(&global.index)?;
    let before = searches.all().to_vec();
    searches.remove(&args.names, asking::today())?;
    searches.write(&global.index)?;
    let gone: Vec<String> = before
        .into_iter()
        .map(|search| search.name)
        .filter(|name| searches.get(name).is_err())
        .collect();
    DigestState::forget(&global.index, &gone, &lock)?;
    if !global.quiet {
        eprintln!("removed {}", gone.len());
    }
    Ok(Exit::Done)
}
