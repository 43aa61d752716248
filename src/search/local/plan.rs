//! Compiles a query tree to tantivy queries.
//!
//! Every word is compiled to two [`Word`]s with the analyzer of the index: an exact one, which
//! decides whether a clipping matches, and a ranking one, which also includes parts and atoms. A
//! quotation has only an exact one.

use std::ops::Bound;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery,
    ExistsQuery, InvertedIndexRangeQuery, Occur, Query, RangeQuery, TermQuery,
};
use tantivy::schema::{Field as IndexField, IndexRecordOption};
use tantivy::{SegmentReader, Term};

use super::graph::{Found, Graph, RecordLimit, Typed, verified};
use super::known::Known;
use super::listed::ListedQuery;
use super::near::NearQuery;
use super::reading::with_word;
use super::word::{FieldWeight, Spaced, Word, WordQuery};
use crate::analyze::synonyms::Synonyms;
use crate::analyze::{Analyzer, TermKind, fold};
use crate::cache::Cache;
use crate::clipping::Published;
use crate::index::{Archive, Result, encode, fold_name};
use crate::query::{DateRange, Field, Node};
use crate::search::intent::{Form, MAX_WORDS, Reader, Vocabulary, WordIntent};
use crate::search::literal::{End, Literal};
use crate::search::{params, same_forms, workers};

/// Larger distances do not count as near.
const MAX_SLOP: u32 = 1000;

/// Longer prefixes match no term.
const MAX_PREFIX_BYTES: usize = 512;

/// A compiled query.
pub struct Plan {
    /// Matches everything that the query requires.
    pub full: Box<dyn Query>,
    /// Matches any of the words; `None` if there are no partial matches.
    pub partial: Option<Box<dyn Query>>,
    /// Matches any component of a compound.
    pub components: Option<Box<dyn Query>>,
    /// The required words and quotations, as typed.
    pub requirements: Vec<Requirement>,
    /// The ranking words, for marks and explanations. Without excluded words and words that are
    /// searched in names.
    pub words: Vec<Word>,
    /// The words for proximity scoring, in the order typed; a compound that is the only word as its
    /// components.
    pub nearness: Vec<Word>,
    /// Texts and quotations to be marked literally, each with the number of its word.
    pub literals: Vec<(Option<usize>, Arc<Literal>)>,
}

/// A required word or quotation.
pub struct Requirement {
    /// As typed.
    pub text: String,
    /// Whether it was in quotation marks.
    pub is_quoted: bool,
    /// Matches it.
    pub query: Box<dyn Query>,
}

impl Plan {
    /// Ranks matches of `light` higher, by `share` of the score that it gives them.
    pub fn preferring(self, light: &Plan, share: f32) -> Plan {
        Plan {
            full: light.preferred(self.full, share),
            partial: self.partial.map(|query| light.preferred(query, share)),
            ..self
        }
    }

    fn preferred(&self, query: Box<dyn Query>, share: f32) -> Box<dyn Query> {
        let light = BoostQuery::new(self.full.box_clone(), share);
        Box::new(BooleanQuery::new(vec![
            (Occur::Must, query),
            (Occur::Should, Box::new(light)),
        ]))
    }
}

/// A word for proximity scoring.
struct NearWord {
    /// A compound that the archive has as a whole.
    whole: Option<Word>,
    /// The word, or the components of a compound.
    words: Vec<Word>,
}

impl NearWord {
    fn simple(word: Word) -> NearWord {
        NearWord {
            whole: None,
            words: vec![word],
        }
    }

    /// The words that are compared with others.
    fn beside_others(&self) -> &[Word] {
        match &self.whole {
            Some(whole) => std::slice::from_ref(whole),
            None => &self.words,
        }
    }
}

/// A compound beside other words is near them where it stands as a whole; with nothing beside it, its
/// components are compared with each other.
fn near_words(nearness: &[NearWord]) -> Vec<Word> {
    match nearness {
        [only] => only.words.clone(),
        several => (several.iter())
            .flat_map(NearWord::beside_others)
            .cloned()
            .collect(),
    }
}

/// Compiles trees to plans.
pub struct Planner<'a> {
    archive: &'a Archive,
    analyzer: &'a mut Analyzer,
    synonyms: Option<&'a Synonyms>,
    requirements: Vec<Requirement>,
    words: Vec<Word>,
    nearness: Vec<NearWord>,
    literals: Vec<(Option<usize>, Arc<Literal>)>,
    /// Whether anything is outside quotation marks.
    has_words: bool,
    has_several_quotations: bool,
    /// Number of words that may still be added.
    room: usize,
    limit: RecordLimit,
    spaced: Option<&'a SpacedCache>,
}

/// Occurrences of words across several runs, for the queries that derive from one (corrections,
/// suggestions) and for frequent verb forms.
pub type SpacedCache = Cache<Graph, Option<Arc<Spaced>>>;

/// Bytes of each generation of a [`SpacedCache`].
pub const SPACED_BYTES: usize = 8 << 20;

/// The fields that a part of the query is searched in.
#[derive(Clone)]
enum Scope {
    Text(Arc<[FieldWeight]>),
    Name(IndexField),
    Exact(IndexField),
}

