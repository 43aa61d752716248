//! One run → its most likely morphemes: a Viterbi search over the dictionary that lindera loads.
//!
//! Unknown words and costs follow MeCab's `Tokenizer::lookup` and `Viterbi::connect`; `tests.rs`
//! compares the result with mecab-ko's own. Two things differ from MeCab, because a run is analysed
//! without its neighbours:
//!
//! - *Neutral edges.* MeCab's costs for the beginning and end of a sentence would distort the first
//!   and last morpheme (`생성형` alone becomes 생/XPN + 성형/NNG). A run instead starts as after the
//!   topic particle 는 and ends as before a common noun or a full stop, whichever is cheaper.
//! - *A space before every run.* The penalty for a particle or ending at the beginning of a run is
//!   mecab-ko's `left-space-penalty-factor`.
//!
//! The search is bound by cache misses: neither the trie nor the connection matrix (20 MB) fits L2.
//! Lookups that do not depend on each other are therefore issued together.

use lindera::dictionary::Dictionary;
use lindera_dictionary::dictionary::character_definition::CategoryId;

use super::tag::PosTag;
use super::user_words::UserWords;

#[cfg(test)]
mod tests;

/// Context ids of the neutral edges, as numbered in mecab-ko-dic 2.1.1 (`left-id.def`,
/// `right-id.def`).
const TOPIC_PARTICLE_RIGHT_ID: u16 = 1919;
const COMMON_NOUN_LEFT_ID: u16 = 1780;
const FULL_STOP_LEFT_ID: u16 = 1794;

/// mecab-ko's `dicrc`: the penalty of an ending or suffix, and of a particle, after white space.
const ENDING_SPACE_PENALTY: i32 = 3000;
const PARTICLE_SPACE_PENALTY: i32 = 6000;

/// MeCab's `max-grouping-size`: longer stretches of one character category are no single unknown
/// word.
const MAX_GROUPING_SIZE: usize = 24;

/// Low enough for a user's word to beat any path of dictionary words.
const USER_WORD_COST: i32 = -12_000;

/// Bytes of a serialized lindera word entry: id u32, cost i16, left id u16, right id u16.
const ENTRY_LEN: usize = 10;

/// The lexicon a morpheme comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lexeme {
    /// An entry of the dictionary, by its word id.
    Known(u32),
    /// A user word, by its number.
    User(u32),
    /// An unknown word, guessed from the categories of its characters.
    Unknown,
}

/// One morpheme of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Morpheme {
    /// Byte offset in the run of its first character.
    pub start: usize,
    /// Byte offset after its last character.
    pub end: usize,
    /// Part of speech of its first component. Fused morphemes (`했`: 하/VV + 았/EP) have several.
    pub first: PosTag,
    /// Part of speech of its last component.
    pub last: PosTag,
    /// Its lexicon entry.
    pub lexeme: Lexeme,
}

/// The dictionary, and the search over it.
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
    /// The part of the lattice that `run` has in common with the previous run is reused: in
    /// alphabetical order that is most of it. The result does not depend on the previous run.
    pub fn segment(&mut self, run: &str, user_words: &UserWords, out: &mut Vec<Morpheme>) {
        self.search.segment(&self.dictionary, run, user_words, out);
    }
}

/// What the next word has to know of a path.
#[derive(Debug, Clone, Copy)]
struct PathEnd {
    /// Right context id of the last word.
    right_id: u16,
    cost: i32,
}

/// The last word of a path, and the path before it.
#[derive(Debug, Clone, Copy)]
struct BackPointer {
    start: u32,
    left_id: u16,
    lexeme: Lexeme,
    /// Index among the paths to `start`.
    previous: u32,
}

/// The paths to a position: the cheapest one for each right context id. Two parallel lists, because
/// connecting reads the ends only.
#[derive(Debug, Default)]
struct Paths {
    ends: Vec<PathEnd>,
    back: Vec<BackPointer>,
}

impl Paths {
    fn clear(&mut self) {
        self.ends.clear();
        self.back.clear();
    }

    /// Of two paths with the same right context id, only the cheaper can be part of the best one.
    fn relax(&mut self, end: PathEnd, back: BackPointer) {
        match self.ends.iter().position(|e| e.right_id == end.right_id) {
            None => {
                self.ends.push(end);
                self.back.push(back);
            }
            Some(known) if end.cost < self.ends[known].cost => {
                self.ends[known] = end;
                self.back[known] = back;
            }
            Some(_) => {}
        }
    }
}

/// A word that may begin at the current position.
#[derive(Debug, Clone, Copy)]
struct Node {
    end: u32,
    /// Index into `Search::left_contexts`.
    left: u32,
    right_id: u16,
    cost: i32,
    lexeme: Lexeme,
}

