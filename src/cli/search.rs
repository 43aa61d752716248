//! `clippings search`

use std::fs;
use std::io::{self, BufWriter, Read, StdoutLock, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ValueEnum, ValueHint};
use jiff::Timestamp;
use jiff::civil::Date;

use super::error::one_line;
use super::ingesting::{ReadArgs, take_in};
use super::{CliError, CliResult, Exit, Global, OutputFormat};
use crate::analyze::synonyms::Synonyms;
use crate::clipping::{Clipping, KOREAN_OFFSET};
use crate::extract::{encoding, outlet};
use crate::query::date_range::BadDate;
use crate::query::{self, DateRange, Field, Node, Parsed};
use crate::report::{Contribution, Copy, Format, Hit, Printer, ResultPage, Style, sanitize, trec};
use crate::search::snippet::{self, Match};
use crate::search::{self, Engine, Facets, Found, FoundHit, Request};

/// How long `--add` waits for another process that writes.
const ADD_WAIT: Duration = Duration::from_secs(10);

/// Lines of a facet that are shown.
const MOST_FACETS: usize = 20;

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

    /// Only of this outlet; may be repeated; names and aliases are understood
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub outlet: Vec<String>,

    /// Only by this reporter; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub reporter: Vec<String>,

    /// Only from this day on: 2024, 2024-02, 2024-02-22, 7d, 오늘; Korean time
    #[arg(long, value_name = "DATE", help_heading = "Filters")]
    pub from: Option<String>,

    /// Only up to this day, itself included
    #[arg(long, value_name = "DATE", help_heading = "Filters")]
    pub to: Option<String>,

    /// With --from or --to: also clippings without a date
    #[arg(long, help_heading = "Filters")]
    pub undated: bool,

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

    /// Words that mean the same, several on a line [default: synonyms.txt in the index folder]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub synonyms: Option<PathBuf>,

    /// Leave out the built-in synonyms (생성형 AI for 생성 AI, 북한 for 北, ...)
    #[arg(long)]
    pub no_synonyms: bool,

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

/// Orders of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// Best first
    Relevance,
    /// Latest first, undated last
    Newest,
    /// Earliest first, undated last
    Oldest,
}

impl From<Sort> for search::Sort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Relevance => search::Sort::Relevance,
            Sort::Newest => search::Sort::Newest,
            Sort::Oldest => search::Sort::Oldest,
        }
    }
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = global.format_among(&[
        OutputFormat::Text,
        OutputFormat::Json,
        OutputFormat::Jsonl,
        OutputFormat::Csv,
        OutputFormat::Trec,
    ])?;
    let today = KOREAN_OFFSET.to_datetime(Timestamp::now()).date();
    let mut request = args.request(today)?;
    // A TREC run judges every clipping by itself.
    request.all_copies |= format == OutputFormat::Trec;
    let synonyms = synonyms(args.synonyms.as_deref(), args.no_synonyms, global)?;
    if !args.add.is_empty() {
        let options = ReadArgs::default().options(&args.add);
        if take_in(global, options, "search --add", ADD_WAIT)?.interrupted {
            return Ok(Exit::Interrupted);
        }
    }
    let mut session = Session {
        args,
        format,
        engine: Engine::new(global.archive()?, synonyms),
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
    };
    let mut any = false;
    match &args.batch {
        None => {
            let query = args.query.join(" ");
            any |= session.answer(None, &query, &request, today)?;
        }
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
                any |= session.answer(Some(id), query, &request, today)?;
            }
        }
    }
    session.out.flush()?;
    Ok(if any { Exit::Done } else { Exit::Nothing })
}

impl Args {
    /// The request without its query.
    fn request(&self, today: Date) -> Result<Request, CliError> {
        let published = date_range(self.from.as_deref(), self.to.as_deref(), today)?;
        Ok(Request {
            outlets: self.outlet.iter().map(|name| outlet_name(name)).collect(),
            reporters: self.reporter.clone(),
            published,
            undated: self.undated,
            sort: self.sort.into(),
            limit: self.limit,
            offset: self.offset,
            all_copies: self.all_copies,
            facets: self.facets,
            ..Request::default()
        })
    }
}

/// The days that `--from` and `--to` name.
pub(super) fn date_range(
    from: Option<&str>,
    to: Option<&str>,
    today: Date,
) -> Result<Option<DateRange>, CliError> {
    let bad = |e: BadDate| CliError::new(e.to_string());
    let from = from.map(|d| DateRange::start(d, today));
    let to = to.map(|d| DateRange::end(d, today));
    let (from, to) = (from.transpose().map_err(bad)?, to.transpose().map_err(bad)?);
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(CliError::new(format!("--from {from} is after --to {to}")));
    }
    Ok((from.is_some() || to.is_some()).then_some(DateRange { from, to }))
}

/// The canonical name of an outlet; as typed when it is not known.
pub(super) fn outlet_name(name: &str) -> String {
    outlet::canonical(name).map_or_else(|| name.to_owned(), |o| o.name.to_string())
}

/// The synonyms of a file, or of the index's own, with the built-in ones unless `without_builtin`.
pub(super) fn synonyms(
    named: Option<&Path>,
    without_builtin: bool,
    global: &Global,
) -> Result<Option<Synonyms>, CliError> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => global.index.join("synonyms.txt"),
    };
    let own = match fs::read_to_string(&path) {
        Ok(text) => {
            let (synonyms, notes) = Synonyms::parse(&text);
            for note in notes {
                eprintln!(
                    "note: {}: {}",
                    one_line(&path.display().to_string()),
                    one_line(&note.to_string())
                );
            }
            synonyms
        }
        Err(e) if named.is_none() && e.kind() == io::ErrorKind::NotFound => Synonyms::default(),
        Err(e) => return Err(CliError::new(format!("{}: {e}", path.display()))),
    };
    Ok(match without_builtin {
        true => (!own.is_empty()).then_some(own),
        false => Some(own.merge(Synonyms::builtin())),
    })
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

