//! `clippings search`

use std::fs;
use std::io::{self, BufWriter, Read, StdoutLock, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueHint;
use jiff::civil::Date;

use super::asking::{self, today};
use super::error::one_line;
use super::filters::{self, Sort, SynonymArgs};
use super::ingesting::{ReadArgs, take_in};
use super::results;
use super::{CliError, CliResult, Exit, Global, OutputFormat};
use crate::analyze::synonyms::Synonyms;
use crate::extract::encoding;
use crate::query::{Filters, Parsed};
use crate::report::{Format, Printer, ResultPage, Style, sanitize, trec};
use crate::search::{Engine, Facets, Request, Show};

/// How long `--add` waits for another process that writes.
const ADD_WAIT: Duration = Duration::from_secs(10);

/// Lines of a facet that are shown.
const MOST_FACETS: usize = 20;

/// What `search` writes.
const FORMATS: &[OutputFormat] = &[
    OutputFormat::Text,
    OutputFormat::Json,
    OutputFormat::Jsonl,
    OutputFormat::Csv,
    OutputFormat::Trec,
];

/// Find clippings: ranked, with the passages that match
///
/// All words must match, in any order and with any endings; when no clipping has all of them, the
/// best partial matches are shown and the output says so.
///
///   "생성형 AI"         these words beside one another
///   -광고               without this word
///   삼성 OR 하이닉스    either
///   (A OR B) C          grouped
///   제목:반도체         in the headline (headline:); 본문: body:  기자: reporter:  언론사: outlet:
///   날짜:2024-02..03    within dates (date:)
///   @NAME               what the saved search of that name finds
///   '*'                 everything that passes the filters, newest first
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  clippings search '생성형 AI'
  clippings search '\"금리 인하\" -미국' --outlet 한겨레 --from 2024-02 --to 2024-03
  clippings search --reporter 김하나 --sort newest
  clippings search '생성형 AI' --add ~/scraps
  clippings search 반도체 --format jsonl | jq .headline

Output: --format text (default), json, jsonl, csv or trec. A trec run lists copies one by one."
)]
pub struct Args {
    /// What to find; nothing, with a filter, lists all that pass
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,

    #[command(flatten)]
    pub filters: filters::Filters,

    #[command(flatten)]
    pub output: Output,

    #[command(flatten)]
    pub synonyms: SynonymArgs,

    /// First take in what is new or changed there; may be repeated
    #[arg(
        long,
        value_name = "PATH",
        value_hint = ValueHint::AnyPath,
        num_args = 1..,
        action = clap::ArgAction::Append
    )]
    pub add: Vec<PathBuf>,

    /// Run every query of a file with lines `id<TAB>query`
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["query", "facets", "explain"]
    )]
    pub batch: Option<PathBuf>,
}

/// How many results, in which order, and how much of each; for `search` and `saved run`.
#[derive(Debug, Clone, clap::Args)]
pub struct Output {
    /// Order of the results
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = Sort::Relevance)]
    pub sort: Sort,

    /// At most this many results
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    pub limit: usize,

    /// Leave out this many results from the top
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,

    /// Show near-duplicates one by one instead of folding them into one result
    #[arg(long)]
    pub all_copies: bool,

    /// Characters of a snippet
    #[arg(long, value_name = "N", default_value_t = 160)]
    pub snippet_chars: usize,

    /// Passages shown of each result
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub passages: usize,

    /// Count the results by outlet, reporter and month
    #[arg(long)]
    pub facets: bool,

    /// Show how the query was read and where each score comes from
    #[arg(long)]
    pub explain: bool,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let today = today();
    // Before anything is taken in: mistakes in the arguments end the command.
    let filters = args.filters.parts(today)?;
    global.format_among(FORMATS)?;
    let synonyms = args.synonyms.read(global)?;
    if !args.add.is_empty() {
        let options = ReadArgs::default().options(&args.add);
        if take_in(global, options, "search --add", ADD_WAIT)?.interrupted {
            return Ok(Exit::Interrupted);
        }
    }
    let mut session = Session::open(&args.output, synonyms, filters, global)?;
    match &args.batch {
        None => session.answer(None, &args.query.join(" "), today)?,
        Some(path) => {
            for (number, line) in read_batch(path)?.lines().enumerate() {
                if line.trim().is_empty() {
                    continue;
                }
                let Some((id, query)) = line.split_once('\t') else {
                    let at = format!("{}:{}", path.display(), number + 1);
                    return Err(CliError::new(format!("{at}: no tab between id and query"))
                        .with_hint("write a line as `id<TAB>query`"));
                };
                session.answer(Some(id), query, today)?;
            }
        }
    }
    session.finish()
}

