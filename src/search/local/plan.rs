//! The tree of a query → what tantivy runs.
//!
//! Every word becomes one [`WordQuery`]; words are read by the same analyzer that read the
//! clippings. Spacing does not decide what is found: two words that the index knows as one name
//! (`더불어 민주당`) are asked for as that name, and a compound (`생성형AI`) is also found by all of
//! its atoms, as if it had been typed apart.

use std::ops::Bound;
use std::sync::Arc;

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, EmptyQuery, ExistsQuery, InvertedIndexRangeQuery,
    Occur, Query, RangeQuery, TermQuery,
};
use tantivy::schema::{Field as IndexField, IndexRecordOption};

use super::quotation;
use crate::analyze::query_words::QueryWord;
use crate::analyze::synonyms::Synonyms;
use crate::analyze::{Analyzer, TermKind, fold};
use crate::clipping::Published;
use crate::index::{Archive, encode, fold_name};
use crate::query::{DateRange, Field, Node};
use crate::search::local::near::NearQuery;
use crate::search::local::post_filter::{End, PostFilterQuery, RecordFailure};
use crate::search::local::word::{FieldWeight, Word, WordQuery};
use crate::search::params;

/// Atoms within atoms are followed this deep.
const DEEPEST_ATOM: usize = 3;

/// A word of fewer characters is not looked for in other divisions: there is nothing to divide.
const SHORTEST_DIVISIBLE: usize = 3;

/// Words further apart than this many are not near by anyone's measure.
const WIDEST_SLOP: u32 = 1000;

/// A query ready to run.
pub struct Plan {
    /// All that was asked for.
    pub query: Box<dyn Query>,
    /// The same with its words optional, and its quotations taken as words, when it has several.
    pub any_of_fallback: Option<Box<dyn Query>>,
    /// It has too many words outside of quotations to demand them all. A headline that is pasted
    /// in has quotations too, and the body of its article need not have them word for word.
    pub is_long_query: bool,
    /// Its words in the order typed, for nearness and marks. Words that are excluded or looked for
    /// in names are not among them.
    pub words: Vec<Word>,
    /// Quotations, for marks.
    pub phrases: Vec<String>,
    /// What its queries could not read.
    pub failure: RecordFailure,
}

/// Turns trees into plans.
pub struct Planner<'a> {
    archive: &'a Archive,
    analyzer: &'a mut Analyzer,
    synonyms: Option<&'a Synonyms>,
    words: Vec<Word>,
    phrases: Vec<String>,
    failure: RecordFailure,
}

