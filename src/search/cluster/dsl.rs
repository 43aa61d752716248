//! Translates the tree of a query to the query language of the cluster.
//!
//! The index in a cluster has terms and letter bigrams but no positions, so it cannot decide everything: whether
//! letters are in a row, or words near each other. Each node is therefore translated twice: to an upper bound
//! (`upper`), which matches a superset, and to a lower bound (`lower`), which matches a subset. A negation swaps
//! them. The local engine decides about the clippings in between.

use serde_json::{Value, json};

use super::searched::Searched;
use crate::analyze::synonyms::Synonyms;
use crate::analyze::{Analyzer, TermKind, fold};
use crate::clipping::Published;
use crate::index::{ALL_TEXTS, JOINER, Result, encode, fold_name, grams_of};
use crate::query::{DateRange, Field, Node};
use crate::search::intent::{Form, MAX_WORDS, Reader, Vocabulary, WordIntent};
use crate::search::literal::{End, Literal};
use crate::search::{params, same_forms};

/// Maximum number of clauses. The cluster's limit is 1,024; the local engine decides about the rest.
const MAX_CLAUSES: usize = 900;

/// Maximum number of bigrams per text, and of ranking clauses.
const MAX_GRAMS: usize = 40;
const MAX_RANKING: usize = 400;

/// Longer prefixes match no term.
const MAX_PREFIX_BYTES: usize = 512;

/// Weight of the atoms of a compound among partial matches: clippings with one of them come last.
const LAST: f32 = 0.001;

/// A query for the cluster.
pub struct ClusterQuery {
    /// Matches a superset.
    pub upper: Value,
    /// Matches a subset.
    pub lower: Value,
    /// Scoring clauses; empty if the results are sorted by time.
    pub ranking: Vec<Value>,
    /// `None` if there are no partial matches.
    pub partial: Option<PartialQuery>,
    /// The upper bound of each required word and quotation.
    pub requirements: Vec<Value>,
    /// What the local engine looks up for it.
    pub searched: Searched,
}

/// Queries for clippings with any of the words.
pub struct PartialQuery {
    /// Matches all of them.
    pub all: Value,
    /// Ranks them. If possible, only scoring clauses are required, so that the cluster can skip clippings that
    /// cannot be among the best.
    pub best: Value,
}

/// The bounds of a node.
#[derive(Debug, Clone)]
struct Bounds {
    upper: Value,
    lower: Value,
}

/// The fields that a node is searched in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Everywhere,
    Headline,
    Body,
    Extra,
    /// A field of folded names, and its column.
    Name(&'static str, &'static str),
    Exact(&'static str),
}

const HEADLINE: &str = "t_headline";
const BODY: &str = "t_body";
const EXTRA: &str = "t_extra";

/// The upper bound for `text` as a quotation in headline or body.
pub fn quoted(text: &str, analyzer: &mut Analyzer, vocabulary: &dyn Vocabulary) -> Value {
    let mut builder = QueryBuilder::new(analyzer, None, vocabulary);
    builder.quotation(text, Scope::Everywhere).upper
}

impl Scope {
    fn of(field: Field) -> Scope {
        match field {
            Field::Headline => Scope::Headline,
            Field::Body => Scope::Body,
            Field::Subhead | Field::Caption => Scope::Extra,
            Field::Reporter => Scope::Name("f_reporters", "reporters"),
            Field::Outlet => Scope::Name("f_outlet", "outlet"),
            Field::Section => Scope::Name("f_section", "section"),
            Field::Person => Scope::Name("f_person", "f_person"),
            Field::Place => Scope::Name("f_place", "f_place"),
            Field::Organization => Scope::Name("f_organization", "f_organization"),
            Field::Category => Scope::Name("f_category", "f_category"),
            Field::Url => Scope::Exact("url"),
            Field::Id => Scope::Exact("id"),
        }
    }

