//! Pages of the web, fetched one by one.
//!
//! ```text
//! address ─ parse ─▶ robots.txt ─▶ pace ─▶ look-up, checked ─▶ request ─┬─▶ bytes, type, final address
//!     ▲                                                               │
//!     └──────────────────────── redirect ◀────────────────────────────┘
//! ```
//!
//! What comes back is read like a file ([`super::read`]): a page, a feed, an export. Every hop of a
//! redirect goes the whole way again, so that none leads where the first address may not.

mod address;
mod resolver;
mod robots;

use std::collections::hash_map::Entry;
use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use ureq::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, LOCATION};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, http};
use url::Url;

use self::resolver::{Checked, NotPublic};
use self::robots::Robots;
use super::{Refusal, too_large};

/// Redirects that are followed.
const MOST_REDIRECTS: usize = 10;

/// How much of a `robots.txt` is read; RFC 9309, 2.5 asks for no less.
const ROBOTS_BYTES: u64 = 512_000;

/// The longest wait between two requests that a site may ask for.
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// An address longer than this is none that a site would make.
const LONGEST_ADDRESS: usize = 8192;

/// How pages of the web are fetched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WebOptions {
    /// How long one request may take, from the look-up to the last byte.
    pub timeout: Duration,
    /// Time between two requests to one host.
    pub delay: Duration,
    /// Fetch from private and loopback addresses too.
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

/// What came back for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The address that it came from in the end.
    pub url: String,
    /// The `Content-Type` that it came with.
    pub content_type: Option<String>,
    /// The thing itself, without transfer and content encodings.
    pub bytes: Vec<u8>,
}

