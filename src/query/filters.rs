//! Filters beside a query, as parts of its tree.

use serde::{Deserialize, Serialize};

use super::date_range::DateRange;
use super::field::Field;
use super::tree::Node;

/// Which clippings count at all. An empty list or `None` lets everything pass.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filters {
    /// Any of these outlets, by canonical name.
    pub outlets: Vec<String>,
    /// Any of these reporters.
    pub reporters: Vec<String>,
    /// Published on these days.
    pub published: Option<DateRange>,
    /// With `published`: clippings without a date pass too.
    pub undated: bool,
}

impl Filters {
    /// What they demand, one node each.
    pub fn nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        for (field, names) in [
            (Field::Outlet, &self.outlets),
            (Field::Reporter, &self.reporters),
        ] {
            let name = |name: &String| Node::Phrase {
                text: name.clone(),
                slop: None,
            };
            if !names.is_empty() {
                nodes.push(Node::or(names.iter().map(name)).in_field(field));
            }
        }
        if let Some(published) = self.published {
            let within = Node::Date(published);
            nodes.push(match self.undated {
                true => Node::or([within, Node::Date(DateRange::default()).negated()]),
                false => within,
            });
        }
        nodes
    }

    /// `tree` within these filters.
    pub fn within(&self, tree: Node) -> Node {
        Node::and(std::iter::once(tree).chain(self.nodes()))
    }
}
