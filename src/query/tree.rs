//! The syntax tree of a query, and its textual form.

use std::fmt;

use super::date_range::DateRange;
use super::escape;
use super::field::Field;

/// A query. Trees returned by [`super::parse`] are in normal form, see the constructors. Parts keep
/// the order in which they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Every clipping.
    All,
    /// A word as typed, without white space. Never an operator in capitals.
    Word(String),
    /// Consecutive words, ignoring spacing. With `slop`, these words in any order with at most that
    /// many others between them.
    Phrase {
        /// The text between the quotation marks.
        text: String,
        /// The number after `~`.
        slop: Option<u32>,
    },
    /// Words with this prefix.
    Prefix(String),
    /// Restricts a part to a field. A field inside takes precedence.
    Field {
        /// The field.
        field: Field,
        /// The part.
        node: Box<Node>,
    },
    /// Clippings published on these days.
    Date(DateRange),
    /// Excludes what the part matches.
    Not(Box<Node>),
    /// All of two or more parts.
    And(Vec<Node>),
    /// Any of two or more parts.
    Or(Vec<Node>),
}

impl Node {
    /// All parts must match. Flattens nested `And`, and drops `All` next to other parts.
    pub fn and(parts: impl IntoIterator<Item = Node>) -> Node {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Node::And(inner) => flat.extend(inner),
                Node::All => {}
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Node::All,
            1 => flat.remove(0),
            _ => Node::And(flat),
        }
    }

    /// Any part must match. Flattens nested `Or`; with an `All` inside, the result is `All`.
    pub fn or(parts: impl IntoIterator<Item = Node>) -> Node {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Node::Or(inner) => flat.extend(inner),
                Node::All => return Node::All,
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Node::All,
            1 => flat.remove(0),
            _ => Node::Or(flat),
        }
    }

    /// Negates the part. A double negation cancels out.
    pub fn negated(self) -> Node {
        match self {
            Node::Not(inner) => *inner,
            other => Node::Not(Box::new(other)),
        }
    }

    /// Restricts the part to a field. Dates and other fields inside take precedence, and `Not` is
    /// moved outside.
    pub fn in_field(self, field: Field) -> Node {
        match self {
            Node::Date(_) | Node::Field { .. } => self,
            Node::Not(inner) => inner.in_field(field).negated(),
            other => Node::Field {
                field,
                node: Box::new(other),
            },
        }
    }

    /// Cuts the tree below `room` levels; returns whether anything was cut.
    pub(super) fn pruned(self, room: usize) -> (Node, bool) {
        let mut cut = false;
        let node = self.prune(room, &mut cut).unwrap_or(Node::All);
        (node, cut)
    }

    fn prune(self, room: usize, cut: &mut bool) -> Option<Node> {
        let Some(room) = room.checked_sub(1) else {
            *cut = true;
            return None;
        };
        match self {
            Node::And(parts) => {
                let parts: Vec<_> = prune_all(parts, room, cut);
                (!parts.is_empty()).then(|| Node::and(parts))
            }
            Node::Or(parts) => {
                let parts: Vec<_> = prune_all(parts, room, cut);
                (!parts.is_empty()).then(|| Node::or(parts))
            }
            Node::Not(node) => node.prune(room, cut).map(Node::negated),
            Node::Field { field, node } => node.prune(room, cut).map(|n| n.in_field(field)),
            leaf => Some(leaf),
        }
    }

    /// Whether there are only exclusions: `-사과`, `-사과 -배`.
    pub fn only_excludes(&self) -> bool {
        match self {
            Node::Not(_) => true,
            Node::And(parts) => parts.iter().all(Node::only_excludes),
            _ => false,
        }
    }
}

fn prune_all(parts: Vec<Node>, room: usize, cut: &mut bool) -> Vec<Node> {
    parts
        .into_iter()
        .filter_map(|part| part.prune(room, cut))
        .collect()
}

impl fmt::Display for Node {
    /// Prints the query so that parsing it gives the same tree.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::All => f.write_str("*"),
            Node::Word(word) => f.write_str(&escape::quoted_word(word)),
            Node::Prefix(word) => write!(f, "{}*", escape::quoted_prefix(word)),
            Node::Phrase { text, slop } => {
                write!(f, "\"{}\"", escape::quoted_phrase(text))?;
                slop.map_or(Ok(()), |n| write!(f, "~{n}"))
            }
            Node::Field { field, node } => write!(f, "{field}:{}", Tight(node)),
            Node::Date(range) => write!(f, "date:{range}"),
            Node::Not(node) => write!(f, "-{}", Tight(node)),
            Node::And(parts) => join(f, parts, " "),
            Node::Or(parts) => join(f, parts, " OR "),
        }
    }
}

fn join(f: &mut fmt::Formatter<'_>, parts: &[Node], between: &str) -> fmt::Result {
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            f.write_str(between)?;
        }
        write!(f, "{}", Tight(part))?;
    }
    Ok(())
}

/// An operand, with parentheses if it has several parts.
struct Tight<'a>(&'a Node);

impl fmt::Display for Tight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Node::And(_) | Node::Or(_) => write!(f, "({})", self.0),
            // `title:-x` would be read as `-title:x`.
            other => write!(f, "{other}"),
        }
    }
}