/// A compiled word.
struct Compiled {
    /// Matches it.
    exact: Box<dyn Query>,
    /// Ranking words.
    ranking: Vec<Word>,
    /// The words of a compound typed apart.
    apart: Vec<Word>,
    nearness: NearWord,
    /// The exact query ranks as well.
    is_exact: bool,
}

/// Counts in headlines and bodies.
struct ArchiveVocabulary<'a>(&'a Archive);

impl Vocabulary for ArchiveVocabulary<'_> {
    fn count(&self, text: &str) -> Result<u64> {
        super::population::postings(self.0, text)
    }
}

impl<'a> Planner<'a> {
    /// A planner for `archive`.
    pub fn new(
        archive: &'a Archive,
        analyzer: &'a mut Analyzer,
        synonyms: Option<&'a Synonyms>,
    ) -> Self {
        Planner {
            archive,
            analyzer,
            synonyms,
            requirements: Vec::new(),
            words: Vec::new(),
            nearness: Vec::new(),
            literals: Vec::new(),
            has_words: false,
            has_several_quotations: false,
            room: MAX_WORDS,
            limit: RecordLimit::new(archive.searcher().num_docs()),
            spaced: None,
        }
    }

    /// Uses `cache`, which must be of the same state of the index.
    pub fn with_cache(mut self, cache: &'a SpacedCache) -> Self {
        self.spaced = Some(cache);
        self
    }

