//! New hits since a watermark, and single clippings with their copies and marks.

use rustc_hash::FxHashSet;

use super::searcher::{ClusterSearcher, MAX_DECIDED, keys};
use crate::clipping::Clipping;
use crate::index::{Columns, HitColumns, IndexError, Result};
use crate::search::Request;
use crate::search::answer::NewHits;

impl ClusterSearcher {
    /// Time of adding of the newest clipping, Unix seconds; 0 for an empty index.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn newest_added(&self) -> Result<i64> {
        self.index.newest_added()
    }

    /// See [`Searcher::new_hits`](crate::search::Searcher::new_hits). Reads only the new clippings and their copies.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards, or there are too many.
    pub fn new_hits(
        &self,
        request: &Request,
        watermark: Option<i64>,
        known: &dyn Fn(&str, i64) -> bool,
        skip_copies: bool,
    ) -> Result<NewHits> {
        self.counts.renew(&self.index)?;
        let query = self.query(request)?;
        let mut matching = self.matching(request, &query, Columns::Ids)?;
        if matching.estimate.is_some() {
            return Err(IndexError::TooManyMatches);
        }
        let is_late = |member: &&HitColumns| watermark.is_none_or(|then| member.added > then);
        let late = matching.members.iter().filter(is_late);
        let recent: Vec<(String, i64)> = late.clone().map(|m| (m.id.clone(), m.added)).collect();
        let new = late.filter(|member| !known(&member.id, member.added));
        let (new, groups): (FxHashSet<&str>, FxHashSet<u64>) =
            new.map(|member| (member.id.as_str(), member.group)).unzip();
        let mut needed = Vec::new();
        for member in &matching.members {
            let is_copy = !request.all_copies && groups.contains(&member.group);
            if is_copy || new.contains(member.id.as_str()) {
                needed.push(member.clone());
            }
        }
        let new: FxHashSet<String> = new.into_iter().map(str::to_owned).collect();
        if needed.len() > MAX_DECIDED {
            return Err(IndexError::TooManyMatches);
        }
        let part = self.part(&keys(&needed), &mut matching.records, None)?;
        let is_old = |id: &str, _| !new.contains(id);
        let found = self.counted(|| part.new_hits(request, None, &is_old, skip_copies))?;
        Ok(NewHits { recent, ..found })
    }

    /// The clipping with this id or unique prefix of one, and at most `limit` copies.
    ///
    /// # Errors
    /// When there is none, or the cluster does not answer for all shards.
    pub fn clipping_and_copies(&self, id: &str, limit: usize) -> Result<(Clipping, Vec<Clipping>)> {
        let found = self.index.get(id)?;
        let copies = self.index.copies(&found, limit)?;
        Ok((found.clipping, copies))
    }

    /// The matches of `request` in each of `texts`, texts of the clipping with this id.
    ///
    /// # Errors
    /// When there is no such clipping, or the cluster does not answer for all shards.
    pub fn marks(
        &self,
        id: &str,
        request: &Request,
        texts: &[String],
    ) -> Result<Vec<Vec<(usize, usize)>>> {
        self.counts.renew(&self.index)?;
        let part = self.part_of(vec![self.index.get(id)?], None)?;
        self.counted(|| part.marks(request, texts))
    }
}