    /// The fields of terms.
    fn fields(self) -> &'static [&'static str] {
        match self {
            Scope::Everywhere => &[HEADLINE, BODY, EXTRA],
            Scope::Headline => &[HEADLINE],
            Scope::Body => &[BODY],
            Scope::Extra => &[EXTRA],
            Scope::Name(..) | Scope::Exact(_) => &[],
        }
    }

    /// The fields that decide about a match: captions only rank.
    fn deciding(self) -> &'static [&'static str] {
        match self {
            Scope::Everywhere => &[HEADLINE, BODY],
            other => other.fields(),
        }
    }

    /// The field with term frequencies.
    fn ranking(self) -> &'static str {
        match self {
            Scope::Headline => HEADLINE,
            Scope::Extra => EXTRA,
            _ => ALL_TEXTS,
        }
    }

    /// The fields whose union is `fields`.
    fn any_field(self) -> &'static [&'static str] {
        match self {
            Scope::Everywhere => &[ALL_TEXTS],
            other => other.fields(),
        }
    }

    /// The field of bigrams of everything that decides about a match.
    fn grams(self) -> &'static str {
        match self.deciding() {
            [field] => grams_field(field),
            _ => "g_text",
        }
    }

    fn is_text(self) -> bool {
        !self.fields().is_empty()
    }
}

impl Bounds {
    fn exactly(query: Value) -> Bounds {
        Bounds {
            lower: query.clone(),
            upper: query,
        }
    }

    fn any(parts: Vec<Bounds>) -> Bounds {
        let (upper, lower) = parts.into_iter().map(|p| (p.upper, p.lower)).unzip();
        Bounds {
            upper: any(upper),
            lower: any(lower),
        }
    }

    fn all(parts: Vec<Bounds>) -> Bounds {
        let (upper, lower) = parts.into_iter().map(|p| (p.upper, p.lower)).unzip();
        Bounds {
            upper: all(upper),
            lower: all(lower),
        }
    }

    fn negated(self) -> Bounds {
        Bounds {
            upper: json!({"bool": {"must_not": [self.lower]}}),
            lower: json!({"bool": {"must_not": [self.upper]}}),
        }
    }
}

fn everything() -> Value {
    json!({"match_all": {}})
}

fn nothing() -> Value {
    json!({"match_none": {}})
}

fn any(mut queries: Vec<Value>) -> Value {
    match queries.len() {
        0 => nothing(),
        1 => queries.remove(0),
        _ => json!({"bool": {"should": queries, "minimum_should_match": 1}}),
    }
}

fn all(mut queries: Vec<Value>) -> Value {
    match queries.len() {
        0 => everything(),
        1 => queries.remove(0),
        _ => json!({"bool": {"filter": queries}}),
    }
}

/// A part of a conjunction.
struct Clause {
    bounds: Bounds,
    /// Matches partial matches of a word.
    partial: Option<Value>,
    is_quoted: bool,
}

/// Translates queries.
pub struct QueryBuilder<'w> {
    pub analyzer: &'w mut Analyzer,
    pub synonyms: Option<&'w Synonyms>,
    pub vocabulary: &'w dyn Vocabulary,
    ranking: Vec<Value>,
    /// Ranks partial matches.
    filling: Vec<Value>,
    requirements: Vec<Value>,
    /// Number of clauses and words that may still be added.
    room: usize,
    words: usize,
    /// Weight of the words being added.
    worth: f32,
    /// Whether there are nodes that rank, even if the cluster cannot score them.
    is_ranked: bool,
    /// Whether `filling` matches all partial matches.
    fills_all: bool,
    /// Synonyms, which are not scored.
    unranked: Vec<Value>,
    searched: Searched,
}

