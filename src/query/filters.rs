//! Filters of a query, as typed, and their trees.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::date_range::BadDate;
use super::{DateRange, Field, Node};

/// Restricts a query. Days are stored as typed, because `7d` is relative to the day of the search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Only these outlets; all if empty.
    pub outlets: Vec<String>,
    /// Only these reporters; all if empty.
    pub reporters: Vec<String>,
    /// Published on this day or later.
    pub from: Option<String>,
    /// Published on this day or earlier.
    pub to: Option<String>,
    /// Include undated clippings in spite of `from` and `to`.
    pub undated: bool,
}

/// Invalid filters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// A day is not a date.
    #[error(transparent)]
    BadDate(#[from] BadDate),
    /// The first day is after the last.
    #[error("{from} is after {to}")]
    DatesReversed {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
}

impl Filters {
    /// Whether nothing is restricted.
    pub fn is_empty(&self) -> bool {
        self.outlets.is_empty()
            && self.reporters.is_empty()
            && self.from.is_none()
            && self.to.is_none()
    }

    /// The range from `from` to `to`; `None` if neither is set. `today` is the date in Korea.
    ///
    /// # Errors
    /// When one is not a date, or when they are reversed.
    pub fn days(&self, today: Date) -> Result<Option<DateRange>, FilterError> {
        let from = self.from.as_deref().map(|d| DateRange::start(d, today));
        let to = self.to.as_deref().map(|d| DateRange::end(d, today));
        let (from, to) = (from.transpose()?, to.transpose()?);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(FilterError::DatesReversed { from, to });
        }
        Ok((from.is_some() || to.is_some()).then_some(DateRange { from, to }))
    }

    /// Restricts `tree` by the filters.
    ///
    /// # Errors
    /// See [`Filters::days`].
    pub fn within(&self, tree: Node, today: Date) -> Result<Node, FilterError> {
        let nodes = self.nodes(today)?;
        Ok(Node::and(std::iter::once(tree).chain(nodes)))
    }

    /// The filters as trees, which must all match.
    ///
    /// # Errors
    /// See [`Filters::days`].
    pub fn nodes(&self, today: Date) -> Result<Vec<Node>, FilterError> {
        let any = |field: Field, names: &[String]| {
            let name = |name: &String| Node::Phrase {
                text: name.clone(),
                slop: None,
            };
            (!names.is_empty()).then(|| Node::or(names.iter().map(name)).in_field(field))
        };
        let mut nodes = Vec::new();
        nodes.extend(any(Field::Outlet, &self.outlets));
        nodes.extend(any(Field::Reporter, &self.reporters));
        if let Some(days) = self.days(today)? {
            let within = Node::Date(days);
            nodes.push(match self.undated {
                true => Node::or([within, Node::Date(DateRange::default()).negated()]),
                false => within,
            });
        }
        Ok(nodes)
    }
}
