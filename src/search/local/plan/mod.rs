//! Compiles a query tree to tantivy queries.
//!
//! Every word is compiled to two [`Word`]s with the analyzer of the index: an exact one, which
//! decides whether a clipping matches, and a ranking one, which also includes parts and atoms. A
//! quotation has only an exact one.

mod clauses;
mod phrases;
mod words;

use std::ops::Bound;
use std::sync::Arc;

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, ExistsQuery, Occur, Query, RangeQuery,
};
use tantivy::schema::Field as IndexField;

use self::clauses::Clause;
use self::words::{NearWord, near_words};
use super::graph::{Graph, RecordLimit};
use super::population;
use super::word::{FieldWeight, Spaced, Word, WordQuery};
use crate::analyze::Analyzer;
use crate::analyze::synonyms::Synonyms;
use crate::cache::Cache;
use crate::clipping::Published;
use crate::index::{Archive, Result};
use crate::query::{DateRange, Field, Node};
use crate::search::intent::{MAX_WORDS, Reader, Vocabulary};
use crate::search::literal::{End, Literal};
use crate::search::params;

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

/// Counts in headlines and bodies.
struct ArchiveVocabulary<'a>(&'a Archive);

impl Vocabulary for ArchiveVocabulary<'_> {
    fn count(&self, text: &str) -> Result<u64> {
        population::postings(self.0, text)
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
}

/// The parts of a conjunction.
fn parts(node: &Node) -> &[Node] {
    match node {
        Node::And(parts) => parts,
        other => std::slice::from_ref(other),
    }
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

/// Any of `words`, each scored by BM25F with its weight as a factor of its frequency.
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
    use crate::analyze::{Language, TermKind};
    use crate::clipping::Clipping;
    use crate::index::{ClusterClipping, WholeCounts, index_part};
    use crate::query::parse;
    use crate::search::intent::{Form, WordIntent};
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
            ("침해", 3, Some(3)),
            ("인권침해", 2, Some(3)),
            ("인권 침해", 3, Some(3)),
            ("\"인권 침해\"", 2, None),
            ("인권 -사생활", 2, Some(2)),
            ("인권 OR 교과서", 4, None),
            ("침해 발표", 1, Some(3)),
            ("침해 없는낱말", 0, Some(3)),
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