    /// Compiles `tree`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn plan(mut self, tree: &Node) -> Result<Plan> {
        let everywhere = self.text_scope(None);
        self.has_words = parts(tree).iter().any(|part| matches!(part, Node::Word(_)));
        let quotations = (parts(tree).iter()).filter(|part| matches!(part, Node::Phrase { .. }));
        self.has_several_quotations = quotations.count() > 1;
        let clauses = self.all_of(parts(tree), &everywhere)?;
        let partial = self.partial(&clauses);
        let components = self.components(&clauses);
        Ok(Plan {
            full: self.conjunction(clauses),
            partial,
            components,
            requirements: self.requirements,
            words: self.words,
            nearness: near_words(&self.nearness),
            literals: self.literals,
        })
    }

    fn text_scope(&self, field: Option<Field>) -> Scope {
        let fields = self.archive.fields();
        let all = all_fields(self.archive);
        let [headline, body, extra] = [all[0], all[1], all[2]];
        match field {
            None => Scope::Text(all),
            Some(Field::Headline) => Scope::Text([headline].into()),
            Some(Field::Body) => Scope::Text([body].into()),
            Some(Field::Subhead | Field::Caption) => Scope::Text([extra].into()),
            Some(Field::Reporter) => Scope::Name(fields.reporter),
            Some(Field::Outlet) => Scope::Name(fields.outlet),
            Some(Field::Section) => Scope::Name(fields.section),
            Some(Field::Person) => Scope::Name(fields.person),
            Some(Field::Place) => Scope::Name(fields.place),
            Some(Field::Organization) => Scope::Name(fields.organization),
            Some(Field::Category) => Scope::Name(fields.category),
            Some(Field::Url) => Scope::Exact(fields.url),
            Some(Field::Id) => Scope::Exact(fields.id),
        }
    }

    fn node(&mut self, node: &Node, scope: &Scope) -> Result<Box<dyn Query>> {
        Ok(match node {
            Node::All => self.everything(scope),
            Node::Word(_) | Node::And(_) | Node::Not(_) => {
                let clauses = self.all_of(parts(node), scope)?;
                self.conjunction(clauses)
            }
            Node::Or(parts) => {
                let mut any = Vec::with_capacity(parts.len());
                for part in parts {
                    any.push(self.node(part, scope)?);
                }
                Box::new(BooleanQuery::union(any))
            }
            Node::Phrase { text, slop } => self.phrase(text, *slop, scope)?,
            Node::Prefix(prefix) => self.prefix(prefix, scope)?,
            Node::Field { field, node } => {
                let scope = self.text_scope(Some(*field));
                self.node(node, &scope)?
            }
            Node::Date(range) => dates(self.archive, range),
        })
    }

    /// Matches everything or, in the scope of a field, every clipping that has it.
    fn everything(&self, scope: &Scope) -> Box<dyn Query> {
        let all: Box<dyn Query> = match scope {
            Scope::Name(field) => {
                let schema = self.archive.searcher().schema();
                let name = schema.get_field_name(*field).to_owned();
                Box::new(ExistsQuery::new(name, false))
            }
            _ => Box::new(AllQuery),
        };
        Box::new(ConstScoreQuery::new(all, 0.0))
    }

    /// Compiles the parts of a conjunction. Consecutive words are interpreted together.
    fn all_of(&mut self, parts: &[Node], scope: &Scope) -> Result<Vec<Clause>> {
        let mut clauses = Vec::new();
        let mut row: Vec<&str> = Vec::new();
        for (n, part) in parts.iter().enumerate() {
            // Each one reads the postings of all its terms.
            if matches!(part, Node::Prefix(_)) && parts[..n].contains(part) {
                continue;
            }
            match (part, scope) {
                (Node::Word(word), Scope::Text(_)) => row.push(word),
                (Node::Word(word), _) => clauses.push(Clause::must(self.name(word, scope))),
                (Node::Not(excluded), _) => {
                    self.row(&mut row, scope, &mut clauses)?;
                    let kept = self.kept();
                    let query = self.node(excluded, scope)?;
                    // Excluded words are neither marked nor reported as missing.
                    self.keep(kept);
                    clauses.push(Clause {
                        occur: Occur::MustNot,
                        ..Clause::must(query)
                    });
                }
                (Node::Phrase { text, slop }, Scope::Text(_)) => {
                    self.row(&mut row, scope, &mut clauses)?;
                    let query = self.phrase(text, *slop, scope)?;
                    let mut words = Vec::new();
                    if self.has_words {
                        let kept = self.requirements.len();
                        self.row(&mut vec![text], scope, &mut words)?;
                        self.requirements.truncate(kept);
                    }
                    clauses.push(Clause {
                        quoted: true,
                        ranking: words.into_iter().flat_map(|word| word.ranking).collect(),
                        ..Clause::must(query)
                    });
                }
                (other, _) => {
                    self.row(&mut row, scope, &mut clauses)?;
                    clauses.push(Clause::must(self.node(other, scope)?));
                }
            }
        }
        self.row(&mut row, scope, &mut clauses)?;
        Ok(clauses)
    }

    fn kept(&self) -> [usize; 4] {
        [
            self.requirements.len(),
            self.words.len(),
            self.nearness.len(),
            self.literals.len(),
        ]
    }

    fn keep(&mut self, [requirements, words, nearness, literals]: [usize; 4]) {
        self.requirements.truncate(requirements);
        self.words.truncate(words);
        self.nearness.truncate(nearness);
        self.literals.truncate(literals);
    }

    /// Compiles consecutive words.
    fn row(&mut self, row: &mut Vec<&str>, scope: &Scope, clauses: &mut Vec<Clause>) -> Result<()> {
        let Scope::Text(fields) = scope else {
            return Ok(());
        };
        if row.is_empty() {
            return Ok(());
        }
        let mut reader = Reader {
            analyzer: self.analyzer,
            synonyms: self.synonyms,
            vocabulary: &ArchiveVocabulary(self.archive),
        };
        let mut words = reader.row(&std::mem::take(row))?;
        words.truncate(self.room);
        self.room -= words.len();
        for word in &words {
            let number = self.words.len();
            let compiled = self.word(word, fields, number)?;
            self.requirements.push(Requirement {
                text: word.label.clone(),
                is_quoted: false,
                query: compiled.exact.box_clone(),
            });
            self.words.extend(compiled.ranking.iter().cloned());
            self.nearness.push(compiled.nearness);
            clauses.push(Clause {
                occur: Occur::Must,
                query: compiled.exact,
                ranks: compiled.is_exact,
                ranking: compiled.ranking,
                apart: compiled.apart,
                quoted: false,
                fields: Some(Arc::clone(fields)),
            });
        }
        Ok(())
    }

    /// Compiles the word with this number in the query.
    fn word(
        &mut self,
        word: &WordIntent,
        fields: &Arc<[FieldWeight]>,
        number: usize,
    ) -> Result<Compiled> {
        // Captions only rank: a clipping must have the word in headline or body.
        let deciding = self.quotable(fields);
        let exact = self.exact_word(word, &deciding, number)?;
        let mut ranking = exact.clone();
        ranking.terms.extend(encoded(&word.loose));
        let mut atoms = Vec::with_capacity(word.atoms.len());
        for atom in &word.atoms {
            atoms.push(self.word(atom, fields, number)?);
        }
        let query = |word: &Word| -> Box<dyn Query> {
            let terms = self.archive.terms();
            Box::new(WordQuery::new(word.clone(), Arc::clone(&deciding), terms))
        };
        if word.is_apart {
            // All words typed; the words written as one, which the analyzer may split elsewhere
            // (인권침해 has the terms 인권 and 침); or a synonym for all of them.
            let all = atoms
                .iter()
                .map(|atom| (Occur::Must, atom.exact.box_clone()));
            let all: Box<dyn Query> = Box::new(BooleanQuery::new(all.collect()));
            // Where the words are written as one, the analyzer may not separate one of them: an
            // occurrence of 전동킥보드 counts as one of 킥보드 too.
            let (mut near, mut all_apart) = (Vec::new(), Vec::new());
            for (atom, compiled) in word.atoms.iter().zip(&atoms) {
                let joined = match atom.is_hidden {
                    true => &exact.terms[..],
                    false => &[],
                };
                let or_joined = |part: &Word| {
                    let mut part = part.clone();
                    part.terms.extend_from_slice(joined);
                    part
                };
                near.extend(compiled.nearness.beside_others().iter().map(or_joined));
                all_apart.extend(compiled.ranking.iter().map(or_joined));
            }
            let nearness = NearWord {
                whole: None,
                words: near,
            };
            let apart: Vec<Word> = atoms.into_iter().flat_map(|atom| atom.ranking).collect();
            ranking.alternatives.push((params::ATOMS, all_apart));
            return Ok(Compiled {
                exact: Box::new(BooleanQuery::union(vec![all, query(&exact)])),
                ranking: vec![ranking],
                apart,
                nearness,
                is_exact: false,
            });
        }
        let is_exact = word.loose.is_empty() && atoms.is_empty();
        ranking.without_captions = is_exact && fields.len() > 1;
        let nearness = match atoms.is_empty() {
            true => NearWord::simple(ranking.clone()),
            false => {
                let words = atoms.iter().flat_map(|a| a.nearness.beside_others());
                let words = words.cloned().collect();
                let atoms = atoms.into_iter().flat_map(|atom| atom.ranking);
                ranking.alternatives.push((params::ATOMS, atoms.collect()));
                let stands = !exact.spaced.is_empty() || with_word(self.archive, &exact)? > 0;
                NearWord {
                    whole: stands.then(|| ranking.clone()),
                    words,
                }
            }
        };
        Ok(Compiled {
            exact: query(&exact),
            ranking: vec![ranking],
            apart: Vec::new(),
            nearness,
            is_exact,
        })
    }

    /// Compiles everything that matches a word: its forms, other spellings and synonyms.
    fn exact_word(
        &mut self,
        word: &WordIntent,
        fields: &[FieldWeight],
        number: usize,
    ) -> Result<Word> {
        let mut exact = Word {
            label: word.label.clone(),
            terms: encoded(&word.exact),
            ..Word::default()
        };
        if let Some(written) = &word.written {
            let others = same_forms::spellings(written);
            let has_others = !others.is_empty();
            for text in std::iter::once(written).chain(&others) {
                let Some(typed) = Typed::new(text, self.analyzer) else {
                    continue;
                };
                self.fill(&mut exact, &typed, fields)?;
                if has_others || !exact.spaced.is_empty() {
                    let literal = Arc::clone(typed.literal());
                    self.literals.push((Some(number), literal));
                }
            }
        }
        if let Some(text) = &word.apart
            && let Some(typed) = Typed::new(text, self.analyzer)
        {
            let mut typed = typed.in_several_runs();
            // Not for a verb form, which matches its stem anyway.
            if word.exact.is_empty() && word.written.is_none() {
                typed = typed.in_halves(self.analyzer);
            }
            self.fill(&mut exact, &typed, fields)?;
        }
        for synonym in &word.synonyms {
            let Some(typed) = Typed::new(synonym, self.analyzer) else {
                continue;
            };
            let mut same = Word {
                label: synonym.clone(),
                is_synonym: true,
                ..Word::default()
            };
            self.fill(&mut same, &typed, fields)?;
            self.literals
                .push((Some(number), Arc::clone(typed.literal())));
            if !same.terms.is_empty() || !same.spaced.is_empty() {
                exact.alternatives.push((params::SYNONYM, vec![same]));
            }
        }
        Ok(exact)
    }

    /// Adds the terms and occurrences of `typed`, as one run or several.
    fn fill(&self, word: &mut Word, typed: &Typed, fields: &[FieldWeight]) -> Result<()> {
        for weighted in fields {
            let known = Known {
                searcher: self.archive.searcher(),
                terms: self.archive.terms(),
                field: weighted.field,
            };
            let (terms, graph) = Graph::build(typed, &known)?;
            for term in terms {
                if !word.terms.iter().any(|(known, _)| *known == term) {
                    word.terms.push((term, 1.0));
                }
            }
            if let Some(graph) = graph {
                word.spaced.extend(self.spaced(graph)?);
            }
        }
        Ok(())
    }

    fn spaced(&self, graph: Graph) -> Result<Option<Arc<Spaced>>> {
        if let Some(known) = self.spaced.and_then(|cache| cache.get(&graph)) {
            return Ok(known);
        }
        let readers = self.archive.searcher().segment_readers();
        let readers: Vec<(u32, &SegmentReader)> = (0..).zip(readers).collect();
        let found = workers::map(&readers, 1, |(segment, reader)| {
            let found = graph.find(self.archive, *segment, reader, &self.limit)?;
            Ok((reader.segment_id(), Arc::from(found)))
        });
        let segments: Vec<(SegmentId, Arc<[Found]>)> = found.into_iter().collect::<Result<_>>()?;
        let docs = segments.iter().map(|(_, found)| found.len() as u64).sum();
        let spaced = (docs > 0).then(|| {
            Arc::new(Spaced {
                field: graph.field(),
                docs,
                segments,
            })
        });
        if let Some(cache) = self.spaced {
            let bytes = graph.bytes() + docs as usize * size_of::<Found>();
            cache.insert(graph, spaced.clone(), bytes);
        }
        Ok(spaced)
    }

    fn phrase(&mut self, text: &str, slop: Option<u32>, scope: &Scope) -> Result<Box<dyn Query>> {
        let Scope::Text(fields) = scope else {
            return Ok(self.name(text, scope));
        };
        let query: Box<dyn Query> = match slop {
            Some(slop) if slop > 0 => {
                let mut words = Vec::new();
                let mut readings = self.analyzer.query_words(text);
                readings.truncate(self.room);
                self.room -= readings.len();
                for reading in readings {
                    let texts = reading.forms.iter();
                    let mut terms: Vec<(String, f32)> = Vec::new();
                    for text in texts {
                        for kind in [TermKind::Whole, TermKind::Stem, TermKind::Part] {
                            terms.push((encoded_term(kind, text), 1.0));
                        }
                    }
                    let lemmas = reading.lemmas.iter();
                    terms.extend(lemmas.map(|l| (encoded_term(TermKind::Part, l), params::PART)));
                    words.push(Word {
                        label: reading.written,
                        terms,
                        ..Word::default()
                    });
                }
                if words.is_empty() {
                    return Ok(Box::new(EmptyQuery));
                }
                self.words.extend(words.iter().cloned());
                self.nearness
                    .extend(words.iter().cloned().map(NearWord::simple));
                let terms = self.archive.terms();
                let slop = slop.min(MAX_SLOP);
                Box::new(NearQuery::new(words, Arc::clone(fields), slop, terms))
            }
            _ => match Typed::new(text, self.analyzer) {
                None => Box::new(EmptyQuery),
                Some(typed) => {
                    self.literals.push((None, Arc::clone(typed.literal())));
                    let fields = self.quotable(fields);
                    let mut word = Word {
                        label: text.to_owned(),
                        ..Word::default()
                    };
                    self.fill(&mut word, &typed, &fields)?;
                    for other in same_forms::spellings(text) {
                        if let Some(typed) = Typed::new(&other, self.analyzer) {
                            self.literals.push((None, Arc::clone(typed.literal())));
                            self.fill(&mut word, &typed, &fields)?;
                        }
                    }
                    Box::new(WordQuery::new(word, fields, self.archive.terms()))
                }
            },
        };
        self.requirements.push(Requirement {
            text: text.to_owned(),
            is_quoted: true,
            query: query.box_clone(),
        });
        Ok(query)
    }

    /// Quotations are searched in headline and body; captions only if requested.
    fn quotable(&self, fields: &Arc<[FieldWeight]>) -> Arc<[FieldWeight]> {
        match fields.len() {
            1 => Arc::clone(fields),
            _ => {
                let extra = self.archive.fields().extra;
                fields
                    .iter()
                    .filter(|f| f.field != extra)
                    .copied()
                    .collect()
            }
        }
    }

    fn prefix(&mut self, prefix: &str, scope: &Scope) -> Result<Box<dyn Query>> {
        if prefix.len() > MAX_PREFIX_BYTES {
            return Ok(Box::new(EmptyQuery));
        }
        let (fields, folded): (Vec<IndexField>, String) = match scope {
            Scope::Text(fields) => (
                fields.iter().map(|f| f.field).collect(),
                fold::folded(prefix),
            ),
            Scope::Name(field) => (vec![*field], fold_name(prefix)),
            Scope::Exact(field) => (vec![*field], prefix.to_owned()),
        };
        self.words.push(Word {
            label: format!("{folded}*"),
            ..Word::default()
        });
        // Verb forms are indexed by their stems: for 발표했*, search the clippings with 발표.
        let fallback = match (scope, &self.analyzer.query_words(prefix)[..]) {
            (Scope::Text(_), [word]) => word.indexed_fallback.clone(),
            _ => None,
        };
        let literal = Literal::new(prefix, End::Anywhere);
        let mut any: Vec<Box<dyn Query>> = Vec::new();
        for field in fields {
            let first = Term::from_field_text(field, &folded);
            let last = Term::from_field_text(field, &format!("{folded}{}", char::MAX));
            any.push(Box::new(InvertedIndexRangeQuery::new(
                Bound::Included(first),
                Bound::Excluded(last),
            )));
            if let (Some((kind, text)), Some(literal)) = (&fallback, &literal) {
                let term = encoded_term(*kind, text);
                any.push(Box::new(self.begun(field, &term, literal)?));
            }
        }
        Ok(Box::new(BooleanQuery::union(any)))
    }

    /// The clippings with `term` whose text has a word with the prefix.
    fn begun(&self, field: IndexField, term: &str, literal: &Literal) -> Result<ListedQuery> {
        let readers = self.archive.searcher().segment_readers();
        let mut segments = Vec::with_capacity(readers.len());
        for (segment, reader) in (0..).zip(readers) {
            let docs = super::reading::docs_of(self.archive, reader, field, term)?;
            let found = verified(self.archive, segment, &docs, literal, field, &self.limit)?;
            segments.push((reader.segment_id(), Arc::from(found)));
        }
        Ok(ListedQuery::new(segments))
    }

    /// A word searched in names or URLs: matches whole values.
    fn name(&self, text: &str, scope: &Scope) -> Box<dyn Query> {
        let term = match scope {
            Scope::Name(field) => Term::from_field_text(*field, &fold_name(text)),
            Scope::Exact(field) => Term::from_field_text(*field, text),
            Scope::Text(_) => return Box::new(EmptyQuery),
        };
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        Box::new(ConstScoreQuery::new(Box::new(query), 0.0))
    }

    fn ranking(&self, clause: &Clause) -> Vec<Box<dyn Query>> {
        self.queries(clause.ranking.iter(), clause)
    }

    fn queries<'w>(
        &self,
        words: impl Iterator<Item = &'w Word>,
        clause: &Clause,
    ) -> Vec<Box<dyn Query>> {
        let everywhere = || all_fields(self.archive);
        let fields = clause.fields.clone().unwrap_or_else(everywhere);
        let query = |word: &Word| -> Box<dyn Query> {
            let terms = self.archive.terms();
            Box::new(WordQuery::new(word.clone(), Arc::clone(&fields), terms))
        };
        words.map(query).collect()
    }

    /// All of the clauses. Words are ranked by more than what decides about a match.
    fn conjunction(&self, clauses: Vec<Clause>) -> Box<dyn Query> {
        let is_positive = clauses.iter().any(|c| c.occur == Occur::Must);
        let mut parts = Vec::with_capacity(clauses.len() + 1);
        for clause in clauses {
            if clause.quoted || clause.ranks || clause.ranking.is_empty() {
                parts.push((clause.occur, clause.query));
            } else {
                let ranking = self.ranking(&clause);
                let exact = ConstScoreQuery::new(clause.query, 0.0);
                parts.push((clause.occur, Box::new(exact) as Box<dyn Query>));
                parts.extend(ranking.into_iter().map(|query| (Occur::Should, query)));
            }
        }
        if !is_positive {
            let all = ConstScoreQuery::new(Box::new(AllQuery), 0.0);
            parts.push((Occur::Must, Box::new(all)));
        }
        if let [(Occur::Must, _)] = parts[..] {
            return parts.remove(0).1;
        }
        Box::new(BooleanQuery::new(parts))
    }

    /// Any component of a compound, and all other clauses.
    fn components(&self, clauses: &[Clause]) -> Option<Box<dyn Query>> {
        let mut components: Vec<Box<dyn Query>> = Vec::new();
        for clause in clauses.iter().filter(|c| self.is_optional(c)) {
            for word in &clause.ranking {
                let ways = word.alternatives.iter();
                for (worth, words) in ways.filter(|(_, words)| are_components(words, word)) {
                    for query in self.queries(words.iter(), clause) {
                        components.push(Box::new(BoostQuery::new(query, *worth)));
                    }
                }
            }
        }
        (!components.is_empty()).then(|| self.with_the_rest(clauses, components))
    }

    /// Any of the words, and all other clauses. If there are words, quotations are optional too: a
    /// pasted headline contains quotations that other clippings on the topic need not have. Of
    /// several quotations without words, any is required as it is.
    fn partial(&self, clauses: &[Clause]) -> Option<Box<dyn Query>> {
        let words = clauses.iter().filter(|c| self.is_optional(c));
        let words = words.flat_map(|c| match self.has_words {
            true => self.any_word(c),
            false => vec![c.query.box_clone()],
        });
        let words: Vec<_> = words.collect();
        (!words.is_empty()).then(|| self.with_the_rest(clauses, words))
    }

    /// The ranking words of a clause. A compound typed apart counts as one word or as those typed,
    /// whichever scores more; with the sum of both, its words would count twice beside others.
    fn any_word(&self, clause: &Clause) -> Vec<Box<dyn Query>> {
        let mut words = self.ranking(clause);
        if clause.apart.is_empty() {
            return words;
        }
        let apart = self.queries(clause.apart.iter(), clause);
        words.push(Box::new(BooleanQuery::union(apart)));
        vec![Box::new(DisjunctionMaxQuery::new(words))]
    }

    /// Whether a partial match may lack a clause.
    fn is_optional(&self, clause: &Clause) -> bool {
        match clause.quoted && !self.has_words {
            true => self.has_several_quotations,
            false => !clause.ranking.is_empty(),
        }
    }

    /// Any of `words`, and all clauses that are required.
    fn with_the_rest(&self, clauses: &[Clause], words: Vec<Box<dyn Query>>) -> Box<dyn Query> {
        let required = clauses.iter().filter(|c| !self.is_optional(c));
        let mut parts: Vec<_> = required.map(|c| (c.occur, c.query.box_clone())).collect();
        parts.push((Occur::Must, Box::new(BooleanQuery::union(words))));
        Box::new(BooleanQuery::new(parts))
    }
}

