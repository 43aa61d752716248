//! `clippings digest`

use std::collections::BTreeMap;
use std::io::Write;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::book::BookArgs;
use super::export::{export_format, refused};
use super::filters::{Sort, SynonymArgs};
use super::results;
use super::saved::filters;
use super::writing::Target;
use super::{CliError, CliResult, Exit, Global, OutputFormat, asking};
use crate::clipping::Published;
use crate::query::DateRange;
use crate::report::export::{Export, Group};
use crate::report::{Format, Printer, ResultPage, Style};
use crate::saved::{DigestCheckpoint, DigestState, Search, Searches};
use crate::search::{Engine, NewHits, Request, Searcher};

/// Show what is new in the saved searches
///
/// New is what was taken into the index since the last digest of a search; in its first one all
/// that it finds. A clipping that changed is not new, nor is anything after a `reindex`. All words
/// of a query must match. A near-duplicate of an older clipping is shown with that one as its copy.
///
/// A digest counts as seen when it is written whole; with --peek, or --since anything but last, it
/// does not count. When nothing is new, nothing is written and the exit code is 1, for cron:
///
///   clippings digest -o new.html && mail ... < new.html
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  clippings digest
  clippings digest 금리 칩 --format markdown > new.md
  clippings digest -o new.html --title '오늘의 클리핑' --links-only
  clippings digest --since 7d --peek
  clippings digest --since 12h

Output: --format text (default), json, jsonl, markdown or clipbook. JSON is one line a search."
)]
pub struct Args {
    /// Only these saved searches
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Since when: last (digest), 2024-02-22, '2024-02-22 10:30', 7d, 12h, 30min, 어제
    #[arg(long, value_name = "WHEN", default_value = "last")]
    since: String,

    /// Do not count what is shown as seen
    #[arg(long)]
    peek: bool,

    /// Leave out new copies of stories that were there before
    #[arg(long)]
    skip_copies: bool,

    /// Show near-duplicates one by one instead of folding them into one result
    #[arg(long, conflicts_with = "skip_copies")]
    all_copies: bool,

    /// Order of the clippings
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = Sort::Newest)]
    sort: Sort,

    /// At most this many of each search; the others count as seen too [default: all]
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    synonyms: SynonymArgs,

    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    book: BookArgs,
}

const FORMATS: &[OutputFormat] = &[
    OutputFormat::Text,
    OutputFormat::Json,
    OutputFormat::Jsonl,
    OutputFormat::Markdown,
    OutputFormat::Clipbook,
];

/// Since when clippings are new.
enum Since {
    /// What each search had shown before.
    Last(DigestState),
    /// Unix seconds.
    Time(i64),
}

/// What is new in one search.
struct News<'s> {
    search: &'s Search,
    fresh: NewHits,
    notes: Vec<String>,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = args.target.format(global, FORMATS)?;
    let template = args.book.template(format)?;
    let today = asking::today();
    let searches = Searches::read(&global.index)?;
    let chosen = chosen(&searches, &args.names)?;
    let now = Timestamp::now();
    let since = match args.since.trim() {
        "last" | "" => Since::Last(DigestState::read(&global.index)?),
        other => Since::Time(moment(other, today, now)?),
    };
    let engine = Engine::open(&global.index, args.synonyms.read(global)?)?;
    let searcher = engine.searcher()?;
    let (mut news, mut marks, mut failed) = (Vec::new(), BTreeMap::new(), false);
    for search in chosen {
        // One that cannot be run keeps none of the others back.
        match args.news(search, &searches, &since, &searcher, today) {
            Ok(found) => {
                if let Since::Last(seen) = &since {
                    marks.insert(search.name.clone(), mark(seen, &found, now));
                }
                news.push(found);
            }
            Err(e) => {
                e.about(&format!("@{}", search.name)).print();
                failed = true;
            }
        }
    }
    news.retain(|n| n.fresh.answer.total > 0);
    let is_new = !news.is_empty();
    if is_new {
        args.target.write(global, |out| match format {
            OutputFormat::Markdown | OutputFormat::Clipbook => args
                .document(std::mem::take(&mut news), today)
                .write(export_format(format), template.as_ref(), false, out)
                .map_err(refused),
            _ => args.pages(&mut news, format, global, out),
        })?;
    } else if !global.quiet {
        eprintln!("nothing new");
    }
    // Only now, when all is written, has it been seen.
    if !args.peek && !marks.is_empty() {
        DigestState::update(&global.index, marks)?;
    }
    Ok(match (failed, is_new) {
        (true, _) => Exit::Error,
        (false, true) => Exit::Done,
        (false, false) => Exit::Nothing,
    })
}

/// The searches of these names, or all.
fn chosen<'s>(searches: &'s Searches, names: &[String]) -> Result<Vec<&'s Search>, CliError> {
    if searches.all().is_empty() {
        return Err(CliError::new("no searches are saved")
            .with_hint("keep one with `clippings saved add NAME QUERY`"));
    }
    Ok(match names {
        [] => searches.all().iter().collect(),
        names => {
            let found = names.iter().map(|name| searches.get(name));
            found.collect::<Result<_, _>>()?
        }
    })
}