/// One run of the command: an index, and where the answers go.
struct Session<'a> {
    args: &'a Args,
    format: OutputFormat,
    engine: Engine,
    printer: Printer,
    out: BufWriter<StdoutLock<'static>>,
}

impl Session<'_> {
    /// Answers one query; gives whether something was found.
    fn answer(
        &mut self,
        id: Option<&str>,
        query: &str,
        request: &Request,
        today: Date,
    ) -> Result<bool, CliError> {
        let Parsed {
            tree,
            demanding,
            mut notes,
        } = query::parse(query, today);
        let request = Request {
            tree: with_outlets(tree),
            demanding,
            ..request.clone()
        };
        let found = self.engine.search(&request)?;
        if self.format == OutputFormat::Trec {
            let ids = self.engine.ids(found.hits.iter().map(|h| h.address))?;
            let hits = found.hits.iter().zip(&ids).enumerate();
            let hits = hits.map(|(i, (hit, id))| (request.offset + i + 1, id.as_str(), hit.score));
            trec::run(id.unwrap_or("1"), hits, &mut self.out)?;
            return Ok(found.total > 0);
        }
        if self.args.explain {
            notes.push(format!("read as: {}", request.tree));
        }
        if found.partial {
            notes.push("no clipping has all of the words; these have some of them".to_owned());
        }
        if found.total == 0 && id.is_none() {
            let suggestions = self.engine.suggestions(&request)?;
            notes.extend(
                suggestions
                    .iter()
                    .map(|s| format!("this would find something: {s}")),
            );
        }
        let clippings: Result<Vec<Clipping>, _> = found
            .hits
            .iter()
            .map(|hit| self.engine.fetch(hit.address))
            .collect();
        let clippings = clippings?;
        let mut hits = Vec::with_capacity(clippings.len());
        for (i, (clipping, hit)) in clippings.iter().zip(&found.hits).enumerate() {
            hits.push(self.hit(request.offset + i + 1, clipping, hit, &found)?);
        }
        let page = ResultPage {
            query_id: id,
            query,
            total: found.total as u64,
            notes: &notes,
            hits,
        };
        self.printer.page(&page, &mut self.out)?;
        if let Some(facets) = &found.facets {
            self.facets(facets)?;
        }
        Ok(found.total > 0)
    }

    fn hit<'c>(
        &mut self,
        rank: usize,
        clipping: &'c Clipping,
        hit: &FoundHit,
        found: &Found,
    ) -> Result<Hit<'c>, CliError> {
        let analyzer = self.engine.analyzer();
        let headline = found.marks.of(&clipping.headline, analyzer);
        let text = match clipping.body.is_empty() {
            false => clipping.body.as_str(),
            true => clipping.captions.first().map_or("", String::as_str),
        };
        let marks = found.marks.of(text, analyzer);
        let passages = snippet::passages(
            text,
            &marks,
            self.args.snippet_chars,
            self.args.passages.max(1),
        );
        let mut copies = Vec::with_capacity(hit.copies.len());
        for &address in &hit.copies {
            let copy = self.engine.fetch(address)?;
            copies.push(Copy {
                id: copy.id,
                outlet: copy.outlet,
            });
        }
        let explanation = match self.args.explain {
            false => Vec::new(),
            true => self
                .engine
                .explain(found, hit)?
                .into_iter()
                .map(|(term, field, score)| Contribution {
                    term: term.replace('\u{1}', "~").replace('\u{2}', "*"),
                    field,
                    score,
                })
                .collect(),
        };
        Ok(Hit {
            rank,
            clipping,
            score: hit.score,
            headline_marks: char_ranges(&clipping.headline, &headline),
            snippets: passages.into_iter().map(Into::into).collect(),
            copies,
            explanation,
        })
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

/// Names of outlets in a query, as the index has them.
pub(super) fn with_outlets(node: Node) -> Node {
    match node {
        Node::Field {
            field: Field::Outlet,
            node,
        } => Node::Field {
            field: Field::Outlet,
            node: Box::new(canonical_names(*node)),
        },
        Node::And(parts) => Node::And(parts.into_iter().map(with_outlets).collect()),
        Node::Or(parts) => Node::Or(parts.into_iter().map(with_outlets).collect()),
        Node::Not(node) => Node::Not(Box::new(with_outlets(*node))),
        other => other,
    }
}

fn canonical_names(node: Node) -> Node {
    match node {
        Node::Word(name) => Node::Word(outlet_name(&name)),
        Node::Phrase { text, slop } => Node::Phrase {
            text: outlet_name(&text),
            slop,
        },
        Node::And(parts) => Node::And(parts.into_iter().map(canonical_names).collect()),
        Node::Or(parts) => Node::Or(parts.into_iter().map(canonical_names).collect()),
        other => other,
    }
}

/// Matches as `[start, end)` in characters, in order, none touching another.
fn char_ranges(text: &str, matches: &[Match]) -> Vec<(usize, usize)> {
    let mut places: Vec<(usize, usize)> = matches
        .iter()
        .map(|m| (m.range.start, m.range.end))
        .collect();
    places.sort_unstable();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    let (mut byte, mut chars) = (0, 0);
    let mut at = |to: usize| {
        chars += text.get(byte..to).map_or(0, |t| t.chars().count());
        byte = to;
        chars
    };
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (start, end) in places {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    for (start, end) in joined {
        ranges.push((at(start), at(end)));
    }
    ranges
}
