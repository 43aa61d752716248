//! Parses queries and filters to trees for `search`.

use jiff::civil::Date;

use super::{App, Filters, Note, Result};
use crate::extract::outlet;
use crate::query::{self, Field, Node, Parsed};
use crate::saved::{self, Searches};

/// A query as it was read.
pub(super) struct Understood {
    /// The query within its filters.
    pub(super) tree: Node,
    /// Whether the query requires every word.
    pub(super) require_all: bool,
    /// Whether it is a pasted headline in quotation marks.
    pub(super) is_pasted: bool,
    pub(super) notes: Vec<Note>,
}

impl App {
    /// Parses a query, expands saved searches, and replaces outlets by their canonical names.
    pub(super) fn understand(
        &self,
        query: &str,
        filters: &Filters,
        today: Date,
    ) -> Result<Understood> {
        let Parsed {
            mut tree,
            require_all,
            is_pasted,
            notes,
        } = query::parse(query, today);
        let mut notes: Vec<Note> = notes.into_iter().map(Note::from).collect();
        if !saved::uses(&tree).is_empty() {
            let searches = Searches::read(&self.saved_store()?)?;
            let mut of_saved = Vec::new();
            tree = searches.expand(tree, today, &mut of_saved)?;
            notes.extend(of_saved.into_iter().map(Note::from));
        }
        Ok(Understood {
            tree: with_outlets(filters.within(tree, today)?),
            require_all,
            is_pasted,
            notes,
        })
    }
}

/// Everything that passes the filters.
pub(super) fn all_within(filters: &Filters, today: Date) -> Result<Node> {
    Ok(with_outlets(filters.within(Node::All, today)?))
}

/// The canonical name of an outlet, or the name as typed if it is unknown.
pub(super) fn outlet_name(name: &str) -> String {
    outlet::canonical(name).map_or_else(|| name.to_owned(), |o| o.name.to_string())
}

/// Replaces outlets in a query by their canonical names.
pub(super) fn with_outlets(node: Node) -> Node {
    match node {
        Node::Field {
            field: Field::Outlet,
            node,
        } => Node::Field {
            field: Field::Outlet,
            node: Box::new(canonical_names(*node)),
        },
        Node::Field { field, node } => Node::Field {
            field,
            node: Box::new(with_outlets(*node)),
        },
        Node::And(parts) => Node::And(parts.into_iter().map(with_outlets).collect()),
        Node::Or(parts) => Node::Or(parts.into_iter().map(with_outlets).collect()),
        Node::Not(node) => Node::Not(Box::new(with_outlets(*node))),
        other => other,
    }
}

fn canonical_names(node: Node) -> Node {
    match node {
        Node::Word(name) => Node::Word(outlet_name(&name)),
        Node::Phrase { text, slop } => Node::Phrase {
            text: outlet_name(&text),
            slop,
        },
        Node::And(parts) => Node::And(parts.into_iter().map(canonical_names).collect()),
        Node::Or(parts) => Node::Or(parts.into_iter().map(canonical_names).collect()),
        Node::Not(node) => Node::Not(Box::new(canonical_names(*node))),
        Node::Field { .. } => with_outlets(node),
        other => other,
    }
}
