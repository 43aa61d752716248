//! Candidates of the index checked against the text itself.
//!
//! Used where a term stands for more than was asked: for quotations and beginnings of words that
//! the index keeps by a stem alone.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, mem, thread};

use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::Field;
use tantivy::{DocAddress, DocId, DocSet, Score, Searcher, SegmentReader, TERMINATED};
use unicode_normalization::UnicodeNormalization;

use crate::analyze::particles;
use crate::clipping::Clipping;
use crate::index::{Archive, Fields, IndexError, RecordPrefilter, Records, Result};

/// The first error met while the queries of one plan verify records. A scorer has no way to return an error:
/// it records it here and ends, and the collection of its hits fails with it.
#[derive(Clone, Default)]
pub struct RecordFailure(Arc<Mutex<Option<IndexError>>>);

impl RecordFailure {
    fn set(&self, error: IndexError) {
        self.lock().get_or_insert(error);
    }

    fn is_set(&self) -> bool {
        self.lock().is_some()
    }

    /// Fails with the error that was recorded, if one was.
    ///
    /// # Errors
    /// When a record could not be read.
    pub fn check(&self) -> Result<()> {
        self.lock().take().map_or(Ok(()), Err)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<IndexError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A query whose hits have the text, as words or as the beginning of one.
#[derive(Clone)]
pub struct PostFilterQuery {
    inner: Arc<dyn Query>,
    check: TextPredicate,
}

#[derive(Clone)]
struct TextPredicate {
    text: Arc<str>,
    /// The same folded and without its white space.
    letters: Arc<[char]>,
    end: End,
    /// Tells most records that have it not.
    glance: Arc<Option<RecordPrefilter>>,
    field: Field,
    fields: Fields,
    records: Records,
    searcher: Searcher,
    failure: RecordFailure,
}

/// How a text that is looked for must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With its word, or before a particle.
    Word,
    /// Anywhere in a word.
    Anywhere,
}

impl PostFilterQuery {
    /// Of what `inner` finds, the clippings that have `text` in `field`, ending so. A record that cannot be
    /// read ends the hits and is recorded in `failure`.
    pub fn new(
        inner: Box<dyn Query>,
        text: &str,
        end: End,
        field: Field,
        archive: &Archive,
        failure: &RecordFailure,
    ) -> Self {
        let letters = Squashed::of(text).chars;
        PostFilterQuery {
            inner: inner.into(),
            check: TextPredicate {
                text: text.into(),
                end,
                glance: Arc::new(RecordPrefilter::of(&letters, end == End::Word)),
                letters: letters.into(),
                field,
                fields: *archive.fields(),
                records: archive.records().clone(),
                searcher: archive.searcher().clone(),
                failure: failure.clone(),
            },
        }
    }
}

impl fmt::Debug for PostFilterQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified({:?}, {:?})", self.check.text, self.inner)
    }
}

impl TextPredicate {
    fn passes(&self, address: DocAddress) -> bool {
        let clipping = match &*self.glance {
            Some(glance) => self.records.clipping_with(address, glance),
            None => self.records.clipping(address).map(Some),
        };
        let clipping = match clipping {
            Ok(Some(clipping)) => clipping,
            Ok(None) => return false,
            Err(error) => {
                self.failure.set(error);
                return false;
            }
        };
        texts(&clipping, self.field, &self.fields).any(|text| {
            let mut likely = likely(text, &self.letters);
            likely.any(|part| part.has(&self.text, self.end))
        })
    }
}

/// The texts of a clipping that stand in a field of the index.
pub fn texts<'c>(
    clipping: &'c Clipping,
    field: Field,
    fields: &Fields,
) -> Box<dyn Iterator<Item = &'c str> + 'c> {
    let of = |list: &'c [String]| list.iter().map(String::as_str);
    if field == fields.headline {
        Box::new(std::iter::once(clipping.headline.as_str()))
    } else if field == fields.body {
        Box::new(std::iter::once(clipping.body.as_str()))
    } else if field == fields.extra {
        Box::new(of(&clipping.subheads).chain(of(&clipping.captions)))
    } else {
        Box::new(of(&clipping.reporters).chain(clipping.outlet.as_deref()))
    }
}

/// Where `wanted` stands in `text`, white space aside, in bytes: no letter or digit before it, and
/// after it none or a particle, or anything when it may end anywhere.
pub fn places(text: &str, wanted: &str, end: End) -> impl Iterator<Item = Range<usize>> {
    let text = Squashed::of(text);
    let wanted = Squashed::of(wanted).chars;
    let last = match wanted.is_empty() {
        true => None,
        false => text.chars.len().checked_sub(wanted.len()),
    };
    (0..last.map_or(0, |l| l + 1)).filter_map(move |at| {
        let after = at + wanted.len();
        let there = text.chars[at..after] == wanted[..]
            && text.begins_word(at)
            && (end == End::Anywhere || text.ends_word(after));
        there.then(|| text.places[at].start..text.places[after - 1].end)
    })
}

