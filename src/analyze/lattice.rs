//! One run of text → its most likely morphemes: a Viterbi search over the dictionary.
//!
//! Called by `segment` for every run that the cache does not know. The dictionary is the one that
//! lindera loads; the search is our own because of its edges. A run is analysed without its
//! neighbours, and MeCab's costs for "beginning and end of sentence" would pull at its first and
//! last morpheme (`생성형` alone would become 생/XPN + 성형/NNG). So the edges take neutral
//! contexts instead: the run begins as after the topic particle 는 and ends as before a common
//! noun or a full stop, whichever fits it better.
//!
//! Unknown words follow MeCab's `Tokenizer::lookup`; the penalty for a particle or ending at the
//! beginning of a run is mecab-ko's `left-space-penalty-factor`, looked up by left context id.

use lindera::dictionary::Dictionary;
use lindera_dictionary::dictionary::character_definition::CategoryId;

use super::tag::Tag;

/// Original context ids of mecab-ko-dic 2.1.1 for the neutral edges.
const RIGHT_ID_OF_TOPIC_PARTICLE: u16 = 1919;
const LEFT_ID_OF_COMMON_NOUN: u16 = 1780;
const LEFT_ID_OF_FULL_STOP: u16 = 1794;

/// What mecab-ko's `dicrc` charges an ending or suffix, and a particle, right after white space.
const ENDING_AFTER_SPACE: i32 = 3000;
const PARTICLE_AFTER_SPACE: i32 = 6000;

/// MeCab's `max-grouping-size`: longer stretches of one kind are no single unknown word.
const LONGEST_UNKNOWN: usize = 24;

/// A user's word wins over any way to compose it from the dictionary.
const COST_OF_USER_WORD: i32 = -12_000;

/// Bytes of a serialized lindera word entry: id u32, cost i16, left id u16, right id u16.
const ENTRY_LEN: usize = 10;

/// Where a morpheme comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// An entry of the dictionary, by its word id.
    Known(u32),
    /// A word that the user added, by its number.
    User(u32),
    /// A guess from the kinds of its characters.
    Unknown,
}

/// One morpheme of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Morpheme {
    /// Where it stands in the run, in bytes: `[start, end)`.
    pub start: usize,
    /// See `start`.
    pub end: usize,
    /// Part of speech of its first and, where several are fused, its last component.
    pub first: Tag,
    /// See `first`.
    pub last: Tag,
    /// Where it comes from.
    pub word: Word,
}

/// What the next word needs to know of a way to the place where it begins.
#[derive(Clone, Copy)]
struct Arrival {
    /// Right context id of the way's last word.
    right: u16,
    cost: i32,
}

/// The last word of a way, and how it goes back from there.
#[derive(Clone, Copy)]
struct Node {
    start: u32,
    left: u16,
    word: Word,
    /// Which of the ways to `start` it goes on from.
    previous: u32,
}

/// The ways to a place in the run, the cheapest for each right context id.
#[derive(Default)]
struct Ways {
    arrivals: Vec<Arrival>,
    /// Beside each arrival.
    nodes: Vec<Node>,
}

/// A word that may begin at the place at hand.
#[derive(Clone, Copy)]
struct Entry {
    end: u32,
    /// Where its left context id stands in the list of those at the place.
    left: u32,
    right: u16,
    cost: i32,
    word: Word,
}

/// What was found at a place of a run, as far as the next run needs it.
#[derive(Clone, Copy, Default)]
struct Found {
    /// Length in chars of the shortest word of the dictionary that begins there; 0 for none.
    shortest: usize,
    /// Where the characters end that decided about words guessed there; 0 when there are none.
    guessed_by: usize,
}

/// A word of the dictionary that stands in a run.
struct KnownWord<'d> {
    /// Where it begins, and its length, in chars.
    start: usize,
    length: usize,
    /// Its entries as lindera has them.
    entries: &'d [u8],
}