impl<'w> QueryBuilder<'w> {
    pub fn new(
        analyzer: &'w mut Analyzer,
        synonyms: Option<&'w Synonyms>,
        vocabulary: &'w dyn Vocabulary,
    ) -> QueryBuilder<'w> {
        QueryBuilder {
            analyzer,
            synonyms,
            vocabulary,
            ranking: Vec::new(),
            filling: Vec::new(),
            requirements: Vec::new(),
            room: MAX_CLAUSES,
            words: MAX_WORDS,
            worth: 1.0,
            is_ranked: false,
            fills_all: true,
            unranked: Vec::new(),
            searched: Searched::default(),
        }
    }

    /// Translates `tree`. Words of `light` rank but are not required.
    ///
    /// # Errors
    /// When the vocabulary cannot be read.
    pub fn query(mut self, tree: &Node, light: &[String]) -> Result<ClusterQuery> {
        let clauses = self.clauses(parts(tree), Scope::Everywhere)?;
        let has_words = parts(tree).iter().any(|part| matches!(part, Node::Word(_)));
        let quotations = parts(tree).iter();
        let quotations = quotations.filter(|part| matches!(part, Node::Phrase { .. }));
        let may_lack_quotations = has_words || quotations.count() > 1;
        let is_optional =
            |c: &&Clause| c.partial.is_some() && (may_lack_quotations || !c.is_quoted);
        let words: Vec<Value> = clauses
            .iter()
            .filter(is_optional)
            .filter_map(|c| match has_words {
                true => c.partial.clone(),
                false => Some(c.bounds.upper.clone()),
            })
            .collect();
        let required = clauses.iter().filter(|c| !is_optional(c));
        let required: Vec<Value> = required.map(|c| c.bounds.upper.clone()).collect();
        let requirements = std::mem::take(&mut self.requirements);
        self.worth = params::LIGHT;
        for word in light {
            let kept = self.room;
            self.clauses(&[Node::Word(word.clone())], Scope::Everywhere)?;
            self.room = kept;
        }
        if self.is_ranked && self.ranking.is_empty() {
            self.ranking.push(everything());
        }
        let partial = (!words.is_empty()).then(|| {
            let parts = required.iter().cloned();
            let all = all(parts.chain([any(words)]).collect());
            // Light words alone make no partial match.
            let best = match self.fills_all && light.is_empty() {
                false => json!({"bool": {"filter": [all], "should": self.filling}}),
                true => {
                    let unranked = self.unranked.iter().map(|query| constant(query, 0.0));
                    let should: Vec<Value> = self.filling.iter().cloned().chain(unranked).collect();
                    json!({"bool": {
                        "filter": required, "should": should, "minimum_should_match": 1,
                    }})
                }
            };
            PartialQuery { all, best }
        });
        let Bounds { upper, lower } = Bounds::all(clauses.into_iter().map(|c| c.bounds).collect());
        Ok(ClusterQuery {
            upper,
            lower,
            ranking: self.ranking,
            partial,
            requirements,
            searched: self.searched,
        })
    }

    /// Reserves clauses; `false` if there is no room.
    fn take(&mut self, clauses: usize) -> bool {
        let has_room = clauses <= self.room;
        self.room = self.room.saturating_sub(clauses);
        has_room
    }

    fn node(&mut self, node: &Node, scope: Scope) -> Result<Bounds> {
        Ok(match node {
            Node::All => match scope {
                Scope::Name(_, column) => Bounds::exactly(json!({"exists": {"field": column}})),
                _ => Bounds::exactly(everything()),
            },
            Node::Word(_) | Node::And(_) | Node::Not(_) => {
                let clauses = self.clauses(parts(node), scope)?;
                Bounds::all(clauses.into_iter().map(|c| c.bounds).collect())
            }
            Node::Or(parts) => {
                let mut any = Vec::with_capacity(parts.len());
                for part in parts {
                    any.push(self.node(part, scope)?);
                }
                Bounds::any(any)
            }
            Node::Phrase { text, slop } => {
                let bounds = self.phrase(text, *slop, scope);
                self.words_of_phrase(text, scope)?;
                bounds
            }
            Node::Prefix(prefix) => self.prefix(prefix, scope),
            Node::Field { field, node } => self.node(node, Scope::of(*field))?,
            Node::Date(range) => dates(range),
        })
    }

    /// Translates the parts of a conjunction. Consecutive words are interpreted together.
    fn clauses(&mut self, parts: &[Node], scope: Scope) -> Result<Vec<Clause>> {
        let mut clauses = Vec::new();
        let mut row: Vec<&str> = Vec::new();
        for part in parts {
            match part {
                Node::Word(word) if scope.is_text() => {
                    row.push(word);
                    continue;
                }
                Node::Word(word) => {
                    clauses.push(Clause::of(name(word, scope)));
                    continue;
                }
                _ => self.row(&mut row, scope, &mut clauses)?,
            }
            match part {
                Node::Not(excluded) => {
                    // Excluded words neither rank nor are reported as missing.
                    let kept = self.kept();
                    let bounds = self.node(excluded, scope)?.negated();
                    self.keep(kept);
                    clauses.push(Clause::of(bounds));
                }
                Node::Phrase { text, slop } if scope.is_text() => {
                    let bounds = self.phrase(text, *slop, scope);
                    let partial = self.words_of_phrase(text, scope)?;
                    clauses.push(Clause {
                        bounds,
                        partial: (!partial.is_empty()).then(|| any(partial)),
                        is_quoted: true,
                    });
                }
                other => clauses.push(Clause::of(self.node(other, scope)?)),
            }
        }
        self.row(&mut row, scope, &mut clauses)?;
        Ok(clauses)
    }

    fn kept(&self) -> ([usize; 4], bool) {
        let lengths = [
            self.ranking.len(),
            self.filling.len(),
            self.requirements.len(),
            self.unranked.len(),
        ];
        (lengths, self.is_ranked)
    }

    fn keep(
        &mut self,
        ([ranking, filling, requirements, unranked], is_ranked): ([usize; 4], bool),
    ) {
        self.ranking.truncate(ranking);
        self.filling.truncate(filling);
        self.requirements.truncate(requirements);
        self.unranked.truncate(unranked);
        self.is_ranked = is_ranked;
    }

    /// Ranks by a quotation if it is a single run, else by its words. Returns the partial matches of its words.
    fn words_of_phrase(&mut self, text: &str, scope: Scope) -> Result<Vec<Value>> {
        if !scope.is_text() {
            return Ok(Vec::new());
        }
        let (ranking, requirements) = (self.ranking.len(), self.requirements.len());
        let mut words = Vec::new();
        self.row(&mut vec![text], scope, &mut words)?;
        self.requirements.truncate(requirements);
        let forms = self.forms_of_run(text);
        if !forms.is_empty() {
            self.ranking.truncate(ranking);
            self.ranking.push(scored(&forms, scope, self.worth));
        }
        let partial = words.into_iter().filter_map(|word| word.partial);
        Ok(partial.collect())
    }

    fn row(&mut self, row: &mut Vec<&str>, scope: Scope, clauses: &mut Vec<Clause>) -> Result<()> {
        if row.is_empty() {
            return Ok(());
        }
        let mut reader = Reader {
            analyzer: self.analyzer,
            synonyms: self.synonyms,
            vocabulary: self.vocabulary,
        };
        let mut words = reader.row(&std::mem::take(row))?;
        words.truncate(self.words);
        self.words -= words.len();
        for word in &words {
            self.searched.add_word(word);
            let bounds = self.word(word, scope);
            self.requirements.push(bounds.upper.clone());
            let mut forms = Vec::new();
            all_forms(word, &mut forms);
            let mut partial = terms(&forms, scope.any_field());
            partial.extend(word.synonyms.iter().filter_map(|text| grams(text, scope)));
            self.take(partial.len());
            let filled = self.filling.len();
            if self.ranking.len().max(filled) < MAX_RANKING {
                self.rank(word, scope);
            }
            self.fills_all &= self.filling.len() > filled && self.room > 0;
            let synonyms = word.synonyms.iter();
            self.unranked
                .extend(synonyms.filter_map(|text| grams(text, scope)));
            clauses.push(Clause {
                bounds,
                partial: Some(any(partial)),
                is_quoted: false,
            });
        }
        Ok(())
    }

    fn word(&mut self, word: &WordIntent, scope: Scope) -> Bounds {
        let deciding = scope.deciding();
        let mut lower = terms(&encoded(&word.exact), deciding);
        let mut upper = lower.clone();
        let mut texts: Vec<String> = Vec::new();
        if let Some(written) = &word.written {
            texts.extend(same_forms::spellings(written));
            texts.push(written.clone());
        }
        texts.extend(word.apart.clone());
        for text in &texts {
            upper.extend(grams(text, scope));
        }
        for text in &word.synonyms {
            upper.extend(grams(text, scope));
            lower.extend(terms(&self.forms_of_run(text), deciding));
        }
        let clauses = upper.iter().chain(&lower).map(count_clauses).sum();
        if !self.take(clauses) {
            return Bounds {
                upper: everything(),
                lower: nothing(),
            };
        }
        if !word.is_apart {
            return Bounds {
                upper: any(upper),
                lower: any(lower),
            };
        }
        let atoms = word.atoms.iter().map(|atom| self.word(atom, scope));
        let apart = Bounds::all(atoms.collect());
        // The words written as one, which the analyzer may split elsewhere; or a synonym for all of them.
        let as_one = Bounds {
            upper: any(upper),
            lower: any(lower),
        };
        Bounds::any(vec![apart, as_one])
    }

    /// The terms of `text` as a run, with or without a particle; none if it is several runs.
    fn forms_of_run(&mut self, text: &str) -> Vec<String> {
        let words = self.analyzer.query_words(text);
        let [only] = &words[..] else {
            return Vec::new();
        };
        let mut forms = vec![encoded_term(TermKind::Stem, &only.folded)];
        if only.indexed_fallback.is_none() {
            forms.push(encoded_term(TermKind::Whole, &only.folded));
        }
        forms
    }

    /// Adds scoring clauses for a word.
    fn rank(&mut self, word: &WordIntent, scope: Scope) {
        if let Some(query) = self.scored_word(word, scope, self.worth) {
            self.ranking.push(query.clone());
            self.filling.push(query);
        }
        let of_atom = match word.is_apart {
            // Each word of a compound typed apart makes a partial match.
            true => self.worth,
            false => self.worth * LAST,
        };
        for atom in &word.atoms {
            let query = self.scored_word(atom, scope, of_atom);
            self.filling.extend(query);
        }
    }

    /// Scores a word by its forms, and by its atoms if a clipping has all of them.
    fn scored_word(&mut self, word: &WordIntent, scope: Scope, worth: f32) -> Option<Value> {
        let mut forms = encoded(&word.exact);
        forms.extend(encoded(&word.loose));
        forms.dedup();
        let mut any = Vec::new();
        if !forms.is_empty() && self.take(1) {
            any.push(scored(&forms, scope, worth));
        }
        let atoms = word.atoms.iter();
        let atoms = atoms.map(|atom| self.scored_word(atom, scope, worth * params::ATOMS));
        let atoms: Option<Vec<Value>> = atoms.collect();
        if let Some(atoms) = atoms.filter(|atoms| !atoms.is_empty()) {
            any.push(json!({"bool": {"must": atoms}}));
        }
        match any.len() {
            0 | 1 => any.pop(),
            _ => Some(json!({"bool": {"should": any}})),
        }
    }

    fn phrase(&mut self, text: &str, slop: Option<u32>, scope: Scope) -> Bounds {
        if !scope.is_text() {
            return name(text, scope);
        }
        self.is_ranked = true;
        let bounds = match slop {
            Some(slop) if slop > 0 => self.near(text, scope),
            _ => {
                self.searched.add_text(text);
                self.quotation(text, scope)
            }
        };
        self.requirements.push(bounds.upper.clone());
        bounds
    }

    fn quotation(&mut self, text: &str, scope: Scope) -> Bounds {
        let mut upper: Vec<Value> = Vec::new();
        let mut lower = Vec::new();
        for text in std::iter::once(text.to_owned()).chain(same_forms::spellings(text)) {
            upper.extend(grams(&text, scope));
            lower.extend(terms(&self.forms_of_run(&text), scope.deciding()));
        }
        let clauses = upper.iter().chain(&lower).map(count_clauses).sum();
        if upper.is_empty() {
            return Bounds::exactly(nothing());
        }
        match self.take(clauses) {
            true => Bounds {
                upper: any(upper),
                lower: any(lower),
            },
            false => Bounds {
                upper: everything(),
                lower: nothing(),
            },
        }
    }

    /// Words near each other: the upper bound is all of them in one field.
    fn near(&mut self, text: &str, scope: Scope) -> Bounds {
        let mut words: Vec<Vec<String>> = Vec::new();
        for reading in self.analyzer.query_words(text).into_iter().take(self.words) {
            self.searched
                .add_terms(reading.forms.iter().chain(&reading.lemmas));
            let mut forms = Vec::new();
            for text in &reading.forms {
                for kind in [TermKind::Whole, TermKind::Stem, TermKind::Part] {
                    forms.push(encoded_term(kind, text));
                }
            }
            let lemmas = reading.lemmas.iter();
            forms.extend(lemmas.map(|lemma| encoded_term(TermKind::Part, lemma)));
            words.push(forms);
        }
        let clauses = words.len() * scope.fields().len();
        let upper = match words.is_empty() {
            true => nothing(),
            false if !self.take(clauses) => everything(),
            false => any(scope
                .fields()
                .iter()
                .map(|field| {
                    let words = words.iter().map(|forms| json!({"terms": {*field: forms}}));
                    all(words.collect())
                })
                .collect()),
        };
        Bounds {
            upper,
            lower: nothing(),
        }
    }

    fn prefix(&mut self, prefix: &str, scope: Scope) -> Bounds {
        if prefix.len() > MAX_PREFIX_BYTES {
            return Bounds::exactly(nothing());
        }
        self.is_ranked = true;
        let (fields, folded): (Vec<&str>, String) = match scope {
            Scope::Name(field, _) => (vec![field], fold_name(prefix)),
            Scope::Exact(field) => (vec![field], prefix.to_owned()),
            _ => (scope.fields().to_vec(), fold::folded(prefix)),
        };
        self.take(fields.len() * 5);
        if scope.is_text() {
            self.searched.add_prefix(prefix, &folded);
        }
        let lower: Vec<Value> = fields
            .iter()
            .map(|field| json!({"prefix": {*field: folded}}))
            .collect();
        let mut upper = lower.clone();
        if scope.is_text()
            && let [word] = &self.analyzer.query_words(prefix)[..]
            && let Some((kind, text)) = &word.indexed_fallback
        {
            // Indexed by its stem only: 발표했* matches clippings with 발표 and these letters, and 혐의로* those with 혐의.
            self.searched.add_terms([text]);
            let stem = encoded_term(*kind, text);
            for field in &fields {
                let letters = grams_in(prefix, grams_field(field));
                let letters = letters.filter(|letters| self.take(count_clauses(letters)));
                let stem = json!({"term": {*field: stem}});
                upper.push(all([stem].into_iter().chain(letters).collect()));
            }
        }
        // One point for each field, as in the local engine.
        let points = upper.iter().map(|query| constant(query, self.worth));
        self.ranking.extend(points);
        Bounds {
            upper: any(upper),
            lower: any(lower),
        }
    }
}