fn read_batch(path: &Path) -> Result<String, CliError> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = bytes.map_err(|e| CliError::new(format!("{}: {e}", path.display())))?;
    Ok(encoding::decode(&bytes, None).text.into_owned())
}

/// One run of a command that answers queries: an index, and where the answers go.
pub(super) struct Session<'a> {
    output: &'a Output,
    global: &'a Global,
    /// What every query is held to.
    filters: Filters,
    format: OutputFormat,
    engine: Engine,
    printer: Printer,
    out: BufWriter<StdoutLock<'static>>,
    /// Whether anything was found.
    any: bool,
}

impl<'a> Session<'a> {
    /// Opens the index to answer queries within `filters`.
    pub(super) fn open(
        output: &'a Output,
        synonyms: Option<Synonyms>,
        filters: Filters,
        global: &'a Global,
    ) -> Result<Self, CliError> {
        let format = global.format_among(FORMATS)?;
        Ok(Session {
            output,
            global,
            filters,
            format,
            engine: Engine::open(&global.index, synonyms)?,
            printer: Printer::new(
                match format {
                    OutputFormat::Json => Format::Json,
                    OutputFormat::Jsonl => Format::Jsonl,
                    OutputFormat::Csv => Format::Csv,
                    OutputFormat::Trec => Format::Trec,
                    _ => Format::Text,
                },
                Style {
                    color: global.colors(),
                    width: global.width(),
                },
            ),
            out: global.output(),
            any: false,
        })
    }

    /// Writes what is left; tells whether anything was found.
    pub(super) fn finish(mut self) -> CliResult {
        self.out.flush()?;
        Ok(if self.any { Exit::Done } else { Exit::Nothing })
    }

    /// Answers one query. `id` is its name among several.
    pub(super) fn answer(
        &mut self,
        id: Option<&str>,
        query: &str,
        today: Date,
    ) -> Result<(), CliError> {
        let Parsed {
            tree,
            require_all,
            mut notes,
        } = asking::read(query, today, self.global)?;
        let is_trec = self.format == OutputFormat::Trec;
        let request = Request {
            tree: self.filters.within(tree),
            partial: !require_all,
            sort: self.output.sort.into(),
            limit: self.output.limit,
            offset: self.output.offset,
            // A TREC run judges every clipping by itself.
            all_copies: self.output.all_copies || is_trec,
            facets: self.output.facets,
            suggest: id.is_none(),
            show: Show {
                snippet_chars: self.output.snippet_chars,
                passages: self.output.passages.max(1),
                explain: self.output.explain,
            },
        };
        let searcher = self.engine.searcher()?;
        if is_trec {
            let ids = searcher.ids(&request)?;
            self.any |= !ids.is_empty();
            let ranked = (request.offset.saturating_add(1)..).zip(&ids);
            let hits = ranked.map(|(rank, (id, score))| (rank, id.as_str(), *score));
            trec::run(id.unwrap_or("1"), hits, &mut self.out)?;
            return Ok(());
        }
        let answer = searcher.search(&request)?;
        self.any |= !answer.hits.is_empty() || answer.total > 0;
        if self.output.explain {
            notes.push(format!("read as: {}", request.tree));
        }
        notes.extend(answer.notes.iter().map(results::note));
        notes.extend(answer.suggestions.iter().map(results::suggestion));
        let page = ResultPage {
            query_id: id,
            query,
            total: answer.total.max(answer.partial),
            notes: &notes,
            hits: results::hits(&answer.hits),
        };
        self.printer.page(&page, &mut self.out)?;
        if let Some(facets) = &answer.facets {
            self.facets(facets)?;
        }
        Ok(())
    }

    fn facets(&mut self, facets: &Facets) -> Result<(), CliError> {
        let lists = [
            ("outlet", &facets.outlets),
            ("reporter", &facets.reporters),
            ("month", &facets.months),
        ];
        match self.format {
            OutputFormat::Json | OutputFormat::Jsonl => {
                let json = serde_json::json!({ "facets": facets });
                writeln!(self.out, "{}", sanitize::json(&json.to_string()))?;
            }
            OutputFormat::Csv | OutputFormat::Trec => {}
            _ => {
                for (name, list) in lists {
                    writeln!(self.out, "\nby {name}")?;
                    for count in list.iter().take(MOST_FACETS) {
                        writeln!(self.out, "{:>8}  {}", count.count, one_line(&count.name))?;
                    }
                    if let Some(rest) = list.len().checked_sub(MOST_FACETS).filter(|&n| n > 0) {
                        writeln!(self.out, "          and {rest} more")?;
                    }
                }
            }
        }
        Ok(())
    }
}
