//! Segments a run into its most likely morphemes: a Viterbi search over the dictionary that lindera
//! loads.
//!
//! Unknown words and costs follow MeCab's `Tokenizer::lookup` and `Viterbi::connect`; `tests.rs`
//! compares the result with mecab-ko. Two things differ, because a run is analyzed without its
//! neighbours:
//!
//! - *Neutral edges.* MeCab's costs for the beginning and end of a sentence would distort the first
//!   and last morpheme (`생성형` alone becomes 생/XPN + 성형/NNG). Instead, a run starts as if after the
//!   topic particle 는, and ends as if before a common noun or a full stop, whichever is cheaper.
//! - *A space before every run.* A particle or ending at the beginning of a run costs mecab-ko's
//!   `left-space-penalty-factor`.
//!
//! The search is bound by cache misses: neither the trie nor the connection matrix (20 MB) fits
//! into L2. Independent lookups are therefore issued together.

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

/// From mecab-ko's `dicrc`: the penalties for an ending or suffix and for a particle after white
/// space.
const ENDING_SPACE_PENALTY: i32 = 3000;
const PARTICLE_SPACE_PENALTY: i32 = 6000;

/// MeCab's `max-grouping-size`: a longer sequence of one character category is not grouped into one
/// unknown word.
const MAX_GROUPING_SIZE: usize = 24;

/// Low enough for a user word to win against any path of dictionary words.
const USER_WORD_COST: i32 = -12_000;

/// Size of a serialized lindera word entry: id u32, cost i16, left id u16, right id u16.
const ENTRY_LEN: usize = 10;

/// Where a morpheme comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lexeme {
    /// A dictionary entry, by word id.
    Known(u32),
    /// A user word, by number.
    User(u32),
    /// An unknown word, guessed from character categories.
    Unknown,
}

/// A morpheme of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Morpheme {
    /// Byte range in the run: start.
    pub start: usize,
    /// End.
    pub end: usize,
    /// Tag of its first component. A fused morpheme (`했`: 하/VV + 았/EP) has several.
    pub first: PosTag,
    /// Tag of its last component.
    pub last: PosTag,
    /// Its source.
    pub lexeme: Lexeme,
}

/// A dictionary with the buffers of a search over it.
pub struct Lattice {
    dictionary: Dictionary,
    search: Search,
}

impl Lattice {
    /// Creates the buffers for `dictionary`.
    pub fn new(dictionary: Dictionary) -> Self {
        let search = Search::new(&dictionary);
        Lattice { dictionary, search }
    }

    /// The dictionary.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Splits `text` into the fewest common nouns of two or more syllables; of several splits, that whose
    /// words cost least. Empty if there is none.
    pub fn common_nouns<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let chars: Vec<char> = text.chars().collect();
        // By end: number of nouns, their cost, and the start of the last one.
        let mut best: Vec<Option<(u32, i32, usize)>> = vec![None; chars.len() + 1];
        best[0] = Some((0, 0, 0));
        for word in known_words(&self.dictionary, &chars) {
            let (Some((count, cost, _)), true) = (best[word.start], word.length > 1) else {
                continue;
            };
            let Some(word_cost) = self.noun_cost(word.entries) else {
                continue;
            };
            let found = (count + 1, cost + word_cost, word.start);
            let known = &mut best[word.start + word.length];
            if known.is_none_or(|known| (found.0, found.1) < (known.0, known.1)) {
                *known = Some(found);
            }
        }
        let mut nouns = Vec::new();
        let (mut end, mut end_byte) = (chars.len(), text.len());
        while let (Some((.., start)), true) = (best[end], end > 0) {
            let length: usize = chars[start..end].iter().map(|c| c.len_utf8()).sum();
            nouns.push(&text[end_byte - length..end_byte]);
            (end, end_byte) = (start, end_byte - length);
        }
        nouns.reverse();
        nouns
    }

    /// The cost of the common noun among the dictionary entries of a word.
    fn noun_cost(&self, entries: &[u8]) -> Option<i32> {
        let entries = entries.as_chunks::<ENTRY_LEN>().0.iter();
        let nouns = entries.filter_map(|&[i0, i1, i2, i3, c0, c1, ..]| {
            let id = u32::from_le_bytes([i0, i1, i2, i3]) as usize;
            let is_noun = self.dictionary.word_details_iter(id).next() == Some("NNG");
            is_noun.then(|| i32::from(i16::from_le_bytes([c0, c1])))
        });
        nouns.min()
    }

    /// Writes the most likely morphemes of `run` to `out`. They cover the whole run.
    ///
    /// The lattice of the prefix shared with the previous run is reused, which in alphabetical
    /// order is most of it. The result does not depend on the previous run.
    pub fn segment(&mut self, run: &str, user_words: &UserWords, out: &mut Vec<Morpheme>) {
        self.search.segment(&self.dictionary, run, user_words, out);
    }
}

