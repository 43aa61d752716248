//! DNS resolution restricted to public addresses.
//!
//! The connection uses the addresses returned here without another lookup, so DNS rebinding cannot
//! bypass the check.

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::address;
use crate::source::SkipReason;

/// The system resolver, restricted to public addresses.
#[derive(Debug)]
pub struct Checked {
    system: DefaultResolver,
    /// Disables the restriction.
    allow_local: bool,
}

impl Checked {
    /// A resolver that rejects local addresses unless `allow_local` is set.
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
        let found = match self.system.resolve(uri, config, timeout) {
            // ureq reports a failed lookup as an I/O error without a specific kind.
            Err(Error::Io(_)) => return Err(Error::HostNotFound),
            found => found?,
        };
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
                Err(Error::Other(Box::new(SkipReason::NotPublic { host, kind })))
            }
            _ => Ok(public),
        }
    }
}