/// The words of the dictionary that stand in a run, in the order of their beginnings.
///
/// The trie is walked from all places of the run at once, a word from each in turn: every step of a
/// walk waits for memory, and walks that do not depend on each other wait together.
fn known_words<'d>(dictionary: &'d Dictionary, chars: &[char]) -> Vec<KnownWord<'d>> {
    let trie = &dictionary.prefix_dictionary;
    let mut walks: Vec<_> = (0..chars.len())
        .map(|start| (start, trie.common_prefix_search(&chars[start..])))
        .collect();
    let mut known = Vec::with_capacity(chars.len() * 4);
    while !walks.is_empty() {
        walks.retain_mut(|(start, walk)| match walk.next() {
            Some((entries, length)) => {
                known.push(KnownWord {
                    start: *start,
                    length,
                    entries,
                });
                true
            }
            None => false,
        });
    }
    known.sort_by_key(|word| word.start);
    known
}

/// The words a user added, found by prefix.
pub trait UserWords {
    /// Calls `each` with the length in chars and the number of every user word that begins `rest`.
    fn prefixes(&self, rest: &[char], each: &mut dyn FnMut(usize, u32));
}

/// The dictionary and the search over it.
pub struct Lattice {
    dictionary: Dictionary,
    search: Search,
}

impl Lattice {
    /// A search over `dictionary`.
    pub fn new(dictionary: Dictionary) -> Self {
        let search = Search::new(&dictionary);
        Lattice { dictionary, search }
    }

    /// The dictionary searched.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Puts the most likely morphemes of `run` into `out`, in order, covering all of it.
    ///
    /// What is known of its beginning from the run before, when that began alike, is not searched
    /// again: of words in alphabetical order most letters are. The morphemes are the same.
    pub fn segment(&mut self, run: &str, user: &dyn UserWords, out: &mut Vec<Morpheme>) {
        self.search.segment(&self.dictionary, run, user, out);
    }
}

impl Ways {
    fn clear(&mut self) {
        self.arrivals.clear();
        self.nodes.clear();
    }

    /// Adds a way, unless there is one that ends alike and is not dearer.
    fn enter(&mut self, arrival: Arrival, node: Node) {
        let alike = self.arrivals.iter().position(|a| a.right == arrival.right);
        let Some(alike) = alike else {
            self.arrivals.push(arrival);
            self.nodes.push(node);
            return;
        };
        if arrival.cost < self.arrivals[alike].cost {
            self.arrivals[alike] = arrival;
            self.nodes[alike] = node;
        }
    }
}

/// Buffers of the search, reused from run to run; and what is known of context ids.
struct Search {
    /// Left context ids after the run.
    ends: [u16; 2],
    /// Context ids of user words, left and right: those of a common noun.
    user: (u16, u16),
    /// By left context id: what its words cost at the beginning of a run, worked out when first met.
    penalties: Vec<Option<i32>>,
    /// By word id: parts of speech of the words met.
    tags: Vec<Option<(Tag, Tag)>>,
    /// The run, or the one before.
    chars: Vec<char>,
    /// By place in chars: what was found there.
    found: Vec<Found>,
    /// By place in chars: the ways there.
    ways: Vec<Ways>,
    /// Words that begin at the place at hand.
    entries: Vec<Entry>,
    /// The different left context ids among them, each with the cheapest cost before it and the way
    /// that comes from.
    lefts: Vec<(u16, i32, u32)>,
    /// By left context id: where it was put in `lefts` last.
    places_of_lefts: Vec<u32>,
}

