//! Hits of a search as the formats of `report` take them.

use crate::report::{self, Contribution, Snippet};
use crate::search::{Cause, Hit, Note, Suggestion};

/// Hits as they are printed.
pub fn hits(hits: &[Hit]) -> Vec<report::Hit<'_>> {
    hits.iter().map(hit).collect()
}

fn hit(hit: &Hit) -> report::Hit<'_> {
    report::Hit {
        rank: usize::try_from(hit.rank).unwrap_or(usize::MAX),
        clipping: &hit.clipping,
        score: hit.score,
        headline_marks: hit.headline_marks.clone(),
        snippets: snippets(hit),
        copies: hit
            .copies
            .iter()
            .map(|copy| report::Copy {
                id: copy.id.clone(),
                outlet: copy.outlet.clone(),
            })
            .collect(),
        explanation: hit
            .explanation
            .iter()
            .map(|share| Contribution {
                term: match &share.cause {
                    Cause::Word { form, .. } | Cause::Synonym { form, .. } => form.clone(),
                    Cause::Rest => "nearness, quotations".to_owned(),
                },
                field: share.field.clone().unwrap_or_default(),
                score: share.score,
            })
            .collect(),
    }
}

/// The passages of a hit.
pub fn snippets(hit: &Hit) -> Vec<Snippet> {
    let snippets = hit.snippets.iter().cloned();
    snippets
        .map(|snippet| Snippet {
            text: snippet.text,
            highlights: snippet.highlights,
        })
        .collect()
}

/// A note for people.
pub fn note(note: &Note) -> String {
    match note {
        Note::OnlyPartial => "no clipping has all of the words; these have some of them".to_owned(),
        Note::NotFound { text, quoted } => match quoted {
            true => format!("no clipping has \"{text}\""),
            false => format!("no clipping has {text}"),
        },
    }
}

/// A suggestion for people.
pub fn suggestion(suggestion: &Suggestion) -> String {
    let Suggestion { query, total } = suggestion;
    format!("this would find {total}: {query}")
}