/// Where a part of the query is looked for.
#[derive(Clone)]
enum Scope {
    Text(Arc<[FieldWeight]>),
    Name(IndexField),
    Exact(IndexField),
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
            words: Vec::new(),
            phrases: Vec::new(),
            failure: RecordFailure::default(),
        }
    }

    /// Plans `tree`.
    pub fn plan(mut self, tree: &Node) -> tantivy::Result<Plan> {
        let everywhere = self.text_scope(None);
        let parts = match tree {
            Node::And(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let clauses = self.all_of(parts, &everywhere)?;
        let is_word = |c: &Clause| !c.quoted && !c.optional.is_empty();
        let words = clauses.iter().filter(|c| is_word(c)).count();
        let optional: usize = clauses.iter().map(|c| c.optional.len()).sum();
        let any_of_fallback = (optional > 1).then(|| any_of_fallback(&clauses));
        Ok(Plan {
            query: conjunction(clauses),
            any_of_fallback,
            is_long_query: words > params::MOST_WORDS_DEMANDED,
            words: self.words,
            phrases: self.phrases,
            failure: self.failure,
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
            Some(Field::Url) => Scope::Exact(fields.url),
            Some(Field::Id) => Scope::Exact(fields.id),
        }
    }

    fn node(&mut self, node: &Node, scope: &Scope) -> tantivy::Result<Box<dyn Query>> {
        Ok(match node {
            Node::All => self.everything(scope),
            Node::Word(_) | Node::And(_) | Node::Not(_) => {
                let parts = match node {
                    Node::And(parts) => parts.as_slice(),
                    other => std::slice::from_ref(other),
                };
                conjunction(self.all_of(parts, scope)?)
            }
            Node::Or(parts) => {
                let mut any = Vec::with_capacity(parts.len());
                for part in parts {
                    any.push(self.node(part, scope)?);
                }
                Box::new(BooleanQuery::union(any))
            }
            Node::Phrase { text, slop } => self.phrase(text, *slop, scope)?,
            Node::Prefix(prefix) => self.prefix(prefix, scope),
            Node::Field { field, node } => {
                let scope = self.text_scope(Some(*field));
                self.node(node, &scope)?
            }
            Node::Date(range) => dates(self.archive, range),
        })
    }

    /// Everything, or in the scope of a field everything that has it.
    fn everything(&self, scope: &Scope) -> Box<dyn Query> {
        match scope {
            Scope::Name(field) => {
                let schema = self.archive.searcher().schema();
                let name = schema.get_field_name(*field).to_owned();
                Box::new(ConstScoreQuery::new(
                    Box::new(ExistsQuery::new(name, false)),
                    0.0,
                ))
            }
            _ => Box::new(AllQuery),
        }
    }

    /// The parts that must all hold. Words that follow one another are read together.
    fn all_of(&mut self, parts: &[Node], scope: &Scope) -> tantivy::Result<Vec<Clause>> {
        let mut clauses = Vec::new();
        let mut row: Vec<&str> = Vec::new();
        for part in parts {
            match (part, scope) {
                (Node::Word(word), Scope::Text(_)) => row.push(word),
                (Node::Word(word), _) => clauses.push(Clause::must(self.name(word, scope))),
                (Node::Not(excluded), _) => {
                    self.row(&mut row, scope, &mut clauses)?;
                    let (words, phrases) = (self.words.len(), self.phrases.len());
                    let query = self.node(excluded, scope)?;
                    // What must not be there is not marked.
                    self.words.truncate(words);
                    self.phrases.truncate(phrases);
                    clauses.push(Clause {
                        occur: Occur::MustNot,
                        query,
                        optional: Vec::new(),
                        quoted: false,
                    });
                }
                (Node::Phrase { text, slop }, Scope::Text(_)) => {
                    self.row(&mut row, scope, &mut clauses)?;
                    let query = self.phrase(text, *slop, scope)?;
                    let mut words = Vec::new();
                    self.row(&mut vec![text], scope, &mut words)?;
                    clauses.push(Clause {
                        occur: Occur::Must,
                        query,
                        optional: words.into_iter().map(|word| word.query).collect(),
                        quoted: true,
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

    /// A row of words typed one after the other.
    fn row(
        &mut self,
        row: &mut Vec<&str>,
        scope: &Scope,
        clauses: &mut Vec<Clause>,
    ) -> tantivy::Result<()> {
        let Scope::Text(fields) = scope else {
            return Ok(());
        };
        let mut readings = Vec::new();
        for word in row.drain(..) {
            readings.extend(self.analyzer.query_words(word));
        }
        let units = self.units(readings, fields)?;
        let mut words: Vec<(Word, Option<String>)> = Vec::with_capacity(units.len());
        for reading in &units {
            let whole =
                reading.atoms.is_empty() && reading.folded.chars().count() >= SHORTEST_DIVISIBLE;
            let word = self.word(reading, DEEPEST_ATOM);
            words.push((word, whole.then(|| reading.written.clone())));
        }
        self.words.extend(words.iter().map(|(w, _)| w.clone()));
        let folded: Vec<(&str, &str)> = units.iter().map(QueryWord::spellings).collect();
        for group in self.with_synonyms(words, &folded) {
            let (word, divisible) = group;
            let terms = self.archive.terms();
            let query: Box<dyn Query> = Box::new(WordQuery::new(word, Arc::clone(fields), terms));
            let query = match divisible {
                Some(text) => {
                    let searched: Vec<IndexField> = fields.iter().map(|f| f.field).collect();
                    match quotation::divided(&text, &searched, self.archive, self.analyzer)? {
                        Some(divided) => Box::new(BooleanQuery::union(vec![query, divided])),
                        None => query,
                    }
                }
                None => query,
            };
            clauses.push(Clause {
                occur: Occur::Must,
                optional: vec![query.box_clone()],
                query,
                quoted: false,
            });
        }
        Ok(())
    }

    /// Joins two words that the index knows as one that does not fall apart.
    fn units(
        &mut self,
        readings: Vec<QueryWord>,
        fields: &[FieldWeight],
    ) -> tantivy::Result<Vec<QueryWord>> {
        let mut units = Vec::with_capacity(readings.len());
        let mut rest = readings.into_iter().peekable();
        while let Some(word) = rest.next() {
            if let Some(next) = rest.peek() {
                let joined = format!("{}{}", word.written, next.written);
                if let [unit] = &mut self.analyzer.query_words(&joined)[..]
                    && unit.atoms.len() < 2
                    && unit.folded.chars().count() >= SHORTEST_DIVISIBLE
                    && self.is_known(unit, fields)?
                {
                    units.push(unit.clone());
                    rest.next();
                    continue;
                }
            }
            units.push(word);
        }
        Ok(units)
    }

    fn is_known(&self, word: &QueryWord, fields: &[FieldWeight]) -> tantivy::Result<bool> {
        for form in word.forms.iter().take(1) {
            for kind in [TermKind::Whole, TermKind::Stem] {
                let mut term = String::new();
                encode(kind, form, &mut term);
                for weighted in fields {
                    let searcher = self.archive.searcher();
                    if self
                        .archive
                        .terms()
                        .doc_freq(searcher, weighted.field, &term)?
                        > 0
                    {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    fn word(&mut self, reading: &QueryWord, depth: usize) -> Word {
        let mut terms = Vec::new();
        let mut add = |kind: TermKind, text: &str, worth: f32| {
            let mut term = String::new();
            encode(kind, text, &mut term);
            if !terms.iter().any(|(t, _)| *t == term) {
                terms.push((term, worth));
            }
        };
        for form in &reading.forms {
            add(TermKind::Whole, form, 1.0);
            add(TermKind::Stem, form, 1.0);
            add(TermKind::Part, form, params::PART);
        }
        for lemma in &reading.lemmas {
            add(TermKind::Part, lemma, params::PART);
        }
        let mut alternatives = Vec::new();
        if depth > 0 && !reading.atoms.is_empty() {
            let mut atoms = Vec::new();
            for atom in &reading.atoms {
                for reading in self.analyzer.query_words(atom) {
                    atoms.push(self.word(&reading, depth - 1));
                }
            }
            if !atoms.is_empty() {
                alternatives.push((params::ATOMS, atoms));
            }
        }
        Word {
            label: reading.written.clone(),
            terms,
            alternatives,
        }
    }

    /// Gives words their synonyms; several words that have one together become one group.
    fn with_synonyms(
        &mut self,
        words: Vec<(Word, Option<String>)>,
        folded: &[(&str, &str)],
    ) -> Vec<(Word, Option<String>)> {
        let Some(synonyms) = self.synonyms else {
            return words;
        };
        let expansions = synonyms.expansions(folded);
        let mut words: Vec<Option<(Word, Option<String>)>> = words.into_iter().map(Some).collect();
        let mut groups = Vec::new();
        let mut next = 0;
        for expansion in expansions {
            groups.extend(
                words[next..expansion.words.start]
                    .iter_mut()
                    .filter_map(Option::take),
            );
            next = expansion.words.end;
            let own: Vec<_> = words[expansion.words.clone()]
                .iter_mut()
                .filter_map(Option::take)
                .collect();
            let mut group = match <[_; 1]>::try_from(own) {
                Ok([only]) => only,
                Err(own) => {
                    let label: Vec<&str> = own.iter().map(|(w, _)| w.label.as_str()).collect();
                    let label = label.join(" ");
                    let words = own.into_iter().map(|(w, _)| w).collect();
                    (
                        Word {
                            label,
                            terms: Vec::new(),
                            alternatives: vec![(1.0, words)],
                        },
                        None,
                    )
                }
            };
            for phrase in expansion.phrases {
                let mut way = Vec::new();
                for text in phrase {
                    for reading in self.analyzer.query_words(text) {
                        way.push(self.word(&reading, DEEPEST_ATOM));
                    }
                }
                if !way.is_empty() {
                    group.0.alternatives.push((params::SYNONYM, way));
                }
            }
            groups.push(group);
        }
        groups.extend(words[next..].iter_mut().filter_map(Option::take));
        groups
    }

    fn phrase(
        &mut self,
        text: &str,
        slop: Option<u32>,
        scope: &Scope,
    ) -> tantivy::Result<Box<dyn Query>> {
        let Scope::Text(fields) = scope else {
            return Ok(self.name(text, scope));
        };
        let query: Option<Box<dyn Query>> = match slop {
            Some(slop) if slop > 0 => {
                let mut words = Vec::new();
                for reading in self.analyzer.query_words(text) {
                    words.push(self.word(&reading, 0));
                }
                self.words.extend(words.iter().cloned());
                let slop = slop.min(WIDEST_SLOP);
                let terms = self.archive.terms();
                let near = NearQuery::new(words, Arc::clone(fields), slop, terms);
                Some(Box::new(near))
            }
            _ => {
                self.phrases.push(text.to_owned());
                let searched = self.quotable(fields);
                quotation::query(text, &searched, self.archive, self.analyzer, &self.failure)?
            }
        };
        Ok(query.unwrap_or_else(|| Box::new(EmptyQuery)))
    }

    /// A quotation is looked for in what the clipping itself says; captions only when asked for.
    fn quotable(&self, fields: &[FieldWeight]) -> Vec<IndexField> {
        let searched = fields.iter().map(|f| f.field);
        match fields.len() {
            1 => searched.collect(),
            _ => searched
                .filter(|&f| f != self.archive.fields().extra)
                .collect(),
        }
    }

    fn prefix(&mut self, prefix: &str, scope: &Scope) -> Box<dyn Query> {
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
        // Forms of verbs are kept by their stems: 발표했* is looked for among what has 발표.
        let indexed_fallback = match (scope, &self.analyzer.query_words(prefix)[..]) {
            (Scope::Text(_), [word]) => word.indexed_fallback.clone(),
            _ => None,
        };
        let mut any: Vec<Box<dyn Query>> = Vec::new();
        for field in fields {
            let first = Term::from_field_text(field, &folded);
            let last = Term::from_field_text(field, &format!("{folded}{}", char::MAX));
            any.push(Box::new(InvertedIndexRangeQuery::new(
                Bound::Included(first),
                Bound::Excluded(last),
            )));
            if let Some((kind, text)) = &indexed_fallback {
                let mut term = String::new();
                encode(*kind, text, &mut term);
                let term = Term::from_field_text(field, &term);
                let kept = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
                let verified = PostFilterQuery::new(
                    kept,
                    prefix,
                    End::Anywhere,
                    field,
                    self.archive,
                    &self.failure,
                );
                any.push(Box::new(verified));
            }
        }
        Box::new(BooleanQuery::union(any))
    }

    /// A word looked for in names or addresses: the whole of it.
    fn name(&self, text: &str, scope: &Scope) -> Box<dyn Query> {
        let term = match scope {
            Scope::Name(field) => Term::from_field_text(*field, &fold_name(text)),
            Scope::Exact(field) => Term::from_field_text(*field, text),
            Scope::Text(_) => return Box::new(EmptyQuery),
        };
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        Box::new(ConstScoreQuery::new(Box::new(query), 0.0))
    }
}

/// The fields that a word is looked for in: headline, body, and captions with subheads.
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
    query: Box<dyn Query>,
    /// What to look for instead when nothing has all: any of these. Empty for what must hold.
    optional: Vec<Box<dyn Query>>,
    /// It was typed in quotation marks.
    quoted: bool,
}

impl Clause {
    fn must(query: Box<dyn Query>) -> Clause {
        Clause {
            occur: Occur::Must,
            query,
            optional: Vec::new(),
            quoted: false,
        }
    }
}

/// Any of the words, and all that is no word.
fn any_of_fallback(clauses: &[Clause]) -> Box<dyn Query> {
    let words = clauses
        .iter()
        .flat_map(|c| c.optional.iter().map(|q| q.box_clone()));
    let words = BooleanQuery::union(words.collect());
    let held = clauses.iter().filter(|c| c.optional.is_empty());
    let mut parts: Vec<_> = held.map(|c| (c.occur, c.query.box_clone())).collect();
    parts.push((Occur::Must, Box::new(words)));
    Box::new(BooleanQuery::new(parts))
}

fn conjunction(clauses: Vec<Clause>) -> Box<dyn Query> {
    let positive = clauses.iter().any(|c| c.occur == Occur::Must);
    let mut parts: Vec<_> = clauses.into_iter().map(|c| (c.occur, c.query)).collect();
    if !positive {
        let all = ConstScoreQuery::new(Box::new(AllQuery), 0.0);
        parts.push((Occur::Must, Box::new(all)));
    }
    if let [(Occur::Must, _)] = parts[..] {
        return parts.remove(0).1;
    }
    Box::new(BooleanQuery::new(parts))
}

/// Clippings published in a range of Korean days.
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