/// What the search will have shown after this digest. A clock that was set back takes nothing away.
fn mark(seen: &DigestState, news: &News<'_>, now: Timestamp) -> DigestCheckpoint {
    let before = seen.mark(&news.search.name).map(|mark| mark.last);
    let recent = news.fresh.recent.iter().cloned();
    DigestCheckpoint::at(before.map_or(now, |before| before.max(now)), recent)
}

/// The moment that `--since` names, in unix seconds.
fn moment(text: &str, today: Date, now: Timestamp) -> Result<i64, CliError> {
    let ago = |unit: &[&str], seconds: i64| {
        let number = unit.iter().find_map(|unit| text.strip_suffix(unit))?;
        let number: i64 = number.trim().parse().ok().filter(|n| *n >= 0)?;
        let span = SignedDuration::from_secs(number.checked_mul(seconds)?);
        Some(now.checked_sub(span).ok()?.as_second())
    };
    if let Some(then) = ago(&["h", "시간"], 3600).or_else(|| ago(&["min", "분"], 60)) {
        return Ok(then);
    }
    if let Ok(published) = text.parse::<Published>() {
        return Ok(published.unix_seconds());
    }
    let day = DateRange::start(text, today).map_err(|e| CliError::new(e.to_string()))?;
    Ok(Published::day(day).unix_seconds())
}

impl Args {
    /// Finds what is new in a search.
    fn news<'s>(
        &self,
        search: &'s Search,
        searches: &Searches,
        since: &Since,
        searcher: &Searcher,
        today: Date,
    ) -> Result<News<'s>, CliError> {
        let (tree, mut notes) = searches.tree(&search.name, today)?;
        let request = Request {
            tree: asking::with_outlets(tree),
            sort: self.sort.into(),
            limit: self.limit.unwrap_or(usize::MAX),
            all_copies: self.all_copies,
            show: self.book.show(),
            ..Request::default()
        };
        let shown = match since {
            Since::Last(seen) => seen.mark(&search.name),
            Since::Time(_) => None,
        };
        let watermark = match since {
            Since::Last(_) => shown.map(DigestCheckpoint::watermark),
            Since::Time(then) => Some(then.saturating_sub(1)),
        };
        let known = |id: &str, added: i64| shown.is_some_and(|mark| mark.has(id, added));
        let fresh = searcher.new_hits(&request, watermark, &known, self.skip_copies)?;
        notes.push(match (since, shown) {
            (Since::Last(_), Some(mark)) => format!("new since {}", asking::korean_time(mark.last)),
            (Since::Last(_), None) => "the first digest: all that is found is new".to_owned(),
            (Since::Time(then), _) => {
                let then = Timestamp::from_second(*then).unwrap_or_default();
                format!("new since {}", asking::korean_time(then))
            }
        });
        Ok(News {
            search,
            fresh,
            notes,
        })
    }

    /// Writes pages of results, one a search.
    fn pages(
        &self,
        news: &mut [News<'_>],
        format: OutputFormat,
        global: &Global,
        out: &mut dyn Write,
    ) -> Result<(), CliError> {
        let mut printer = Printer::new(
            match format {
                OutputFormat::Json => Format::Json,
                OutputFormat::Jsonl => Format::Jsonl,
                _ => Format::Text,
            },
            Style {
                color: global.colors() && self.target.file.is_none(),
                width: global.width().filter(|_| self.target.file.is_none()),
            },
        );
        for News {
            search,
            fresh,
            notes,
        } in news
        {
            let answer = &mut fresh.answer;
            if self.book.links_only {
                let clippings = answer.hits.iter_mut().map(|hit| &mut hit.clipping);
                clippings.for_each(|c| c.keep_only_link());
            }
            let query = [search.query.clone(), filters(search)].join(" ");
            let page = ResultPage {
                query_id: Some(&search.name),
                query: query.trim(),
                total: answer.total,
                notes,
                hits: results::hits(&answer.hits),
            };
            printer.page(&page, out)?;
        }
        Ok(())
    }

    /// The document, with a part for each search.
    fn document(&self, news: Vec<News<'_>>, today: Date) -> Export {
        let mut entries = Vec::new();
        for News { search, fresh, .. } in news {
            entries.extend(BookArgs::entries(fresh.answer.hits, &search.name));
        }
        let title = self.book.title.clone();
        Export {
            title: title.unwrap_or_else(|| format!("새 기사 {today}")),
            query: String::new(),
            made: Some(today),
            group: Group::Given,
            links_only: self.book.links_only,
            full_text: self.book.full_text,
            entries,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        let now: Timestamp = "2024-02-22T03:00:00Z".parse().unwrap();
        let today = jiff::civil::date(2024, 2, 22);
        let read = |text: &str| moment(text, today, now).map(|s| now.as_second() - s);
        for (text, ago) in [
            ("12h", 12 * 3600),
            ("2시간", 2 * 3600),
            ("30min", 1800),
            ("2024-02-22 11:00", 3600),
            ("2024-02-22", 12 * 3600),
            ("1d", 36 * 3600),
            ("어제", 36 * 3600),
        ] {
            assert_eq!(read(text).unwrap(), ago, "{text}");
        }
        for text in ["soon", "-3h", "99999999999999999999h"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