impl Search {
    fn new(dictionary: &Dictionary) -> Self {
        let map = dictionary.metadata.context_id_map.as_ref();
        let left = |id| map.map_or(id, |m| m.map_left(id));
        let right = |id| map.map_or(id, |m| m.map_right(id));
        let start = right(RIGHT_ID_OF_TOPIC_PARTICLE);
        let ends = [left(LEFT_ID_OF_COMMON_NOUN), left(LEFT_ID_OF_FULL_STOP)];
        let user = dictionary
            .prefix_dictionary
            .find_surface("협회")
            .first()
            .map_or((ends[0], start), |e| {
                (e.left_id() as u16, e.right_id() as u16)
            });
        let left_ids = dictionary.connection_cost_matrix.backward_size as usize;
        Search {
            ends,
            user,
            penalties: vec![None; left_ids],
            places_of_lefts: vec![0; left_ids],
            tags: Vec::new(),
            chars: Vec::new(),
            found: Vec::new(),
            ways: vec![Ways {
                arrivals: vec![Arrival {
                    right: start,
                    cost: 0,
                }],
                nodes: Vec::new(),
            }],
            entries: Vec::new(),
            lefts: Vec::new(),
        }
    }

    fn segment(
        &mut self,
        dictionary: &Dictionary,
        run: &str,
        user: &dyn UserWords,
        out: &mut Vec<Morpheme>,
    ) {
        out.clear();
        let same = self.begin(run);
        let chars = std::mem::take(&mut self.chars);
        let known = known_words(dictionary, &chars);
        let mut rest = &known[..];
        for at in 0..chars.len() {
            let count = rest.iter().take_while(|word| word.start == at).count();
            let (here, after) = rest.split_at(count);
            rest = after;
            if !self.ways[at].arrivals.is_empty() {
                self.find_from(dictionary, &chars, at, same, user, here);
                self.enter_found(dictionary, at);
            }
        }
        self.give(dictionary, &chars, out);
        self.chars = chars;
    }

    /// Begins a run. Gives the place in chars up to which all ways are known from the run before; words
    /// that go beyond it are not entered yet, wherever they begin.
    fn begin(&mut self, run: &str) -> usize {
        let alike = self.chars.iter().zip(run.chars());
        let mut same = alike.take_while(|&(a, b)| *a == b).count();
        // What is guessed at a place hangs on the characters after it, and on whether the dictionary has
        // a word there.
        let is_settled = |(at, found): (usize, &Found)| {
            let is_known = found.shortest > 0 && at + found.shortest <= same;
            self.ways[at].arrivals.is_empty() || is_known && found.guessed_by <= same
        };
        let found = self.found[..same].iter().enumerate();
        same = found.take_while(|&found| is_settled(found)).count();

        self.chars.truncate(same);
        let tail = run.chars().skip(same);
        self.chars.extend(tail);
        let length = self.chars.len();
        self.found.truncate(same);
        self.found.resize(length, Found::default());
        if self.ways.len() <= length {
            self.ways.resize_with(length + 1, Ways::default);
        }
        self.ways[..=length]
            .iter_mut()
            .skip(same + 1)
            .for_each(Ways::clear);
        same
    }

    /// The morphemes of the cheapest way through a run.
    fn give(&mut self, dictionary: &Dictionary, chars: &[char], out: &mut Vec<Morpheme>) {
        let mut place = chars.len();
        let mut way = self.cheapest_end(dictionary, place);
        let mut after = chars.iter().map(|c| c.len_utf8()).sum();
        while let Some(&node) = way.and_then(|way| self.ways[place].nodes.get(way as usize)) {
            let start = node.start as usize;
            let end = after;
            after -= chars[start..place]
                .iter()
                .map(|c| c.len_utf8())
                .sum::<usize>();
            let (first, last) = self.tags(dictionary, node.left, node.word);
            out.push(Morpheme {
                start: after,
                end,
                first,
                last,
                word: node.word,
            });
            (place, way) = (start, Some(node.previous));
        }
        out.reverse();
    }

