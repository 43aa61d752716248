//! An opened index of a cluster.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::address::ClusterAddress;
use super::client::{BulkItem, Client, QUERY_THEN_FETCH};
use super::error::ClusterError;
use super::mapping::{CLUSTER_FORMAT, ClusterMeta, creation, document_name};
use crate::analyze::Language;
use crate::analyze::user_words::UserWords;
use crate::index::{IndexError, MadeWith, Result};

/// How long the cluster waits until every shard is writable.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(30);

/// Number of deletions per request.
const DELETIONS: usize = 5_000;

/// An index in a cluster. Threads share it.
pub struct ClusterIndex {
    pub(super) client: Client,
    pub(super) address: ClusterAddress,
    /// The index that the alias points to.
    pub(super) name: String,
    pub(super) language: Language,
    /// A routing value for each shard; determined on first use.
    pub(super) routings: OnceLock<Vec<String>>,
}

impl ClusterIndex {
    /// Opens the index at `address`.
    ///
    /// # Errors
    /// When the cluster cannot be used, or the index is missing, of another program, format, dictionary or analyzer.
    pub fn open(address: ClusterAddress) -> Result<ClusterIndex> {
        let client = Client::new(&address)?;
        let (name, meta) = live(&client, &address)?;
        let language = language_of(&meta)?;
        if meta.analyzer != language.identity() {
            return Err(IndexError::Outdated(MadeWith::Analyzer));
        }
        Ok(ClusterIndex {
            client,
            address,
            name,
            language,
            routings: OnceLock::new(),
        })
    }

    /// Opens the index for writing, and creates it with the word list `words` if it is missing.
    ///
    /// # Errors
    /// See [`ClusterIndex::open`]; [`ClusterError::Red`].
    pub fn open_for_writing(address: ClusterAddress, words: &UserWords) -> Result<ClusterIndex> {
        let client = Client::new(&address)?;
        client.require_version()?;
        match live(&client, &address) {
            Err(IndexError::Missing(_)) => {
                let language = Language::embedded()?.with_user_words(words.clone());
                let meta = ClusterMeta::of(&language);
                let name = numbered(&address.index, 1);
                let mut body = creation(&meta, address.shards, address.replicas);
                body["aliases"] = json!({ address.index.as_str(): {} });
                let created = client.request::<Value>("PUT", &format!("/{name}"), Some(&body));
                match created {
                    // Another machine was first, or the answer to an earlier attempt was lost.
                    Err(ClusterError::Status { kind, .. })
                        if kind == "resource_already_exists_exception" => {}
                    created => drop(created?),
                }
            }
            live => drop(live?),
        }
        drop(client);
        let index = ClusterIndex::open(address)?;
        index.require_writable()?;
        Ok(index)
    }

