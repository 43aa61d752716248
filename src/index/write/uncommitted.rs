//! What the writer knows of clippings handed to the engine since the last commit: the engine cannot
//! be asked about them yet.

use rustc_hash::FxHashMap;

use crate::index::engine::document::DocMeta;
use crate::index::engine::record;
use crate::index::engine::snapshot::{CANDIDATES, Candidate};
use crate::index::hash::hash_text;
use crate::index::write::incoming_doc::IncomingDoc;
use crate::index::{PageKey, Result};

/// One clipping since the last commit.
#[derive(Debug, Clone)]
pub(in crate::index) struct Pending {
    /// Without the key of its page.
    pub record: Box<[u8]>,
    pub content: u64,
    pub added: i64,
    pub page: Option<PageKey>,
}

/// End of a list of prints.
const NONE: u32 = u32::MAX;

/// A fingerprint since the last commit. The prints that share a band are linked, newest first.
struct Print {
    candidate: Candidate,
    id: Box<str>,
    next: Box<[u32]>,
}

/// All changes since the last commit.
#[derive(Default)]
pub(in crate::index) struct Uncommitted {
    /// By name; `None` for one that was removed.
    by_id: FxHashMap<String, Option<Pending>>,
    /// Hash of the address → name.
    by_url: FxHashMap<u64, String>,
    prints: Vec<Print>,
    /// Band → the newest print that has it.
    bands: FxHashMap<u64, u32>,
}

impl Uncommitted {
    pub(in crate::index) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(in crate::index) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// `None` when nothing happened to it, `Some(None)` when it was removed.
    pub(in crate::index) fn by_id(&self, id: &str) -> Option<Option<&Pending>> {
        self.by_id.get(id).map(Option::as_ref)
    }

    pub(in crate::index) fn by_url(&self, url: &str) -> Option<&str> {
        self.by_url.get(&hash_text(url)).map(String::as_str)
    }

    pub(in crate::index) fn remove(&mut self, id: &str) {
        self.by_id.insert(id.to_owned(), None);
    }

    /// # Errors
    /// When the record cannot be written.
    pub(in crate::index) fn add(
        &mut self,
        prepared: &IncomingDoc,
        standing: DocMeta,
    ) -> Result<()> {
        let clipping = &prepared.clipping;
        if let Some(url) = &clipping.url {
            self.by_url.insert(hash_text(url), clipping.id.clone());
        }
        self.add_print(prepared, standing.group);
        self.by_id.insert(
            clipping.id.clone(),
            Some(Pending {
                record: record::write(clipping, None)?.into(),
                content: prepared.content,
                added: standing.added,
                page: standing.page,
            }),
        );
        Ok(())
    }

    fn add_print(&mut self, prepared: &IncomingDoc, group: u64) {
        let fingerprint = &prepared.fingerprint;
        let Ok(at) = u32::try_from(self.prints.len()) else {
            return;
        };
        let next = fingerprint
            .bands
            .iter()
            .map(|&band| self.bands.insert(band, at).unwrap_or(NONE))
            .collect();
        self.prints.push(Print {
            candidate: Candidate {
                sketch: fingerprint.sketch,
                group,
                day: fingerprint.day,
            },
            id: prepared.clipping.id.as_str().into(),
            next,
        });
    }

    /// The clippings that share a band with `prepared`, without an earlier state of itself.
    pub(in crate::index) fn sharing(
        &self,
        prepared: &IncomingDoc,
        each: &mut dyn FnMut(&str, Candidate),
    ) {
        for (i, band) in prepared.fingerprint.bands.iter().enumerate() {
            let mut at = self.bands.get(band).copied().unwrap_or(NONE);
            for _ in 0..CANDIDATES {
                let Some(print) = self.prints.get(at as usize) else {
                    break;
                };
                if *print.id != *prepared.clipping.id {
                    each(&print.id, print.candidate);
                }
                // Bands carry their number, so a band stands at the same place in every print.
                at = print.next.get(i).copied().unwrap_or(NONE);
            }
        }
    }
}