    /// Notes every word that begins at `at`: the user's, the dictionary's (`known`), and guesses. Of the
    /// first two those that end up to `same` are entered already.
    fn find_from(
        &mut self,
        dictionary: &Dictionary,
        chars: &[char],
        at: usize,
        same: usize,
        user: &dyn UserWords,
        known: &[KnownWord<'_>],
    ) {
        self.entries.clear();
        self.lefts.clear();
        user.prefixes(&chars[at..], &mut |length, number| {
            if at + length > same {
                self.found(
                    at + length,
                    self.user,
                    COST_OF_USER_WORD,
                    Word::User(number),
                );
            }
        });
        for word in known.iter().filter(|word| at + word.length > same) {
            for &[i0, i1, i2, i3, c0, c1, l0, l1, r0, r1] in word.entries.as_chunks::<ENTRY_LEN>().0
            {
                let ids = (u16::from_le_bytes([l0, l1]), u16::from_le_bytes([r0, r1]));
                let cost = i32::from(i16::from_le_bytes([c0, c1]));
                let id = Word::Known(u32::from_le_bytes([i0, i1, i2, i3]));
                self.found(at + word.length, ids, cost, id);
            }
        }
        if at >= same {
            self.found[at].shortest = known.iter().map(|word| word.length).min().unwrap_or(0);
            self.guess_from(dictionary, chars, at, !known.is_empty());
        }
    }

    /// Guesses words from the kinds of characters, as MeCab does: always where the kind demands
    /// it, else only where the dictionary has nothing.
    fn guess_from(&mut self, dictionary: &Dictionary, chars: &[char], at: usize, known: bool) {
        let kinds = &dictionary.character_definition;
        let Some(&kind) = kinds.lookup_categories(chars[at]).first() else {
            return;
        };
        let rule = kinds.lookup_definition(kind);
        if known && !rule.invoke {
            return;
        }
        let alike = chars[at..]
            .iter()
            .take_while(|&&c| kinds.lookup_categories(c).contains(&kind))
            .count()
            .max(1);
        // The character that ends the stretch decided about it too.
        self.found[at].guessed_by = at + alike + 1;
        let mut guessed = known;
        if rule.group && alike <= LONGEST_UNKNOWN {
            self.guess(dictionary, kind, at + alike);
            guessed = true;
        }
        for length in 1..=(rule.length as usize).min(alike) {
            if !(rule.group && length == alike) {
                self.guess(dictionary, kind, at + length);
                guessed = true;
            }
        }
        if !guessed {
            self.guess(dictionary, kind, at + 1);
        }
    }

    fn guess(&mut self, dictionary: &Dictionary, kind: CategoryId, end: usize) {
        for &id in dictionary.unknown_dictionary.lookup_word_ids(kind) {
            let entry = dictionary.unknown_dictionary.word_entry(id);
            let ids = (entry.left_id() as u16, entry.right_id() as u16);
            self.found(end, ids, i32::from(entry.word_cost()), Word::Unknown);
        }
    }

    /// Notes a word that ends at `end`, with its left and right context id.
    fn found(&mut self, end: usize, (left, right): (u16, u16), cost: i32, word: Word) {
        let count = self.lefts.len() as u32;
        let Some(place) = self.places_of_lefts.get_mut(usize::from(left)) else {
            return;
        };
        if self.lefts.get(*place as usize).is_none_or(|l| l.0 != left) {
            *place = count;
            self.lefts.push((left, i32::MAX, 0));
        }
        let left = *place;
        self.entries.push(Entry {
            end: end as u32,
            left,
            right,
            cost,
            word,
        });
    }

    /// Adds the words found at `start`, each reached the cheapest way.
    ///
    /// Ways are compared for all of them together, apart from finding them: nearly all of that is
    /// waiting for costs, and costs that do not depend on each other are waited for together.
    fn enter_found(&mut self, dictionary: &Dictionary, start: usize) {
        let matrix = &dictionary.connection_cost_matrix;
        for (left, reach, previous) in &mut self.lefts {
            let row = matrix.row(u32::from(*left));
            for (way, a) in self.ways[start].arrivals.iter().enumerate() {
                let cost = a.cost + i32::from(row[usize::from(a.right)]);
                if cost < *reach {
                    (*reach, *previous) = (cost, way as u32);
                }
            }
        }
        for i in 0..self.entries.len() {
            let Entry {
                end,
                left,
                right,
                cost,
                word,
            } = self.entries[i];
            let (left, mut reach, previous) = self.lefts[left as usize];
            if start == 0 {
                reach = reach.saturating_add(self.penalty(dictionary, left, word));
            }
            let arrival = Arrival {
                right,
                cost: reach.saturating_add(cost),
            };
            let node = Node {
                start: start as u32,
                left,
                word,
                previous,
            };
            // Of two ways that end alike only the cheaper can be part of the best one.
            self.ways[end as usize].enter(arrival, node);
        }
    }

    /// Which of the ways to the end of the run, `length` chars long, is the cheapest.
    fn cheapest_end(&self, dictionary: &Dictionary, length: usize) -> Option<u32> {
        let matrix = &dictionary.connection_cost_matrix;
        let rows = self.ends.map(|id| matrix.row(u32::from(id)));
        let end = |right: u16| rows.iter().map(|r| i32::from(r[usize::from(right)])).min();
        let ways = self.ways[length].arrivals.iter().zip(0..);
        ways.min_by_key(|(a, _)| a.cost + end(a.right).unwrap_or(0))
            .map(|(_, way)| way)
    }

    /// The first and the last component's part of speech. Remembered by word, not by context id: a
    /// few words share that with words of another tag.
    fn tags(&mut self, dictionary: &Dictionary, left: u16, word: Word) -> (Tag, Tag) {
        let Word::Known(id) = word else {
            return tags(dictionary, left, word);
        };
        let id = id as usize;
        if self.tags.len() <= id {
            self.tags.resize(id + 1, None);
        }
        *self.tags[id].get_or_insert_with(|| tags(dictionary, left, word))
    }

    /// What a word with left context `left` costs at the beginning of a run.
    fn penalty(&mut self, dictionary: &Dictionary, left: u16, word: Word) -> i32 {
        match self.penalties.get_mut(usize::from(left)) {
            Some(slot) => *slot.get_or_insert_with(|| penalty(tags(dictionary, left, word).0)),
            None => 0,
        }
    }
}

/// What mecab-ko's `dicrc` charges a word whose first component has this tag after white space.
fn penalty(first: Tag) -> i32 {
    match first {
        Tag::J => PARTICLE_AFTER_SPACE,
        Tag::E | Tag::VCP | Tag::XSN | Tag::XSV | Tag::XSA => ENDING_AFTER_SPACE,
        _ => 0,
    }
}

/// The first and the last component's part of speech, as the dictionary writes them: `XSV+ETM`.
fn tags(dictionary: &Dictionary, left: u16, word: Word) -> (Tag, Tag) {
    let unknown = &dictionary.unknown_dictionary;
    let written = match word {
        Word::Known(id) => dictionary.word_details_iter(id as usize).next(),
        Word::User(_) => Some("NNP"),
        Word::Unknown => (0..unknown.costs.len() as u32)
            .find(|&id| unknown.word_entry(id).left_id() == u32::from(left))
            .and_then(|id| unknown.word_details_iter(id)?.next()),
    };
    let mut tags = written.unwrap_or_default().split('+').map(Tag::parse);
    let first = tags.next().unwrap_or(Tag::Other);
    (first, tags.next_back().unwrap_or(first))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::super::user_words::UserWords;
    use super::*;

    /// Penalties are remembered by context id, so all words of an id must have the same.
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
            let left = u16::from_le_bytes([l0, l1]);
            let penalty = penalty(tags(&dictionary, left, Word::Known(id)).0);
            assert_eq!(
                *penalties.entry(left).or_insert(penalty),
                penalty,
                "word {id}"
            );
        }
    }

    /// What was analysed before makes no difference: `된` alone is another word of the same left
    /// context as the `된` of `고발된`.
    #[test]
    fn a_run_gives_the_same_whatever_came_before() {
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
        fn the_run_before_makes_no_difference(
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
}
