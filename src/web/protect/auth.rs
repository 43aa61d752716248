//! Authentication: none (loopback only), bearer tokens, or a password.
//!
//! Only hashes are stored: BLAKE3 of tokens (256 random bits need no slow hash), argon2id of the
//! password, and BLAKE3 of sessions, in memory.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// Maximum number of wrong tokens or passwords from one IP address within [`WINDOW`].
const MAX_FAILURES: usize = 5;
const WINDOW: Duration = Duration::from_secs(60);

/// Maximum number of IP addresses whose failures are counted; those that failed least recently are dropped.
const MAX_ADDRESSES: usize = 4096;

/// Maximum number of sessions; the oldest are ended.
const MAX_SESSIONS: usize = 1000;

/// Lifetime of a session.
pub const SESSION: Duration = Duration::from_secs(30 * 24 * 3600);

const TOKEN_PREFIX: &str = "blake3:";

type Hash = [u8; 32];

/// How requests authenticate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Secret {
    /// No authentication.
    #[default]
    Open,
    /// Any of these tokens, as BLAKE3 hashes.
    Tokens(Vec<Hash>),
    /// A password, as an argon2id hash in PHC format.
    Password(String),
}

/// Why a token or password file was rejected.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Reading or writing the file failed.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// The line with this number is not a token hash.
    #[error("{0}:{1}: not a token hash (`blake3:` and 64 hexadecimal digits)")]
    BadToken(PathBuf, usize),
    /// The file is empty.
    #[error("{0}: empty")]
    Empty(PathBuf),
    /// The file has a password hash of another algorithm.
    #[error("{0}: neither a password nor an argon2id hash")]
    BadPassword(PathBuf),
    /// The operating system provided no random bytes.
    #[error("no random numbers: {0}")]
    Random(getrandom::Error),
}

impl Secret {
    /// Reads token hashes from `path`, one per line. If the file does not exist, it is created with a new
    /// token, which is returned in clear text and stored nowhere else.
    ///
    /// # Errors
    /// When the file cannot be read or created, is empty, or has a line that is not a token hash.
    pub fn tokens(path: &Path) -> Result<(Secret, Option<String>), SecretError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let token = random_token().map_err(SecretError::Random)?;
                let hash = hash(&token);
                let line = format!("{TOKEN_PREFIX}{}\n", blake3::Hash::from_bytes(hash));
                write_private(path, &line).map_err(|e| SecretError::Io(path.to_owned(), e))?;
                return Ok((Secret::Tokens(vec![hash]), Some(token)));
            }
            Err(e) => return Err(SecretError::Io(path.to_owned(), e)),
        };
        let mut tokens = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let hex = line.strip_prefix(TOKEN_PREFIX);
            match hex.and_then(|hex| blake3::Hash::from_hex(hex).ok()) {
                Some(hash) => tokens.push(*hash.as_bytes()),
                None => return Err(SecretError::BadToken(path.to_owned(), number + 1)),
            }
        }
        match tokens.is_empty() {
            true => Err(SecretError::Empty(path.to_owned())),
            false => Ok((Secret::Tokens(tokens), None)),
        }
    }

    /// Reads a password from `path`. A password in clear text is replaced in the file by its hash.
    ///
    /// # Errors
    /// When the file cannot be read or written, is empty, or has a hash of another algorithm.
    pub fn password(path: &Path) -> Result<Secret, SecretError> {
        let io = |e| SecretError::Io(path.to_owned(), e);
        let text = fs::read_to_string(path).map_err(io)?;
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(SecretError::Empty(path.to_owned()));
        }
        if text.starts_with("$argon2id$") {
            return match PasswordHash::new(text) {
                Ok(_) => Ok(Secret::Password(text.to_owned())),
                Err(_) => Err(SecretError::BadPassword(path.to_owned())),
            };
        }
        let phc = Argon2::default()
            .hash_password(text.as_bytes())
            .map_err(|_| SecretError::BadPassword(path.to_owned()))?
            .to_string();
        write_private(path, &format!("{phc}\n")).map_err(io)?;
        Ok(Secret::Password(phc))
    }
}

/// Replaces a file by one that only its owner can read.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    // `tempfile` creates files with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn random_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(blake3::Hash::from_bytes(bytes).to_string())
}