    /// Whether the alias still points to this index.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub fn is_live(&self) -> Result<bool> {
        let path = format!("/_alias/{}", self.address.index);
        let found: Option<FxHashMap<String, Value>> = self.client.find("GET", &path, None)?;
        Ok(found.is_some_and(|found| found.contains_key(&self.name)))
    }

    /// Its language.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// Its address, without credentials.
    pub fn address(&self) -> &ClusterAddress {
        &self.address
    }

    /// Identifies the index that the alias points to.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Searches. The answer is complete.
    ///
    /// # Errors
    /// When the cluster does not answer, or not for all shards.
    pub fn search<T: for<'de> Deserialize<'de>>(&self, body: &Value) -> Result<T> {
        Ok(self.client.search(&self.address.index, body)?)
    }

    /// Several searches in one request; answers are in order.
    ///
    /// # Errors
    /// See [`ClusterIndex::search`].
    pub fn search_many<T: for<'de> Deserialize<'de>>(&self, searches: &[Value]) -> Result<Vec<T>> {
        let searches = searches.iter().map(|body| (QUERY_THEN_FETCH, body));
        Ok(self.client.search_many(&self.address.index, searches)?)
    }

    /// Removes the clippings with these ids and returns their number.
    ///
    /// # Errors
    /// When the cluster does not answer. Some may have been removed.
    pub fn remove(&self, ids: &[String]) -> Result<u64> {
        self.require_writable()?;
        let mut removed = 0;
        for ids in ids.chunks(DELETIONS) {
            let found = self.read(ids)?;
            removed += found.iter().flatten().count() as u64;
            let items: Vec<BulkItem> = ids
                .iter()
                .map(|id| BulkItem {
                    action: json!({"delete": {"_id": document_name(id)}}).to_string(),
                    source: None,
                })
                .collect();
            self.client.bulk(&self.address.index, &items)?;
        }
        self.refresh()?;
        Ok(removed)
    }

    /// Makes all writes visible to searches.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub(super) fn refresh(&self) -> Result<()> {
        let path = format!("/{}/_refresh", self.address.index);
        self.client.request::<Value>("POST", &path, None)?;
        Ok(())
    }

    fn require_writable(&self) -> Result<()> {
        let patience = HEALTH_TIMEOUT.min(self.address.patience).as_secs();
        let path = format!(
            "/_cluster/health/{}?wait_for_status=yellow&timeout={patience}s",
            self.address.index
        );
        match self.client.request::<Value>("GET", &path, None) {
            Ok(health) if health["status"] != "red" => Ok(()),
            Ok(_) | Err(ClusterError::Status { status: 408, .. }) => Err(ClusterError::Red.into()),
            Err(e) => Err(e.into()),
        }
    }

    /// Size of the index in bytes, including replicas.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub(super) fn disk_bytes(&self) -> Result<u64> {
        let path = format!("/{}/_stats/store", self.address.index);
        let stats: Value = self.client.request("GET", &path, None)?;
        let bytes = &stats["_all"]["total"]["store"]["size_in_bytes"];
        Ok(bytes.as_u64().unwrap_or_default())
    }
}

/// The index that the alias points to, and its meta data.
pub(super) fn live(client: &Client, address: &ClusterAddress) -> Result<(String, ClusterMeta)> {
    let (name, meta) = described(client, address)?;
    let meta: ClusterMeta = serde_json::from_value(meta).map_err(|_| foreign(address))?;
    match meta.format {
        CLUSTER_FORMAT => Ok((name, meta)),
        _ => Err(IndexError::Outdated(MadeWith::Format)),
    }
}

/// The index that the alias points to, which may have an earlier format, and its word list.
pub(super) fn live_name(client: &Client, address: &ClusterAddress) -> Result<(String, UserWords)> {
    let (name, meta) = described(client, address)?;
    let words = meta["user_words"].as_str().unwrap_or_default();
    Ok((name, UserWords::parse(words).0))
}

fn described(client: &Client, address: &ClusterAddress) -> Result<(String, Value)> {
    #[derive(Deserialize)]
    struct Described {
        mappings: Value,
    }
    let path = format!("/{}/_mapping", address.index);
    let found: Option<FxHashMap<String, Described>> = client.find("GET", &path, None)?;
    let mut found = match found {
        None => return Err(IndexError::Missing(PathBuf::from(address.to_string()))),
        Some(found) => found.into_iter(),
    };
    let (Some((name, mut described)), None) = (found.next(), found.next()) else {
        return Err(foreign(address).into());
    };
    let meta = described.mappings["_meta"]["clippings"].take();
    let format = meta["format"].as_u64().ok_or_else(|| foreign(address))?;
    match format > u64::from(CLUSTER_FORMAT) {
        true => Err(IndexError::Newer {
            found: u32::try_from(format).unwrap_or(u32::MAX),
            known: CLUSTER_FORMAT,
        }),
        false => Ok((name, meta)),
    }
}

fn foreign(address: &ClusterAddress) -> ClusterError {
    ClusterError::Foreign {
        index: address.index.clone(),
    }
}

/// The language of this program with the word list of an index.
pub(super) fn language_of(meta: &ClusterMeta) -> Result<Language> {
    Ok(Language::embedded()?.with_user_words(UserWords::parse(&meta.user_words).0))
}

/// The name of the `n`th index of an alias.
pub(super) fn numbered(alias: &str, n: u32) -> String {
    format!("{alias}-{n:06}")
}