/// Whether a path that a user names is an address of the web.
pub fn is_web_address(path: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        path.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

/// Fetches pages; knows what sites ask for and when they were last asked.
pub struct Fetcher {
    options: WebOptions,
    agent: Agent,
    /// By scheme, host and port.
    robots: FxHashMap<String, Result<Robots, String>>,
    /// End of the last request, by host.
    last: FxHashMap<String, Instant>,
}

impl Fetcher {
    /// A fetcher that has not asked anyone yet.
    pub fn new(options: WebOptions) -> Fetcher {
        let config = Agent::config_builder()
            .timeout_global(Some(options.timeout))
            .max_redirects(0)
            .http_status_as_error(false)
            // Through a proxy the address connected to would not be the address checked.
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

    /// Fetches what is at `address`, at most `limit` bytes of it. Waits its turn with the host.
    ///
    /// # Errors
    /// [`Refusal`], one line: an address that is none, or none of the public web, what
    /// `robots.txt` forbids, an answer that is none, is too large or comes too late.
    pub fn fetch(&mut self, address: &str, limit: u64) -> Result<Fetched, Refusal> {
        let mut url = parse(address)?;
        for hop in 0..=MOST_REDIRECTS {
            let answer = self.hop(&url, limit).map_err(|Refusal(reason)| {
                Refusal(match hop {
                    0 => reason,
                    _ => format!("it leads to {url}: {reason}"),
                })
            })?;
            match answer {
                Answer::Page(fetched) => return Ok(fetched),
                Answer::Redirect(next) => url = next,
            }
        }
        Err(Refusal(format!(
            "it leads from one address to the next more than {MOST_REDIRECTS} times"
        )))
    }

    /// One request.
    fn hop(&mut self, url: &Url, limit: u64) -> Result<Answer, Refusal> {
        let crawl_delay = self.ask_robots(url)?;
        self.wait(url, crawl_delay);
        let response = self.get(url);
        self.last.insert(host(url), Instant::now());
        let response = response?;
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
                .map_err(|_| Refusal(format!("it leads to '{location}', which is no address")))?;
            return checked(next).map(Answer::Redirect);
        }
        if !status.is_success() {
            return Err(refused(status));
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

    fn get(&self, url: &Url) -> Result<http::Response<Body>, Refusal> {
        self.agent
            .get(url.as_str())
            .header(ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
            .header(ACCEPT_LANGUAGE, "ko,en;q=0.5")
            .call()
            .map_err(|e| self.failed(e, 0))
    }

    /// Looks whether the site lets us, and how long it asks us to wait between requests.
    fn ask_robots(&mut self, url: &Url) -> Result<Option<Duration>, Refusal> {
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
            Some(Err(reason)) => Err(Refusal(reason.clone())),
            _ => Err(Refusal(format!(
                "{site}/robots.txt does not allow programs to fetch it: save the page in a browser and add the file"
            ))),
        }
    }

    /// Reads the site's rules. No such file allows everything; an answer that is none allows nothing
    /// (RFC 9309, 2.3.1), and says why.
    fn fetch_robots(&self, url: &Url) -> Result<Robots, String> {
        let mut at = url
            .join("/robots.txt")
            .map_err(|_| "no address".to_owned())?;
        for _ in 0..=MOST_REDIRECTS {
            let response = self.get(&at).map_err(|Refusal(reason)| reason)?;
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
                return Err(format!(
                    "{at} answers {status}, so that nothing of the site may be fetched: try again later"
                ));
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
                .map_err(|e| self.failed(e.into(), 0).0)?;
            return Ok(Robots::parse(&bytes));
        }
        Ok(Robots::allow_all())
    }

    /// Waits until the host may be asked again.
    fn wait(&mut self, url: &Url, crawl_delay: Option<Duration>) {
        let delay = crawl_delay
            .map_or(self.options.delay, |asked| self.options.delay.max(asked))
            .min(LONGEST_DELAY.max(self.options.delay));
        if let Entry::Occupied(last) = self.last.entry(host(url)) {
            thread::sleep(delay.saturating_sub(last.get().elapsed()));
        }
    }

    /// Says in one line why a request failed.
    fn failed(&self, e: ureq::Error, limit: u64) -> Refusal {
        Refusal(match e {
            ureq::Error::Timeout(_) => format!(
                "no whole answer within {} s (--timeout raises the limit)",
                self.options.timeout.as_secs()
            ),
            ureq::Error::HostNotFound => "no such host: check the address".to_owned(),
            ureq::Error::BodyExceedsLimit(_) => return too_large(limit),
            ureq::Error::Io(e) => match e.kind() {
                std::io::ErrorKind::ConnectionRefused => {
                    "the host refuses the connection".to_owned()
                }
                std::io::ErrorKind::TimedOut => "the host does not answer".to_owned(),
                // Look-ups have no kind of their own.
                _ if e.to_string().starts_with("failed to lookup address") => {
                    "no such host, or no network: check the address".to_owned()
                }
                _ if e.to_string().contains("certificate") => {
                    format!("its certificate is not trusted: {e}")
                }
                _ => format!("cannot be fetched: {e}"),
            },
            ureq::Error::Other(e) if e.is::<NotPublic>() => e.to_string(),
            e => format!("cannot be fetched: {e}"),
        })
    }
}

/// What a request gave.
enum Answer {
    Page(Fetched),
    Redirect(Url),
}

/// Reads an address; what stands behind `#` is no part of what is asked for.
fn parse(address: &str) -> Result<Url, Refusal> {
    let address = address.trim();
    if address.len() > LONGEST_ADDRESS {
        return Err(Refusal("longer than an address can be".to_owned()));
    }
    let url = Url::parse(address).map_err(|e| Refusal(format!("no address of the web: {e}")))?;
    checked(url)
}

fn checked(mut url: Url) -> Result<Url, Refusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal(format!(
            "'{}:' is not fetched, only http and https",
            url.scheme()
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal(
            "an address with a password is not fetched: save the page in a browser and add the file"
                .to_owned(),
        ));
    }
    if url.as_str().len() > LONGEST_ADDRESS {
        return Err(Refusal("longer than an address can be".to_owned()));
    }
    url.set_fragment(None);
    Ok(url)
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// Says what an answer means that brings no page.
fn refused(status: http::StatusCode) -> Refusal {
    let advice = match status.as_u16() {
        401 | 403 | 451 => "save the page in a browser and add the file",
        404 | 410 => "check the address",
        429 => "ask more slowly with --delay",
        500.. => "try again later",
        _ => "open it in a browser to see why",
    };
    Refusal(format!("the site answers {status}: {advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_paths() {
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
    fn an_address_is_read_as_browsers_read_it() {
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
    fn a_local_host_is_refused_however_it_is_written() {
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
            let Refusal(reason) = fetcher.fetch(address, 1000).unwrap_err();
            assert!(reason.contains("--allow-local"), "{address}: {reason}");
        }
    }
}
