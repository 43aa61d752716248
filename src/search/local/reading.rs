//! Reads of the index beside its postings: records, columns, terms, positions.

use tantivy::columnar::Column;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError};

use crate::analyze::TermKind;
use crate::clipping::Clipping;
use crate::index::{Archive, Result, Stats, encode, stats, term_text};
use crate::search::HitKey;
use crate::search::local::word::{Places, Word};
use crate::search::workers;

/// Fewer records than this are read before another thread has started.
const RECORDS_PER_THREAD: usize = 32;

/// The records of hits, in their order.
///
/// # Errors
/// When one cannot be read.
pub(in crate::search) fn clippings(archive: &Archive, keys: &[HitKey]) -> Result<Vec<Clipping>> {
    let read = |key: &HitKey| archive.fetch((*key).into());
    workers::map(keys, RECORDS_PER_THREAD, read)
        .into_iter()
        .collect()
}

/// When each clipping was first added, in unix seconds.
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

/// The newest of these times, those of deleted clippings included until they are merged away; 0 for
/// an empty index.
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

/// What the index says of these clippings together.
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

/// How many headlines and bodies have one of `forms`, in whatever form; one that has several counts as
/// often.
///
/// # Errors
/// When the index cannot be read.
pub(in crate::search) fn count_forms(archive: &Archive, forms: &[String]) -> Result<u64> {
    let fields = archive.fields();
    let mut having = 0;
    for form in forms {
        for kind in [TermKind::Whole, TermKind::Stem, TermKind::Part] {
            let mut term = String::new();
            encode(kind, form, &mut term);
            for field in [fields.headline, fields.body] {
                having += archive.terms().doc_freq(archive.searcher(), field, &term)?;
            }
        }
    }
    Ok(having)
}

/// The share of clippings that have a word's own terms in their bodies.
///
/// # Errors
/// When the index cannot be read.
pub(in crate::search) fn with_word(archive: &Archive, word: &Word) -> Result<u64> {
    let mut with = 0;
    for (term, _) in &word.terms {
        let body = archive.fields().body;
        with += archive.terms().doc_freq(archive.searcher(), body, term)?;
    }
    Ok(with)
}

/// Calls `each` with the text of every term of headlines and bodies that begins with `prefix`, at most
/// `most` of each segment and field; with some texts more than once.
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

/// The clippings of a segment that have a term, in order.
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

/// A field whose words have positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::search) enum PositionsIn {
    Headline,
    Body,
}

/// Calls `each` with the place in `keys` of every clipping, segment by segment, and the positions of
/// each word in it, ascending.
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
        let open = |word: &&Word| Places::open(word, field, reader, archive.terms());
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