/// A left context id of the current position's nodes, with the cheapest path to it.
#[derive(Debug, Clone, Copy)]
struct LeftContext {
    id: u16,
    cost: i32,
    previous: u32,
}

/// How far the lookup at a position looked ahead. Decides whether its result holds for the next run.
#[derive(Debug, Clone, Copy, Default)]
struct LookupExtent {
    /// Length in chars of the shortest dictionary word; 0 for none.
    shortest_known: usize,
    /// End of the characters that decided about unknown words; 0 if none were tried.
    unknown_end: usize,
}

/// The dictionary words of one surface in a run.
struct KnownWord<'d> {
    /// In chars, as is `length`.
    start: usize,
    length: usize,
    /// Serialized entries, `ENTRY_LEN` bytes each.
    entries: &'d [u8],
}

/// All dictionary words in a run, sorted by where they begin.
///
/// Every step of a trie walk is a cache miss. The walks from all positions advance in turn, so that
/// their misses overlap.
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

/// The lattice of the last run and buffers. Positions count chars.
struct Search {
    /// Left context ids that may follow the run.
    end_left_ids: [u16; 2],
    user_word_ids: (u16, u16),
    /// Whether white space stands before the run.
    after_space: bool,
    /// By left context id, computed on first use.
    space_penalties: Vec<Option<i32>>,
    /// By word id, computed on first use. Not by context id: a few words share theirs with words of
    /// another tag.
    tags: Vec<Option<(PosTag, PosTag)>>,
    chars: Vec<char>,
    /// By position.
    extents: Vec<LookupExtent>,
    /// By position, one more than chars.
    paths: Vec<Paths>,
    /// The nodes of the current position.
    nodes: Vec<Node>,
    left_contexts: Vec<LeftContext>,
    /// By left context id: its last index in `left_contexts`, which may be stale.
    left_context_index: Vec<u32>,
}

impl Search {
    fn new(dictionary: &Dictionary) -> Self {
        let map = dictionary.metadata.context_id_map.as_ref();
        let left = |id| map.map_or(id, |m| m.map_left(id));
        let right = |id| map.map_or(id, |m| m.map_right(id));
        let start = PathEnd {
            right_id: right(TOPIC_PARTICLE_RIGHT_ID),
            cost: 0,
        };
        let end_left_ids = [left(COMMON_NOUN_LEFT_ID), left(FULL_STOP_LEFT_ID)];
        // User words take the context ids of an ordinary common noun.
        let noun = dictionary.prefix_dictionary.find_surface("협회");
        let user_word_ids = noun
            .first()
            .map_or((end_left_ids[0], start.right_id), |entry| {
                (entry.left_id() as u16, entry.right_id() as u16)
            });
        let left_ids = dictionary.connection_cost_matrix.backward_size as usize;
        Search {
            end_left_ids,
            user_word_ids,
            after_space: true,
            space_penalties: vec![None; left_ids],
            left_context_index: vec![0; left_ids],
            tags: Vec::new(),
            chars: Vec::new(),
            extents: Vec::new(),
            paths: vec![Paths {
                ends: vec![start],
                back: Vec::new(),
            }],
            nodes: Vec::new(),
            left_contexts: Vec::new(),
        }
    }

    fn segment(
        &mut self,
        dictionary: &Dictionary,
        run: &str,
        user_words: &UserWords,
        out: &mut Vec<Morpheme>,
    ) {
        out.clear();
        self.fill(dictionary, run, user_words);
        self.backtrack(dictionary, out);
    }

    /// Builds the lattice of `run`.
    fn fill(&mut self, dictionary: &Dictionary, run: &str, user_words: &UserWords) {
        let reused = self.reuse_prefix(run);
        let chars = std::mem::take(&mut self.chars);
        let known = known_words(dictionary, &chars);
        let mut rest = &known[..];
        for at in 0..chars.len() {
            let count = rest.iter().take_while(|word| word.start == at).count();
            let (here, after) = rest.split_at(count);
            rest = after;
            if !self.paths[at].ends.is_empty() {
                self.look_up(dictionary, &chars, at, reused, user_words, here);
                self.connect(dictionary, at);
            }
        }
        self.chars = chars;
    }

