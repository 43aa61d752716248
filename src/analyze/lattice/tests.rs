use std::collections::{HashMap, HashSet};
use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::analyze::fold::{Folded, fold};
use crate::analyze::runs::runs;

/// A morpheme: byte range in the sentence, and tag as in the dictionary.
type Tagged = (Range<usize>, String);

/// The sentences of the oracle with mecab-ko's morphemes.
fn oracle() -> impl Iterator<Item = (&'static str, Vec<Tagged>)> {
    let lines = include_str!("../../../tests/data/segmentation/mecab-ko.tsv").lines();
    lines.filter(|line| !line.starts_with("# ")).map(|line| {
        let (sentence, morphemes) = line.split_once('\t').unwrap();
        let mut at = 0;
        let morphemes = morphemes.split(' ').map(|morpheme| {
            let (surface, tag) = morpheme.rsplit_once('/').unwrap();
            at += sentence[at..].find(surface).unwrap();
            let start = at;
            at += surface.len();
            (start..at, tag.to_owned())
        });
        (sentence, morphemes.collect())
    })
}

fn written_tag(dictionary: &Dictionary, left_id: u16, lexeme: Lexeme) -> String {
    let unknown = &dictionary.unknown_dictionary;
    let details = match lexeme {
        Lexeme::Known(id) => dictionary.word_details_iter(id as usize).next(),
        Lexeme::User(_) => None,
        Lexeme::Unknown => (0..unknown.costs.len() as u32)
            .find(|&id| unknown.word_entry(id).left_id() == u32::from(left_id))
            .and_then(|id| unknown.word_details_iter(id)?.next()),
    };
    details.unwrap().to_owned()
}

/// Segments a sentence like MeCab: eojeol by eojeol, each extending the paths of the one before,
/// with MeCab's sentence edges (context id 0). Otherwise like [`Search::segment`].
fn segment_as_mecab(dictionary: &Dictionary, search: &mut Search, sentence: &str) -> Vec<Tagged> {
    let map = dictionary.metadata.context_id_map.as_ref().unwrap();
    let sentence_start = PathEnd {
        right_id: map.map_right(0),
        cost: 0,
    };
    let mut ends = vec![sentence_start];
    let mut lattices = Vec::new();
    let mut at = 0;
    for eojeol in sentence.split(' ') {
        if !eojeol.is_empty() {
            search.chars.clear();
            search.extents.clear();
            search.after_space = at > 0;
            let back = Vec::new();
            search.paths = vec![Paths { ends, back }];
            search.fill(dictionary, eojeol, &UserWords::default());
            let paths = std::mem::take(&mut search.paths);
            ends = paths[search.chars.len()].ends.clone();
            lattices.push((at, search.chars.clone(), paths));
        }
        at += eojeol.len() + 1;
    }
    let sentence_end = dictionary
        .connection_cost_matrix
        .row(u32::from(map.map_left(0)));
    let total = |end: &PathEnd| end.cost + i32::from(sentence_end[usize::from(end.right_id)]);
    let mut path = (0..ends.len())
        .min_by_key(|&path| total(&ends[path]))
        .unwrap();
    let mut morphemes = Vec::new();
    for (offset, chars, paths) in lattices.iter().rev() {
        let mut position = chars.len();
        while position > 0 {
            let back = paths[position].back[path];
            let bytes = |chars: &[char]| chars.iter().map(|c| c.len_utf8()).sum::<usize>();
            let start = back.start as usize;
            let place = offset + bytes(&chars[..start])..offset + bytes(&chars[..position]);
            morphemes.push((place, written_tag(dictionary, back.left_id, back.lexeme)));
            (position, path) = (start, back.previous as usize);
        }
    }
    morphemes.reverse();
    morphemes
}

/// Segments a sentence like indexing: each run by itself, folded, with neutral edges.
fn segment_runs(lattice: &mut Lattice, sentence: &str) -> Vec<Tagged> {
    let (mut folded, mut morphemes) = (Folded::default(), Vec::new());
    let mut tagged = Vec::new();
    for run in runs(sentence) {
        fold(&sentence[run.start..run.end], &mut folded);
        lattice.segment(&folded.text, &UserWords::default(), &mut morphemes);
        for m in &morphemes {
            let start = run.start + folded.original_start(m.start);
            let end = run.start + folded.original_end(m.end);
            let tag = match m.lexeme {
                Lexeme::Unknown if m.first == PosTag::Other => "UNKNOWN".to_owned(),
                Lexeme::Unknown => format!("{:?}", m.first),
                known => written_tag(&lattice.dictionary, 0, known),
            };
            tagged.push((start..end, tag));
        }
    }
    tagged
}

const NOUNS: [&str; 9] = ["NNG", "NNP", "NNB", "NNBC", "NR", "NP", "SL", "SH", "SN"];

/// Percentages of the expected morphemes that were found.
#[derive(Debug, Default)]
struct Agreement {
    expected: usize,
    spans: usize,
    tagged: usize,
    nouns: usize,
    noun_spans: usize,
}

impl Agreement {
    fn add(&mut self, expected: &[Tagged], found: &[Tagged]) {
        let tagged: HashSet<&Tagged> = found.iter().collect();
        let spans: HashSet<&Range<usize>> = found.iter().map(|(span, _)| span).collect();
        for morpheme in expected {
            let same_span = usize::from(spans.contains(&morpheme.0));
            let is_noun = usize::from(NOUNS.contains(&morpheme.1.as_str()));
            self.expected += 1;
            self.spans += same_span;
            self.tagged += usize::from(tagged.contains(morpheme));
            self.nouns += is_noun;
            self.noun_spans += is_noun * same_span;
        }
    }

