//! Words as they are typed: what matches them, what ranks them, and what they are near.

use std::sync::Arc;

use tantivy::SegmentReader;
use tantivy::index::SegmentId;
use tantivy::query::{BooleanQuery, Occur, Query};

use super::Planner;
use crate::analyze::TermKind;
use crate::index::{Result, encode};
use crate::search::intent::{Form, WordIntent};
use crate::search::local::graph::{DocCount, Graph, Typed};
use crate::search::local::reading::with_word;
use crate::search::local::term_lookup::TermLookup;
use crate::search::local::word::{FieldWeight, Spaced, Word, WordQuery};
use crate::search::{params, same_forms, workers};

/// A compiled word.
pub(super) struct Compiled {
    /// Matches it.
    pub(super) exact: Box<dyn Query>,
    /// Ranking words.
    pub(super) ranking: Vec<Word>,
    /// The words of a compound typed apart.
    pub(super) apart: Vec<Word>,
    pub(super) nearness: NearWord,
    /// The exact query ranks as well.
    pub(super) is_exact: bool,
}

/// A word for proximity scoring.
pub(super) struct NearWord {
    /// A compound that the archive has as a whole.
    whole: Option<Word>,
    /// The word, or the components of a compound.
    pub(super) words: Vec<Word>,
}

impl NearWord {
    pub(super) fn simple(word: Word) -> NearWord {
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
pub(super) fn near_words(nearness: &[NearWord]) -> Vec<Word> {
    match nearness {
        [only] => only.words.clone(),
        several => (several.iter())
            .flat_map(NearWord::beside_others)
            .cloned()
            .collect(),
    }
}

impl Planner<'_> {
    /// Compiles the word with this number in the query.
    pub(super) fn word(
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
        if word.is_apart {
            return Ok(self.apart(word, &exact, ranking, atoms, &deciding));
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
            exact: self.query(&exact, &deciding),
            ranking: vec![ranking],
            apart: Vec::new(),
            nearness,
            is_exact,
        })
    }

    /// Compiles words typed apart that may be written as one.
    fn apart(
        &self,
        word: &WordIntent,
        joined: &Word,
        mut ranking: Word,
        atoms: Vec<Compiled>,
        fields: &Arc<[FieldWeight]>,
    ) -> Compiled {
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
            let hiding = match atom.is_hidden {
                true => &joined.terms[..],
                false => &[],
            };
            let or_hidden = |part: &Word| {
                let mut part = part.clone();
                part.terms.extend_from_slice(hiding);
                part
            };
            near.extend(compiled.nearness.beside_others().iter().map(or_hidden));
            all_apart.extend(compiled.ranking.iter().map(or_hidden));
        }
        ranking.alternatives.push((params::ATOMS, all_apart));
        Compiled {
            exact: Box::new(BooleanQuery::union(vec![all, self.query(joined, fields)])),
            ranking: vec![ranking],
            apart: atoms.into_iter().flat_map(|atom| atom.ranking).collect(),
            nearness: NearWord {
                whole: None,
                words: near,
            },
            is_exact: false,
        }
    }

    pub(super) fn query(&self, word: &Word, fields: &Arc<[FieldWeight]>) -> Box<dyn Query> {
        let terms = self.archive.terms();
        Box::new(WordQuery::new(word.clone(), Arc::clone(fields), terms))
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
    pub(super) fn fill(
        &self,
        word: &mut Word,
        typed: &Typed,
        fields: &[FieldWeight],
    ) -> Result<()> {
        for weighted in fields {
            let known = TermLookup {
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
        let segments: Vec<(SegmentId, Arc<[DocCount]>)> =
            found.into_iter().collect::<Result<_>>()?;
        let docs = segments.iter().map(|(_, found)| found.len() as u64).sum();
        let spaced = (docs > 0).then(|| {
            Arc::new(Spaced {
                field: graph.field(),
                docs,
                segments,
            })
        });
        if let Some(cache) = self.spaced {
            let bytes = graph.bytes() + docs as usize * size_of::<DocCount>();
            cache.insert(graph, spaced.clone(), bytes);
        }
        Ok(spaced)
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

pub(super) fn encoded_term(kind: TermKind, text: &str) -> String {
    let mut term = String::with_capacity(text.len() + 1);
    encode(kind, text, &mut term);
    term
}
