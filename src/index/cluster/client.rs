//! Requests to a cluster: failover between hosts, retries with bounds, and answers that are whole.
//!
//! Everything here is the HTTP interface that OpenSearch and Elasticsearch share; nothing knows of clippings.

use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{fs, process, thread};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};
use ureq::config::AutoHeaderValue;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ureq::http::{HeaderValue, Request, Response};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

use super::address::{ClusterAddress, Credentials};
use super::error::ClusterError;

/// Maximum size of an answer in bytes. A page of hits has some megabytes.
const MAX_ANSWER: u64 = 512 << 20;

/// Timeout of a request, from resolving the host to the last byte of the answer.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Timeout for connecting to a host, after which the next is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The wait between attempts is doubled from the first to the last of these.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Maximum number of rounds over all hosts without a connection: a node that restarts is back within seconds, and a
/// mistyped host never answers.
const CONNECTION_ROUNDS: u32 = 3;

/// Maximum number of repetitions after status 500, which a leaving node causes for seconds, and a bug in the cluster
/// for ever.
const INTERNAL_ERRORS: u32 = 7;

/// Error type of a write to a blocked index.
const BLOCKED: &str = "cluster_block_exception";

/// Each shard scores by its own document frequencies.
pub const QUERY_THEN_FETCH: &str = "query_then_fetch";

/// Shards score by the document frequencies of all shards, which takes another round trip to them. Without it, words
/// would have different weights in small shards.
pub const DFS_QUERY_THEN_FETCH: &str = "dfs_query_then_fetch";

type Result<T> = std::result::Result<T, ClusterError>;

/// A cluster with its hosts and credentials. Threads share one client.
pub struct Client {
    agent: Agent,
    hosts: Vec<String>,
    /// The host that answered last, which is tried first.
    current: AtomicUsize,
    authorization: Option<HeaderValue>,
    patience: Duration,
    /// Makes the cluster use the same copies of shards for all searches of this process. Copies are refreshed at
    /// different times, and pages of one result must be of the same state.
    preference: String,
}

/// The result of an attempt on one host.
enum Try {
    Done(u16, Vec<u8>),
    /// The host cannot be reached; another one may be.
    Unreachable(String),
    /// May succeed later: the status, or `None` after a timeout or a broken connection.
    Wait(Option<u16>),
}

/// An item of a bulk request.
pub struct BulkItem {
    /// JSON on one line.
    pub action: String,
    /// JSON on one line; `None` for a deletion.
    pub source: Option<String>,
}

/// The result of an item of a bulk request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkOutcome {
    /// Written.
    Written,
    /// The document has another version than expected.
    Conflict,
    /// Refused for good.
    Refused {
        /// The cluster's reason.
        reason: String,
    },
}