    /// By span, by span and tag, and nouns by span.
    fn per_cent(&self) -> [f64; 3] {
        let share = |part: usize, whole: usize| 100.0 * part as f64 / whole as f64;
        [
            share(self.spans, self.expected),
            share(self.tagged, self.expected),
            share(self.noun_spans, self.nouns),
        ]
    }
}

/// With MeCab's edges on whole sentences, the result equals MeCab's, except that MeCab groups
/// unknown characters that share any category: 三 (numeral and Hanja) with 國 (Hanja) in 三國志.
#[test]
fn with_mecab_edges_segmentation_equals_mecab() {
    let dictionary = clippings_ko_dic::load().unwrap();
    let mut search = Search::new(&dictionary);
    let mut agreement = Agreement::default();
    let mut sentences = 0;
    for (sentence, expected) in oracle() {
        let found = segment_as_mecab(&dictionary, &mut search, sentence);
        if found != expected {
            eprintln!("{sentence}\n  mecab-ko {expected:?}\n  ours     {found:?}");
        }
        agreement.add(&expected, &found);
        sentences += 1;
    }
    assert_eq!(sentences, 2_000);
    let [spans, tagged, nouns] = agreement.per_cent();
    assert!(
        spans >= 99.99 && tagged >= 99.99 && nouns >= 99.99,
        "{spans:.3} {tagged:.3} {nouns:.3}"
    );
}

/// The effect of neutral edges, single runs and folding: 97.7% of spans, 90.1% of spans with tags
/// and 97.2% of the spans of nouns equal mecab-ko's. A third of the different tags are endings (EF
/// for EC), a tenth dependent nouns (NNG for NNB or NNBC). Punctuation outside runs is ignored.
#[test]
fn single_runs_are_mostly_segmented_as_in_their_sentence() {
    let mut lattice = Lattice::new(clippings_ko_dic::load().unwrap());
    let mut agreement = Agreement::default();
    for (sentence, mut expected) in oracle() {
        let runs: Vec<_> = runs(sentence).collect();
        expected.retain(|(span, _)| {
            runs.iter()
                .any(|run| run.start < span.end && span.start < run.end)
        });
        agreement.add(&expected, &segment_runs(&mut lattice, sentence));
    }
    let [spans, tagged, nouns] = agreement.per_cent();
    assert!(
        spans >= 97.6 && tagged >= 90.0 && nouns >= 97.1,
        "{spans:.3} {tagged:.3} {nouns:.3}"
    );
}

/// Penalties are cached by context id, so all words with the same id must have the same penalty.
#[test]
fn context_ids_decide_penalties() {
    let dictionary = clippings_ko_dic::load().unwrap();
    let mut penalties = HashMap::new();
    let entries = dictionary
        .prefix_dictionary
        .vals_data
        .as_chunks::<ENTRY_LEN>()
        .0;
    assert!(entries.len() > 800_000);
    for &[i0, i1, i2, i3, _, _, l0, l1, _, _] in entries {
        let id = u32::from_le_bytes([i0, i1, i2, i3]);
        let left_id = u16::from_le_bytes([l0, l1]);
        let penalty = space_penalty(tags(&dictionary, left_id, Lexeme::Known(id)).0);
        assert_eq!(
            *penalties.entry(left_id).or_insert(penalty),
            penalty,
            "word {id}"
        );
    }
}

/// `된` alone is another word than the `된` of `고발된`, with the same left context.
#[test]
fn a_run_does_not_depend_on_earlier_runs() {
    let segment = |lattice: &mut Lattice, run: &str| {
        let mut morphemes = Vec::new();
        lattice.segment(run, &UserWords::default(), &mut morphemes);
        morphemes
    };
    let runs = [
        "하",
        "되",
        "된",
        "한",
        "할",
        "했다",
        "고발된",
        "발표했다",
        "이다",
        "인",
        "김진호",
    ];
    for run in runs {
        let fresh = segment(&mut Lattice::new(clippings_ko_dic::load().unwrap()), run);
        for before in runs {
            let mut lattice = Lattice::new(clippings_ko_dic::load().unwrap());
            segment(&mut lattice, before);
            assert_eq!(segment(&mut lattice, run), fresh, "{run} after {before}");
        }
    }
}

proptest! {
    #[test]
    fn a_run_does_not_depend_on_the_previous_one(
        runs in prop::collection::vec(
            prop_oneof![
                "(대통령|이재|고발|국회의원|SK|3|20|뷁|李)(실|명|된|에게|하이닉스|년|만|에|[가-힣]){0,4}",
                "[가-힣]{1,2}[a-z0-9]{0,2}[은는이가]?",
            ],
            1..12,
        ),
        words in prop::collection::vec("[가-힣]{2,3}|대통령실|에게만", 0..3),
    ) {
        let words = UserWords::parse(&words.join("\n")).0;
        let dictionary = clippings_ko_dic::load().unwrap();
        let mut kept = Lattice::new(dictionary.clone());
        let (mut morphemes, mut expected) = (Vec::new(), Vec::new());
        for run in &runs {
            kept.segment(run, &words, &mut morphemes);
            Lattice::new(dictionary.clone()).segment(run, &words, &mut expected);
            prop_assert_eq!(&morphemes, &expected, "{}", run);
        }
    }
}
