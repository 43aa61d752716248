//! The tree of a query → what the cluster is asked.
//!
//! The cluster knows terms and pairs of letters, so much of a query it can only narrow down: where letters stand in a
//! row, the text decides; nearness needs positions. Every part is therefore written twice, as what finds all
//! clippings that match it, perhaps others too (`widest`), and as what finds only clippings that match (`surest`).
//! A negation swaps the two. What lies between is decided by the local engine.

use serde_json::{Value, json};

use crate::analyze::synonyms::Synonyms;
use crate::analyze::{Analyzer, TermKind, fold};
use crate::clipping::Published;
use crate::index::{JOINER, Result, encode, fold_name, grams_of};
use crate::query::{DateRange, Field, Node};
use crate::search::intent::{Form, MAX_WORDS, Reader, Vocabulary, WordIntent};
use crate::search::literal::{End, Literal};
use crate::search::{params, same_forms};

/// Clauses of a query. The cluster's own limit is 1,024; what is beyond this is left to the local engine.
const MAX_CLAUSES: usize = 900;

/// Pairs of letters of one text that is looked for, and words that rank.
const MAX_GRAMS: usize = 40;
const MAX_RANKING: usize = 400;

/// A longer prefix begins no term.
const MAX_PREFIX_BYTES: usize = 512;

/// A query for the cluster.
pub struct ClusterQuery {
    /// Finds all that matches, perhaps more.
    pub widest: Value,
    /// Finds only what matches.
    pub surest: Value,
    /// What ranks; nothing where the order is that of time.
    pub ranking: Vec<Value>,
    /// All that matches ranks alike, as prefixes do: `ranking` matches everything.
    pub is_constant: bool,
    /// `None` when no clipping can match a part only.
    pub partial: Option<PartialQuery>,
    /// Each word and quotation by itself, widest.
    pub demands: Vec<Value>,
}

/// Queries for what has any of the words.
pub struct PartialQuery {
    /// Finds all of it.
    pub all: Value,
    /// Finds the best of it. Where no clause but those that rank is needed, the cluster skips what cannot be among
    /// the best.
    pub best: Value,
}

/// A part of a query; see the module.
#[derive(Debug, Clone)]
struct Part {
    widest: Value,
    surest: Value,
}

/// Where a part of the query is looked for.
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

/// A field of terms and what an occurrence in it is worth.
pub type TextField = (&'static str, f32);

const HEADLINE: TextField = ("t_headline", params::HEADLINE);
const BODY: TextField = ("t_body", 1.0);
const EXTRA: TextField = ("t_extra", params::EXTRA);

/// All fields of text.
pub const TEXT_FIELDS: [TextField; 3] = [HEADLINE, BODY, EXTRA];

/// What may have `text` as a quotation in headline or body.
pub fn quoted(text: &str, analyzer: &mut Analyzer, vocabulary: &dyn Vocabulary) -> Value {
    let mut writer = Writer::new(analyzer, None, vocabulary);
    writer.quotation(text, Scope::Everywhere).widest
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

    /// The fields that words are looked for in.
    fn fields(self) -> &'static [TextField] {
        match self {
            Scope::Everywhere => &TEXT_FIELDS,
            Scope::Headline => &[HEADLINE],
            Scope::Body => &[BODY],
            Scope::Extra => &[EXTRA],
            Scope::Name(..) | Scope::Exact(_) => &[],
        }
    }

    /// Those that decide: captions rank, and what a clipping is about stands in its own text.
    fn deciding(self) -> &'static [TextField] {
        match self {
            Scope::Everywhere => &[HEADLINE, BODY],
            other => other.fields(),
        }
    }

    fn grams(self) -> &'static str {
        match self {
            Scope::Extra => "g_extra",
            _ => "g_text",
        }
    }

    fn is_text(self) -> bool {
        !self.fields().is_empty()
    }
}

impl Part {
    fn exactly(query: Value) -> Part {
        Part {
            surest: query.clone(),
            widest: query,
        }
    }

    fn any(parts: Vec<Part>) -> Part {
        let (widest, surest) = parts.into_iter().map(|p| (p.widest, p.surest)).unzip();
        Part {
            widest: any(widest),
            surest: any(surest),
        }
    }

    fn all(parts: Vec<Part>) -> Part {
        let (widest, surest) = parts.into_iter().map(|p| (p.widest, p.surest)).unzip();
        Part {
            widest: all(widest),
            surest: all(surest),
        }
    }

