//! Distinguishes public IP addresses from special ones.
//!
//! A URL from an untrusted list must not reach a machine that is only reachable from here: a
//! router, a cloud metadata service that hands out keys, a local server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use crate::source::AddressKind;

/// A block of addresses.
struct Block {
    /// First address in 128 bits; IPv4 addresses are IPv4-mapped.
    first: u128,
    /// Prefix length, of 128 bits.
    prefix: u32,
    kind: AddressKind,
}

static SPECIAL: LazyLock<Vec<Block>> = LazyLock::new(|| rows().filter_map(block).collect());

fn rows() -> impl Iterator<Item = &'static str> {
    include_str!("../data/special_addresses.tsv")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn block(row: &str) -> Option<Block> {
    let (range, kind) = row.split_once('\t')?;
    let kind = match kind {
        "loopback" => AddressKind::Loopback,
        "private" => AddressKind::Private,
        "link-local" => AddressKind::LinkLocal,
        "shared" => AddressKind::Shared,
        "multicast" => AddressKind::Multicast,
        "reserved" => AddressKind::Reserved,
        _ => return None,
    };
    let (first, prefix) = range.split_once('/')?;
    let prefix: u32 = prefix.parse().ok()?;
    let (first, prefix) = match first.parse().ok()? {
        IpAddr::V4(first) => (first.to_ipv6_mapped().to_bits(), prefix + 96),
        IpAddr::V6(first) => (first.to_bits(), prefix),
    };
    (1..=128).contains(&prefix).then_some(Block {
        first,
        prefix,
        kind,
    })
}

/// The kind of an address outside the public internet; `None` for a public one.
pub fn special(address: IpAddr) -> Option<AddressKind> {
    let bits = match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => embedded(v6).map_or(v6, |v4| v4.to_ipv6_mapped()),
    }
    .to_bits();
    let is_v4 = bits >> 32 == 0xffff;
    SPECIAL
        .iter()
        .find(|block| {
            // IPv4-mapped addresses lie in a reserved block of IPv6, which must not match them.
            is_v4 == (block.first >> 32 == 0xffff)
                && (bits ^ block.first)
                    .checked_shr(128 - block.prefix)
                    .unwrap_or(0)
                    == 0
        })
        .map(|block| block.kind)
}

/// The IPv4 address embedded in an IPv6 address: IPv4-mapped and -compatible (RFC 4291), NAT64 (RFC
/// 6052) and 6to4 (RFC 3056).
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = v6.to_bits();
    let last = || Ipv4Addr::from_bits(bits as u32);
    match v6.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(last()),
        [0x2002, ..] => Some(Ipv4Addr::from_bits((bits >> 80) as u32)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        assert_eq!(SPECIAL.len(), rows().count());
        for row in rows() {
            let first = row.split('/').next().unwrap().parse().unwrap();
            assert!(special(first).is_some(), "{row}");
        }
    }

    #[test]
    fn local_addresses_are_recognized_in_every_form() {
        for address in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2001::1",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "fec0::1",
            "100::1",
        ] {
            assert!(special(address.parse().unwrap()).is_some(), "{address}");
        }
    }

    #[test]
    fn public_addresses_pass() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "172.15.255.255",
            "172.32.0.1",
            "100.63.255.255",
            "100.128.0.0",
            "192.169.0.1",
            "223.130.200.104",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2606:4700:4700::1111",
            "2400:cb00::1",
        ] {
            assert_eq!(special(address.parse().unwrap()), None, "{address}");
        }
    }
}
