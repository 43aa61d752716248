//! Fetches web pages one by one.
//!
//! ```text
//! URL ─ parse ─▶ robots.txt ─▶ delay ─▶ DNS lookup, checked ─▶ request ─┬─▶ body, type, final URL
//!  ▲                                                                    │
//!  └───────────────────────────── redirect ◀────────────────────────────┘
//! ```
//!
//! A response is read like a file ([`super::read`]): a page, a feed, an export. Redirects go
//! through all checks again, so none reaches what the first URL could not.

mod address;
mod resolver;
mod robots;

use std::collections::hash_map::Entry;
use std::io::{self, Read};
use std::thread;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use ureq::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, LOCATION};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, http};
use url::Url;

use self::resolver::Checked;
use self::robots::Robots;
use super::SkipReason;

/// Maximum number of redirects.
const MAX_REDIRECTS: usize = 10;

/// Bytes read of a `robots.txt`; RFC 9309, 2.5 requires at least 500 KiB.
const ROBOTS_BYTES: u64 = 512_000;

/// Upper limit for the crawl delay of a site.
const MAX_DELAY: Duration = Duration::from_secs(60);

/// Maximum length of a URL in bytes.
const MAX_URL_BYTES: usize = 8192;

/// Options for fetching web pages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WebOptions {
    /// Timeout of a request, from the DNS lookup to the last byte.
    pub timeout: Duration,
    /// Delay between requests to one host.
    pub delay: Duration,
    /// Allow private and loopback addresses.
    pub allow_local: bool,
}

impl Default for WebOptions {
    fn default() -> Self {
        WebOptions {
            timeout: Duration::from_secs(30),
            delay: Duration::from_secs(1),
            allow_local: false,
        }
    }
}

/// A fetched page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// URL after redirects.
    pub url: String,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// Body without transfer and content encodings.
    pub bytes: Vec<u8>,
}

