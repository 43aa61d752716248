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

use crate::analyze::runs::is_zero_width;
use crate::analyze::{fold, particles};
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
    let reach = letters.len() + particles::LONGEST + 1;
    let mut last = 0;
    text.char_indices().filter_map(move |(at, c)| {
        let before = mem::replace(&mut last, at);
        if is_skipped(c) {
            return None;
        }
        let rest = &text[at..];
        let seen = || rest.char_indices().filter(|(_, c)| !is_skipped(*c));
        let mut wanted = letters.iter();
        let mut letter = wanted.next()?;
        for (_, c) in seen() {
            let is_sign = matches!(c, ',' | '.');
            match fold::fold_simple(c).or(is_sign.then_some(c)) {
                Some(c) if *letter == c => match wanted.next() {
                    Some(next) => letter = next,
                    None => break,
                },
                // Folding may drop the sign.
                Some(_) if is_sign && wanted.len() + 1 < letters.len() => {}
                Some(_) => return None,
                // Only folding tells.
                None => break,
            }
        }
        // A dropped sign does not count.
        let end = seen()
            .filter(|(_, c)| !matches!(c, ',' | '.'))
            .nth(reach)
            .map_or(text.len(), |(after, _)| at + after);
        Some(Part {
            text: &text[before..end],
            at: at - before,
        })
    })
}

/// Whether `c` never is a folded character.
fn is_skipped(c: char) -> bool {
    c.is_whitespace() || is_zero_width(c)
}

/// A text folded and without its white space.
struct Squashed {
    chars: Vec<char>,
    /// By char: the bytes of the text it comes from.
    places: Vec<Range<usize>>,
    /// By char: whether white space stood before it.
    apart: Vec<bool>,
}

impl Squashed {
    fn of(text: &str) -> Squashed {
        let mut squashed = Squashed {
            chars: Vec::with_capacity(text.len() / 2),
            places: Vec::with_capacity(text.len() / 2),
            apart: Vec::with_capacity(text.len() / 2),
        };
        let mut apart = true;
        let mut folded = String::new();
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
            if let Some(folded) = fold::fold_simple(c) {
                push(folded);
            } else {
                folded.clear();
                fold::fold_char(c, &mut folded);
                folded.chars().for_each(push);
            }
        }
        squashed.drop_signs();
        squashed
    }

    /// Removes the signs that folding drops.
    fn drop_signs(&mut self) {
        if !self.chars.iter().any(|c| matches!(c, ',' | '.')) {
            return;
        }
        let mut kept = 0usize;
        for at in 0..self.chars.len() {
            let c = self.chars[at];
            let before = kept.checked_sub(1).filter(|_| !self.apart[at]);
            let after = Some(at + 1).filter(|&after| self.apart.get(after) == Some(&false));
            let before = before.map(|before| self.chars[before]);
            let after = after.map(|after| self.chars[after]);
            // Points elsewhere than after an acronym are no part of a word, and never folded.
            let is_acronym = || {
                let start = kept.checked_sub(2).map(|start| &self.chars[start..kept]);
                matches!(start, Some(['.', letter]) if letter.is_ascii_alphabetic())
            };
            if fold::is_dropped(c, before, after) && (c == ',' || is_acronym()) {
                // A point still ends a word.
                if let Some(apart) = self.apart.get_mut(at + 1) {
                    *apart |= c == '.';
                }
                continue;
            }
            self.chars[kept] = c;
            self.places.swap(kept, at);
            self.apart[kept] = self.apart[at];
            kept += 1;
        }
        self.chars.truncate(kept);
        self.places.truncate(kept);
        self.apart.truncate(kept);
    }

    fn begins_word(&self, at: usize) -> bool {
        self.apart[at] || !self.chars[at - 1].is_alphanumeric()
    }

    fn ends_word(&self, end: usize) -> bool {
        let rest = self.chars[end..].iter().zip(&self.apart[end..]);
        let tail: String = rest
            .take_while(|(c, apart)| !**apart && c.is_alphanumeric())
            .map(|(c, _)| *c)
            .take(particles::LONGEST + 1)
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
    use unicode_normalization::UnicodeNormalization;

    use super::*;
    use crate::analyze::runs_and_compounds;

    /// Whether `word` is found in `text` by every path: by the whole text, by its likely parts, and by
    /// the bytes of its record.
    fn is_found(text: &str, word: &str) -> [bool; 3] {
        let letters = Squashed::of(word).chars;
        let json = serde_json::to_string(text).unwrap();
        let prefilter = RecordPrefilter::of(&letters, true);
        [
            places(text, word, End::Word).next().is_some(),
            likely(text, &letters).any(|part| part.has(word, End::Word)),
            prefilter.is_none_or(|prefilter| prefilter.passes_text(&json)),
        ]
    }

    /// A text is found by the folded form of its word, which is what the index has.
    #[test]
    fn all_folding_paths_agree() {
        for (text, word) in [
            ("발표했다", "발표했다"),
            ("발표했다.", "발표했다"),
            ("끝났다.발표했다", "발표했다"),
            ("발\u{200B}표했다", "발표했다"),
            ("약 1,000억원을", "1000억원을"),
            ("매출1,234,567원이", "매출1234567원이"),
            ("나스닥ＡＩ가", "나스닥ai가"),
            ("새벽–밤에", "새벽-밤에"),
            ("한ㆍ미가", "한·미가"),
            ("김‘s마트는", "김's마트는"),
            ("김`s마트는", "김's마트는"),
            ("워싱턴D.C.에서", "워싱턴d.c에서"),
            ("㈜한빛이", "(주)한빛이"),
            ("5㎞를", "5km를"),
            ("李개복은", "李개복은"),
            ("ㅋㅋ했다", "ㅋㅋ했다"),
            ("가ﾡ했다", "가ㄱ했다"),
        ] {
            assert_eq!(is_found(text, word), [true; 3], "{word} in {text}");
        }
        for text in ["이상.인 것", "100명 이상. 인 것", "이상, 인"] {
            assert!(!is_found(text, "이상인")[0], "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_folded_form_of_a_run_is_found_by_every_path(
            run in "[가-힣]([가-힣]|[a-zA-Z0-9]|[0-9],[0-9]{3}|[.&·ㆍ•’'`‐-–\u{200B}]|[ＡＢ５㎞Ⅲ李]|[ㄱㅋﾡ]){0,8}",
        ) {
            let run: String = run.nfc().collect();
            let mut runs = runs_and_compounds(&run);
            let whole = runs.any(|(start, end, _)| (start, end) == (0, run.len()));
            prop_assume!(whole);
            let folded = fold::folded(&run);
            prop_assert_eq!(is_found(&run, &folded), [true; 3], "{}", folded);
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
        assert!(parts.all(|part| part.text.chars().count() <= 4 + particles::LONGEST + 1));
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
