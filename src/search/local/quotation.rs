//! Quoted text: exactly these words, spacing aside.
//!
//! The index has a term for every run as written and for every run without its particles, so a
//! quotation is a phrase of such terms: whole runs, and at the end a run that may have particles
//! after it. Since spacing is set aside, a span of words may be divided in other places in a
//! clipping (`인공지능`, `인공 지능`); every segmentation whose pieces the index knows is asked for.
//!
//! Where the index dropped a run's whole form (대통령은 is kept as 대통령 with a particle), the
//! phrase is asked for with the stem and what it finds is checked against the text.

use tantivy::Searcher;
use tantivy::query::{BooleanQuery, Query};
use tantivy::schema::Field;

use crate::analyze::query_words::QueryWord;
use crate::analyze::{Analyzer, TermKind, fold, particles};
use crate::index::{Archive, TermDictCache, encode};
use crate::search::local::phrase::{PhraseOfAnyQuery, Slot};
use crate::search::local::post_filter::{End, PostFilterQuery, RecordFailure};

/// Most alternatives to segmentations one quotation that are asked for; those of fewest pieces come first.
const MOST_DIVISIONS: usize = 48;

/// Longest span, in characters, that is divided anew.
const LONGEST_STRETCH: usize = 40;

/// One way to write the quotation.
#[derive(Debug, Clone, Default)]
struct Segmentation {
    pieces: Vec<Slot>,
    /// A term stands for more than what was asked: look into the text.
    check: bool,
    /// Positions taken so far.
    length: u32,
}

/// Finds the clippings that have `text` in one of `fields`; nothing when `text` has no words.
pub fn query(
    text: &str,
    fields: &[Field],
    archive: &Archive,
    analyzer: &mut Analyzer,
    failure: &RecordFailure,
) -> tantivy::Result<Option<Box<dyn Query>>> {
    let words = analyzer.query_words(text);
    if words.is_empty() {
        return Ok(None);
    }
    let spans = spans(&words);
    let mut found: Vec<Box<dyn Query>> = Vec::new();
    for &field in fields {
        let known = Known {
            searcher: archive.searcher(),
            terms: archive.terms(),
            field,
        };
        let mut readings = vec![Segmentation::default()];
        for (n, span) in spans.iter().enumerate() {
            let last = n + 1 == spans.len();
            let alternatives = segmentations(span, last, &known, analyzer)?;
            readings = join(&readings, &alternatives);
        }
        for segmentation in readings {
            if let Some(query) = phrase(field, &segmentation, archive.terms()) {
                found.push(match segmentation.check {
                    true => Box::new(PostFilterQuery::new(
                        query,
                        text,
                        End::Word,
                        field,
                        archive,
                        failure,
                    )),
                    false => query,
                });
            }
        }
    }
    Ok(Some(Box::new(BooleanQuery::union(found))))
}

/// Finds the clippings that have `text`, one word as typed, written apart: as two words or more.
/// `None` when the index knows no way to segmentations it.
pub fn divided(
    text: &str,
    fields: &[Field],
    archive: &Archive,
    analyzer: &mut Analyzer,
) -> tantivy::Result<Option<Box<dyn Query>>> {
    let words = analyzer.query_words(text);
    let [word] = &words[..] else {
        return Ok(None);
    };
    let typed = word.forms.first().unwrap_or(&word.folded);
    let words = analyzer.query_words(typed);
    let mut found: Vec<Box<dyn Query>> = Vec::new();
    for &field in fields {
        let known = Known {
            searcher: archive.searcher(),
            terms: archive.terms(),
            field,
        };
        let span = Span {
            words: &words,
            gap: 0,
        };
        for segmentation in segmentations(&span, true, &known, analyzer)? {
            if segmentation.pieces.len() > 1 && !segmentation.check {
                found.extend(phrase(field, &segmentation, archive.terms()));
            }
        }
    }
    Ok((!found.is_empty()).then(|| Box::new(BooleanQuery::union(found)) as Box<dyn Query>))
}

/// Words with only spaces between them, and the gap in positions before them.
struct Span<'w> {
    words: &'w [QueryWord],
    gap: u32,
}

fn spans(words: &[QueryWord]) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let mut start = 0;
    let mut gap = 0;
    for i in 1..=words.len() {
        let distance = words
            .get(i)
            .map(|w| w.position - words[i - 1].position - (words[i - 1].span - 1));
        if distance != Some(1) {
            spans.push(Span {
                words: &words[start..i],
                gap,
            });
            start = i;
            gap = distance.unwrap_or(0);
        }
    }
    spans
}

/// What the index has.
struct Known<'s> {
    searcher: &'s Searcher,
    terms: &'s TermDictCache,
    field: Field,
}