impl Clause {
    fn of(bounds: Bounds) -> Clause {
        Clause {
            bounds,
            partial: None,
            is_quoted: false,
        }
    }
}

/// A word searched in names or URLs: matches whole values.
fn name(text: &str, scope: Scope) -> Bounds {
    Bounds::exactly(match scope {
        Scope::Name(field, _) => json!({"term": {field: fold_name(text)}}),
        Scope::Exact(field) => json!({"term": {field: text}}),
        _ => nothing(),
    })
}

fn dates(range: &DateRange) -> Bounds {
    let mut bounds = serde_json::Map::new();
    if let Some(from) = range.from {
        bounds.insert("gte".to_owned(), Published::day(from).unix_seconds().into());
    }
    if let Some(Ok(next)) = range.to.map(|day| day.tomorrow()) {
        bounds.insert("lt".to_owned(), Published::day(next).unix_seconds().into());
    }
    Bounds::exactly(match bounds.is_empty() {
        true => json!({"exists": {"field": "published"}}),
        false => json!({"range": {"published": bounds}}),
    })
}

/// Any of these terms, by field.
fn terms(forms: &[String], fields: &[&str]) -> Vec<Value> {
    match forms.is_empty() {
        true => Vec::new(),
        false => fields
            .iter()
            .map(|field| json!({"terms": {*field: forms}}))
            .collect(),
    }
}

