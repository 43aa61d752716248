//! Verifies an index: checksums, records, and that terms and records agree.
//!
//! Files are read sequentially and not mapped, so memory is bounded. Another process may write at
//! the same time: the files of one commit are held open, and problems are checked again if the
//! index changed meanwhile.

use std::path::Path;

use crate::analyze::Analyzer;
use crate::clipping::Clipping;
use crate::index::engine::DocAddress;
use crate::index::engine::data_index::{DataIndex, due_merge};
use crate::index::engine::records::Records;
use crate::index::engine::segment_check::SegmentCheck;
use crate::index::engine::term::{MAX_TERM_BYTES, encode};
use crate::index::language::language_of;
use crate::index::write::identity::content_hash;
use crate::index::{Archive, Damage, Fields, Meta, PageKey, PageReader, Result};

/// Clippings whose terms are compared with their text, spread evenly over the index.
const TERM_SAMPLE: usize = 1_000;

/// Problems listed. An index with more has to be rebuilt anyway.
const MAX_PROBLEMS: usize = 100;

/// Number of clippings per progress report.
const PROGRESS: usize = 256;

/// How often the check is restarted because another process rebuilt the index.
const ATTEMPTS: usize = 3;

/// Result of [`check`].
#[derive(Debug, Default)]
pub struct Findings {
    /// Clippings checked.
    pub clippings: u64,
    /// Stored pages that are intact.
    pub pages: u64,
    /// Problems; the first 100.
    pub problems: Vec<Damage>,
    /// Segments of a merge that is due but not done: it failed, or the last `add` was interrupted.
    pub unmerged: usize,
}

impl Findings {
    pub(in crate::index) fn problem(&mut self, problem: Damage) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// Checks the index in `dir`.
///
/// # Errors
/// When it cannot be opened. Problems inside are in the findings.
pub fn check(dir: &Path) -> Result<Findings> {
    check_with_progress(dir, &mut |_| {})
}

/// Like [`check`]; also calls `progress` with the number of clippings checked so far.
///
/// # Errors
/// See [`check`].
pub fn check_with_progress(dir: &Path, progress: &mut dyn FnMut(u64)) -> Result<Findings> {
    for _ in 1..ATTEMPTS {
        let meta = Meta::read(dir)?;
        let checked = check_once(dir, &meta, progress);
        let is_whole = checked.as_ref().is_ok_and(|f| f.problems.is_empty());
        if is_whole || Meta::read(dir)? == meta {
            return checked;
        }
    }
    check_once(dir, &Meta::read(dir)?, progress)
}

fn check_once(dir: &Path, meta: &Meta, progress: &mut dyn FnMut(u64)) -> Result<Findings> {
    let (language, _) = language_of(dir, meta)?;
    let mut findings = Findings::default();
    let index = DataIndex::open_for_writing(&meta.data_dir(dir))?;
    let (searcher, files) = index.open_files()?;
    index.verify(&files, &mut |problem| findings.problem(problem.into()));
    if let Err(e) = index.codec().verify() {
        findings.problem(e.into());
    }
    if !findings.problems.is_empty() {
        // The content of corrupt files is not worth checking.
        return Ok(findings);
    }
    findings.unmerged = due_merge(&searcher);
    let mut check = Check {
        dir,
        fields: index.fields(),
        records: index.records(&searcher)?,
        analyzer: Analyzer::new(language),
        pages: PageReader::open(dir)?,
        stride: (searcher.num_docs() as usize / TERM_SAMPLE).max(1),
        seen: 0,
        findings,
        progress,
    };
    for segment in SegmentCheck::of(&searcher, index.fields()) {
        check.segment(&segment?)?;
    }
    Ok(check.findings)
}

struct Check<'a> {
    dir: &'a Path,
    fields: Fields,
    records: Records,
    analyzer: Analyzer,
    pages: PageReader,
    stride: usize,
    seen: usize,
    findings: Findings,
    progress: &'a mut dyn FnMut(u64),
}

impl Check<'_> {
    fn segment(&mut self, segment: &SegmentCheck<'_>) -> Result<()> {
        for at in segment.docs() {
            self.findings.clippings += 1;
            self.seen += 1;
            if self.seen.is_multiple_of(PROGRESS) {
                (self.progress)(self.findings.clippings);
            }
            let clipping = self.records.clipping(at);
            let (clipping, page) = match clipping.and_then(|c| Ok((c, self.records.page(at)?))) {
                Ok(read) => read,
                Err(e) => {
                    self.findings.problem(e.into());
                    continue;
                }
            };
            if let Some(page) = page {
                self.page(&clipping.id, page)?;
            }
            if segment.content(at) != Some(content_hash(&clipping)) {
                let problem = Damage::HashDiffers.of_clipping(&clipping.id);
                self.findings.problem(problem);
            }
            if !segment.finds_by_id(&clipping.id, at)? {
                let problem = Damage::NotFoundById.of_clipping(&clipping.id);
                self.findings.problem(problem);
            }
            if self.seen.is_multiple_of(self.stride)
                && let Some(missing) = self.missing_term(segment, &clipping, at)?
            {
                let problem = Damage::NotFoundByWord(missing).of_clipping(&clipping.id);
                self.findings.problem(problem);
            }
        }
        Ok(())
    }

    /// A missing page may have been moved or removed by a concurrent writer. Then the record of the
    /// last commit refers to another page, or none.
    fn page(&mut self, id: &str, key: PageKey) -> Result<()> {
        let mut read = self.pages.get(key);
        if read.is_err() {
            self.pages = PageReader::open(self.dir)?;
            read = self.pages.get(key);
        }
        match read {
            Ok(_) => self.findings.pages += 1,
            Err(e) if names_page(self.dir, id, key) => {
                self.findings.problem(Damage::from(e).of_clipping(id));
            }
            Err(_) => {}
        }
        Ok(())
    }

    /// A term of headline or body that does not find the clipping.
    fn missing_term(
        &mut self,
        segment: &SegmentCheck<'_>,
        clipping: &Clipping,
        at: DocAddress,
    ) -> Result<Option<String>> {
        for (field, text) in [
            (self.fields.headline, &clipping.headline),
            (self.fields.body, &clipping.body),
        ] {
            let mut terms = Vec::new();
            self.analyzer.terms(text, &mut |term| {
                if term.text.len() < MAX_TERM_BYTES {
                    let mut encoded = String::new();
                    encode(term.kind, term.text, &mut encoded);
                    terms.push((encoded, term.text.to_owned()));
                }
            });
            terms.sort_unstable();
            terms.dedup();
            for (encoded, text) in terms {
                if !segment.has_term(field, &encoded, at)? {
                    return Ok(Some(text));
                }
            }
        }
        Ok(None)
    }
}

/// Whether the current index refers to page `key` in clipping `id`; true if that is unknown.
fn names_page(dir: &Path, id: &str, key: PageKey) -> bool {
    let now = Archive::open(dir).and_then(|archive| match archive.find(id)? {
        Some(at) => archive.records().page(at),
        None => Ok(None),
    });
    now.map_or(true, |now| now == Some(key))
}
