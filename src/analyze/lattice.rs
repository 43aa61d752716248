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

/// A way to reach a place in the run.
#[derive(Clone, Copy)]
struct Node {
    start: u32,
    end: u32,
    left: u16,
    word: Word,
    previous: u32,
}

/// What the next node needs to know of a node that ends where it begins.
#[derive(Clone, Copy)]
struct Arrival {
    right: u16,
    cost: i32,
    node: u32,
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

const NO_NODE: u32 = u32::MAX;

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
    pub fn segment(&mut self, run: &str, user: &dyn UserWords, out: &mut Vec<Morpheme>) {
        self.search.segment(&self.dictionary, run, user, out);
    }
}

/// Buffers of the search, reused from run to run; and what is known of context ids.
struct Search {
    /// Right context id before the run.
    start: u16,
    /// Left context ids after the run.
    ends: [u16; 2],
    /// Context ids of user words, left and right: those of a common noun.
    user: (u16, u16),
    /// By left context id: what its words cost at the beginning of a run, worked out when first met.
    penalties: Vec<Option<i32>>,
    /// By word id: parts of speech of the words met.
    tags: Vec<Option<(Tag, Tag)>>,
    chars: Vec<char>,
    /// Bytes of the run before each char.
    offsets: Vec<u32>,
    nodes: Vec<Node>,
    /// By place in chars: the nodes that end there.
    arrivals: Vec<Vec<Arrival>>,
    /// Words that begin at the place at hand.
    entries: Vec<Entry>,
    /// The different left context ids among them, each with the cheapest cost before it and the node
    /// that comes from.
    lefts: Vec<(u16, i32, u32)>,
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
        Search {
            start,
            ends,
            user,
            penalties: vec![None; dictionary.connection_cost_matrix.backward_size as usize],
            tags: Vec::new(),
            chars: Vec::new(),
            offsets: Vec::new(),
            nodes: Vec::new(),
            arrivals: Vec::new(),
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
        self.begin(run);
        let length = self.chars.len();
        if length == 0 {
            return;
        }
        self.arrivals[0].push(Arrival {
            right: self.start,
            cost: 0,
            node: NO_NODE,
        });
        let chars = std::mem::take(&mut self.chars);
        let known = known_words(dictionary, &chars);
        let mut rest = &known[..];
        for at in 0..length {
            let count = rest.iter().take_while(|word| word.start == at).count();
            let (here, after) = rest.split_at(count);
            rest = after;
            if !self.arrivals[at].is_empty() {
                self.find_from(dictionary, &chars, at, user, here);
                self.enter_found(dictionary, at);
            }
        }
        self.chars = chars;
        let Some(mut node) = self.cheapest_end(dictionary, length) else {
            return;
        };
        while let Some(&n) = self.nodes.get(node as usize) {
            let (first, last) = self.tags(dictionary, n.left, n.word);
            out.push(Morpheme {
                start: self.offsets[n.start as usize] as usize,
                end: self.offsets[n.end as usize] as usize,
                first,
                last,
                word: n.word,
            });
            node = n.previous;
        }
        out.reverse();
    }

    fn begin(&mut self, run: &str) {
        self.chars.clear();
        self.offsets.clear();
        for (at, c) in run.char_indices() {
            self.offsets.push(at as u32);
            self.chars.push(c);
        }
        self.offsets.push(run.len() as u32);
        self.nodes.clear();
        if self.arrivals.len() < self.offsets.len() {
            self.arrivals.resize_with(self.offsets.len(), Vec::new);
        }
        for a in &mut self.arrivals[..self.offsets.len()] {
            a.clear();
        }
    }

    /// Notes every word that begins at `at`: the user's, the dictionary's (`known`), and guesses.
    fn find_from(
        &mut self,
        dictionary: &Dictionary,
        chars: &[char],
        at: usize,
        user: &dyn UserWords,
        known: &[KnownWord<'_>],
    ) {
        self.entries.clear();
        self.lefts.clear();
        user.prefixes(&chars[at..], &mut |length, number| {
            let word = Word::User(number);
            self.found(at + length, self.user, COST_OF_USER_WORD, word);
        });
        for word in known {
            for &[i0, i1, i2, i3, c0, c1, l0, l1, r0, r1] in word.entries.as_chunks::<ENTRY_LEN>().0
            {
                let ids = (u16::from_le_bytes([l0, l1]), u16::from_le_bytes([r0, r1]));
                let cost = i32::from(i16::from_le_bytes([c0, c1]));
                let id = Word::Known(u32::from_le_bytes([i0, i1, i2, i3]));
                self.found(at + word.length, ids, cost, id);
            }
        }
        self.guess_from(dictionary, chars, at, !known.is_empty());
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
        let place = self.lefts.iter().position(|&(id, ..)| id == left);
        let place = place.unwrap_or_else(|| {
            self.lefts.push((left, i32::MAX, NO_NODE));
            self.lefts.len() - 1
        });
        self.entries.push(Entry {
            end: end as u32,
            left: place as u32,
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
            for a in &self.arrivals[start] {
                let way = a.cost + i32::from(row[usize::from(a.right)]);
                if way < *reach {
                    (*reach, *previous) = (way, a.node);
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
            let cost = reach.saturating_add(cost);
            let node = self.nodes.len() as u32;
            let arrival = Arrival { right, cost, node };
            // Of two ways that end alike only the cheaper can be part of the best one.
            let arrivals = &mut self.arrivals[end as usize];
            match arrivals.iter_mut().find(|a| a.right == right) {
                Some(a) if a.cost <= cost => continue,
                Some(a) => *a = arrival,
                None => arrivals.push(arrival),
            }
            self.nodes.push(Node {
                start: start as u32,
                end,
                left,
                word,
                previous,
            });
        }
    }

    fn cheapest_end(&self, dictionary: &Dictionary, length: usize) -> Option<u32> {
        let matrix = &dictionary.connection_cost_matrix;
        let rows = self.ends.map(|id| matrix.row(u32::from(id)));
        let end = |right: u16| rows.iter().map(|r| i32::from(r[usize::from(right)])).min();
        self.arrivals[length]
            .iter()
            .min_by_key(|a| a.cost + end(a.right).unwrap_or(0))
            .map(|a| a.node)
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
            lattice.segment(
                run,
                &super::super::user_words::UserWords::default(),
                &mut morphemes,
            );
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
}