impl Client {
    /// Creates a client; sends nothing.
    ///
    /// # Errors
    /// When the certificates cannot be read, or a secret cannot stand in a header.
    pub fn new(address: &ClusterAddress) -> Result<Client> {
        let mut tls = TlsConfig::builder();
        if let Some(path) = &address.ca {
            let malformed = |reason: String| ClusterError::Certificates {
                reason: format!("{}: {reason}", path.display()),
            };
            let pem = fs::read(path).map_err(|e| malformed(e.to_string()))?;
            let mut certificates = Vec::new();
            for item in parse_pem(&pem) {
                if let PemItem::Certificate(certificate) =
                    item.map_err(|e| malformed(e.to_string()))?
                {
                    certificates.push(certificate);
                }
            }
            if certificates.is_empty() {
                return Err(malformed("no certificate in PEM form".to_owned()));
            }
            tls = tls.root_certs(RootCerts::new_with_certs(&certificates));
        }
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT.min(address.patience)))
            .timeout_connect(Some(CONNECT_TIMEOUT.min(address.patience)))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("clippings/", env!("CARGO_PKG_VERSION")))
            // The cluster takes longer to compress a megabyte than to send it through a local network.
            .accept_encoding(AutoHeaderValue::None)
            .tls_config(tls.build())
            .build();
        let authorization = match &address.credentials {
            Credentials::None => None,
            Credentials::Basic { user, password } => {
                let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
                Some(format!("Basic {pair}"))
            }
            Credentials::ApiKey(key) => Some(format!("ApiKey {key}")),
        };
        let authorization = match authorization {
            None => None,
            Some(text) => {
                let mut value =
                    HeaderValue::from_str(&text).map_err(|_| ClusterError::Unauthorized)?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        Ok(Client {
            agent: config.into(),
            hosts: address.hosts.clone(),
            current: AtomicUsize::new(0),
            authorization,
            patience: address.patience,
            preference: format!("{}-{:08x}", process::id(), random_number()),
        })
    }

    /// Fails unless this is OpenSearch 2 or later, or Elasticsearch 8 or later.
    ///
    /// # Errors
    /// See [`Client::request`].
    pub fn require_version(&self) -> Result<()> {
        let answer: Value = self.request("GET", "/", None)?;
        let version = &answer["version"];
        let number = version["number"].as_str().unwrap_or_default();
        let major = number.split('.').next().and_then(|n| n.parse().ok());
        let major: u32 = major.unwrap_or(0);
        match version["distribution"].as_str() {
            Some("opensearch") if major >= 2 => Ok(()),
            None if major >= 8 => Ok(()),
            other => Err(ClusterError::Unsupported {
                version: format!("{} {number}", other.unwrap_or("elasticsearch")),
            }),
        }
    }

    /// Sends an idempotent request and reads the JSON answer.
    ///
    /// # Errors
    /// When no host answers, none in time, or the answer is an error.
    pub fn request<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T> {
        let body = body.map(|body| body.to_string().into_bytes());
        let body = body.as_deref().unwrap_or_default();
        parse(&self.send(method, path, "application/json", body)?)
    }

    /// As [`Client::request`], but returns `None` on 404.
    ///
    /// # Errors
    /// See [`Client::request`].
    pub fn find<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Option<T>> {
        match self.request(method, path, body) {
            Err(ClusterError::Status { status: 404, .. }) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// A search whose answer is complete. While a shard has no copy that answers, it is repeated.
    ///
    /// # Errors
    /// See [`Client::request`]; [`ClusterError::Partial`] when a shard did not answer in all tries.
    pub fn search<T: DeserializeOwned>(&self, index: &str, body: &Value) -> Result<T> {
        let path = format!("/{index}/_search?preference={}", self.preference);
        let body = body.to_string();
        self.whole(&path, "application/json", body.as_bytes(), |answer| {
            let shards: Shards = parse(answer)?;
            Ok(shards.check().err())
        })
    }

    /// Several searches in one request, each with its type. Answers are complete and in order.
    ///
    /// # Errors
    /// See [`Client::search`].
    pub fn search_many<'s, T: DeserializeOwned>(
        &self,
        index: &str,
        searches: impl ExactSizeIterator<Item = (&'static str, &'s Value)>,
    ) -> Result<Vec<T>> {
        #[derive(Deserialize)]
        struct Many<T> {
            responses: Vec<T>,
        }
        let count = searches.len();
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut body = String::new();
        for (search_type, search) in searches {
            let header = json!({ "search_type": search_type, "preference": self.preference });
            body.push_str(&header.to_string());
            body.push('\n');
            body.push_str(&search.to_string());
            body.push('\n');
        }
        let path = format!("/{index}/_msearch");
        let many: Many<T> =
            self.whole(&path, "application/x-ndjson", body.as_bytes(), |answer| {
                let many: Many<Shards> = parse(answer)?;
                let checked = many.responses.into_iter().map(Shards::check);
                Ok(checked.filter_map(Result::err).next())
            })?;
        match many.responses.len() == count {
            true => Ok(many.responses),
            false => Err(malformed("another number of answers than of searches")),
        }
    }

    /// Documents by name. While a shard has no copy that answers, the request is repeated.
    ///
    /// # Errors
    /// See [`Client::search`].
    pub fn documents<T: DeserializeOwned>(&self, index: &str, names: &[String]) -> Result<T> {
        self.items(&format!("/{index}/_mget"), &json!({ "ids": names }))
    }

    /// Term vectors of documents that are part of the request. While a shard has no copy that answers, the request is
    /// repeated.
    ///
    /// # Errors
    /// See [`Client::search`].
    pub fn term_vectors<T: DeserializeOwned>(&self, index: &str, docs: &[Value]) -> Result<T> {
        self.items(&format!("/{index}/_mtermvectors"), &json!({ "docs": docs }))
    }

    /// Sends a request whose answer has an item for each document.
    fn items<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T> {
        #[derive(Deserialize)]
        struct Documents {
            docs: Vec<Document>,
        }
        #[derive(Deserialize)]
        struct Document {
            error: Option<IgnoredAny>,
        }
        let body = body.to_string();
        self.whole(path, "application/json", body.as_bytes(), |answer| {
            let documents: Documents = parse(answer)?;
            let is_failed = documents
                .docs
                .iter()
                .any(|document| document.error.is_some());
            Ok(is_failed.then_some(ClusterError::Partial {
                failed: 1,
                total: 1,
            }))
        })
    }

    /// Repeats a request until `fault` finds no fault with its answer.
    fn whole<T: DeserializeOwned>(
        &self,
        path: &str,
        content_type: &str,
        body: &[u8],
        fault: impl Fn(&[u8]) -> Result<Option<ClusterError>>,
    ) -> Result<T> {
        let mut waits = Waits::new(self.patience);
        loop {
            let answer = self.send("POST", path, content_type, body)?;
            match fault(&answer)? {
                None => return parse(&answer),
                Some(e @ ClusterError::Status { .. }) => return Err(e),
                Some(partial) => waits.wait(None).map_err(|_| partial)?,
            }
        }
    }

    /// Writes documents to `index`. Items that are refused for lack of resources (429, 5xx) are sent again; after a
    /// broken connection all are, so they must be idempotent. Outcomes are in the order of `items`.
    ///
    /// # Errors
    /// When no host answers, or items are refused in every attempt. Others may have been written.
    pub fn bulk(&self, index: &str, items: &[BulkItem]) -> Result<Vec<BulkOutcome>> {
        let mut outcomes: Vec<Option<BulkOutcome>> = vec![None; items.len()];
        let mut left: Vec<usize> = (0..items.len()).collect();
        let mut waits = Waits::new(self.patience);
        let path = format!("/{index}/_bulk");
        while !left.is_empty() {
            let mut body = String::new();
            for item in left.iter().filter_map(|&n| items.get(n)) {
                body.push_str(&item.action);
                body.push('\n');
                if let Some(source) = &item.source {
                    body.push_str(source);
                    body.push('\n');
                }
            }
            let answer = self.send("POST", &path, "application/x-ndjson", body.as_bytes())?;
            let answer: BulkAnswer = parse(&answer)?;
            if answer.items.len() != left.len() {
                return Err(malformed("another number of answers than of documents"));
            }
            let mut again = Vec::new();
            let mut last_status = None;
            let is_deletion = |n: usize| items.get(n).is_some_and(|item| item.source.is_none());
            for (n, item) in left.into_iter().zip(answer.items) {
                let item = item.into_values().next();
                let item = item.ok_or_else(|| malformed("a document without an answer"))?;
                let outcome = match item.status {
                    200..=299 => BulkOutcome::Written,
                    404 if is_deletion(n) => BulkOutcome::Written,
                    409 => BulkOutcome::Conflict,
                    403 if item.error.as_ref().is_some_and(|e| e.kind == BLOCKED) => {
                        return Err(ClusterError::Blocked);
                    }
                    429 | 500..=599 => {
                        last_status = Some(item.status);
                        again.push(n);
                        continue;
                    }
                    _ => {
                        let error = item.error.unwrap_or_default();
                        BulkOutcome::Refused {
                            reason: format!("{}: {}", error.kind, error.reason),
                        }
                    }
                };
                if let Some(place) = outcomes.get_mut(n) {
                    *place = Some(outcome);
                }
            }
            left = again;
            if !left.is_empty() {
                waits.wait(last_status)?;
            }
        }
        Ok(outcomes.into_iter().flatten().collect())
    }

    fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Result<Vec<u8>> {
        let mut waits = Waits::new(self.patience);
        let mut rounds = 0;
        let mut internal_errors = 0;
        loop {
            let first = self.current.load(Ordering::Relaxed);
            let mut unreachable = None;
            let mut busy = None;
            for n in 0..self.hosts.len() {
                let at = (first + n) % self.hosts.len();
                let Some(host) = self.hosts.get(at) else {
                    continue;
                };
                match self.try_host(host, method, path, content_type, body)? {
                    Try::Done(500, _) if internal_errors < INTERNAL_ERRORS => {
                        busy = Some(Some(500));
                    }
                    Try::Done(status, answer) => {
                        self.current.store(at, Ordering::Relaxed);
                        return check_status(status, answer);
                    }
                    Try::Unreachable(reason) => unreachable = Some((host.clone(), reason)),
                    Try::Wait(status) => busy = Some(status),
                }
            }
            rounds += 1;
            internal_errors += u32::from(busy == Some(Some(500)));
            match (busy, unreachable) {
                (None, Some((host, reason))) if rounds == CONNECTION_ROUNDS => {
                    return Err(ClusterError::Unreachable { host, reason });
                }
                (busy, _) => waits.wait(busy.flatten())?,
            }
        }
    }

    fn try_host(
        &self,
        host: &str,
        method: &str,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<Try> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{host}{path}"));
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, content_type);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request
            .body(body)
            .map_err(|_| malformed("a request that cannot be sent"))?;
        let mut response: Response<Body> = match self.agent.run(request) {
            Ok(response) => response,
            Err(ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve)) => {
                return Ok(Try::Unreachable("timed out".to_owned()));
            }
            Err(ureq::Error::Timeout(_)) => return Ok(Try::Wait(None)),
            Err(e) => return Ok(Try::Unreachable(e.to_string())),
        };
        let status = response.status().as_u16();
        if matches!(status, 429 | 502..=504) {
            return Ok(Try::Wait(Some(status)));
        }
        let mut answer = Vec::new();
        let reader = response.body_mut().as_reader();
        match reader.take(MAX_ANSWER + 1).read_to_end(&mut answer) {
            Ok(_) if answer.len() as u64 > MAX_ANSWER => Err(malformed("more than 512 MB")),
            Ok(_) => Ok(Try::Done(status, answer)),
            // The connection broke during the answer.
            Err(_) => Ok(Try::Wait(None)),
        }
    }
}