impl Known<'_> {
    /// Adds the term when the index has it.
    fn take(&self, kind: TermKind, text: &str, terms: &mut Vec<String>) -> tantivy::Result<()> {
        let mut term = String::new();
        encode(kind, text, &mut term);
        if self.has(&term)? {
            terms.push(term);
        }
        Ok(())
    }

    /// Adds the runs that are `text` with a particle in a reading that the dictionary did not see.
    fn take_with_particles(&self, text: &str, terms: &mut Vec<String>) -> tantivy::Result<()> {
        for reader in self.searcher.segment_readers() {
            let index = reader.inverted_index(self.field)?;
            for particle in self.terms.endings(&index, text, particles::forms())? {
                let term = format!("{text}{particle}");
                if !terms.contains(&term) {
                    terms.push(term);
                }
            }
        }
        Ok(())
    }

    fn has(&self, term: &str) -> tantivy::Result<bool> {
        Ok(self.terms.doc_freq(self.searcher, self.field, term)? > 0)
    }
}

/// All alternatives to write a span, each a row of pieces that the index knows.
fn segmentations(
    span: &Span<'_>,
    last: bool,
    known: &Known<'_>,
    analyzer: &mut Analyzer,
) -> tantivy::Result<Vec<Segmentation>> {
    let text: String = span.words.iter().map(|w| w.written.as_str()).collect();
    let chars: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let length = chars.len() - 1;
    let as_typed: Vec<usize> = span
        .words
        .iter()
        .scan(0, |at, w| {
            *at += w.written.chars().count();
            Some(*at)
        })
        .collect();
    // Where the pieces that end at a place begin, with the piece.
    let mut arriving: Vec<Vec<(usize, Slot, bool, u32)>> = vec![Vec::new(); length + 1];
    for from in 0..length {
        for to in from + 1..=length {
            let typed = (from == 0 || as_typed.contains(&from)) && as_typed.contains(&to);
            if length > LONGEST_STRETCH && !typed {
                continue;
            }
            if let Some((terms, check, span)) = piece(
                &text[chars[from]..chars[to]],
                last && to == length,
                typed,
                known,
                analyzer,
            )? {
                arriving[to].push((from, Slot { at: 0, terms }, check, span));
            }
        }
    }
    // Divisions of the text up to each place, those of fewest pieces first.
    let mut upto: Vec<Vec<Segmentation>> = vec![Vec::new(); length + 1];
    upto[0].push(Segmentation {
        length: span.gap.saturating_sub(1),
        ..Segmentation::default()
    });
    for to in 1..=length {
        let mut alternatives = Vec::new();
        for (from, piece, check, span) in &arriving[to] {
            for before in &upto[*from] {
                let mut way = before.clone();
                way.pieces.push(Slot {
                    at: way.length,
                    terms: piece.terms.clone(),
                });
                way.length += span;
                way.check |= check;
                alternatives.push(way);
            }
        }
        alternatives.sort_by_key(|w| (w.check, w.pieces.len()));
        alternatives.truncate(MOST_DIVISIONS);
        upto[to] = alternatives;
    }
    Ok(upto.pop().unwrap_or_default())
}

/// The terms of a piece that may end a quotation or not, whether the text has to be looked at, and
/// how many positions it takes; `None` when the index cannot have it.
fn piece(
    text: &str,
    last: bool,
    typed: bool,
    known: &Known<'_>,
    analyzer: &mut Analyzer,
) -> tantivy::Result<Option<(Vec<String>, bool, u32)>> {
    let folded = fold::folded(text);
    let mut terms = Vec::new();
    known.take(TermKind::Whole, &folded, &mut terms)?;
    if last {
        known.take(TermKind::Stem, &folded, &mut terms)?;
        known.take_with_particles(&folded, &mut terms)?;
    }
    if terms.is_empty() && !typed {
        return Ok(None);
    }
    let words = analyzer.query_words(text);
    let [word] = &words[..] else {
        return Ok(None);
    };
    if word.start != 0 {
        return Ok(None);
    }
    let mut check = false;
    if let Some((kind, text)) = word.indexed_fallback.as_ref().filter(|_| typed) {
        known.take(*kind, text, &mut terms)?;
        check = true;
    }
    Ok((!terms.is_empty()).then_some((terms, check, word.span)))
}

/// Every segmentation of the first part with every one of the second.
fn join(first: &[Segmentation], second: &[Segmentation]) -> Vec<Segmentation> {
    let mut joined = Vec::new();
    for a in first {
        for b in second {
            let mut pieces = a.pieces.clone();
            pieces.extend(b.pieces.iter().map(|p| Slot {
                at: p.at + a.length,
                terms: p.terms.clone(),
            }));
            joined.push(Segmentation {
                pieces,
                check: a.check || b.check,
                length: a.length + b.length,
            });
            if joined.len() >= MOST_DIVISIONS {
                return joined;
            }
        }
    }
    joined
}

/// The query for a segmentation.
fn phrase(
    field: Field,
    segmentation: &Segmentation,
    terms: &TermDictCache,
) -> Option<Box<dyn Query>> {
    let slots = segmentation.pieces.clone();
    (!slots.is_empty())
        .then(|| Box::new(PhraseOfAnyQuery::new(field, slots, terms)) as Box<dyn Query>)
}
