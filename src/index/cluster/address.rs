//! The address of an index in a cluster: `opensearch+https://user@host:9200,host2:9200/clippings`.
//!
//! Secrets are not part of it, because addresses appear in process lists and shell histories. They come from the
//! environment, or from a file named there.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fmt, fs, io};

use url::Url;

use super::error::AddressError;

/// Distinguishes an address from the path of a folder.
const PREFIX: &str = "opensearch+";

/// Default number of seconds for which a request is repeated.
const PATIENCE: u64 = 60;

/// Default port of OpenSearch and Elasticsearch.
const DEFAULT_PORT: u16 = 9200;

/// Maximum length of the name of an index in bytes. The cluster allows 255, including our suffix.
const MAX_INDEX_NAME: usize = 200;

/// The address of an index in a cluster.
#[derive(Clone, PartialEq, Eq)]
pub struct ClusterAddress {
    /// `http://host:port` or `https://host:port`, at least one.
    pub hosts: Vec<String>,
    /// Name of the alias of the live index.
    pub index: String,
    /// How requests authenticate.
    pub credentials: Credentials,
    /// A file of trusted certificates (PEM), instead of the built-in ones.
    pub ca: Option<PathBuf>,
    /// Number of shards of a new index; `None` for the cluster's default.
    pub shards: Option<u32>,
    /// Number of replicas of a new index; `None` for the cluster's default.
    pub replicas: Option<u32>,
    /// For how long a request is repeated.
    pub patience: Duration,
}

/// How requests authenticate.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Credentials {
    /// Not at all.
    #[default]
    None,
    /// User and password.
    Basic {
        /// The user's name.
        user: String,
        /// The password.
        password: String,
    },
    /// An API key, encoded as the cluster issued it.
    ApiKey(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credentials::None => "None",
            Credentials::Basic { .. } => "Basic(..)",
            Credentials::ApiKey(_) => "ApiKey(..)",
        })
    }
}

impl fmt::Debug for ClusterAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Without credentials.
impl fmt::Display for ClusterAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.hosts.first() {
            Some(host) if host.starts_with("https:") => "https",
            _ => "http",
        };
        let hosts: Vec<&str> = (self.hosts.iter())
            .filter_map(|host| host.split_once("://").map(|(_, rest)| rest))
            .collect();
        write!(
            f,
            "opensearch+{scheme}://{}/{}",
            hosts.join(","),
            self.index
        )
    }
}

/// Source of secrets: the environment, or a table in tests.
pub trait Secrets {
    /// The value of a variable; `None` if it is unset or empty.
    fn variable(&self, name: &'static str) -> Option<String>;
}

/// The environment of this process.
pub struct Environment;

impl Secrets for Environment {
    fn variable(&self, name: &'static str) -> Option<String> {
        env::var(name).ok().filter(|value| !value.is_empty())
    }
}

impl ClusterAddress {
    /// Whether `text` is an address and not the path of a folder.
    pub fn is_address(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// Parses an address. Credentials come from `secrets`:
    ///
    /// | variable | holds |
    /// |---|---|
    /// | `CLIPPINGS_OPENSEARCH_API_KEY`, `CLIPPINGS_OPENSEARCH_API_KEY_FILE` | an API key, or the file that has it |
    /// | `CLIPPINGS_OPENSEARCH_PASSWORD`, `CLIPPINGS_OPENSEARCH_PASSWORD_FILE` | the password of the user in the address |
    /// | `CLIPPINGS_OPENSEARCH_CA` | a file of certificates (PEM) |
    ///
    /// | `CLIPPINGS_OPENSEARCH_TIMEOUT` | seconds for which a request is repeated; 60 by default |
    ///
    /// # Errors
    /// When the address is malformed, holds a password, or names a user whose password is not set.
    pub fn parse(text: &str, secrets: &dyn Secrets) -> Result<ClusterAddress, AddressError> {
        let rest = text.strip_prefix(PREFIX).unwrap_or(text);
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (mut shards, mut replicas) = (None, None);
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let malformed = || AddressError::Option(option.to_owned());
            let (name, value) = option.split_once('=').ok_or_else(malformed)?;
            let value = value.parse().map_err(|_| malformed())?;
            match name {
                "shards" if value > 0 => shards = Some(value),
                "replicas" => replicas = Some(value),
                _ => return Err(malformed()),
            }
        }
        let (scheme, rest) = rest
            .split_once("://")
            .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
            .ok_or_else(|| AddressError::Host(rest.to_owned()))?;
        let (authority, index) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, hosts) = match authority.rsplit_once('@') {
            None => (None, authority),
            Some((user, _)) if user.contains(':') => return Err(AddressError::PasswordInAddress),
            Some((user, hosts)) => (Some(user), hosts),
        };
        let hosts: Vec<String> = hosts
            .split(',')
            .map(|host| parse_host(scheme, host))
            .collect::<Result<_, _>>()?;
        let index = index.trim_end_matches('/');
        if !is_index_name(index) {
            return Err(AddressError::IndexName(index.to_owned()));
        }
        let key = secret(
            secrets,
            "CLIPPINGS_OPENSEARCH_API_KEY",
            "CLIPPINGS_OPENSEARCH_API_KEY_FILE",
        )?;
        let credentials = match (key, user) {
            (Some(key), _) => Credentials::ApiKey(key),
            (None, None) => Credentials::None,
            (None, Some(user)) => Credentials::Basic {
                user: user.to_owned(),
                password: secret(
                    secrets,
                    "CLIPPINGS_OPENSEARCH_PASSWORD",
                    "CLIPPINGS_OPENSEARCH_PASSWORD_FILE",
                )?
                .ok_or_else(|| AddressError::NoPassword(user.to_owned()))?,
            },
        };
        let patience = match secrets.variable("CLIPPINGS_OPENSEARCH_TIMEOUT") {
            None => PATIENCE,
            Some(text) => (text.trim().parse())
                .map_err(|_| AddressError::Seconds("CLIPPINGS_OPENSEARCH_TIMEOUT"))?,
        };
        Ok(ClusterAddress {
            hosts,
            index: index.to_owned(),
            credentials,
            shards,
            replicas,
            patience: Duration::from_secs(patience),
            ca: secrets
                .variable("CLIPPINGS_OPENSEARCH_CA")
                .map(PathBuf::from),
        })
    }
}

