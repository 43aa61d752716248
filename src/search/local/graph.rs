//! Searches letters in sequence with any spacing: a graph of the runs that can write them.
//!
//! ```text
//! 0 ──인공── 2 ──지능── 4      an edge is a run of the index, from a letter to a letter;
//! └────── 인공지능 ─────┘      a path from the first letter to the last is a way to write them
//! ```
//!
//! A clipping contains the text if the runs of a path are consecutive in it. Every path has exactly
//! one edge over each letter, so the documents of the edges over any one letter include all
//! matches; the letter with the fewest postings is used. Runs that the index does not store whole
//! (`발표했다` is stored as 발표) have an edge whose term is shared with other runs. Matches of paths
//! with such edges are verified in the text, see [`Literal`].

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, SegmentReader, TERMINATED};

use super::term_lookup::TermLookup;
use crate::analyze::{Analyzer, TermKind, runs};
use crate::index::{Archive, IndexError, RecordPrefilter, Result};
use crate::search::literal::{End, Literal};
use crate::search::workers;

/// Maximum length, in letters, of a text that is split wherever the index has both sides. A longer
/// text is only split within words and joined across neighbouring ones.
const MAX_SPLIT_ANYWHERE: usize = 16;

/// Maximum length, in letters, of a run that is split or joined.
const MAX_SPLIT: usize = 24;

/// Maximum number of runs whose postings are searched. The rest of a longer text is verified in the
/// text.
const MAX_PIECES: usize = 96;

/// See [`RecordLimit`]. The 50 most frequent words of 27,644 articles, each quoted, read every record
/// once; a record takes 25 µs.
const TIMES_EACH_RECORD: usize = 2;

/// See [`RecordLimit`], for a small index.
const MIN_RECORDS: usize = 50_000;

/// Reading fewer records takes less time than starting a thread.
const RECORDS_PER_THREAD: usize = 32;

/// Limits how often a query reads records to verify matches. A verb form reads the records of its
/// stem once per field and spelling, so hundreds of them would read millions.
#[derive(Debug)]
pub struct RecordLimit {
    limit: usize,
    read: AtomicUsize,
}

impl RecordLimit {
    /// For an index with `clippings`.
    pub fn new(clippings: u64) -> RecordLimit {
        let times = usize::try_from(clippings).unwrap_or(usize::MAX);
        RecordLimit {
            limit: times.saturating_mul(TIMES_EACH_RECORD).max(MIN_RECORDS),
            read: AtomicUsize::new(0),
        }
    }

    fn count(&self, records: usize) -> Result<()> {
        let before = self.read.fetch_add(records, Ordering::Relaxed);
        match before + records > self.limit {
            true => Err(IndexError::TooManyRecords(self.limit)),
            false => Ok(()),
        }
    }
}

/// A document with the number of occurrences in one field.
pub type DocCount = (DocId, u32);

/// The ways to write a text as runs of one field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Graph {
    field: Field,
    letters: usize,
    edges: Vec<Edge>,
    literal: Arc<Literal>,
}

/// A run that covers some of the letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Edge {
    letters: Range<usize>,
    /// Number of positions.
    span: u32,
    /// Its terms are shared with other runs.
    is_doubtful: bool,
    /// Any of these terms.
    terms: Vec<String>,
}

/// A text to search for, split into the runs as typed.
#[derive(Debug, Clone)]
pub struct Typed {
    literal: Arc<Literal>,
    pieces: Vec<Piece>,
    /// Possible parts of the text that the index does not store whole.
    halves: Vec<Half>,
    /// The pieces do not cover the whole text.
    is_cut: bool,
}

/// A beginning or end of the text, with the term that it shares with other runs.
#[derive(Debug, Clone)]
struct Half {
    letters: Range<usize>,
    kind: TermKind,
    text: String,
}