/// A part of a text in which something may stand that is looked for.
struct Part<'t> {
    /// From the character before `at`, if there is one, to as far as [`places`] looks for what stands there.
    text: &'t str,
    /// Where it may stand, in bytes. Of what may stand elsewhere beginning or end may be missing.
    at: usize,
}

impl Part<'_> {
    /// Whether it does.
    fn has(&self, wanted: &str, end: End) -> bool {
        places(self.text, wanted, end).any(|place| place.start == self.at)
    }
}

/// The parts of `text` in which `letters` may stand, folded and without white space.
fn likely<'t>(text: &'t str, letters: &[char]) -> impl Iterator<Item = Part<'t>> {
    let reach = letters.len() + LONGEST_PARTICLE + 1;
    let mut last = 0;
    text.char_indices().filter_map(move |(at, c)| {
        let before = mem::replace(&mut last, at);
        if c.is_whitespace() {
            return None;
        }
        let rest = &text[at..];
        let seen = || rest.char_indices().filter(|(_, c)| !c.is_whitespace());
        let mut letters = letters.iter();
        for (_, c) in seen() {
            match (letters.next(), plain(c)) {
                (Some(letter), Some(c)) if *letter == c => {}
                (Some(_), Some(_)) => return None,
                // All are there, or only folding tells.
                _ => break,
            }
        }
        let end = seen()
            .nth(reach)
            .map_or(text.len(), |(after, _)| at + after);
        Some(Part {
            text: &text[before..end],
            at: at - before,
        })
    })
}

/// A character folded, where that is told without the tables of Unicode, as of nearly all it is.
fn plain(c: char) -> Option<char> {
    match c {
        '가'..='힣' | '一'..='鿿' | '‘'..='‟' => Some(c),
        c if c.is_ascii() => Some(c.to_ascii_lowercase()),
        _ => None,
    }
}

/// A text folded and without its white space.
struct Squashed {
    chars: Vec<char>,
    /// By char: the bytes of the text it comes from.
    places: Vec<Range<usize>>,
    /// By char: whether white space stood before it.
    apart: Vec<bool>,
}

/// A particle is no longer than this many syllables.
const LONGEST_PARTICLE: usize = 8;

impl Squashed {
    fn of(text: &str) -> Squashed {
        let mut squashed = Squashed {
            chars: Vec::with_capacity(text.len() / 2),
            places: Vec::with_capacity(text.len() / 2),
            apart: Vec::with_capacity(text.len() / 2),
        };
        let mut apart = true;
        for (at, c) in text.char_indices() {
            if c.is_whitespace() {
                apart = true;
                continue;
            }
            let mut push = |folded| {
                squashed.chars.push(folded);
                squashed.places.push(at..at + c.len_utf8());
                squashed.apart.push(apart);
                apart = false;
            };
            match plain(c) {
                Some(folded) => push(folded),
                None => std::iter::once(c)
                    .nfkc()
                    .flat_map(char::to_lowercase)
                    .for_each(push),
            }
        }
        squashed
    }

    fn begins_word(&self, at: usize) -> bool {
        self.apart[at] || !self.chars[at - 1].is_alphanumeric()
    }

    fn ends_word(&self, end: usize) -> bool {
        let rest = self.chars[end..].iter().zip(&self.apart[end..]);
        let tail: String = rest
            .take_while(|(c, apart)| !**apart && c.is_alphanumeric())
            .map(|(c, _)| *c)
            .take(LONGEST_PARTICLE + 1)
            .collect();
        tail.is_empty() || particles::particle(&tail).is_some()
    }
}

impl Query for PostFilterQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(PostFilterWeight {
            inner: self.inner.weight(scoring)?,
            check: self.check.clone(),
        }))
    }
}

struct PostFilterWeight {
    inner: Box<dyn Weight>,
    check: TextPredicate,
}

impl Weight for PostFilterWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let segments = self.check.searcher.segment_readers().iter();
        let segment = segments
            .map(|s| s.segment_id())
            .position(|id| id == reader.segment_id());
        let mut scorer = PostFilterScorer {
            inner: self.inner.scorer(reader, boost)?,
            check: self.check.clone(),
            segment: segment.unwrap_or_default() as u32,
            passed: VecDeque::new(),
            ahead: FIRST_AHEAD,
        };
        scorer.look_ahead();
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.inner.explain(reader, doc)
    }
}

/// Clippings that are checked at a time by who goes from one to the next: at first, and at most.
const FIRST_AHEAD: usize = 16;
const MOST_AHEAD: usize = 1024;

/// Of fewer than these no thread gets any to check for itself.
const WORTH_A_THREAD: usize = 32;

struct PostFilterScorer {
    inner: Box<dyn Scorer>,
    check: TextPredicate,
    segment: u32,
    /// Clippings that passed, with their scores; all others before `inner` did not.
    passed: VecDeque<(DocId, Score)>,
    /// How many are checked next.
    ahead: usize,
}

