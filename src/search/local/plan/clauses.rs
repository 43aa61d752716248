//! Parts of a conjunction, and the queries for full and partial matches of it.

use std::sync::Arc;

use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, Query,
};

use super::{Planner, all_fields};
use crate::analyze::fold;
use crate::search::local::word::{FieldWeight, Word};

/// A part of a conjunction.
pub(super) struct Clause {
    pub(super) occur: Occur,
    /// Decides about a match.
    pub(super) query: Box<dyn Query>,
    /// Whether `query` also ranks, instead of `ranking`.
    pub(super) ranks: bool,
    /// Ranking words, including those of quotations.
    pub(super) ranking: Vec<Word>,
    /// The words of a compound typed apart, each of which makes a partial match.
    pub(super) apart: Vec<Word>,
    /// Whether it was in quotation marks.
    pub(super) quoted: bool,
    /// The fields that its words are searched in.
    pub(super) fields: Option<Arc<[FieldWeight]>>,
}

impl Clause {
    pub(super) fn must(query: Box<dyn Query>) -> Clause {
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

impl Planner<'_> {
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
        words.map(|word| self.query(word, &fields)).collect()
    }

    /// All of the clauses. Words are ranked by more than what decides about a match.
    pub(super) fn conjunction(&self, clauses: Vec<Clause>) -> Box<dyn Query> {
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
    pub(super) fn components(&self, clauses: &[Clause]) -> Option<Box<dyn Query>> {
        let mut components: Vec<Box<dyn Query>> = Vec::new();
        for clause in clauses.iter().filter(|c| self.is_optional(c)) {
            for word in &clause.ranking {
                let alternatives = word.alternatives.iter();
                for (worth, words) in alternatives.filter(|(_, words)| are_components(words, word))
                {
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
    pub(super) fn partial(&self, clauses: &[Clause]) -> Option<Box<dyn Query>> {
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