#[derive(Debug, Clone)]
struct Piece {
    letters: Range<usize>,
    folded: String,
    span: u32,
    /// The index has a whole term for it.
    has_whole: bool,
    /// Otherwise, the term that it shares with other runs.
    fallback: Option<(TermKind, String)>,
    /// It contains signs, so it is neither split nor joined.
    has_signs: bool,
}

impl Typed {
    /// Splits `text` into runs; `None` if it has no letter or digit.
    pub fn new(text: &str, analyzer: &mut Analyzer) -> Option<Typed> {
        let literal = Arc::new(Literal::new(text, End::Word)?);
        let mut pieces = Vec::new();
        let (mut at, mut until, mut is_cut) = (0, 0, false);
        let all: Vec<runs::Run> = runs::runs(text).take(MAX_PIECES * 2).collect();
        for (n, run) in all.iter().enumerate() {
            if run.start < until {
                continue;
            }
            if pieces.len() == MAX_PIECES {
                is_cut = true;
                break;
            }
            let compound = run.compound.filter(|compound| {
                let written = text.get(run.start..compound.end).unwrap_or_default();
                written.contains(['&', '＆', '+', '＋', '#', '%', '％', '‰', '℃'])
            });
            let (end, span) = match compound {
                Some(compound) => {
                    let last = all.get(n + compound.runs - 1).unwrap_or(run);
                    (compound.end, last.position - run.position + 1)
                }
                None => (run.end, 1),
            };
            until = end;
            let written = text.get(run.start..end).unwrap_or_default();
            let length = match Literal::new(written, End::Word) {
                Some(literal) => literal.chars().count(),
                None => continue,
            };
            let Some(reading) = analyzer.query_words(written).into_iter().next() else {
                continue;
            };
            pieces.push(Piece {
                letters: at..at + length,
                has_whole: reading.indexed_fallback.is_none(),
                fallback: reading.indexed_fallback,
                folded: reading.folded,
                span,
                has_signs: compound.is_some(),
            });
            at += length;
        }
        is_cut |= at != literal.chars().count();
        (!pieces.is_empty()).then_some(Typed {
            literal,
            pieces,
            halves: Vec::new(),
            is_cut,
        })
    }

    /// Excludes the text as a single run.
    pub fn in_several_runs(mut self) -> Typed {
        for piece in &mut self.pieces {
            piece.fallback = None;
        }
        self
    }

    /// Adds two runs without a space between them, if one is a verb form: `보고서를공개했다`.
    pub fn in_halves(mut self, analyzer: &mut Analyzer) -> Typed {
        let [piece] = &self.pieces[..] else {
            return self;
        };
        let (text, letters) = (piece.folded.as_str(), piece.letters.len());
        if piece.has_signs || letters > MAX_SPLIT || text.chars().count() != letters {
            return self;
        }
        let mut fallback = |text: &str| {
            let reading = analyzer.query_words(text).into_iter().next()?;
            reading.indexed_fallback
        };
        for (letter, (at, _)) in text.char_indices().enumerate().skip(1) {
            let (before, after) = text.split_at(at);
            for (range, half) in [(0..letter, before), (letter..letters, after)] {
                self.halves.extend(fallback(half).map(|(kind, text)| Half {
                    letters: range,
                    kind,
                    text,
                }));
            }
        }
        self
    }

    /// The text.
    pub fn literal(&self) -> &Arc<Literal> {
        &self.literal
    }
}

