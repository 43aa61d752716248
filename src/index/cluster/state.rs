//! Saved searches and the state of digests.
//!
//! They are documents of the hidden index `NAME-state`, which a rebuild does not touch. Writes are conditional on the
//! version that was read, so two machines never overwrite each other's changes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::address::ClusterAddress;
use super::client::Client;
use super::error::ClusterError;
use crate::index::{IndexError, Result};

/// The state documents of an index.
pub struct ClusterState {
    client: Client,
    index: String,
}

/// A document as it was read.
#[derive(Debug, Clone)]
pub struct StateDoc {
    /// JSON.
    pub content: Vec<u8>,
    seq_no: u64,
    primary_term: u64,
}

#[derive(Deserialize)]
struct StoredState {
    #[serde(rename = "_seq_no")]
    seq_no: u64,
    #[serde(rename = "_primary_term")]
    primary_term: u64,
    #[serde(rename = "_source")]
    source: Source,
}

#[derive(Deserialize)]
struct Source {
    content: Value,
    /// Identifies the write: tells a repeated request from another machine's.
    write: String,
}

impl ClusterState {
    /// The state documents of the index at `address`. Sends nothing.
    ///
    /// # Errors
    /// When the certificates cannot be read.
    pub fn new(address: &ClusterAddress) -> Result<ClusterState> {
        Ok(ClusterState {
            client: Client::new(address)?,
            index: format!("{}-state", address.index),
        })
    }

    /// The location of a document, for messages.
    pub fn locate(&self, name: &str) -> String {
        format!("{}/{name}", self.index)
    }

    /// The document with this name, if there is one.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub fn read(&self, name: &str) -> Result<Option<StateDoc>> {
        let Some(found) = self.find(name)? else {
            return Ok(None);
        };
        Ok(Some(StateDoc {
            content: found.source.content.to_string().into_bytes(),
            seq_no: found.seq_no,
            primary_term: found.primary_term,
        }))
    }

    fn find(&self, name: &str) -> Result<Option<StoredState>> {
        let path = format!("/{}/_doc/{name}", self.index);
        Ok(self.client.find("GET", &path, None)?)
    }

    /// Writes a document unless it has changed since it was `seen`; returns whether it did.
    ///
    /// # Errors
    /// When the cluster does not answer, or `content` is not JSON.
    pub fn replace(&self, name: &str, content: &[u8], seen: Option<&StateDoc>) -> Result<bool> {
        let index = &self.index;
        let path = match seen {
            Some(StateDoc {
                seq_no,
                primary_term,
                ..
            }) => format!(
                "/{index}/_doc/{name}?if_seq_no={seq_no}&if_primary_term={primary_term}&refresh=true"
            ),
            None => {
                self.create()?;
                format!("/{index}/_create/{name}?refresh=true")
            }
        };
        let content: Value = serde_json::from_slice(content).map_err(|e| engine(&e))?;
        let mut mark = [0; 16];
        getrandom::fill(&mut mark).map_err(|e| engine(&e))?;
        let write = format!("{:032x}", u128::from_le_bytes(mark));
        let body = json!({ "content": content, "write": write });
        match self.client.request::<Value>("PUT", &path, Some(&body)) {
            // Perhaps with an earlier attempt of the same write, whose answer was lost.
            Err(ClusterError::Status { status: 409, .. }) => {
                let found = self.find(name)?;
                Ok(found.is_some_and(|found| found.source.write == write))
            }
            written => {
                written?;
                Ok(true)
            }
        }
    }

    /// Creates the index if it is missing.
    fn create(&self) -> Result<()> {
        let path = format!("/{}", self.index);
        let body = json!({
            "settings": {"index": {
                "number_of_shards": 1, "auto_expand_replicas": "0-1", "hidden": true,
            }},
            "mappings": {"dynamic": false, "properties": {
                "content": {"type": "object", "enabled": false},
            }},
        });
        match self.client.request::<Value>("PUT", &path, Some(&body)) {
            Err(ClusterError::Status { kind, .. })
                if kind == "resource_already_exists_exception" =>
            {
                Ok(())
            }
            created => {
                created?;
                Ok(())
            }
        }
    }

    /// Changes with every write to one of these documents.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub fn version(&self, names: &[&str]) -> Result<String> {
        let mut version = String::new();
        for name in names {
            let found = self.find(name)?;
            version.push_str(&found.map(|found| found.source.write).unwrap_or_default());
            version.push(' ');
        }
        Ok(version)
    }
}

fn engine(e: &dyn std::fmt::Display) -> IndexError {
    IndexError::Engine(e.to_string())
}