/// Whether `words`, each of more than a letter, make up all of `word` but a particle. What else the
/// analyzer finds in a word says little about it: 어디 in 어디에도없는말.
fn are_components(words: &[Word], word: &Word) -> bool {
    let whole = fold::folded(&word.label).replace(' ', "");
    let labels = words.iter().map(|component| component.label.as_str());
    let joined = fold::folded(&labels.collect::<String>()).replace(' ', "");
    words.len() > 1
        && words.iter().all(|w| w.label.chars().count() > 1)
        && whole.starts_with(&joined)
}

/// The parts of a conjunction.
fn parts(node: &Node) -> &[Node] {
    match node {
        Node::And(parts) => parts,
        other => std::slice::from_ref(other),
    }
}

fn encoded(forms: &[Form]) -> Vec<(String, f32)> {
    let mut terms: Vec<(String, f32)> = Vec::with_capacity(forms.len());
    for form in forms {
        let term = encoded_term(form.kind, &form.text);
        if !terms.iter().any(|(known, _)| *known == term) {
            terms.push((term, form.worth));
        }
    }
    terms
}

fn encoded_term(kind: TermKind, text: &str) -> String {
    let mut term = String::with_capacity(text.len() + 1);
    encode(kind, text, &mut term);
    term
}

/// A quotation as a word, with the fields it is searched in; `None` if it has no letter.
///
/// # Errors
/// When the index cannot be read.
pub fn quoted(
    archive: &Archive,
    text: &str,
    analyzer: &mut Analyzer,
) -> Result<Option<Box<dyn Query>>> {
    let mut planner = Planner::new(archive, analyzer, None);
    let scope = planner.text_scope(None);
    let has_letters = Literal::new(text, End::Word).is_some();
    has_letters
        .then(|| planner.phrase(text, None, &scope))
        .transpose()
}

