//! The destination of new clippings: an embedded index or a cluster.

use crate::index::{IncomingDoc, Ledger, Outcome, Result, Writer};

/// Writes clippings to an embedded index or a cluster.
pub trait ClippingSink {
    /// Adds a clipping. The outcome is `None` if it is only known later, see
    /// [`ClippingSink::take_outcomes`].
    ///
    /// # Errors
    /// When the index cannot be read or written.
    fn put(&mut self, incoming: IncomingDoc) -> Result<Option<Outcome>>;

    /// Whether enough has accumulated for a commit.
    fn is_commit_due(&self) -> bool;

    /// Makes everything added durable and visible.
    ///
    /// # Errors
    /// When it cannot be written.
    fn commit(&mut self) -> Result<()>;

    /// Outcomes that `put` did not return, since the last call.
    fn take_outcomes(&mut self) -> Outcomes;

    /// The sources read before; `None` if the destination does not record them.
    fn ledger(&self) -> Option<&Ledger>;

    /// Forgets the files that are gone and of which all records are in other files by now.
    ///
    /// # Errors
    /// When the index cannot be read or the ledger cannot be written.
    fn forget_moved_files(&mut self) -> Result<()>;

    /// Removes the clippings without a remaining source, and returns their number.
    ///
    /// # Errors
    /// When the index cannot be read or written, or keeps no ledger.
    fn prune(&mut self, is_gone: &mut dyn FnMut(&str) -> bool) -> Result<u64>;
}

/// Numbers of clippings by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// New.
    pub added: u64,
    /// Stored before; the content or the sources have changed.
    pub updated: u64,
    /// Stored before; unchanged.
    pub unchanged: u64,
}

impl From<Outcome> for Outcomes {
    fn from(outcome: Outcome) -> Self {
        let mut outcomes = Outcomes::default();
        *match outcome {
            Outcome::Added => &mut outcomes.added,
            Outcome::Updated => &mut outcomes.updated,
            Outcome::Unchanged => &mut outcomes.unchanged,
        } += 1;
        outcomes
    }
}

impl ClippingSink for Writer {
    fn put(&mut self, incoming: IncomingDoc) -> Result<Option<Outcome>> {
        let outcome = match incoming.added {
            Some(added) => self.put_with_added_at(incoming, added),
            None => Writer::put(self, incoming),
        };
        outcome.map(Some)
    }

    fn is_commit_due(&self) -> bool {
        Writer::is_commit_due(self)
    }

    fn commit(&mut self) -> Result<()> {
        Writer::commit(self)
    }

    fn take_outcomes(&mut self) -> Outcomes {
        Outcomes::default()
    }

    fn ledger(&self) -> Option<&Ledger> {
        Some(Writer::ledger(self))
    }

    fn forget_moved_files(&mut self) -> Result<()> {
        Writer::forget_moved_files(self)
    }

    fn prune(&mut self, is_gone: &mut dyn FnMut(&str) -> bool) -> Result<u64> {
        Writer::prune(self, is_gone)
    }
}
