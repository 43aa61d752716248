//! Assigns an incoming clipping to a near-duplicate group.

use rustc_hash::FxHashSet;

use crate::clipping::Clipping;
use crate::index::Result;
use crate::index::engine::DocAddress;
use crate::index::engine::record;
use crate::index::engine::snapshot::BandMate;
use crate::index::hash::hash_text;
use crate::index::write::groups::copy_similarity;
use crate::index::write::incoming_doc::IncomingDoc;
use crate::index::write::lookup::{DocRef, Lookup};

/// Number of candidates, the most similar by estimate, whose texts are compared with a new clipping.
pub(in crate::index) const MAX_COMPARED: usize = 8;

/// A clipping that shares a band with the incoming one.
struct Proposal {
    /// Estimated from the fingerprints.
    similarity: f64,
    group: u64,
    at: DocRef,
}

/// The group of the most similar copy, else the group that the stored version at `previous` is in
/// and still belongs to, else a new group.
pub(in crate::index) fn group_of(
    lookup: Lookup<'_>,
    incoming: &IncomingDoc,
    previous: Option<DocAddress>,
) -> Result<u64> {
    let fingerprint = &incoming.fingerprint;
    let mut proposals = Vec::new();
    let mut propose = |candidate: BandMate, at: DocRef| {
        if let Some(similarity) = fingerprint.estimate(candidate.sketch, candidate.day) {
            proposals.push(Proposal {
                similarity,
                group: candidate.group,
                at,
            });
        }
    };
    if !fingerprint.bands.is_empty() {
        lookup.uncommitted.sharing(incoming, &mut |id, candidate| {
            propose(candidate, DocRef::Uncommitted(id.to_owned()));
        });
        lookup
            .committed
            .sharing(&fingerprint.bands, &mut |address, candidate| {
                if Some(address) != previous {
                    propose(candidate, DocRef::Committed(address));
                }
            });
    }
    let mut group = most_similar(lookup, &incoming.clipping, proposals)?;
    if group.is_none()
        && let Some(address) = previous
        && let Some(candidate) = lookup.committed.candidate(address)
    {
        let own = Proposal {
            similarity: 1.0,
            group: candidate.group,
            at: DocRef::Committed(address),
        };
        group = most_similar(lookup, &incoming.clipping, vec![own])?;
    }
    Ok(group.unwrap_or_else(|| hash_text(&incoming.clipping.id)))
}

/// The group of the proposal that is most similar by its text, if any is a copy.
fn most_similar(
    lookup: Lookup<'_>,
    clipping: &Clipping,
    mut proposals: Vec<Proposal>,
) -> Result<Option<u64>> {
    // Ties go to the lower group number, so that the result does not depend on the order of
    // segments.
    proposals.sort_by(|a, b| {
        b.similarity
            .total_cmp(&a.similarity)
            .then(a.group.cmp(&b.group))
    });
    let mut best: Option<(f64, u64)> = None;
    let mut compared = FxHashSet::default();
    for Proposal { group, at, .. } in proposals {
        if compared.len() == MAX_COMPARED {
            break;
        }
        if !compared.insert(at.clone()) {
            continue;
        }
        let other = match at {
            DocRef::Committed(address) => lookup.committed.clipping(address)?,
            DocRef::Uncommitted(id) => match lookup.uncommitted.by_id(&id) {
                Some(Some(doc)) => record::read(&doc.record)?,
                // Deleted since; its fingerprint stays listed until the commit.
                _ => continue,
            },
        };
        if let Some(similarity) = copy_similarity(clipping, &other)
            && best.is_none_or(|(s, g)| similarity > s || (similarity == s && group < g))
        {
            best = Some((similarity, group));
        }
    }
    Ok(best.map(|(_, group)| group))
}
