//! Rebuilds the index in a cluster: fills a new index, then switches the alias atomically.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use super::address::ClusterAddress;
use super::client::{BulkItem, BulkOutcome, Client};
use super::error::ClusterError;
use super::mapping::{ClusterMeta, Stored, creation, document, document_name};
use super::reading::Hit;
use super::store::{ClusterIndex, live_name, numbered};
use crate::analyze::{Analyzer, Language};
use crate::index::write::incoming_doc::IncomingDoc;
use crate::index::{Rebuilt, Result};

/// Number of clippings per batch.
const BATCH: usize = 2_000;

/// Number of documents per request.
const BULK: usize = 250;

/// Maximum number of threads that analyze and send.
const MAX_THREADS: usize = 8;

/// Rebuilds the index at `address` with the dictionary of this program and the word list of the index, unless `stop` is
/// set. The index can be read meanwhile, but not written.
///
/// # Errors
/// When the cluster fails. The index is unchanged and writable again, unless the cluster cannot be reached.
pub fn rebuild(address: ClusterAddress, stop: &AtomicBool) -> Result<Rebuilt> {
    let client = Client::new(&address)?;
    client.require_version()?;
    let (old, user_words) = live_name(&client, &address)?;
    let language = Language::embedded()?.with_user_words(user_words);
    let body = creation(
        &ClusterMeta::of(&language),
        address.shards,
        address.replicas,
    );
    let new = create(&client, &address.index, &old, &body)?;
    block_writes(&client, &old, true)?;
    let rebuild = Rebuild {
        old: ClusterIndex {
            client,
            address: ClusterAddress {
                index: old.clone(),
                ..address.clone()
            },
            name: old.clone(),
            language: language.clone(),
            routings: OnceLock::new(),
        },
        new: new.clone(),
    };
    let filled = rebuild.fill(&language, stop);
    let client = &rebuild.old.client;
    match filled {
        Ok(Some(count)) => {
            let actions = json!({"actions": [
                {"add": {"index": new, "alias": address.index}},
                {"remove_index": {"index": old}},
            ]});
            let switched = client.request::<Value>("POST", "/_aliases", Some(&actions));
            if let Err(e) = switched {
                // The answer to an earlier attempt may have been lost.
                if live_name(client, &address).is_ok_and(|(live, _)| live != new) {
                    client.find::<Value>("DELETE", &format!("/{new}"), None)?;
                    return Err(e.into());
                }
            }
            remove_orphans(client, &address.index, &new)?;
            Ok(Rebuilt {
                clippings: Some(count),
                ..Rebuilt::default()
            })
        }
        stopped_or_failed => {
            client.find::<Value>("DELETE", &format!("/{new}"), None)?;
            block_writes(client, &old, false)?;
            stopped_or_failed.map(|_| Rebuilt::default())
        }
    }
}

/// Creates an index with the first free number after that of `old`, and returns its name. An index that exists may be
/// that of another rebuild that is running, so it is left alone.
fn create(client: &Client, alias: &str, old: &str, body: &Value) -> Result<String> {
    let mut number = number_of(alias, old).unwrap_or(0);
    loop {
        number += 1;
        let new = numbered(alias, number);
        match client.request::<Value>("PUT", &format!("/{new}"), Some(body)) {
            Err(ClusterError::Status { kind, .. })
                if kind == "resource_already_exists_exception" => {}
            created => return Ok(created.map(|_| new)?),
        }
    }
}

/// Removes what killed rebuilds have left: indexes with lower numbers than `live` that no alias names. A rebuild that
/// is still running on one of them fails.
fn remove_orphans(client: &Client, alias: &str, live: &str) -> Result<()> {
    let path = format!("/{alias}-*/_alias");
    let named: Option<FxHashMap<String, Value>> = client.find("GET", &path, None)?;
    for (name, described) in named.into_iter().flatten() {
        let has_alias = described["aliases"]
            .as_object()
            .is_some_and(|all| !all.is_empty());
        let number = number_of(alias, &name);
        if !has_alias && number.is_some() && number < number_of(alias, live) {
            client.find::<Value>("DELETE", &format!("/{name}"), None)?;
        }
    }
    Ok(())
}

/// The number of an index of `alias`, see [`numbered`].
fn number_of(alias: &str, name: &str) -> Option<u32> {
    let number = name.strip_prefix(alias)?.strip_prefix('-')?.parse().ok()?;
    (numbered(alias, number) == name).then_some(number)
}

fn block_writes(client: &Client, index: &str, blocked: bool) -> Result<()> {
    let settings = json!({"index.blocks.write": blocked});
    client.request::<Value>("PUT", &format!("/{index}/_settings"), Some(&settings))?;
    Ok(())
}

struct Rebuild {
    /// The index by its name, not by the alias.
    old: ClusterIndex,
    new: String,
}

impl Rebuild {
    /// Fills the new index and returns the number of clippings; `None` if it was stopped.
    fn fill(&self, language: &Language, stop: &AtomicBool) -> Result<Option<u64>> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.clamp(1, MAX_THREADS);
        let mut analyzers: Vec<Analyzer> = (0..threads)
            .map(|_| Analyzer::new(language.clone()))
            .collect();
        self.old.refresh()?;
        let mut batch = Vec::with_capacity(BATCH);
        let mut count = 0;
        self.old.each_record(&mut |hit: Hit<Stored>| {
            batch.extend(hit.source);
            if batch.len() == BATCH {
                count += batch.len() as u64;
                self.write(&std::mem::take(&mut batch), &mut analyzers)?;
            }
            Ok(!stop.load(Ordering::Relaxed))
        })?;
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        count += batch.len() as u64;
        self.write(&batch, &mut analyzers)?;
        let path = format!("/{}/_refresh", self.new);
        self.old.client.request::<Value>("POST", &path, None)?;
        let counted: Value =
            (self.old.client).request("GET", &format!("/{}/_count", self.new), None)?;
        match counted["count"].as_u64() {
            Some(there) if there == count && count == self.old.count()? => Ok(Some(count)),
            there => Err(ClusterError::Malformed {
                reason: format!("{count} clippings were copied and {there:?} are there"),
            }
            .into()),
        }
    }

    fn write(&self, batch: &[Stored], analyzers: &mut [Analyzer]) -> Result<()> {
        let share = batch.len().div_ceil(analyzers.len().max(1)).max(1);
        thread::scope(|scope| {
            let working: Vec<_> = batch
                .chunks(share)
                .zip(analyzers)
                .map(|(share, analyzer)| scope.spawn(|| self.send(share, analyzer)))
                .collect();
            let results = working.into_iter().map(|thread| match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            results.collect::<Vec<Result<()>>>().into_iter().collect()
        })
    }

    fn send(&self, share: &[Stored], analyzer: &mut Analyzer) -> Result<()> {
        for stored in share.chunks(BULK) {
            let mut items = Vec::with_capacity(stored.len());
            for stored in stored {
                let doc = IncomingDoc::from_stored(stored.record.clone());
                let id = document_name(&stored.record.id);
                items.push(BulkItem {
                    action: json!({"index": {"_id": id}}).to_string(),
                    source: Some(document(&doc, stored.meta(), &stored.write, analyzer)?),
                });
            }
            let outcomes = self.old.client.bulk(&self.new, &items)?;
            for (stored, outcome) in stored.iter().zip(outcomes) {
                if let BulkOutcome::Refused { reason } = outcome {
                    let id = stored.record.id.clone();
                    return Err(ClusterError::Refused { id, reason }.into());
                }
            }
        }
        Ok(())
    }
}
