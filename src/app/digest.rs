//! Digests: what is new in saved searches.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::query::with_outlets;
use super::searching::AnySearcher;
use super::{App, AppError, Filters, Hit, Note, Result, Sort, today};
use crate::clipping::Published;
use crate::query::DateRange;
use crate::saved::{DigestCheckpoint, DigestState, SavedSearch, Searches};
use crate::search::{Request, Show};

/// Options of a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DigestRequest {
    /// Names of saved searches; all if empty.
    pub names: Vec<String>,
    /// Start: a day (`2024-02-22`, `7d`), a time (`12h`) or, if `None`, the last digest.
    pub since: Option<String>,
    /// Omit new copies of known stories.
    pub skip_copies: bool,
    /// Do not fold near-duplicates.
    pub all_copies: bool,
    /// Order of the clippings.
    pub sort: Sort,
    /// Maximum number per search; `None` for all.
    pub limit: Option<usize>,
    /// Maximum length of a snippet in characters.
    pub snippet_chars: usize,
}

impl Default for DigestRequest {
    fn default() -> Self {
        DigestRequest {
            names: Vec::new(),
            since: None,
            skip_copies: false,
            all_copies: false,
            sort: Sort::Newest,
            limit: None,
            snippet_chars: 240,
        }
    }
}

/// The new results of a saved search.
#[derive(Debug, Clone, Serialize)]
pub struct DigestPart {
    /// Name of the search.
    pub name: String,
    /// Its query.
    pub query: String,
    /// Its filters.
    pub filters: Filters,
    /// Number of new results.
    pub total: u64,
    /// Number of new results, including near-duplicates.
    pub clippings: u64,
    /// Notes on the query and on the start time.
    pub notes: Vec<Note>,
    /// The new results.
    pub hits: Vec<Hit>,
}

/// The new results of several saved searches.
#[derive(Debug)]
pub struct Digest {
    /// The searches with new results, in the order requested.
    pub parts: Vec<DigestPart>,
    /// Searches that cannot run, with the error. The others run nevertheless.
    pub failed: Vec<(String, AppError)>,
    /// The state after showing the digest, for [`App::mark_seen`].
    pub seen: Seen,
}

/// The state of saved searches after a digest.
#[derive(Debug, Default)]
pub struct Seen(BTreeMap<String, DigestCheckpoint>);

/// The time from which clippings are new.
enum Since {
    /// The state after the last digest of each search.
    Last(DigestState),
    /// Unix seconds.
    Time(i64),
}

impl App {
    /// Finds new results. They count as seen only after [`App::mark_seen`].
    ///
    /// # Errors
    /// When there are no saved searches or one of `names` does not exist, or when `since` or the
    /// index cannot be read.
    pub fn digest(&self, asked: &DigestRequest) -> Result<Digest> {
        let store = self.saved_store()?;
        let today = today();
        let searches = Searches::read(&store)?;
        if searches.all().is_empty() {
            return Err(AppError::NoSavedSearches);
        }
        let chosen: Vec<&SavedSearch> = match asked.names.as_slice() {
            [] => searches.all().iter().collect(),
            names => {
                let found = names.iter().map(|name| searches.get(name));
                found.collect::<std::result::Result<_, _>>()?
            }
        };
        let now = Timestamp::now();
        let since = match asked.since.as_deref().map(str::trim) {
            None | Some("last" | "") => Since::Last(DigestState::read(&store)?),
            Some(other) => Since::Time(moment(other, today, now)?),
        };
        let searcher = self.any_searcher()?;
        let mut digest = Digest {
            parts: Vec::new(),
            failed: Vec::new(),
            seen: Seen::default(),
        };
        let newest = searcher.newest_added()?;
        for search in chosen {
            let part = Part {
                search,
                since: &since,
                newest,
                now,
            };
            match part.find(asked, &searches, &searcher, today) {
                Ok((part, checkpoint)) => {
                    let checkpoint = checkpoint.map(|c| (search.name.clone(), c));
                    digest.seen.0.extend(checkpoint);
                    if part.total > 0 {
                        digest.parts.push(part);
                    }
                }
                Err(e) => digest.failed.push((search.name.clone(), e)),
            }
        }
        Ok(digest)
    }

    /// Marks the results of a digest as seen. Call it after the digest was completely written.
    ///
    /// # Errors
    /// When `digest.json` cannot be written.
    pub fn mark_seen(&self, seen: Seen) -> Result<()> {
        match seen.0.is_empty() {
            true => Ok(()),
            false => Ok(DigestState::update(&self.saved_store()?, seen.0)?),
        }
    }
}

/// One search of a digest.
struct Part<'a> {
    search: &'a SavedSearch,
    since: &'a Since,
    /// Newest time of adding in the index.
    newest: i64,
    now: Timestamp,
}

impl Part<'_> {
    fn find(
        &self,
        asked: &DigestRequest,
        searches: &Searches,
        searcher: &AnySearcher,
        today: Date,
    ) -> Result<(DigestPart, Option<DigestCheckpoint>)> {
        let Part { search, .. } = self;
        let (tree, notes) = searches.tree(&search.name, today)?;
        let mut notes: Vec<Note> = notes.into_iter().map(Note::from).collect();
        let request = Request {
            tree: with_outlets(tree),
            sort: asked.sort,
            limit: asked.limit.unwrap_or(usize::MAX),
            all_copies: asked.all_copies,
            show: Show {
                snippet_chars: asked.snippet_chars,
                ..Show::default()
            },
            ..Request::default()
        };
        let last = match self.since {
            Since::Last(state) => state.checkpoint(&search.name),
            Since::Time(_) => None,
        };
        let watermark = match self.since {
            Since::Last(_) => last.map(|last| last.watermark(self.newest)),
            Since::Time(then) => Some(then.saturating_sub(1)),
        };
        let known = |id: &str, added: i64| last.is_some_and(|last| last.has(id, added));
        let new = searcher.new_hits(&request, watermark, &known, asked.skip_copies)?;
        notes.push(match (self.since, last) {
            (Since::Last(_), Some(last)) => Note::NewSince { since: last.last },
            (Since::Last(_), None) => Note::FirstDigest,
            (Since::Time(then), _) => Note::NewSince {
                since: Timestamp::from_second(*then).unwrap_or_default(),
            },
        });
        let checkpoint = matches!(self.since, Since::Last(_))
            .then(|| DigestCheckpoint::at(self.now, self.newest, new.recent));
        let part = DigestPart {
            name: search.name.clone(),
            query: search.query.clone(),
            filters: search.filters(),
            total: new.answer.total,
            clippings: new.answer.clippings,
            notes,
            hits: new.answer.hits,
        };
        Ok((part, checkpoint))
    }
}

/// Parses a day or time to Unix seconds.
fn moment(text: &str, today: Date, now: Timestamp) -> Result<i64> {
    let ago = |units: &[&str], seconds: i64| {
        let number = units.iter().find_map(|unit| text.strip_suffix(unit))?;
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
    let day = DateRange::start(text, today)?;
    Ok(Published::day(day).unix_seconds())
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