/// The part of every answer to a search that tells whether it is complete.
#[derive(Deserialize)]
struct Shards {
    timed_out: Option<bool>,
    #[serde(rename = "_shards")]
    shards: Option<ShardCounts>,
    /// In an answer to several searches, each may fail.
    status: Option<u16>,
    error: Option<Reason>,
}

#[derive(Deserialize)]
struct ShardCounts {
    total: u64,
    /// Number of shards that answered or cannot have hits. A shard without a live copy is counted neither here nor as
    /// failed.
    successful: u64,
}

impl Shards {
    fn check(self) -> Result<()> {
        match (self.error, self.status, self.timed_out, self.shards) {
            (Some(_), Some(429 | 500..=599), ..) => Err(ClusterError::Partial {
                failed: 1,
                total: 1,
            }),
            (Some(error), status, ..) => Err(ClusterError::Status {
                status: status.unwrap_or_default(),
                kind: error.kind,
                reason: error.reason,
            }),
            (None, _, Some(false), Some(shards)) if shards.successful >= shards.total => Ok(()),
            (None, _, Some(_), Some(shards)) => Err(ClusterError::Partial {
                failed: shards.total.saturating_sub(shards.successful),
                total: shards.total,
            }),
            _ => Err(malformed("a search without `timed_out` or `_shards`")),
        }
    }
}

