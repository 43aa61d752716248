//! Validation of the `Host` header, against DNS rebinding.
//!
//! A website can point its own name to 127.0.0.1. Its requests are then same-origin, so `Origin` does
//! not give them away, but `Host` still has the name of the website.

use std::net::{IpAddr, SocketAddr};

/// The accepted values of `Host`.
#[derive(Debug, Clone)]
pub struct AllowedHosts {
    bound: SocketAddr,
    names: Vec<String>,
}

impl AllowedHosts {
    /// Accepts loopback names and addresses at the port of `bound`, and `names` as given with `--host`:
    /// `name` at any port, `name:port` at that port.
    pub fn new(bound: SocketAddr, names: &[String]) -> AllowedHosts {
        AllowedHosts {
            bound,
            names: names.iter().map(|name| name.to_ascii_lowercase()).collect(),
        }
    }

    /// Whether to accept `host`, the value of the header.
    pub fn allow(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let (name, port) = match split(&host) {
            Some(parts) => parts,
            None => return false,
        };
        if self.names.iter().any(|n| *n == host || n == name) {
            return true;
        }
        // Browsers omit the default port.
        if port.unwrap_or(80) != self.bound.port() {
            return false;
        }
        if name == "localhost" {
            return true;
        }
        let bare = name.strip_prefix('[').and_then(|n| n.strip_suffix(']'));
        let Ok(ip) = bare.unwrap_or(name).parse::<IpAddr>() else {
            return false;
        };
        // IP addresses cannot be rebound, so accept any if the server listens on all of them.
        ip.is_loopback() || ip == self.bound.ip() || self.bound.ip().is_unspecified()
    }
}

/// Name and port; `None` if malformed.
fn split(host: &str) -> Option<(&str, Option<u16>)> {
    let end_of_name = match host.starts_with('[') {
        true => host.find(']')? + 1,
        false => host.find(':').unwrap_or(host.len()),
    };
    let (name, rest) = host.split_at_checked(end_of_name)?;
    let port = match rest.strip_prefix(':') {
        Some(port) => Some(port.parse().ok()?),
        None if rest.is_empty() => None,
        None => return None,
    };
    (!name.is_empty()).then_some((name, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_hosts_are_accepted() {
        let names = ["Clips.example".to_owned(), "other.example:8443".to_owned()];
        let loopback = AllowedHosts::new("127.0.0.1:7700".parse().unwrap(), &names);
        for (host, is_allowed) in [
            ("127.0.0.1:7700", true),
            ("localhost:7700", true),
            ("LOCALHOST:7700", true),
            ("[::1]:7700", true),
            ("127.8.8.8:7700", true),
            ("clips.example", true),
            ("clips.example:443", true),
            ("other.example:8443", true),
            ("other.example", false),
            ("localhost", false),
            ("localhost:7701", false),
            ("127.0.0.1", false),
            ("192.168.0.7:7700", false),
            ("rebound.example:7700", false),
            ("localhost.rebound.example:7700", false),
            ("127.0.0.1.rebound.example:7700", false),
            ("localhost:7700@rebound.example", false),
            ("[::1", false),
            ("[::1]7700", false),
            (":7700", false),
            ("", false),
        ] {
            assert_eq!(loopback.allow(host), is_allowed, "{host}");
        }
        let everywhere = AllowedHosts::new("0.0.0.0:7700".parse().unwrap(), &[]);
        assert!(everywhere.allow("192.168.0.7:7700"));
        assert!(!everywhere.allow("rebound.example:7700"));
        let standard = AllowedHosts::new("127.0.0.1:80".parse().unwrap(), &[]);
        assert!(standard.allow("localhost"));
    }
}
