//! Filters beside a query, as they are typed, and the trees they stand for.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::date_range::BadDate;
use super::{DateRange, Field, Node};

/// Which clippings to consider, beside the query. Days are kept as typed: `7d` is relative to the
/// day on which the filter is used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Only these outlets; any when empty.
    pub outlets: Vec<String>,
    /// Only these reporters; any when empty.
    pub reporters: Vec<String>,
    /// Published on or after.
    pub from: Option<String>,
    /// Published on or before.
    pub to: Option<String>,
    /// With `from` or `to`: include undated clippings.
    pub undated: bool,
}

/// Filters that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// One of the days is not a date.
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
    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        self.outlets.is_empty()
            && self.reporters.is_empty()
            && self.from.is_none()
            && self.to.is_none()
    }

    /// The days between `from` and `to`; `None` when neither is given. `today` is the day in Korea.
    ///
    /// # Errors
    /// When one of them is not a date, or when they are in the wrong order.
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

    /// `tree` within the filters.
    ///
    /// # Errors
    /// See [`Filters::days`].
    pub fn within(&self, tree: Node, today: Date) -> Result<Node, FilterError> {
        let nodes = self.nodes(today)?;
        Ok(Node::and(std::iter::once(tree).chain(nodes)))
    }

    /// The filters as trees, all of which must match.
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