fn parse_host(scheme: &str, host: &str) -> Result<String, AddressError> {
    let malformed = || AddressError::Host(host.to_owned());
    let url = Url::parse(&format!("{scheme}://{host}")).map_err(|_| malformed())?;
    let name = url
        .host_str()
        .filter(|_| !host.is_empty())
        .ok_or_else(malformed)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(malformed());
    }
    // `Url` drops the default port of the scheme.
    let is_explicit = |port: u16| host.ends_with(&format!(":{port}"));
    let port = url
        .port()
        .or_else(|| {
            url.port_or_known_default()
                .filter(|port| is_explicit(*port))
        })
        .unwrap_or(DEFAULT_PORT);
    Ok(format!("{scheme}://{name}:{port}"))
}

/// Stricter than `MetadataCreateIndexService.validateIndexName`, because names are part of URL paths.
fn is_index_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    !name.is_empty()
        && name.len() <= MAX_INDEX_NAME
        && !name.starts_with(['-', '_', '.'])
        && name.chars().all(is_allowed)
}

fn secret(
    secrets: &dyn Secrets,
    name: &'static str,
    file: &'static str,
) -> Result<Option<String>, AddressError> {
    if let Some(value) = secrets.variable(name) {
        return Ok(Some(value));
    }
    let Some(path) = secrets.variable(file).map(PathBuf::from) else {
        return Ok(None);
    };
    let text = read_secret(&path).map_err(|e| AddressError::SecretFile {
        variable: file,
        reason: e.to_string(),
        path,
    })?;
    Ok(Some(text))
}

fn read_secret(path: &Path) -> io::Result<String> {
    Ok(fs::read_to_string(path)?
        .trim_end_matches(['\n', '\r'])
        .to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    impl Secrets for HashMap<&'static str, &'static str> {
        fn variable(&self, name: &'static str) -> Option<String> {
            self.get(name).map(|value| (*value).to_owned())
        }
    }

    #[test]
    fn addresses_name_hosts_index_and_user() {
        let none = HashMap::new();
        let parse = |text| ClusterAddress::parse(text, &none);
        let address = parse("opensearch+http://127.0.0.1:9201,search.example/clippings").unwrap();
        assert_eq!(
            address.hosts,
            ["http://127.0.0.1:9201", "http://search.example:9200"]
        );
        assert_eq!(address.index, "clippings");
        let standard = parse("opensearch+https://search.example:443/a/").unwrap();
        assert_eq!(standard.hosts, ["https://search.example:443"]);
        for (text, error) in [
            (
                "opensearch+http:///clippings",
                AddressError::Host(String::new()),
            ),
            (
                "opensearch+http://a b/clippings",
                AddressError::Host("a b".to_owned()),
            ),
            (
                "opensearch+http://a",
                AddressError::IndexName(String::new()),
            ),
            (
                "opensearch+http://a/_all",
                AddressError::IndexName("_all".to_owned()),
            ),
            (
                "opensearch+http://a/b/c",
                AddressError::IndexName("b/c".to_owned()),
            ),
            (
                "opensearch+http://a/Clippings",
                AddressError::IndexName("Clippings".to_owned()),
            ),
            (
                "opensearch+http://u:secret@a/b",
                AddressError::PasswordInAddress,
            ),
            (
                "opensearch+http://u@a/b",
                AddressError::NoPassword("u".to_owned()),
            ),
            (
                "opensearch+ftp://a/b",
                AddressError::Host("ftp://a/b".to_owned()),
            ),
            (
                "opensearch+http://a/b?shards=0",
                AddressError::Option("shards=0".to_owned()),
            ),
            (
                "opensearch+http://a/b?size=3",
                AddressError::Option("size=3".to_owned()),
            ),
        ] {
            assert_eq!(parse(text).unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn secrets_come_from_variables_and_are_never_shown() {
        let secrets = HashMap::from([("CLIPPINGS_OPENSEARCH_PASSWORD", "hush")]);
        let address = ClusterAddress::parse("opensearch+https://kim@a/b", &secrets).unwrap();
        let basic = Credentials::Basic {
            user: "kim".to_owned(),
            password: "hush".to_owned(),
        };
        assert_eq!(address.credentials, basic);
        let shown = format!("{address} {address:?} {:?}", address.credentials);
        assert!(!shown.contains("hush") && !shown.contains("kim"), "{shown}");
        let secrets = HashMap::from([("CLIPPINGS_OPENSEARCH_API_KEY", "key")]);
        let address = ClusterAddress::parse("opensearch+https://a/b", &secrets).unwrap();
        assert_eq!(address.credentials, Credentials::ApiKey("key".to_owned()));
        let secrets =
            HashMap::from([("CLIPPINGS_OPENSEARCH_PASSWORD_FILE", "/nonexistent/secret")]);
        let error = ClusterAddress::parse("opensearch+https://kim@a/b", &secrets).unwrap_err();
        assert!(matches!(error, AddressError::SecretFile { .. }));
    }
}
