//! Verifying that an index is whole: checksums, records, and that terms and records agree.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tantivy::index::SegmentComponent;
use tantivy::schema::IndexRecordOption;
use tantivy::{
    DocAddress, DocId, DocSet, Index, ReloadPolicy, SegmentOrdinal, SegmentReader, TantivyError,
    Term,
};

use crate::analyze::Analyzer;
use crate::clipping::Clipping;
use crate::index::engine::id_lookup::{self, IdHash, IdLookup};
use crate::index::engine::record_codec::RecordCodec;
use crate::index::engine::records::Records;
use crate::index::engine::term::{LONGEST_TERM, encode};
use crate::index::language::language_of;
use crate::index::read::archive::open_data;
use crate::index::write::identity::content_hash;
use crate::index::{Fields, IndexError, Meta, PageReader, Result};

/// Clippings of a segment whose terms are compared with their text, spread over it.
const COMPARED: usize = 200;

/// Problems that are told; an index with more is rebuilt anyway.
const MOST_PROBLEMS: usize = 100;

/// What a check found.
#[derive(Debug, Default, serde::Serialize)]
pub struct Findings {
    /// Clippings looked at.
    pub clippings: u64,
    /// Kept pages that are whole.
    pub pages: u64,
    /// What is wrong, a sentence each; the first hundred.
    pub problems: Vec<String>,
}

impl Findings {
    fn problem(&mut self, problem: String) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// Checks the index in `dir`.
///
/// # Errors
/// When it cannot be opened at all; what is wrong inside is in the findings.
pub fn check(dir: &Path) -> Result<Findings> {
    let meta = Meta::read(dir)?;
    let (language, _) = language_of(dir, &meta)?;
    let data = meta.data_dir(dir);
    let index = open_data(&data)?;
    let packing = RecordCodec::open(&data)?;
    let mut findings = Findings::default();
    for file in live_files(&index)? {
        // Reading a file verifies its blocks; what comes back compares the engine's own checksum.
        match index.directory().validate_checksum(&file) {
            Ok(true) => {}
            Ok(false) => findings.problem(format!("{}: its checksum is wrong", file.display())),
            Err(e) => findings.problem(IndexError::from(TantivyError::from(e)).to_string()),
        }
    }
    if let Err(e) = packing.verify() {
        findings.problem(e.to_string());
    }
    if !findings.problems.is_empty() {
        // What files with wrong bytes hold says nothing more.
        return Ok(findings);
    }
    let fields = Fields::of(&index.schema())?;
    let searcher = index
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .try_into()?
        .searcher();
    let records = Records::open(&searcher, fields.record, packing)?;
    let mut analyzer = Analyzer::new(language);
    let mut pages = PageReader::open(dir)?;
    for (number, segment) in (0..).zip(searcher.segment_readers()) {
        check_segment(
            (number, segment),
            &fields,
            &records,
            &mut analyzer,
            &mut pages,
            &mut findings,
        )?;
    }
    Ok(findings)
}

/// The files that make up the index now. A process that was killed may have left others, even of the
/// same segments: those are no part of it.
fn live_files(index: &Index) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    for segment in index.searchable_segment_metas()? {
        for component in [
            SegmentComponent::Postings,
            SegmentComponent::Positions,
            SegmentComponent::FastFields,
            SegmentComponent::FieldNorms,
            SegmentComponent::Terms,
            SegmentComponent::Store,
            id_lookup::component(),
        ] {
            files.insert(segment.relative_path(component));
        }
        if segment.has_deletes() {
            files.insert(segment.relative_path(SegmentComponent::Delete));
        }
    }
    Ok(files)
}

fn check_segment(
    (number, segment): (SegmentOrdinal, &SegmentReader),
    fields: &Fields,
    records: &Records,
    analyzer: &mut Analyzer,
    pages: &mut PageReader,
    findings: &mut Findings,
) -> Result<()> {
    let content = segment.fast_fields().u64("content")?;
    let keys = IdLookup::open(segment)?;
    let stride = (segment.num_docs() as usize / COMPARED).max(1);
    for (i, doc) in segment.doc_ids_alive().enumerate() {
        findings.clippings += 1;
        let address = DocAddress::new(number, doc);
        let clipping = records.clipping(address);
        let (clipping, page) = match clipping.and_then(|c| Ok((c, records.page(address)?))) {
            Ok(read) => read,
            Err(e) => {
                findings.problem(e.to_string());
                continue;
            }
        };
        if let Some(page) = page {
            match pages.get(page) {
                Ok(_) => findings.pages += 1,
                Err(e) => findings.problem(format!("{}: {e}", clipping.id)),
            }
        }
        if content.first(doc) != Some(content_hash(&clipping)) {
            findings.problem(format!("{}: record and hash differ", clipping.id));
        }
        let name = Term::from_field_text(fields.id, &clipping.id);
        let has_key = keys
            .docs(IdHash::Id(&clipping.id))
            .any(|listed| listed == doc);
        if !has_key || !holds(segment, &name, doc)? {
            findings.problem(format!("{}: it cannot be found by its name", clipping.id));
        }
        if i % stride == 0
            && let Some(missing) = missing_term(segment, fields, analyzer, &clipping, doc)?
        {
            findings.problem(format!(
                "{}: it cannot be found by '{missing}', which it says",
                clipping.id
            ));
        }
    }
    Ok(())
}

/// A term of headline or body under which the clipping is not listed.
fn missing_term(
    segment: &SegmentReader,
    fields: &Fields,
    analyzer: &mut Analyzer,
    clipping: &Clipping,
    doc: DocId,
) -> Result<Option<String>> {
    for (field, text) in [
        (fields.headline, &clipping.headline),
        (fields.body, &clipping.body),
    ] {
        let mut terms = Vec::new();
        analyzer.terms(text, &mut |term| {
            let mut encoded = String::new();
            encode(term.kind, term.text, &mut encoded);
            terms.push((encoded, term.text.to_owned()));
        });
        terms.sort_unstable();
        terms.dedup();
        for (encoded, text) in terms {
            if encoded.len() <= LONGEST_TERM
                && !holds(segment, &Term::from_field_text(field, &encoded), doc)?
            {
                return Ok(Some(text));
            }
        }
    }
    Ok(None)
}

/// Whether `doc` is listed under `term`.
fn holds(segment: &SegmentReader, term: &Term, doc: DocId) -> Result<bool> {
    let postings = segment
        .inverted_index(term.field())?
        .read_postings(term, IndexRecordOption::Basic)
        .map_err(TantivyError::from)?;
    Ok(postings.is_some_and(|mut postings| postings.doc() <= doc && postings.seek(doc) == doc))
}