#[derive(Deserialize)]
struct BulkAnswer {
    items: Vec<FxHashMap<String, BulkItemAnswer>>,
}

#[derive(Deserialize)]
struct BulkItemAnswer {
    status: u16,
    error: Option<Reason>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Reason {
    #[serde(rename = "type")]
    kind: String,
    reason: String,
}

/// 0 if the system has no random numbers; processes with equal ids then use the same copies.
fn random_number() -> u32 {
    let mut bytes = [0; 4];
    let filled = getrandom::fill(&mut bytes);
    filled.map_or(0, |()| u32::from_le_bytes(bytes))
}

fn malformed(reason: &str) -> ClusterError {
    ClusterError::Malformed {
        reason: reason.to_owned(),
    }
}

fn parse<T: DeserializeOwned>(answer: &[u8]) -> Result<T> {
    let answer = match answer {
        [] => b"null",
        answer => answer,
    };
    serde_json::from_slice(answer).map_err(|e| malformed(&e.to_string()))
}

fn check_status(status: u16, answer: Vec<u8>) -> Result<Vec<u8>> {
    /// An object, or a text if the path does not exist.
    #[derive(Deserialize)]
    struct Failed {
        error: Value,
    }
    match status {
        200..=299 => return Ok(answer),
        401 => return Err(ClusterError::Unauthorized),
        _ => {}
    }
    let error = parse::<Failed>(&answer).map_or(Value::Null, |failed| failed.error);
    let text = error.as_str().unwrap_or_default().to_owned();
    let reason: Reason = serde_json::from_value(error).unwrap_or_else(|_| Reason {
        kind: String::new(),
        reason: text,
    });
    Err(match status {
        403 if reason.kind == BLOCKED => ClusterError::Blocked,
        403 => ClusterError::Forbidden,
        _ => ClusterError::Status {
            status,
            kind: reason.kind,
            reason: reason.reason,
        },
    })
}

/// The waits between the attempts of a request.
struct Waits {
    since: Instant,
    next: Duration,
    patience: Duration,
}

impl Waits {
    fn new(patience: Duration) -> Waits {
        Waits {
            since: Instant::now(),
            next: FIRST_WAIT,
            patience,
        }
    }

    /// Waits before the next attempt, or returns an error if there is no time for it.
    fn wait(&mut self, status: Option<u16>) -> Result<()> {
        let passed = self.since.elapsed();
        if passed + self.next > self.patience {
            return Err(ClusterError::Busy {
                seconds: passed.as_secs(),
                status,
            });
        }
        // Jitter of up to a quarter, so that writers refused together do not retry together.
        let jitter = passed.subsec_nanos() % 1000;
        thread::sleep(self.next + self.next * jitter / 4000);
        self.next = (self.next * 2).min(MAX_WAIT);
        Ok(())
    }
}