fn hash(text: &str) -> Hash {
    *blake3::hash(text.as_bytes()).as_bytes()
}

/// The result of checking a token or password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Right,
    Wrong,
    /// Not checked: too many failures from this IP address.
    TooMany,
}

/// Checks secrets and keeps sessions.
#[derive(Debug)]
pub struct Gate {
    secret: Secret,
    sessions: Mutex<HashMap<Hash, Instant>>,
    failures: Mutex<HashMap<Option<IpAddr>, Vec<Instant>>>,
    /// Keyed hash of the last correct password, so that API clients that send it with every request do
    /// not pay for argon2id each time.
    verified: Mutex<Option<blake3::Hash>>,
    key: [u8; 32],
}

impl Gate {
    /// # Errors
    /// When the operating system provides no random bytes.
    pub fn new(secret: Secret) -> Result<Gate, SecretError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(SecretError::Random)?;
        Ok(Gate {
            secret,
            sessions: Mutex::default(),
            failures: Mutex::default(),
            verified: Mutex::default(),
            key,
        })
    }

    /// Whether requests need no authentication.
    pub fn is_open(&self) -> bool {
        self.secret == Secret::Open
    }

    /// Whether requests authenticate with a password.
    pub fn takes_password(&self) -> bool {
        matches!(self.secret, Secret::Password(_))
    }

    /// Checks a token or password. Slow for passwords: call it from a blocking thread.
    pub fn check(&self, given: &str, from: Option<IpAddr>) -> Verdict {
        let from = from.map(network);
        if self.too_many(from) {
            return Verdict::TooMany;
        }
        if self.is_right(given) {
            return Verdict::Right;
        }
        self.fail(from);
        Verdict::Wrong
    }

    fn is_right(&self, given: &str) -> bool {
        match &self.secret {
            Secret::Open => true,
            // Timing reveals nothing: an attacker cannot choose the hash of a token.
            Secret::Tokens(tokens) => tokens.contains(&hash(given)),
            Secret::Password(phc) => {
                let keyed = blake3::keyed_hash(&self.key, given.as_bytes());
                if *lock(&self.verified) == Some(keyed) {
                    return true;
                }
                let is_right = PasswordHash::new(phc).is_ok_and(|phc| {
                    Argon2::default()
                        .verify_password(given.as_bytes(), &phc)
                        .is_ok()
                });
                if is_right {
                    *lock(&self.verified) = Some(keyed);
                }
                is_right
            }
        }
    }

    fn too_many(&self, from: Option<IpAddr>) -> bool {
        let mut failures = lock(&self.failures);
        match failures.get_mut(&from) {
            None => false,
            Some(times) => {
                times.retain(|time| time.elapsed() < WINDOW);
                times.len() >= MAX_FAILURES
            }
        }
    }

    fn fail(&self, from: Option<IpAddr>) {
        let mut failures = lock(&self.failures);
        if failures.len() >= MAX_ADDRESSES {
            failures.retain(|_, times| times.iter().any(|time| time.elapsed() < WINDOW));
        }
        if failures.len() >= MAX_ADDRESSES {
            let oldest = failures.iter().min_by_key(|(_, times)| times.last());
            if let Some(oldest) = oldest.map(|(from, _)| *from) {
                failures.remove(&oldest);
            }
        }
        failures.entry(from).or_default().push(Instant::now());
    }

    /// Starts a session and returns the value of its cookie.
    ///
    /// # Errors
    /// When the operating system provides no random bytes.
    pub fn begin_session(&self) -> Result<String, getrandom::Error> {
        let token = random_token()?;
        let mut sessions = lock(&self.sessions);
        sessions.retain(|_, begun| begun.elapsed() < SESSION);
        if sessions.len() >= MAX_SESSIONS {
            let oldest = sessions.iter().min_by_key(|(_, begun)| **begun);
            if let Some(oldest) = oldest.map(|(hash, _)| *hash) {
                sessions.remove(&oldest);
            }
        }
        sessions.insert(hash(&token), Instant::now());
        Ok(token)
    }

    /// Whether `cookie` belongs to a valid session.
    pub fn has_session(&self, cookie: &str) -> bool {
        let sessions = lock(&self.sessions);
        let begun = sessions.get(&hash(cookie));
        begun.is_some_and(|begun| begun.elapsed() < SESSION)
    }

    pub fn end_session(&self, cookie: &str) {
        lock(&self.sessions).remove(&hash(cookie));
    }
}

