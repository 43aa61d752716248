//! What a person asks for → the request that the search engine answers.
//!
//! A query is read, the saved searches it uses (`@name`) are put in their places, and outlets get
//! the names that the index knows. Shared by every command that takes a query.

use jiff::Timestamp;
use jiff::civil::Date;

use super::filters::{Filters, outlet_name};
use super::{CliError, Global};
use crate::clipping::KOREAN_OFFSET;
use crate::query::{self, Field, Node, Parsed};
use crate::saved::{self, Searches};
use crate::search::Request;

/// The day in Korea.
pub fn today() -> Date {
    KOREAN_OFFSET.to_datetime(Timestamp::now()).date()
}

/// A request for what `query` and `filters` match in full, and how the query was read.
///
/// # Errors
/// When a date is none, or the query uses a saved search that cannot be run.
pub fn request(
    query: &str,
    filters: &Filters,
    today: Date,
    global: &Global,
) -> Result<(Request, Vec<String>), CliError> {
    let Parsed { tree, notes, .. } = read(query, today, global)?;
    let request = Request {
        tree: filters.parts(today)?.within(tree),
        ..Request::default()
    };
    Ok((request, notes))
}

/// A query as it is read, the saved searches in their places.
///
/// # Errors
/// When it uses a saved search that cannot be run.
pub fn read(query: &str, today: Date, global: &Global) -> Result<Parsed, CliError> {
    let mut parsed = query::parse(query, today);
    if !saved::uses(&parsed.tree).is_empty() {
        let searches = Searches::read(&global.index)?;
        parsed.tree = searches.expand(parsed.tree, today, &mut parsed.notes)?;
    }
    parsed.tree = with_outlets(parsed.tree);
    Ok(parsed)
}

/// Writes how a query was read to standard error, unless it is to be quiet.
pub fn tell(notes: &[String], global: &Global) {
    if !global.quiet {
        for note in notes {
            eprintln!("note: {}", super::error::one_line(note));
        }
    }
}

/// Names of outlets in a query, as the index has them.
pub fn with_outlets(node: Node) -> Node {
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
        other => other,
    }
}

/// A moment as people in Korea write it: `2024-02-22 10:31`.
pub fn korean_time(moment: Timestamp) -> String {
    let moment = KOREAN_OFFSET.to_datetime(moment);
    moment.strftime("%Y-%m-%d %H:%M").to_string()
}