impl Graph {
    /// Builds the graph of `typed` from the runs that the index has. Terms of runs that are exactly
    /// the whole text are returned separately; without another way to write it, there is no graph.
    pub fn build(
        typed: &Typed,
        known: &TermLookup<'_>,
    ) -> tantivy::Result<(Vec<String>, Option<Graph>)> {
        let letters = typed.pieces.last().map_or(0, |piece| piece.letters.end);
        let mut builder = Builder {
            typed,
            known,
            letters,
            edges: Vec::new(),
        };
        builder.add_typed()?;
        builder.add_halves()?;
        if !typed.is_cut {
            builder.add_joined()?;
            builder.add_split()?;
        }
        let mut edges = builder.edges;
        let mut whole = Vec::new();
        if !typed.is_cut {
            edges.retain_mut(|edge| {
                let is_whole = edge.letters == (0..letters) && !edge.is_doubtful;
                if is_whole {
                    whole.append(&mut edge.terms);
                }
                !is_whole
            });
        }
        retain_paths(&mut edges, letters);
        let graph = (!edges.is_empty()).then(|| Graph {
            field: known.field,
            letters,
            edges,
            literal: Arc::clone(&typed.literal),
        });
        Ok((whole, graph))
    }

    /// The field.
    pub fn field(&self) -> Field {
        self.field
    }

    /// Approximate size in memory.
    pub fn bytes(&self) -> usize {
        let terms = self.edges.iter().flat_map(|edge| &edge.terms);
        let terms: usize = terms.map(|term| size_of::<String>() + term.len()).sum();
        size_of::<Graph>() + self.edges.len() * size_of::<Edge>() + terms
    }

    /// The documents of a segment with the text, sorted. Where the graph covers only the beginning of the text
    /// ([`Typed::is_cut`]), its last edge is doubtful and the stored text decides.
    ///
    /// # Errors
    /// When the index cannot be read; [`IndexError::TooManyRecords`].
    pub fn find(
        &self,
        archive: &Archive,
        segment: u32,
        reader: &SegmentReader,
        limit: &RecordLimit,
    ) -> Result<Vec<DocCount>> {
        let dict = archive.terms().dict(reader, self.field)?;
        let mut edges = Vec::with_capacity(self.edges.len());
        for edge in &self.edges {
            let mut infos: Vec<TermInfo> = Vec::with_capacity(edge.terms.len());
            for term in &edge.terms {
                infos.extend(dict.info(term).map_err(tantivy::TantivyError::from)?);
            }
            if !infos.is_empty() {
                edges.push((edge, infos));
            }
        }
        retain_paths(&mut edges, self.letters);
        let mut open = Vec::with_capacity(edges.len());
        for (edge, infos) in edges {
            let mut postings = Vec::with_capacity(infos.len());
            let size = infos.iter().map(|info| u64::from(info.doc_freq)).sum();
            for info in &infos {
                let option = IndexRecordOption::WithFreqsAndPositions;
                postings.push(
                    dict.index()
                        .read_postings_from_terminfo(info, option)
                        .map_err(tantivy::TantivyError::from)?,
                );
            }
            open.push(OpenEdge {
                edge,
                size,
                postings,
                positions: Vec::new(),
            });
        }
        let mut found = Vec::new();
        let mut doubtful = Vec::new();
        Walk::new(self, open).run(&mut found, &mut doubtful);
        let alive = reader.alive_bitset();
        doubtful.retain(|doc| alive.is_none_or(|alive| alive.is_alive(*doc)));
        if !doubtful.is_empty() {
            found.extend(verified(
                archive,
                segment,
                &doubtful,
                &self.literal,
                self.field,
                limit,
            )?);
            found.sort_unstable();
        }
        Ok(found)
    }
}