/// Whether a path is a URL.
pub fn is_web_address(path: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        path.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

/// Fetches pages. Caches each site's `robots.txt` and the time of the last request to each host.
pub struct Fetcher {
    options: WebOptions,
    agent: Agent,
    /// By scheme, host and port.
    robots: FxHashMap<String, Result<Robots, SkipReason>>,
    /// End of the last request, by host.
    last: FxHashMap<String, Instant>,
}

impl Fetcher {
    /// A fetcher with an empty cache.
    pub fn new(options: WebOptions) -> Fetcher {
        let config = Agent::config_builder()
            .timeout_global(Some(options.timeout))
            .max_redirects(0)
            .http_status_as_error(false)
            // A proxy would resolve the host itself and bypass the check of addresses.
            .proxy(None)
            .user_agent(concat!("clippings/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = Checked::new(options.allow_local);
        Fetcher {
            options,
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
            robots: FxHashMap::default(),
            last: FxHashMap::default(),
        }
    }

    /// Fetches `address`, at most `limit` bytes, after the delay of its host.
    ///
    /// # Errors
    /// When the URL is invalid or not public, when `robots.txt` forbids it, or when the response is
    /// an error, too large or too late.
    pub fn fetch(&mut self, address: &str, limit: u64) -> Result<Fetched, SkipReason> {
        let mut url = parse(address)?;
        for hop in 0..=MAX_REDIRECTS {
            let answer = self.hop(&url, limit).map_err(|reason| match hop {
                0 => reason,
                _ => SkipReason::Redirected {
                    url: url.to_string(),
                    reason: Box::new(reason),
                },
            })?;
            match answer {
                Answer::Page(fetched) => return Ok(fetched),
                Answer::Redirect(next) => url = next,
            }
        }
        Err(SkipReason::TooManyRedirects {
            limit: MAX_REDIRECTS,
        })
    }

    fn hop(&mut self, url: &Url, limit: u64) -> Result<Answer, SkipReason> {
        let crawl_delay = self.ask_robots(url)?;
        let response = self.get_in_turn(url, crawl_delay)?;
        let status = response.status();
        let field = |name| {
            let value = response.headers().get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        if let Some(location) = field(LOCATION)
            && matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
        {
            let next = url
                .join(&location)
                .map_err(|_| SkipReason::InvalidRedirect { location })?;
            return checked(next).map(Answer::Redirect);
        }
        if !status.is_success() {
            let status = status.as_u16();
            return Err(SkipReason::HttpStatus { status });
        }
        let content_type = field(CONTENT_TYPE);
        let bytes = response
            .into_body()
            .into_with_config()
            .limit(limit)
            .read_to_vec()
            .map_err(|e| self.failed(e, limit))?;
        Ok(Answer::Page(Fetched {
            url: url.to_string(),
            content_type,
            bytes,
        }))
    }

    /// Sends a request after the delay of its host.
    fn get_in_turn(
        &mut self,
        url: &Url,
        crawl_delay: Option<Duration>,
    ) -> Result<http::Response<Body>, SkipReason> {
        self.wait(url, crawl_delay);
        let response = self.get(url);
        self.last.insert(host(url), Instant::now());
        response
    }

    fn get(&self, url: &Url) -> Result<http::Response<Body>, SkipReason> {
        self.agent
            .get(url.as_str())
            .header(ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
            .header(ACCEPT_LANGUAGE, "ko,en;q=0.5")
            .call()
            .map_err(|e| self.failed(e, 0))
    }

    /// Checks `robots.txt` and returns the crawl delay of the site.
    fn ask_robots(&mut self, url: &Url) -> Result<Option<Duration>, SkipReason> {
        let site = url.origin().ascii_serialization();
        if !self.robots.contains_key(&site) {
            let robots = self.fetch_robots(url);
            self.robots.insert(site.clone(), robots);
        }
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        match self.robots.get(&site) {
            Some(Ok(robots)) if robots.allows(&path) => Ok(robots.crawl_delay),
            Some(Err(reason)) => Err(reason.clone()),
            _ => Err(SkipReason::RobotsDisallow { site }),
        }
    }

    /// Fetches the rules of a site. No file allows everything, a server error forbids everything
    /// (RFC 9309, 2.3.1).
    fn fetch_robots(&mut self, url: &Url) -> Result<Robots, SkipReason> {
        let mut at = url
            .join("/robots.txt")
            .map_err(|_| SkipReason::InvalidAddress)?;
        for _ in 0..=MAX_REDIRECTS {
            let response = self.get_in_turn(&at, None)?;
            let status = response.status();
            if status.is_redirection()
                && let Some(location) = response.headers().get(LOCATION)
            {
                let location = String::from_utf8_lossy(location.as_bytes());
                match at
                    .join(&location)
                    .map_err(|_| ())
                    .and_then(|next| checked(next).map_err(|_| ()))
                {
                    Ok(next) => at = next,
                    Err(()) => return Ok(Robots::allow_all()),
                }
                continue;
            }
            if status.is_server_error() {
                let status = status.as_u16();
                return Err(SkipReason::RobotsUnavailable { status });
            }
            if !status.is_success() {
                return Ok(Robots::allow_all());
            }
            let mut bytes = Vec::new();
            response
                .into_body()
                .into_reader()
                .take(ROBOTS_BYTES)
                .read_to_end(&mut bytes)
                .map_err(|e| self.failed(e.into(), 0))?;
            return Ok(Robots::parse(&bytes));
        }
        Ok(Robots::allow_all())
    }

    /// Waits for the delay of the host.
    fn wait(&mut self, url: &Url, crawl_delay: Option<Duration>) {
        let delay = crawl_delay
            .map_or(self.options.delay, |asked| self.options.delay.max(asked))
            .min(MAX_DELAY.max(self.options.delay));
        if let Entry::Occupied(last) = self.last.entry(host(url)) {
            thread::sleep(delay.saturating_sub(last.get().elapsed()));
        }
    }

    /// Converts an error of a request.
    fn failed(&self, error: ureq::Error, limit: u64) -> SkipReason {
        match error {
            ureq::Error::Timeout(_) => SkipReason::TimedOut {
                seconds: self.options.timeout.as_secs(),
            },
            ureq::Error::HostNotFound => SkipReason::HostNotFound,
            ureq::Error::BodyExceedsLimit(_) => SkipReason::TooLarge { limit },
            ureq::Error::Io(e) => match e.kind() {
                io::ErrorKind::ConnectionRefused => SkipReason::ConnectionRefused,
                io::ErrorKind::TimedOut => SkipReason::HostUnresponsive,
                // rustls uses this kind; sockets do not.
                io::ErrorKind::InvalidData => SkipReason::InsecureConnection {
                    detail: e.to_string(),
                },
                _ => SkipReason::FetchFailed {
                    detail: e.to_string(),
                },
            },
            ureq::Error::Rustls(e) => SkipReason::InsecureConnection {
                detail: e.to_string(),
            },
            ureq::Error::Other(e) if e.is::<SkipReason>() => match e.downcast::<SkipReason>() {
                Ok(reason) => *reason,
                Err(_) => SkipReason::InternalError,
            },
            e => SkipReason::FetchFailed {
                detail: e.to_string(),
            },
        }
    }
}

/// Result of a request.
enum Answer {
    Page(Fetched),
    Redirect(Url),
}

/// Parses a URL and drops its fragment.
fn parse(address: &str) -> Result<Url, SkipReason> {
    let address = address.trim();
    if address.len() > MAX_URL_BYTES {
        return Err(SkipReason::AddressTooLong);
    }
    let url = Url::parse(address).map_err(|_| SkipReason::InvalidAddress)?;
    checked(url)
}

fn checked(mut url: Url) -> Result<Url, SkipReason> {
    if !matches!(url.scheme(), "http" | "https") {
        let scheme = url.scheme().to_owned();
        return Err(SkipReason::UnsupportedScheme { scheme });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SkipReason::AddressWithPassword);
    }
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(SkipReason::AddressTooLong);
    }
    url.set_fragment(None);
    Ok(url)
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_distinguished_from_paths() {
        assert!(is_web_address("https://example.com/a"));
        assert!(is_web_address("HTTP://example.com"));
        for no in [
            "http:/a",
            "a.html",
            "ftp://example.com",
            "-",
            "",
            "https:",
            "가",
        ] {
            assert!(!is_web_address(no), "{no}");
        }
    }

    #[test]
    fn a_url_is_parsed_like_in_a_browser() {
        let read = |address: &str| parse(address).map(|url| url.to_string());
        assert_eq!(
            read(" https://한글.kr/기사?번호=1#끝 ").unwrap(),
            "https://xn--bj0bj06e.kr/%EA%B8%B0%EC%82%AC?%EB%B2%88%ED%98%B8=1"
        );
        for no in [
            "https://",
            "https://user:word@example.com/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://[::1",
        ] {
            assert!(read(no).is_err(), "{no}");
        }
    }

    #[test]
    fn local_hosts_are_refused_in_every_notation() {
        let mut fetcher = Fetcher::new(WebOptions::default());
        for address in [
            "http://127.0.0.1:1/",
            "http://localhost:1/",
            "http://2130706433:1/",
            "http://0x7f.1:1/",
            "http://[::1]:1/",
            "http://[::ffff:127.0.0.1]:1/",
            "http://169.254.169.254/latest/meta-data",
            "http://0.0.0.0:1/",
        ] {
            let reason = fetcher.fetch(address, 1000).unwrap_err();
            assert!(
                matches!(reason, SkipReason::NotPublic { .. }),
                "{address}: {reason}"
            );
        }
    }
}