/// The end of a path, as needed to extend it.
#[derive(Debug, Clone, Copy)]
struct PathEnd {
    /// Right context id of the last word.
    right_id: u16,
    cost: i32,
}

/// The last word of a path, and a link to the path before it.
#[derive(Debug, Clone, Copy)]
struct BackPointer {
    start: u32,
    left_id: u16,
    lexeme: Lexeme,
    /// Index among the paths that end at `start`.
    previous: u32,
}

/// The paths that end at a position, the cheapest for each right context id. Two parallel lists,
/// because extending paths reads only `ends`.
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

    /// Of two paths with the same right context id, only the cheaper can be part of the best path.
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

/// A left context id at the current position, with the cheapest path to it.
#[derive(Debug, Clone, Copy)]
struct LeftContext {
    id: u16,
    cost: i32,
    previous: u32,
}

/// How far the lookup at a position read ahead, which decides whether its result is valid for the
/// next run.
#[derive(Debug, Clone, Copy, Default)]
struct LookupExtent {
    /// Length of the shortest dictionary word, in characters; 0 for none.
    shortest_known: usize,
    /// End of the characters read for unknown words; 0 if none were tried.
    unknown_end: usize,
}

/// The dictionary words with one surface form in a run.
struct KnownWord<'d> {
    /// In characters, like `length`.
    start: usize,
    length: usize,
    /// Serialized entries of `ENTRY_LEN` bytes.
    entries: &'d [u8],
}

/// All dictionary words in a run, sorted by start.
///
/// Every step in the trie is a cache miss. The walks from all positions advance in turn, so that
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

/// The lattice of the last run, and buffers. Positions are in characters.
struct Search {
    /// Left context ids assumed after the run.
    end_left_ids: [u16; 2],
    user_word_ids: (u16, u16),
    /// Whether white space precedes the run.
    after_space: bool,
    /// By left context id, computed on first use.
    space_penalties: Vec<Option<i32>>,
    /// By word id, computed on first use. Not by context id, because a few words share theirs with
    /// words of another tag.
    tags: Vec<Option<(PosTag, PosTag)>>,
    chars: Vec<char>,
    /// By position.
    extents: Vec<LookupExtent>,
    /// By position; one more than characters.
    paths: Vec<Paths>,
    /// The nodes that begin at the current position.
    nodes: Vec<Node>,
    left_contexts: Vec<LeftContext>,
    /// By left context id: its last index in `left_contexts`; may be stale.
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
        // User words use the context ids of a typical common noun.
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

    /// Keeps the lattice of the common prefix with the previous run and returns the position up to
    /// which it is complete. Words that end after it are missing, wherever they begin.
    fn reuse_prefix(&mut self, run: &str) -> usize {
        let alike = self.chars.iter().zip(run.chars());
        let mut reused = alike.take_while(|&(a, b)| *a == b).count();
        // Unknown words at a position depend on the following characters, and on whether a
        // dictionary word begins there.
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

    /// Collects the nodes at `at` that the reused lattice does not have: user words, dictionary
    /// words (`known`) and unknown words.
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

    /// Adds unknown words as MeCab does: always for a category with `invoke`, otherwise only if no
    /// dictionary word begins here.
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
        // Plus one: the character that ended the sequence was read too.
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

    /// Extends the paths that end at `start` by the nodes that begin there.
    ///
    /// The cheapest path is computed once per left context id, for all ids before any node is
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

    /// Writes the morphemes of the cheapest path to `out`.
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

    /// The cheapest path to `position` as the end of the run.
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

/// mecab-ko's penalty after white space, by the tag of the first component.
fn space_penalty(first: PosTag) -> i32 {
    match first {
        PosTag::J => PARTICLE_SPACE_PENALTY,
        PosTag::E | PosTag::VCP | PosTag::XSN | PosTag::XSV | PosTag::XSA => ENDING_SPACE_PENALTY,
        _ => 0,
    }
}

/// The tags of the first and last component. The dictionary joins tags with `+` (`XSV+ETM`).
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