/// Any of `words`, each scored by BM25F times its weight.
pub fn weighted(archive: &Archive, words: &[(Word, f32)]) -> Box<dyn Query> {
    let fields = all_fields(archive);
    let query = |(word, weight): &(Word, f32)| {
        let query = WordQuery::new(word.clone(), Arc::clone(&fields), archive.terms());
        Box::new(BoostQuery::new(Box::new(query), *weight)) as Box<dyn Query>
    };
    Box::new(BooleanQuery::union(words.iter().map(query).collect()))
}

/// The fields that words are searched in: headline, body, and captions with subheads.
pub fn all_fields(archive: &Archive) -> Arc<[FieldWeight]> {
    let fields = archive.fields();
    [
        (fields.headline, params::HEADLINE, params::B_HEADLINE),
        (fields.body, 1.0, params::B_BODY),
        (fields.extra, params::EXTRA, params::B_EXTRA),
    ]
    .map(|(field, weight, b)| FieldWeight { field, weight, b })
    .into()
}

/// A part of a conjunction.
struct Clause {
    occur: Occur,
    /// Decides about a match.
    query: Box<dyn Query>,
    /// Whether `query` also ranks, instead of `ranking`.
    ranks: bool,
    /// Ranking words, including those of quotations.
    ranking: Vec<Word>,
    /// The words of a compound typed apart, each of which makes a partial match.
    apart: Vec<Word>,
    /// Whether it was in quotation marks.
    quoted: bool,
    /// The fields that its words are searched in.
    fields: Option<Arc<[FieldWeight]>>,
}

