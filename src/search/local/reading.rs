//! Reads records, columns, terms and positions.

use tantivy::columnar::Column;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError};

use crate::analyze::TermKind;
use crate::clipping::Clipping;
use crate::index::{Archive, Result, Stats, encoded, stats, term_text};
use crate::search::HitKey;
use crate::search::local::word::{Word, WordPositions};
use crate::search::workers;

/// Reading fewer records takes less time than starting a thread.
const RECORDS_PER_THREAD: usize = 32;

/// The records of hits, in order.
///
/// # Errors
/// When one cannot be read.
pub(in crate::search) fn clippings(archive: &Archive, keys: &[HitKey]) -> Result<Vec<Clipping>> {
    let read = |key: &HitKey| archive.fetch((*key).into());
    workers::map(keys, RECORDS_PER_THREAD, read)
        .into_iter()
        .collect()
}

/// Time of adding of each clipping, Unix seconds.
///
/// # Errors
/// When the column cannot be read.
pub(in crate::search) fn added(archive: &Archive, keys: &[HitKey]) -> Result<Vec<i64>> {
    let columns = added_columns(archive)?;
    let added = keys.iter().map(|key| {
        let column = columns.get(key.segment as usize);
        let added = column.and_then(|column| column.first(key.doc));
        added.unwrap_or_default()
    });
    Ok(added.collect())
}

/// Newest time of adding, including deleted clippings that are not merged away yet; 0 for an empty
/// index.
pub(in crate::search) fn newest_added(archive: &Archive) -> Result<i64> {
    let columns = added_columns(archive)?;
    let newest = columns.iter().filter(|column| column.num_docs() > 0);
    Ok(newest.map(Column::max_value).max().unwrap_or_default())
}

fn added_columns(archive: &Archive) -> Result<Vec<Column<i64>>> {
    let readers = archive.searcher().segment_readers().iter();
    let columns = readers.map(|reader| reader.fast_fields().i64("added"));
    Ok(columns.collect::<tantivy::Result<_>>()?)
}

/// Statistics of some clippings.
///
/// # Errors
/// When the index cannot be read.
pub(in crate::search) fn stats_of(
    archive: &Archive,
    keys: impl Iterator<Item = HitKey>,
) -> Result<Stats> {
    let among = keys.map(Into::into).collect();
    stats(archive, Some(&among))
}

/// Number of headlines and bodies with any of `forms` as a term of any kind; one with several forms
/// counts for each.
///
/// # Errors
/// When the index cannot be read.
pub(in crate::search) fn count_forms(archive: &Archive, forms: &[String]) -> Result<u64> {
    let fields = archive.fields();
    let mut having = 0;
    for form in forms {
        for kind in [TermKind::Whole, TermKind::Stem, TermKind::Part] {
            let term = encoded(kind, form);
            for field in [fields.headline, fields.body] {
                having += archive.terms().doc_freq(archive.searcher(), field, &term)?;
            }
        }
    }
    Ok(having)
}

/// Number of clippings with a word in the body, in any spacing.
///
/// # Errors
/// When the index cannot be read.
pub(in crate::search) fn with_word(archive: &Archive, word: &Word) -> Result<u64> {
    let mut with = 0;
    for (term, _) in &word.terms {
        let body = archive.fields().body;
        let terms = archive.terms();
        with += terms.whole_doc_freq(archive.searcher(), body, term)?;
    }
    let body = archive.fields().body;
    let spaced = word.spaced.iter().filter(|spaced| spaced.field == body);
    Ok(with + spaced.map(|spaced| spaced.docs).sum::<u64>())
}

/// Calls `each` with the text of every term of headlines and bodies that begins with `prefix`, at
/// most `most` per segment and field. Texts may repeat.
///
/// # Errors
/// When the index cannot be read.
pub(in crate::search) fn each_term(
    archive: &Archive,
    prefix: &str,
    most: usize,
    each: &mut dyn FnMut(&str),
) -> Result<()> {
    let fields = archive.fields();
    for reader in archive.searcher().segment_readers() {
        for field in [fields.body, fields.headline] {
            let index = reader.inverted_index(field)?;
            let range = index.terms().range().ge(prefix.as_bytes());
            let mut terms = range.into_stream().map_err(TantivyError::from)?;
            for _ in 0..most {
                if !terms.advance() || !terms.key().starts_with(prefix.as_bytes()) {
                    break;
                }
                if let Ok(term) = std::str::from_utf8(terms.key()) {
                    each(term_text(term));
                }
            }
        }
    }
    Ok(())
}

/// The documents of a segment with a term, sorted.
///
/// # Errors
/// When the index cannot be read.
pub(in crate::search) fn docs_of(
    archive: &Archive,
    reader: &SegmentReader,
    field: Field,
    term: &str,
) -> Result<Vec<DocId>> {
    let dict = archive.terms().dict(reader, field)?;
    let postings = dict.postings(term, IndexRecordOption::Basic);
    let mut docs = Vec::new();
    if let Some(mut postings) = postings.map_err(TantivyError::from)? {
        while postings.doc() != TERMINATED {
            if !reader.is_deleted(postings.doc()) {
                docs.push(postings.doc());
            }
            postings.advance();
        }
    }
    Ok(docs)
}

/// A field with positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::search) enum PositionsIn {
    Headline,
    Body,
}

/// Calls `each` with the index in `keys` of every clipping, segment by segment, and the sorted
/// positions of each word in it.
///
/// # Errors
/// When the index cannot be read.
pub(in crate::search) fn positions(
    archive: &Archive,
    words: &[&Word],
    field: PositionsIn,
    keys: &[HitKey],
    each: &mut dyn FnMut(usize, &[Vec<u32>]),
) -> Result<()> {
    let field = match field {
        PositionsIn::Headline => archive.fields().headline,
        PositionsIn::Body => archive.fields().body,
    };
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_unstable_by_key(|&i| keys[i]);
    let mut positions: Vec<Vec<u32>> = vec![Vec::new(); words.len()];
    for here in order.chunk_by(|&a, &b| keys[a].segment == keys[b].segment) {
        let segment = here.first().map_or(0, |&i| keys[i].segment);
        let reader = archive.searcher().segment_reader(segment);
        let open = |word: &&Word| WordPositions::open(word, field, reader, archive.terms());
        let mut places = words
            .iter()
            .map(open)
            .collect::<tantivy::Result<Vec<_>>>()?;
        for &i in here {
            for (places, positions) in places.iter_mut().zip(&mut positions) {
                positions.clear();
                positions.extend_from_slice(places.at(keys[i].doc));
            }
            each(i, &positions);
        }
    }
    Ok(())
}
