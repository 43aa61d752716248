//! The changes since the last commit. The engine cannot search them yet, so the writer keeps what
//! it needs to recognize a clipping: record, hashes and fingerprint.

use rustc_hash::FxHashMap;

use crate::index::engine::document::DocMeta;
use crate::index::engine::record;
use crate::index::engine::snapshot::{BandMate, CANDIDATES};
use crate::index::hash::hash_text;
use crate::index::write::incoming_doc::IncomingDoc;
use crate::index::{PageKey, Result};

#[derive(Debug, Clone)]
pub(in crate::index) struct UncommittedDoc {
    /// Without the page key, which is in `page`.
    pub record: Box<[u8]>,
    pub content: u64,
    pub added: i64,
    pub page: Option<PageKey>,
}

/// End of a linked list of fingerprints.
const NONE: u32 = u32::MAX;

/// A fingerprint. Fingerprints that share a band form a linked list, newest first.
struct Fingerprinted {
    candidate: BandMate,
    id: Box<str>,
    /// For each band the next in its list.
    next: Box<[u32]>,
}

#[derive(Default)]
pub(in crate::index) struct Uncommitted {
    /// By id; `None` for a deleted clipping.
    by_id: FxHashMap<String, Option<UncommittedDoc>>,
    /// Hash of the URL → id.
    by_url: FxHashMap<u64, String>,
    fingerprints: Vec<Fingerprinted>,
    /// Band → head of its list.
    bands: FxHashMap<u64, u32>,
}

impl Uncommitted {
    pub(in crate::index) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(in crate::index) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// `None` if the clipping did not change, `Some(None)` if it was deleted.
    pub(in crate::index) fn by_id(&self, id: &str) -> Option<Option<&UncommittedDoc>> {
        self.by_id.get(id).map(Option::as_ref)
    }

    pub(in crate::index) fn by_url(&self, url: &str) -> Option<&str> {
        self.by_url.get(&hash_text(url)).map(String::as_str)
    }

    pub(in crate::index) fn remove(&mut self, id: &str) {
        self.by_id.insert(id.to_owned(), None);
    }

    /// # Errors
    /// When the record cannot be serialized.
    pub(in crate::index) fn add(&mut self, incoming: &IncomingDoc, meta: DocMeta) -> Result<()> {
        let clipping = &incoming.clipping;
        if let Some(url) = &clipping.url {
            self.by_url.insert(hash_text(url), clipping.id.clone());
        }
        self.add_fingerprint(incoming, meta.group);
        self.by_id.insert(
            clipping.id.clone(),
            Some(UncommittedDoc {
                record: record::write(clipping, None)?.into(),
                content: incoming.content,
                added: meta.added,
                page: meta.page,
            }),
        );
        Ok(())
    }

    fn add_fingerprint(&mut self, incoming: &IncomingDoc, group: u64) {
        let fingerprint = &incoming.fingerprint;
        let Ok(at) = u32::try_from(self.fingerprints.len()) else {
            return;
        };
        let next = fingerprint
            .bands
            .iter()
            .map(|&band| self.bands.insert(band, at).unwrap_or(NONE))
            .collect();
        self.fingerprints.push(Fingerprinted {
            candidate: BandMate {
                sketch: fingerprint.sketch,
                group,
                day: fingerprint.day,
            },
            id: incoming.clipping.id.as_str().into(),
            next,
        });
    }

    /// Calls `each` with the clippings that share a band with `incoming`, except earlier versions of
    /// itself.
    pub(in crate::index) fn sharing(
        &self,
        incoming: &IncomingDoc,
        each: &mut dyn FnMut(&str, BandMate),
    ) {
        for (i, band) in incoming.fingerprint.bands.iter().enumerate() {
            let mut at = self.bands.get(band).copied().unwrap_or(NONE);
            for _ in 0..CANDIDATES {
                let Some(other) = self.fingerprints.get(at as usize) else {
                    break;
                };
                if *other.id != *incoming.clipping.id {
                    each(&other.id, other.candidate);
                }
                // The hash of a band includes its index, so equal bands have the same index in
                // every fingerprint.
                at = other.next.get(i).copied().unwrap_or(NONE);
            }
        }
    }
}