/// Any of these terms, scored as one word.
fn scored(forms: &[String], scope: Scope, worth: f32) -> Value {
    let text = forms.join(&JOINER.to_string());
    json!({"match": {scope.ranking(): {"query": text, "boost": worth}}})
}

fn constant(query: &Value, score: f32) -> Value {
    json!({"constant_score": {"filter": query, "boost": score}})
}

/// The field of bigrams of a field of terms. That of bodies has those of headlines, too.
fn grams_field(field: &str) -> &'static str {
    match field {
        HEADLINE => "g_headline",
        EXTRA => "g_extra",
        _ => "g_text",
    }
}

/// Upper bound for the letters of `text` in a row; `None` if it has none.
fn grams(text: &str, scope: Scope) -> Option<Value> {
    grams_in(text, scope.grams())
}

fn grams_in(text: &str, field: &str) -> Option<Value> {
    let letters: Vec<char> = Literal::new(text, End::Word)?.chars().collect();
    let grams = grams_of(&letters);
    let step = grams.len().div_ceil(MAX_GRAMS).max(1);
    let grams = grams.into_iter().step_by(step);
    Some(all(grams
        .map(|gram| json!({"term": {field: gram}}))
        .collect()))
}

/// Number of clauses, as the cluster counts them.
fn count_clauses(query: &Value) -> usize {
    match query {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| match name.as_str() {
                "term" | "terms" | "prefix" | "match" | "range" | "exists" => 1,
                _ => count_clauses(value),
            })
            .sum(),
        Value::Array(values) => values.iter().map(count_clauses).sum(),
        _ => 0,
    }
}

/// All forms of a word and of its atoms.
fn all_forms(word: &WordIntent, forms: &mut Vec<String>) {
    for form in encoded(&word.exact).into_iter().chain(encoded(&word.loose)) {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    for atom in &word.atoms {
        all_forms(atom, forms);
    }
}

fn encoded(forms: &[Form]) -> Vec<String> {
    let forms = forms.iter();
    forms
        .map(|form| encoded_term(form.kind, &form.text))
        .collect()
}

fn encoded_term(kind: TermKind, text: &str) -> String {
    let mut term = String::with_capacity(text.len() + 1);
    encode(kind, text, &mut term);
    term
}

/// The parts of a conjunction.
fn parts(node: &Node) -> &[Node] {
    match node {
        Node::And(parts) => parts,
        other => std::slice::from_ref(other),
    }
}