    /// Keeps the lattice as far as `run` begins like the previous run, and returns up to which
    /// position it is complete. Words that end after that position are missing wherever they begin.
    fn reuse_prefix(&mut self, run: &str) -> usize {
        let alike = self.chars.iter().zip(run.chars());
        let mut reused = alike.take_while(|&(a, b)| *a == b).count();
        // Unknown words at a position depend on the characters after it, and on whether a dictionary
        // word begins there.
        let is_settled = |(at, extent): (usize, &LookupExtent)| {
            let is_known = extent.shortest_known > 0 && at + extent.shortest_known <= reused;
            self.paths[at].ends.is_empty() || is_known && extent.unknown_end <= reused
        };
        let extents = self.extents[..reused].iter().enumerate();
        reused = extents.take_while(|&extent| is_settled(extent)).count();

        self.chars.truncate(reused);
        self.chars.extend(run.chars().skip(reused));
        let length = self.chars.len();
        self.extents.truncate(reused);
        self.extents.resize(length, LookupExtent::default());
        if self.paths.len() <= length {
            self.paths.resize_with(length + 1, Paths::default);
        }
        let stale = self.paths[..=length].iter_mut().skip(reused + 1);
        stale.for_each(Paths::clear);
        reused
    }

    /// Collects the nodes at `at` that the reused part of the lattice does not have: user words,
    /// dictionary words (`known`) and unknown words.
    fn look_up(
        &mut self,
        dictionary: &Dictionary,
        chars: &[char],
        at: usize,
        reused: usize,
        user_words: &UserWords,
        known: &[KnownWord<'_>],
    ) {
        self.nodes.clear();
        self.left_contexts.clear();
        user_words.prefixes(&chars[at..], |length, number| {
            if at + length > reused {
                let lexeme = Lexeme::User(number);
                self.push_node(at + length, self.user_word_ids, USER_WORD_COST, lexeme);
            }
        });
        for word in known.iter().filter(|word| at + word.length > reused) {
            for &[i0, i1, i2, i3, c0, c1, l0, l1, r0, r1] in word.entries.as_chunks::<ENTRY_LEN>().0
            {
                let ids = (u16::from_le_bytes([l0, l1]), u16::from_le_bytes([r0, r1]));
                let cost = i32::from(i16::from_le_bytes([c0, c1]));
                let lexeme = Lexeme::Known(u32::from_le_bytes([i0, i1, i2, i3]));
                self.push_node(at + word.length, ids, cost, lexeme);
            }
        }
        if at >= reused {
            let shortest = known.iter().map(|word| word.length).min();
            self.extents[at].shortest_known = shortest.unwrap_or(0);
            self.look_up_unknown(dictionary, chars, at, !known.is_empty());
        }
    }

    /// Adds unknown words as MeCab does: always for a category with `invoke`, otherwise only where
    /// the dictionary has no word.
    fn look_up_unknown(
        &mut self,
        dictionary: &Dictionary,
        chars: &[char],
        at: usize,
        has_known: bool,
    ) {
        let categories = &dictionary.character_definition;
        let Some(&category) = categories.lookup_categories(chars[at]).first() else {
            return;
        };
        let rule = categories.lookup_definition(category);
        if has_known && !rule.invoke {
            return;
        }
        let alike = chars[at..]
            .iter()
            .take_while(|&&c| categories.lookup_categories(c).contains(&category))
            .count()
            .max(1);
        // One more: the character that ended the stretch was looked at too.
        self.extents[at].unknown_end = at + alike + 1;
        let mut has_node = has_known;
        if rule.group && alike <= MAX_GROUPING_SIZE {
            self.push_unknown(dictionary, category, at + alike);
            has_node = true;
        }
        for length in 1..=(rule.length as usize).min(alike) {
            if !(rule.group && length == alike) {
                self.push_unknown(dictionary, category, at + length);
                has_node = true;
            }
        }
        if !has_node {
            self.push_unknown(dictionary, category, at + 1);
        }
    }

    fn push_unknown(&mut self, dictionary: &Dictionary, category: CategoryId, end: usize) {
        for &id in dictionary.unknown_dictionary.lookup_word_ids(category) {
            let entry = dictionary.unknown_dictionary.word_entry(id);
            let ids = (entry.left_id() as u16, entry.right_id() as u16);
            self.push_node(end, ids, i32::from(entry.word_cost()), Lexeme::Unknown);
        }
    }

    fn push_node(
        &mut self,
        end: usize,
        (left_id, right_id): (u16, u16),
        cost: i32,
        lexeme: Lexeme,
    ) {
        let count = self.left_contexts.len() as u32;
        let Some(index) = self.left_context_index.get_mut(usize::from(left_id)) else {
            return;
        };
        let known = self.left_contexts.get(*index as usize);
        if known.is_none_or(|context| context.id != left_id) {
            *index = count;
            self.left_contexts.push(LeftContext {
                id: left_id,
                cost: i32::MAX,
                previous: 0,
            });
        }
        self.nodes.push(Node {
            end: end as u32,
            left: *index,
            right_id,
            cost,
            lexeme,
        });
    }

    /// Extends the paths to `start` by the nodes that begin there.
    ///
    /// The cheapest path is found once per left context id, for all of them before any node is
    /// added: the matrix lookups are independent, so their cache misses overlap.
    fn connect(&mut self, dictionary: &Dictionary, start: usize) {
        let matrix = &dictionary.connection_cost_matrix;
        for context in &mut self.left_contexts {
            let row = matrix.row(u32::from(context.id));
            for (path, end) in self.paths[start].ends.iter().enumerate() {
                let cost = end.cost + i32::from(row[usize::from(end.right_id)]);
                if cost < context.cost {
                    (context.cost, context.previous) = (cost, path as u32);
                }
            }
        }
        for i in 0..self.nodes.len() {
            let node = self.nodes[i];
            let LeftContext { id, cost, previous } = self.left_contexts[node.left as usize];
            let penalty = match start == 0 && self.after_space {
                true => self.space_penalty(dictionary, id, node.lexeme),
                false => 0,
            };
            let end = PathEnd {
                right_id: node.right_id,
                cost: cost.saturating_add(penalty).saturating_add(node.cost),
            };
            let back = BackPointer {
                start: start as u32,
                left_id: id,
                lexeme: node.lexeme,
                previous,
            };
            self.paths[node.end as usize].relax(end, back);
        }
    }

    /// Puts the morphemes of the cheapest path through the lattice into `out`.
    fn backtrack(&mut self, dictionary: &Dictionary, out: &mut Vec<Morpheme>) {
        let mut position = self.chars.len();
        let mut path = self.cheapest_path(dictionary, position);
        let mut start: usize = self.chars.iter().map(|c| c.len_utf8()).sum();
        while let Some(&back) = path.and_then(|path| self.paths[position].back.get(path as usize)) {
            let end = start;
            let chars = &self.chars[back.start as usize..position];
            start -= chars.iter().map(|c| c.len_utf8()).sum::<usize>();
            let (first, last) = self.tags(dictionary, back.left_id, back.lexeme);
            out.push(Morpheme {
                start,
                end,
                first,
                last,
                lexeme: back.lexeme,
            });
            (position, path) = (back.start as usize, Some(back.previous));
        }
        out.reverse();
    }

    /// The cheapest path to `position` when the run ends there.
    fn cheapest_path(&self, dictionary: &Dictionary, position: usize) -> Option<u32> {
        let matrix = &dictionary.connection_cost_matrix;
        let rows = self.end_left_ids.map(|id| matrix.row(u32::from(id)));
        let edge = |right_id: u16| {
            rows.iter()
                .map(|r| i32::from(r[usize::from(right_id)]))
                .min()
        };
        let paths = self.paths[position].ends.iter().zip(0..);
        paths
            .min_by_key(|(end, _)| end.cost + edge(end.right_id).unwrap_or(0))
            .map(|(_, path)| path)
    }

    fn tags(&mut self, dictionary: &Dictionary, left_id: u16, lexeme: Lexeme) -> (PosTag, PosTag) {
        let Lexeme::Known(id) = lexeme else {
            return tags(dictionary, left_id, lexeme);
        };
        let id = id as usize;
        if self.tags.len() <= id {
            self.tags.resize(id + 1, None);
        }
        *self.tags[id].get_or_insert_with(|| tags(dictionary, left_id, lexeme))
    }

    fn space_penalty(&mut self, dictionary: &Dictionary, left_id: u16, lexeme: Lexeme) -> i32 {
        match self.space_penalties.get_mut(usize::from(left_id)) {
            Some(slot) => {
                *slot.get_or_insert_with(|| space_penalty(tags(dictionary, left_id, lexeme).0))
            }
            None => 0,
        }
    }
}

/// mecab-ko's penalty after white space, by the tag of a word's first component.
fn space_penalty(first: PosTag) -> i32 {
    match first {
        PosTag::J => PARTICLE_SPACE_PENALTY,
        PosTag::E | PosTag::VCP | PosTag::XSN | PosTag::XSV | PosTag::XSA => ENDING_SPACE_PENALTY,
        _ => 0,
    }
}

/// The tags of the first and last component; the dictionary joins them with `+` (`XSV+ETM`).
fn tags(dictionary: &Dictionary, left_id: u16, lexeme: Lexeme) -> (PosTag, PosTag) {
    let unknown = &dictionary.unknown_dictionary;
    let written = match lexeme {
        Lexeme::Known(id) => dictionary.word_details_iter(id as usize).next(),
        Lexeme::User(_) => Some("NNP"),
        Lexeme::Unknown => (0..unknown.costs.len() as u32)
            .find(|&id| unknown.word_entry(id).left_id() == u32::from(left_id))
            .and_then(|id| unknown.word_details_iter(id)?.next()),
    };
    let mut tags = written.unwrap_or_default().split('+').map(PosTag::parse);
    let first = tags.next().unwrap_or(PosTag::Other);
    (first, tags.next_back().unwrap_or(first))
}