impl PostFilterScorer {
    /// Checks clippings ahead until one passes. Checking one is reading its record, and thousands may
    /// have to be read for one that passes, so all cores read.
    fn look_ahead(&mut self) {
        while self.passed.is_empty() && self.inner.doc() != TERMINATED {
            let mut found = Vec::with_capacity(self.ahead);
            while found.len() < self.ahead && self.inner.doc() != TERMINATED {
                found.push((self.inner.doc(), self.inner.score()));
                self.inner.advance();
            }
            self.ahead = (self.ahead * 4).min(MOST_AHEAD);
            self.check_all(&found);
            if self.check.failure.is_set() {
                self.passed.clear();
                return;
            }
        }
    }

    /// Notes those of `found` that pass.
    fn check_all(&mut self, found: &[(DocId, Score)]) {
        let (check, segment) = (&self.check, self.segment);
        let passing = |found: &[(DocId, Score)]| -> Vec<(DocId, Score)> {
            let passes = |(doc, _): &(DocId, Score)| check.passes(DocAddress::new(segment, *doc));
            found.iter().copied().filter(passes).collect()
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let share = found.len().div_ceil(cores).max(WORTH_A_THREAD);
        let mut shares = found.chunks(share);
        let own = shares.next().unwrap_or_default();
        thread::scope(|scope| {
            let others: Vec<_> = shares
                .map(|share| {
                    let builder = thread::Builder::new();
                    (builder.spawn_scoped(scope, move || passing(share)), share)
                })
                .collect();
            self.passed.extend(passing(own));
            for (other, share) in others {
                // Where there is no thread to be had, this one does it.
                let other = other.ok().and_then(|other| other.join().ok());
                self.passed.extend(other.unwrap_or_else(|| passing(share)));
            }
        });
    }
}

impl DocSet for PostFilterScorer {
    fn advance(&mut self) -> DocId {
        self.passed.pop_front();
        if !self.check.failure.is_set() {
            self.look_ahead();
        }
        self.doc()
    }

    /// Who jumps to a place wants only what is there: one after the other is checked.
    fn seek(&mut self, target: DocId) -> DocId {
        while self.passed.front().is_some_and(|(doc, _)| *doc < target) {
            self.passed.pop_front();
        }
        if self.passed.is_empty() && self.inner.doc() != TERMINATED && !self.check.failure.is_set()
        {
            if self.inner.doc() < target {
                self.inner.seek(target);
            }
            self.ahead = 1;
            self.look_ahead();
        }
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.passed.front().map_or(TERMINATED, |(doc, _)| *doc)
    }

    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }
}

impl Scorer for PostFilterScorer {
    fn score(&mut self) -> Score {
        self.passed.front().map_or(0.0, |(_, score)| *score)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_taken_as_they_are_fold_to_themselves() {
        for c in ('가'..='힣').chain('一'..='鿿').chain('‘'..='‟') {
            let folded: String = std::iter::once(c)
                .nfkc()
                .flat_map(char::to_lowercase)
                .collect();
            assert!(folded.chars().eq([c]), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn what_stands_in_a_text_stands_in_a_likely_part_of_it(
            text in "([가나다은는에게a-c ㈜Ⅲ.“\n]|(가나|나다a)( |은|에게|입니다)?){0,14}",
            wanted in "[가나다주(]{1,2}[가나a은ⅲ]{0,2}",
        ) {
            let letters = Squashed::of(&wanted).chars;
            for end in [End::Word, End::Anywhere] {
                let in_parts = likely(&text, &letters).any(|part| part.has(&wanted, end));
                prop_assert_eq!(in_parts, places(&text, &wanted, end).next().is_some());
            }
        }
    }

    #[test]
    fn what_is_cut_off_decides_about_no_other_place() {
        let text = "가나나다a“가나입니다는";
        let mut parts = likely(text, &['가', '나']);
        assert!(!parts.any(|part| part.has("가나", End::Word)));
    }

    /// Else a text without white space would be gone through once for each place.
    #[test]
    fn parts_are_short_in_a_word_without_end() {
        let text = "방문한".repeat(1_000);
        let mut parts = likely(&text, &['방', '문', '한']);
        assert!(parts.all(|part| part.text.chars().count() <= 4 + LONGEST_PARTICLE + 1));
        assert_eq!(likely(&text, &['방', '문', '한']).count(), 1_000);
    }

    #[test]
    fn words_with_particles_occur_longer_words_do_not() {
        for (text, wanted, there) in [
            ("이재은 기자가", "이재은", true),
            ("이재은이 말했다", "이재은", true),
            ("이재가 말했다", "이재은", false),
            ("토스트를 먹었다", "토스", false),
            ("뮤토스", "토스", false),
            ("(토스)는", "토스", true),
            ("인공 지능이", "인공지능", true),
            ("ＳＭ 엔터테인먼트의", "sm엔터테인먼트", true),
            ("", "가", false),
        ] {
            let occurs = places(text, wanted, End::Word).next().is_some();
            assert_eq!(occurs, there, "{wanted} in {text}");
        }
        let begins = |text| places(text, "발표했", End::Anywhere).next();
        assert_eq!(begins("어제 발표했다"), Some(7..16));
        assert_eq!(begins("재발표했다"), None);
    }
}