/// The documents whose stored text in `field` contains `literal`, with the number of occurrences.
///
/// # Errors
/// When a record cannot be read; [`IndexError::TooManyRecords`].
pub fn verified(
    archive: &Archive,
    segment: u32,
    docs: &[DocId],
    literal: &Literal,
    field: Field,
    limit: &RecordLimit,
) -> Result<Vec<DocCount>> {
    limit.count(docs.len())?;
    let letters: Vec<char> = literal.chars().collect();
    let prefilter = RecordPrefilter::of(&letters, literal.end() == End::Word);
    let fields = archive.fields();
    let count = |doc: &DocId| -> Result<Option<DocCount>> {
        let address = DocAddress::new(segment, *doc);
        let clipping = match &prefilter {
            Some(prefilter) => archive.records().clipping_with(address, prefilter)?,
            None => Some(archive.records().clipping(address)?),
        };
        let Some(clipping) = clipping else {
            return Ok(None);
        };
        let places = |text: &String| literal.places(text).count();
        let of = |texts: &[String]| texts.iter().map(places).sum::<usize>();
        let count = if field == fields.headline {
            places(&clipping.headline)
        } else if field == fields.body {
            places(&clipping.body)
        } else if field == fields.extra {
            of(&clipping.subheads) + of(&clipping.captions)
        } else {
            of(&clipping.reporters) + clipping.outlet.iter().map(places).sum::<usize>()
        };
        Ok((count > 0).then_some((*doc, count as u32)))
    };
    let found = workers::map(docs, RECORDS_PER_THREAD, count);
    found.into_iter().filter_map(Result::transpose).collect()
}

/// Builds the edges of a graph.
struct Builder<'b> {
    typed: &'b Typed,
    known: &'b TermLookup<'b>,
    letters: usize,
    edges: Vec<Edge>,
}

impl Builder<'_> {
    fn add(&mut self, letters: Range<usize>, span: u32, is_doubtful: bool, terms: Vec<String>) {
        let is_there = |edge: &Edge| {
            edge.letters == letters && edge.is_doubtful == is_doubtful && edge.terms == terms
        };
        if !terms.is_empty() && !self.edges.iter().any(is_there) {
            self.edges.push(Edge {
                letters,
                span,
                is_doubtful,
                terms,
            });
        }
    }

    /// Adds the runs as typed.
    fn add_typed(&mut self) -> tantivy::Result<()> {
        let typed = self.typed;
        for (n, piece) in typed.pieces.iter().enumerate() {
            let is_last = n + 1 == typed.pieces.len();
            let mut terms = Vec::new();
            if piece.has_whole {
                self.known
                    .take(TermKind::Whole, &piece.folded, &mut terms)?;
            }
            if is_last {
                let known = self.known;
                known.take_before_particles(&piece.folded, &mut terms)?;
            }
            let is_cut = is_last && typed.is_cut;
            self.add(piece.letters.clone(), piece.span, is_cut, terms);
            if let Some((kind, text)) = &piece.fallback {
                let mut terms = Vec::new();
                self.known.take(*kind, text, &mut terms)?;
                self.add(piece.letters.clone(), piece.span, true, terms);
            }
        }
        Ok(())
    }

    fn add_halves(&mut self) -> tantivy::Result<()> {
        for half in &self.typed.halves {
            let mut terms = Vec::new();
            self.known.take(half.kind, &half.text, &mut terms)?;
            self.add(half.letters.clone(), 1, true, terms);
        }
        Ok(())
    }

    /// Adds neighbouring words joined.
    fn add_joined(&mut self) -> tantivy::Result<()> {
        let pieces = &self.typed.pieces;
        for from in 0..pieces.len() {
            let mut joined = String::new();
            for (to, piece) in pieces.iter().enumerate().skip(from) {
                if piece.has_signs {
                    break;
                }
                joined.push_str(&piece.folded);
                let letters = pieces[from].letters.start..piece.letters.end;
                if letters.len() > MAX_SPLIT {
                    break;
                }
                if to > from {
                    self.add_run(&joined, letters)?;
                }
            }
        }
        Ok(())
    }

    /// Adds words split; for a short text, also letters of neighbouring words joined.
    fn add_split(&mut self) -> tantivy::Result<()> {
        let pieces = &self.typed.pieces;
        let plain =
            |piece: &Piece| !piece.has_signs && piece.folded.chars().count() == piece.letters.len();
        if self.letters <= MAX_SPLIT_ANYWHERE && pieces.iter().all(plain) {
            let text: String = pieces.iter().map(|piece| piece.folded.as_str()).collect();
            return self.add_parts(&text, 0);
        }
        for piece in pieces {
            if plain(piece) && piece.letters.len() <= MAX_SPLIT {
                self.add_parts(&piece.folded, piece.letters.start)?;
            }
        }
        Ok(())
    }

    /// Adds every part of `text` that is a run in the index. `first` is the number of its first
    /// letter.
    fn add_parts(&mut self, text: &str, first: usize) -> tantivy::Result<()> {
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let ends: Vec<usize> = ends.into_iter().chain([text.len()]).collect();
        let length = ends.len() - 1;
        // Not for two letters: separated, they occur as two words in most texts.
        if length < 3 {
            return Ok(());
        }
        for from in 0..length {
            for to in from + 1..=length {
                if (from, to) != (0, length) {
                    let piece = text.get(ends[from]..ends[to]).unwrap_or_default();
                    self.add_run(piece, first + from..first + to)?;
                }
            }
        }
        Ok(())
    }

    /// Adds a run that was not typed as such.
    fn add_run(&mut self, text: &str, letters: Range<usize>) -> tantivy::Result<()> {
        let is_last = letters.end == self.letters;
        let mut terms = Vec::new();
        self.known.take(TermKind::Whole, text, &mut terms)?;
        if is_last {
            self.known.take_before_particles(text, &mut terms)?;
        }
        let mut stems = Vec::new();
        if terms.is_empty() {
            self.known.take_stems(text, &mut stems)?;
        }
        self.add(letters.clone(), 1, false, terms);
        self.add(letters, 1, true, stems);
        Ok(())
    }
}