impl Clause {
    fn must(query: Box<dyn Query>) -> Clause {
        Clause {
            occur: Occur::Must,
            query,
            ranks: false,
            ranking: Vec::new(),
            apart: Vec::new(),
            quoted: false,
            fields: None,
        }
    }
}

/// Clippings published in a range of days in Korea.
fn dates(archive: &Archive, range: &DateRange) -> Box<dyn Query> {
    let field = archive.fields().published;
    let name = || archive.searcher().schema().get_field_name(field).to_owned();
    let from = range.from.map_or(Bound::Unbounded, |day| {
        Bound::Included(Term::from_field_i64(
            field,
            Published::day(day).unix_seconds(),
        ))
    });
    let to = match range.to.map(|day| day.tomorrow()) {
        Some(Ok(next)) => Bound::Excluded(Term::from_field_i64(
            field,
            Published::day(next).unix_seconds(),
        )),
        _ => Bound::Unbounded,
    };
    let dated: Box<dyn Query> = match (&from, &to) {
        (Bound::Unbounded, Bound::Unbounded) => Box::new(ExistsQuery::new(name(), false)),
        _ => Box::new(RangeQuery::new(from, to)),
    };
    Box::new(ConstScoreQuery::new(dated, 0.0))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tantivy::collector::Count;

    use super::*;
    use crate::analyze::Language;
    use crate::clipping::Clipping;
    use crate::index::{ClusterClipping, WholeCounts, index_part};
    use crate::query::parse;
    use crate::search::local::candidates::Candidates;

    struct Counts;

    impl WholeCounts for Counts {
        fn clippings(&self) -> u64 {
            BODIES.len() as u64
        }

        fn average_length(&self, _: &str) -> f32 {
            5.0
        }

        fn doc_freq(&self, _: &str, _: &str) -> u64 {
            1
        }
    }

    const BODIES: [&str; 4] = [
        "한빛시가 인권침해 조사를 시작했다.",
        "위원회는 인권 침해를 막을 대책을 발표했다.",
        "인권 단체가 사생활 침해를 걱정했다.",
        "생성형 AI 교과서가 나온다.",
    ];

    fn archive() -> Archive {
        let clipping = |(n, body): (u64, &&str)| ClusterClipping {
            clipping: Clipping {
                id: format!("c{n}"),
                headline: format!("{n}번 소식"),
                body: (*body).to_owned(),
                ..Clipping::default()
            },
            added: 0,
            group: n,
            order: 0,
            lengths: [0; 3],
        };
        let clippings: Vec<_> = (0..).zip(&BODIES).map(clipping).collect();
        let language = Language::embedded().unwrap();
        index_part(&clippings, &language, None, Arc::new(Counts)).unwrap()
    }

    fn planned(archive: &Archive, query: &str) -> Plan {
        let mut analyzer = Analyzer::new(archive.language().clone());
        let tree = parse(query, jiff::civil::date(2026, 1, 1)).tree;
        let planner = Planner::new(archive, &mut analyzer, None);
        planner.plan(&tree).unwrap()
    }

    fn count(archive: &Archive, query: &dyn Query) -> usize {
        archive.searcher().search(query, &Count).unwrap()
    }

    #[test]
    fn full_and_partial_matches_of_a_plan() {
        let archive = archive();
        // Query, full matches, clippings with any of the words, or `None` if none are partial.
        for (query, full, partial) in [
            ("인권", 3, Some(3)),
            ("침해", 2, Some(3)),
            ("인권침해", 2, Some(3)),
            ("인권 침해", 3, Some(3)),
            ("\"인권 침해\"", 2, None),
            ("인권 -사생활", 2, Some(2)),
            ("인권 OR 교과서", 4, None),
            ("침해 발표", 1, Some(2)),
            ("침해 없는낱말", 0, Some(2)),
            ("\"침해 발표\" 대책", 0, Some(1)),
            ("\"사생활\" \"교과서\"", 0, Some(2)),
            ("\"인권\" \"사생활\" -단체", 0, Some(1)),
            ("인권 침해~3", 3, Some(3)),
            ("발표했*", 1, None),
            ("발표했* 인권 발표했*", 1, Some(1)),
            ("제목:소식", 4, None),
            ("제목:인권", 0, None),
            ("생성형AI", 1, Some(1)),
            ("*", 4, None),
        ] {
            let plan = planned(&archive, query);
            assert_eq!(count(&archive, &*plan.full), full, "{query}");
            let any = plan.partial.map(|partial| count(&archive, &*partial));
            assert_eq!(any, partial, "{query}");
        }
    }

    #[test]
    fn words_that_are_also_written_as_one_count_once_in_partial_matches() {
        let archive = archive();
        let score = |query: &str, n: usize| {
            let partial = planned(&archive, query).partial.unwrap();
            let matches = Candidates::of(&archive, &*partial).unwrap();
            let doc = n as u32;
            let found = matches.all().iter().find(|c| c.key.doc == doc);
            found.unwrap().score
        };
        let apart = score("인권", 2) + score("침해", 2);
        assert!((score("인권 침해 없는낱말", 2) - apart).abs() < 1e-4);
        // Side by side they score as the compound, if that is more.
        let compound = score("인권침해", 1);
        let both = score("인권", 1) + score("침해", 1);
        let found = score("인권 침해 없는낱말", 1);
        assert!((found - both.max(compound)).abs() < 1e-4, "{found}");
    }

    #[test]
    fn requirements_are_what_was_typed() {
        let archive = archive();
        let plan = planned(&archive, "대책 \"인권 침해\" -사생활 제목:소식");
        let required: Vec<(&str, bool)> = plan
            .requirements
            .iter()
            .map(|r| (r.text.as_str(), r.is_quoted))
            .collect();
        let expected = [("대책", false), ("인권 침해", true), ("소식", false)];
        assert_eq!(required, expected);
        for (requirement, matches) in plan.requirements.iter().zip([1, 2, 4]) {
            let found = count(&archive, &*requirement.query);
            assert_eq!(found, matches, "{}", requirement.text);
        }
    }

    #[test]
    fn components_of_components_are_near_each_other_as_a_whole() {
        let archive = archive();
        let mut analyzer = Analyzer::new(archive.language().clone());
        let mut planner = Planner::new(&archive, &mut analyzer, None);
        let Scope::Text(fields) = planner.text_scope(None) else {
            panic!()
        };
        let atom = |label: &str, atoms: Vec<WordIntent>| WordIntent {
            label: label.to_owned(),
            written: Some(label.to_owned()),
            exact: vec![Form {
                kind: TermKind::Whole,
                text: label.to_owned(),
                worth: 1.0,
            }],
            atoms,
            ..WordIntent::default()
        };
        let nested = atom("인권침해", vec![atom("인권", vec![]), atom("침", vec![])]);
        let compound = atom("인권침해조사", vec![nested, atom("조사", vec![])]);
        let compiled = planner.word(&compound, &fields, 0).unwrap();
        let labels: Vec<&str> = (compiled.nearness.words.iter())
            .map(|word| word.label.as_str())
            .collect();
        assert_eq!(labels, ["인권침해", "조사"]);
    }

    #[test]
    fn a_compound_beside_other_words_is_near_them_as_a_whole() {
        let archive = archive();
        let plan = planned(&archive, "인권침해 조사");
        let labels: Vec<&str> = plan.nearness.iter().map(|w| w.label.as_str()).collect();
        assert_eq!(labels, ["인권침해", "조사"]);
    }
}