    fn negated(self) -> Part {
        Part {
            widest: json!({"bool": {"must_not": [self.surest]}}),
            surest: json!({"bool": {"must_not": [self.widest]}}),
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

/// A clause of a conjunction.
struct Clause {
    part: Part,
    /// What has any of its forms, for words.
    partial: Option<Value>,
    is_quoted: bool,
}

/// Writes queries.
pub struct Writer<'w> {
    pub analyzer: &'w mut Analyzer,
    pub synonyms: Option<&'w Synonyms>,
    pub vocabulary: &'w dyn Vocabulary,
    ranking: Vec<Value>,
    demands: Vec<Value>,
    /// Clauses that may still be written, and words read.
    room: usize,
    words: usize,
    /// A prefix or quotation ranks, too, though by nothing the cluster could be asked.
    is_ranked: bool,
    /// `ranking` finds every word.
    ranks_all_words: bool,
    /// Synonyms of the words, which do not rank.
    unranked: Vec<Value>,
}

impl<'w> Writer<'w> {
    pub fn new(
        analyzer: &'w mut Analyzer,
        synonyms: Option<&'w Synonyms>,
        vocabulary: &'w dyn Vocabulary,
    ) -> Writer<'w> {
        Writer {
            analyzer,
            synonyms,
            vocabulary,
            ranking: Vec::new(),
            demands: Vec::new(),
            room: MAX_CLAUSES,
            words: MAX_WORDS,
            is_ranked: false,
            ranks_all_words: true,
            unranked: Vec::new(),
        }
    }

    /// The query of `tree`. Words of `light` rank, and need not be there.
    ///
    /// # Errors
    /// When the vocabulary cannot be read.
    pub fn query(mut self, tree: &Node, light: &[String]) -> Result<ClusterQuery> {
        let clauses = self.clauses(parts(tree), Scope::Everywhere)?;
        let has_words = parts(tree).iter().any(|part| matches!(part, Node::Word(_)));
        let is_word = |c: &&Clause| c.partial.is_some() && (has_words || !c.is_quoted);
        let words: Vec<Value> = clauses
            .iter()
            .filter(is_word)
            .filter_map(|c| c.partial.clone())
            .collect();
        let held = clauses.iter().filter(|c| !is_word(c));
        let held: Vec<Value> = held.map(|c| c.part.widest.clone()).collect();
        let demands = std::mem::take(&mut self.demands);
        for word in light {
            let kept = self.room;
            self.clauses(&[Node::Word(word.clone())], Scope::Everywhere)?;
            self.room = kept;
        }
        let is_constant = self.is_ranked && self.ranking.is_empty();
        if is_constant {
            self.ranking.push(json!({"match_all": {"boost": 1.0}}));
        }
        let partial = (!words.is_empty()).then(|| {
            let parts = held.iter().cloned();
            let all = all(parts.chain([any(words)]).collect());
            // Words of `light` rank, and are no reason to be found.
            let best = match self.ranks_all_words && light.is_empty() {
                false => json!({"bool": {"filter": [all], "should": self.ranking}}),
                true => {
                    let unranked = self.unranked.iter();
                    let unranked = unranked
                        .map(|query| json!({"constant_score": {"filter": query, "boost": 0}}));
                    let should: Vec<Value> = self.ranking.iter().cloned().chain(unranked).collect();
                    json!({"bool": {
                        "filter": held, "should": should, "minimum_should_match": 1,
                    }})
                }
            };
            PartialQuery { all, best }
        });
        let Part { widest, surest } = Part::all(clauses.into_iter().map(|c| c.part).collect());
        Ok(ClusterQuery {
            widest,
            surest,
            ranking: self.ranking,
            is_constant,
            partial,
            demands,
        })
    }

    /// Whether so many more clauses may be written.
    fn take(&mut self, clauses: usize) -> bool {
        let has_room = clauses <= self.room;
        self.room = self.room.saturating_sub(clauses);
        has_room
    }

    fn node(&mut self, node: &Node, scope: Scope) -> Result<Part> {
        Ok(match node {
            Node::All => match scope {
                Scope::Name(_, column) => Part::exactly(json!({"exists": {"field": column}})),
                _ => Part::exactly(everything()),
            },
            Node::Word(_) | Node::And(_) | Node::Not(_) => {
                let clauses = self.clauses(parts(node), scope)?;
                Part::all(clauses.into_iter().map(|c| c.part).collect())
            }
            Node::Or(parts) => {
                let mut any = Vec::with_capacity(parts.len());
                for part in parts {
                    any.push(self.node(part, scope)?);
                }
                Part::any(any)
            }
            Node::Phrase { text, slop } => self.phrase(text, *slop, scope),
            Node::Prefix(prefix) => self.prefix(prefix, scope),
            Node::Field { field, node } => self.node(node, Scope::of(*field))?,
            Node::Date(range) => dates(range),
        })
    }

    /// The parts that must all hold. Words that follow one another are read together.
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
                    // What must not be there neither ranks nor lacks.
                    let kept = (self.ranking.len(), self.demands.len(), self.is_ranked);
                    let kept_unranked = self.unranked.len();
                    let part = self.node(excluded, scope)?.negated();
                    self.ranking.truncate(kept.0);
                    self.demands.truncate(kept.1);
                    self.is_ranked = kept.2;
                    self.unranked.truncate(kept_unranked);
                    clauses.push(Clause::of(part));
                }
                Node::Phrase { text, slop } if scope.is_text() => {
                    let part = self.phrase(text, *slop, scope);
                    let kept = self.demands.len();
                    let mut words = Vec::new();
                    self.row(&mut vec![text], scope, &mut words)?;
                    self.demands.truncate(kept);
                    let partial = words.into_iter().filter_map(|word| word.partial);
                    let partial: Vec<Value> = partial.collect();
                    clauses.push(Clause {
                        part,
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
            let part = self.word(word, scope);
            self.demands.push(part.widest.clone());
            let mut forms = Vec::new();
            all_forms(word, &mut forms);
            let mut partial = terms(&forms, scope.fields());
            partial.extend(word.synonyms.iter().filter_map(|text| grams(text, scope)));
            self.take(partial.len());
            let ranked = self.ranking.len();
            if ranked < MAX_RANKING {
                self.rank(word, scope, 1.0);
            }
            self.ranks_all_words &= self.ranking.len() > ranked && self.room > 0;
            let synonyms = word.synonyms.iter();
            self.unranked
                .extend(synonyms.filter_map(|text| grams(text, scope)));
            clauses.push(Clause {
                part,
                partial: Some(any(partial)),
                is_quoted: false,
            });
        }
        Ok(())
    }

    fn word(&mut self, word: &WordIntent, scope: Scope) -> Part {
        let deciding = scope.deciding();
        let mut surest = terms(&encoded(&word.exact), deciding);
        let mut widest = surest.clone();
        let mut texts: Vec<String> = Vec::new();
        if let Some(written) = &word.written {
            texts.extend(same_forms::spellings(written));
            texts.push(written.clone());
        }
        texts.extend(word.apart.clone());
        for text in &texts {
            widest.extend(grams(text, scope));
        }
        for text in &word.synonyms {
            widest.extend(grams(text, scope));
            surest.extend(self.run(text, deciding));
        }
        let clauses = widest.iter().chain(&surest).map(count_clauses).sum();
        if !self.take(clauses) {
            return Part {
                widest: everything(),
                surest: nothing(),
            };
        }
        if !word.is_apart {
            return Part {
                widest: any(widest),
                surest: any(surest),
            };
        }
        let atoms = word.atoms.iter().map(|atom| self.word(atom, scope));
        let apart = Part::all(atoms.collect());
        // The words written as one, which the analyzer may split elsewhere, or a synonym for all of them.
        let as_one = Part {
            widest: any(widest),
            surest: any(surest),
        };
        Part::any(vec![apart, as_one])
    }

    /// Fields that have `text` as a run of its own, with or without a particle.
    fn run(&mut self, text: &str, fields: &[TextField]) -> Vec<Value> {
        let words = self.analyzer.query_words(text);
        let [only] = &words[..] else {
            return Vec::new();
        };
        let mut forms = vec![encoded_term(TermKind::Stem, &only.folded)];
        if only.indexed_fallback.is_none() {
            forms.push(encoded_term(TermKind::Whole, &only.folded));
        }
        terms(&forms, fields)
    }

    /// Has a word, its looser forms and what it is made of rank.
    fn rank(&mut self, word: &WordIntent, scope: Scope, worth: f32) {
        let mut forms = encoded(&word.exact);
        forms.extend(encoded(&word.loose));
        forms.dedup();
        let fields = scope.fields();
        if !forms.is_empty() && self.take(fields.len()) {
            let text = forms.join(&JOINER.to_string());
            for (field, weight) in fields {
                let query = json!({"query": text, "boost": weight * worth});
                self.ranking.push(json!({"match": {*field: query}}));
            }
        }
        let worth = match word.is_apart {
            true => worth,
            false => worth * params::ATOMS,
        };
        for atom in &word.atoms {
            self.rank(atom, scope, worth);
        }
    }

    fn phrase(&mut self, text: &str, slop: Option<u32>, scope: Scope) -> Part {
        if !scope.is_text() {
            return name(text, scope);
        }
        self.is_ranked = true;
        let part = match slop {
            Some(slop) if slop > 0 => self.near(text, scope),
            _ => self.quotation(text, scope),
        };
        self.demands.push(part.widest.clone());
        part
    }

    fn quotation(&mut self, text: &str, scope: Scope) -> Part {
        let mut widest: Vec<Value> = Vec::new();
        let mut surest = Vec::new();
        for text in std::iter::once(text.to_owned()).chain(same_forms::spellings(text)) {
            widest.extend(grams(&text, scope));
            surest.extend(self.run(&text, scope.deciding()));
        }
        let clauses = widest.iter().chain(&surest).map(count_clauses).sum();
        if widest.is_empty() {
            return Part::exactly(nothing());
        }
        match self.take(clauses) {
            true => Part {
                widest: any(widest),
                surest: any(surest),
            },
            false => Part {
                widest: everything(),
                surest: nothing(),
            },
        }
    }

    /// Words near one another: at least all of them in one field.
    fn near(&mut self, text: &str, scope: Scope) -> Part {
        let mut words: Vec<Vec<String>> = Vec::new();
        for reading in self.analyzer.query_words(text).into_iter().take(self.words) {
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
        let widest = match words.is_empty() {
            true => nothing(),
            false if !self.take(clauses) => everything(),
            false => any(scope
                .fields()
                .iter()
                .map(|(field, _)| {
                    let words = words.iter().map(|forms| json!({"terms": {*field: forms}}));
                    all(words.collect())
                })
                .collect()),
        };
        Part {
            widest,
            surest: nothing(),
        }
    }

    fn prefix(&mut self, prefix: &str, scope: Scope) -> Part {
        if prefix.len() > MAX_PREFIX_BYTES {
            return Part::exactly(nothing());
        }
        self.is_ranked = true;
        let (fields, folded): (Vec<&str>, String) = match scope {
            Scope::Name(field, _) => (vec![field], fold_name(prefix)),
            Scope::Exact(field) => (vec![field], prefix.to_owned()),
            _ => {
                let fields = scope.fields().iter().map(|(field, _)| *field);
                (fields.collect(), fold::folded(prefix))
            }
        };
        self.take(fields.len() * 3);
        let surest: Vec<Value> = fields
            .iter()
            .map(|field| json!({"prefix": {*field: folded}}))
            .collect();
        let mut widest = surest.clone();
        if scope.is_text()
            && let [word] = &self.analyzer.query_words(prefix)[..]
            && let Some((kind, text)) = &word.indexed_fallback
        {
            widest.extend(terms(&[encoded_term(*kind, text)], scope.fields()));
        }
        Part {
            widest: any(widest),
            surest: any(surest),
        }
    }
}

impl Clause {
    fn of(part: Part) -> Clause {
        Clause {
            part,
            partial: None,
            is_quoted: false,
        }
    }
}

/// A word looked for in names or addresses: the whole of it.
fn name(text: &str, scope: Scope) -> Part {
    Part::exactly(match scope {
        Scope::Name(field, _) => json!({"term": {field: fold_name(text)}}),
        Scope::Exact(field) => json!({"term": {field: text}}),
        _ => nothing(),
    })
}

fn dates(range: &DateRange) -> Part {
    let mut bounds = serde_json::Map::new();
    if let Some(from) = range.from {
        bounds.insert("gte".to_owned(), Published::day(from).unix_seconds().into());
    }
    if let Some(Ok(next)) = range.to.map(|day| day.tomorrow()) {
        bounds.insert("lt".to_owned(), Published::day(next).unix_seconds().into());
    }
    Part::exactly(match bounds.is_empty() {
        true => json!({"exists": {"field": "published"}}),
        false => json!({"range": {"published": bounds}}),
    })
}

/// What has any of these terms, by field.
fn terms(forms: &[String], fields: &[TextField]) -> Vec<Value> {
    match forms.is_empty() {
        true => Vec::new(),
        false => fields
            .iter()
            .map(|(field, _)| json!({"terms": {*field: forms}}))
            .collect(),
    }
}

/// What may have the letters of `text` in a row; `None` when it has none.
fn grams(text: &str, scope: Scope) -> Option<Value> {
    let letters: Vec<char> = Literal::new(text, End::Word)?.chars().collect();
    let grams = grams_of(&letters);
    let step = grams.len().div_ceil(MAX_GRAMS).max(1);
    let field = scope.grams();
    let grams = grams.into_iter().step_by(step);
    Some(all(grams
        .map(|gram| json!({"term": {field: gram}}))
        .collect()))
}

/// How many clauses the cluster counts in a query.
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

/// All forms of a word and of what it is made of.
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