/// Something that covers letters.
trait OverLetters {
    fn letters(&self) -> &Range<usize>;
}

impl OverLetters for Edge {
    fn letters(&self) -> &Range<usize> {
        &self.letters
    }
}

impl OverLetters for (&Edge, Vec<TermInfo>) {
    fn letters(&self) -> &Range<usize> {
        &self.0.letters
    }
}

/// Removes edges that are not on a path from the first letter to the last.
fn retain_paths<E: OverLetters>(edges: &mut Vec<E>, letters: usize) {
    edges.sort_by_key(|edge| (edge.letters().start, edge.letters().end));
    let mut from_first = vec![false; letters + 1];
    let mut to_last = vec![false; letters + 1];
    from_first[0] = true;
    to_last[letters] = true;
    for edge in edges.iter() {
        if from_first[edge.letters().start] {
            from_first[edge.letters().end] = true;
        }
    }
    for edge in edges.iter().rev() {
        if to_last[edge.letters().end] {
            to_last[edge.letters().start] = true;
        }
    }
    edges.retain(|edge| from_first[edge.letters().start] && to_last[edge.letters().end]);
}

/// An edge with its open postings in a segment.
struct OpenEdge<'g> {
    edge: &'g Edge,
    size: u64,
    postings: Vec<SegmentPostings>,
    positions: Vec<u32>,
}

impl OpenEdge<'_> {
    /// The first document at or after `target`.
    fn seek(&mut self, target: DocId) -> DocId {
        let mut first = TERMINATED;
        for postings in &mut self.postings {
            let mut doc = postings.doc();
            if doc < target {
                doc = postings.seek(target);
            }
            first = first.min(doc);
        }
        first
    }

    fn read_positions(&mut self, doc: DocId) {
        self.positions.clear();
        for postings in &mut self.postings {
            if postings.doc() == doc {
                postings.append_positions_with_offset(0, &mut self.positions);
            }
        }
        if self.postings.len() > 1 {
            self.positions.sort_unstable();
            self.positions.dedup();
        }
    }
}

/// A path up to some letter: its last position, and whether it has a doubtful edge or gap.
type Reached = (u32, bool);

