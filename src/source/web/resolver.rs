//! From a host's name to addresses that may be connected to.
//!
//! The connection is made to what is returned here and to nothing else: no second look-up can give
//! another answer behind the check (DNS rebinding).

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::address;

/// The system's look-up without the addresses that are not of the public web.
#[derive(Debug)]
pub struct Checked {
    system: DefaultResolver,
    /// Let all addresses through.
    allow_local: bool,
}

/// A host whose every address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} is {kind}: only the public web is fetched (--allow-local permits it)")]
pub struct NotPublic {
    host: String,
    kind: &'static str,
}

impl Checked {
    /// A resolver that refuses local addresses, unless they are allowed.
    pub fn new(allow_local: bool) -> Checked {
        Checked {
            system: DefaultResolver::default(),
            allow_local,
        }
    }
}

impl Resolver for Checked {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.system.resolve(uri, config, timeout)?;
        if self.allow_local {
            return Ok(found);
        }
        let mut public = self.empty();
        let mut refused = None;
        for &socket in found.iter() {
            match address::special(socket.ip()) {
                None => public.push(socket),
                Some(kind) => refused = Some((socket.ip(), kind)),
            }
        }
        match refused {
            Some((ip, kind)) if public.is_empty() => {
                let name = uri.host().unwrap_or_default();
                let host = match name.trim_matches(['[', ']']) == ip.to_string() {
                    true => name.to_owned(),
                    false => format!("{name} ({ip})"),
                };
                Err(Error::Other(Box::new(NotPublic { host, kind })))
            }
            _ => Ok(public),
        }
    }
}