/// The network that counts as one client: an IPv6 /64, which is the least that a customer gets (RFC 6177), or one IPv4
/// address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        address => address,
    }
}

/// Ignores poisoning: the maps are valid after every single operation.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_tokens_are_returned_once_and_stored_hashed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens");
        let (secret, token) = Secret::tokens(&path).unwrap();
        let token = token.unwrap();
        assert!(!fs::read_to_string(&path).unwrap().contains(&token));
        let gate = Gate::new(secret).unwrap();
        assert_eq!(gate.check(&token, None), Verdict::Right);
        assert_eq!(gate.check("x", None), Verdict::Wrong);
        let (again, none) = Secret::tokens(&path).unwrap();
        assert_eq!(none, None);
        assert_eq!(
            Gate::new(again).unwrap().check(&token, None),
            Verdict::Right
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn malformed_secret_files_are_rejected() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        for text in ["", "# none\n", "hunter2\n", "blake3:12\n"] {
            fs::write(&path, text).unwrap();
            assert!(Secret::tokens(&path).is_err(), "{text:?}");
        }
        for text in ["", "\n", "$argon2id$broken"] {
            fs::write(&path, text).unwrap();
            assert!(Secret::password(&path).is_err(), "{text:?}");
        }
    }

    #[test]
    fn passwords_in_clear_text_are_replaced_by_their_hash() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        fs::write(&path, "열려라 참깨\n").unwrap();
        Secret::password(&path).unwrap();
        let kept = fs::read_to_string(&path).unwrap();
        assert!(kept.starts_with("$argon2id$"), "{kept}");
        let gate = Gate::new(Secret::password(&path).unwrap()).unwrap();
        assert_eq!(gate.check("열려라 참깨", None), Verdict::Right);
        assert_eq!(gate.check("열려라 콩", None), Verdict::Wrong);
    }

    #[test]
    fn five_failures_a_minute_block_an_ip_address() {
        let gate = Gate::new(Secret::Tokens(vec![hash("right")])).unwrap();
        let (one, other) = (
            Some([10, 0, 0, 1].into()),
            Some(IpAddr::from([10, 0, 0, 2])),
        );
        for _ in 0..MAX_FAILURES {
            assert_eq!(gate.check("wrong", one), Verdict::Wrong);
        }
        assert_eq!(gate.check("right", one), Verdict::TooMany);
        assert_eq!(gate.check("right", other), Verdict::Right);
    }

    #[test]
    fn other_addresses_do_not_unblock_one() {
        let gate = Gate::new(Secret::Tokens(vec![hash("right")])).unwrap();
        let address = |n: u32| Some(IpAddr::from(n.to_be_bytes()));
        for n in 0..MAX_ADDRESSES as u32 {
            gate.check("wrong", address(n));
        }
        for _ in 0..MAX_FAILURES {
            gate.check("wrong", address(u32::MAX));
        }
        for n in 0..100 {
            gate.check("wrong", address(1 << 24 | n));
        }
        assert_eq!(gate.check("right", address(u32::MAX)), Verdict::TooMany);
        assert!(lock(&gate.failures).len() <= MAX_ADDRESSES);
        // One owner has all addresses of a /64.
        let address = |n: u16| Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, n]));
        for n in 0..MAX_FAILURES as u16 {
            gate.check("wrong", address(n));
        }
        assert_eq!(gate.check("right", address(99)), Verdict::TooMany);
    }

    #[test]
    fn sessions_end_on_logout_and_beyond_the_limit() {
        let gate = Gate::new(Secret::Tokens(Vec::new())).unwrap();
        let first = gate.begin_session().unwrap();
        assert!(gate.has_session(&first) && !gate.has_session("x"));
        gate.end_session(&first);
        assert!(!gate.has_session(&first));
        for _ in 0..MAX_SESSIONS + 3 {
            gate.begin_session().unwrap();
        }
        assert_eq!(lock(&gate.sessions).len(), MAX_SESSIONS);
    }
}