/// Iterates over the documents of a segment.
struct Walk<'g> {
    graph: &'g Graph,
    edges: Vec<OpenEdge<'g>>,
    /// By letter: the edges that cover it, rarest first.
    cuts: Vec<Vec<usize>>,
    /// By letter.
    reached: Vec<Vec<Reached>>,
}

impl<'g> Walk<'g> {
    fn new(graph: &'g Graph, edges: Vec<OpenEdge<'g>>) -> Walk<'g> {
        let mut cuts: Vec<Vec<usize>> = Vec::new();
        for letter in 0..graph.letters {
            let over = |n: &usize| edges[*n].edge.letters.contains(&letter);
            let cut: Vec<usize> = (0..edges.len()).filter(over).collect();
            if !cuts.contains(&cut) {
                cuts.push(cut);
            }
        }
        cuts.sort_by_cached_key(|cut| cut.iter().map(|&n| edges[n].size).sum::<u64>());
        Walk {
            graph,
            edges,
            cuts,
            reached: vec![Vec::new(); graph.letters + 1],
        }
    }

    /// Separates documents that contain the text from those whose stored text must decide.
    fn run(mut self, found: &mut Vec<DocCount>, doubtful: &mut Vec<DocId>) {
        let mut target = 0;
        while let Some(doc) = self.next(target) {
            match self.count(doc) {
                (0, false) => {}
                (0, true) => doubtful.push(doc),
                (count, _) => found.push((doc, count)),
            }
            target = doc + 1;
        }
    }

    /// The first document at or after `target` that has an edge over every letter.
    fn next(&mut self, mut target: DocId) -> Option<DocId> {
        if self.cuts.is_empty() {
            return None;
        }
        'next: loop {
            for (n, cut) in self.cuts.iter().enumerate() {
                let edges = &mut self.edges;
                let seek = cut.iter().map(|&n| edges[n].seek(target));
                let doc = seek.min().unwrap_or(TERMINATED);
                if doc == TERMINATED {
                    return None;
                }
                if doc != target {
                    target = doc;
                    // The earlier letters have to be checked again for the new document.
                    if n > 0 {
                        continue 'next;
                    }
                }
            }
            return Some(target);
        }
    }

    /// Number of undoubted occurrences in `doc`, and whether there are doubtful ones.
    fn count(&mut self, doc: DocId) -> (u32, bool) {
        self.reached.iter_mut().for_each(Vec::clear);
        for open in &mut self.edges {
            let Range { start, end } = open.edge.letters;
            if start > 0 && self.reached[start].is_empty() {
                continue;
            }
            open.read_positions(doc);
            let (before, after) = self.reached.split_at_mut(end);
            let Some(after) = after.first_mut() else {
                continue;
            };
            // Edges that end here have been processed before those that begin here.
            before[start].sort_unstable();
            for &position in &open.positions {
                let arrived = match start {
                    0 => Some(false),
                    _ => arrives(&before[start], position),
                };
                if let Some(is_doubtful) = arrived {
                    let last = position + open.edge.span - 1;
                    after.push((last, is_doubtful || open.edge.is_doubtful));
                }
            }
        }
        let ends = &mut self.reached[self.graph.letters];
        ends.sort_unstable();
        ends.dedup_by_key(|(position, _)| *position);
        let sure = ends.iter().filter(|(_, is_doubtful)| !is_doubtful).count();
        (sure as u32, !ends.is_empty())
    }
}

/// Whether a path ends right before `position`, and whether it is doubtful. Punctuation takes a
/// position, as does another word; only the text can tell which it is. `reached` is sorted.
fn arrives(reached: &[Reached], position: u32) -> Option<bool> {
    let at = |distance: u32| {
        let last = position.checked_sub(distance)?;
        let first = reached.partition_point(|(there, _)| *there < last);
        let (there, is_doubtful) = reached.get(first)?;
        (*there == last).then_some(*is_doubtful)
    };
    match at(1) {
        near @ Some(_) => near,
        None => at(2).map(|_| true),
    }
}
