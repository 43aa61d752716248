//! Who may use the server: everybody on this machine, the holders of a token, or those who know a
//! password.
//!
//! Nothing that would let someone in is stored: of a token a BLAKE3 hash (256 random bits need no
//! slow hash), of a password its argon2id hash, of a session a hash in memory.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// Wrong tokens and passwords of one address within [`WINDOW`].
const MAX_FAILURES: usize = 5;
const WINDOW: Duration = Duration::from_secs(60);

/// Addresses whose failures are counted; beyond that the oldest are forgotten.
const MAX_ADDRESSES: usize = 4096;

/// Sessions kept; beyond that the oldest end.
const MAX_SESSIONS: usize = 1000;

/// How long a session lasts.
pub const SESSION: Duration = Duration::from_secs(30 * 24 * 3600);

const TOKEN_PREFIX: &str = "blake3:";

type Hash = [u8; 32];

/// What lets a request in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Secret {
    /// Nothing is needed.
    #[default]
    Open,
    /// One of these tokens, hashed.
    Tokens(Vec<Hash>),
    /// The password of this argon2id hash, in PHC form.
    Password(String),
}

/// Why a file of secrets cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It cannot be read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// A line is not a hash.
    #[error("{0}:{1}: not a token hash (`blake3:` and 64 hexadecimal digits)")]
    BadToken(PathBuf, usize),
    /// Nothing is in it.
    #[error("{0}: empty")]
    Empty(PathBuf),
    /// Its hash is of another kind.
    #[error("{0}: neither a password nor an argon2id hash")]
    BadPassword(PathBuf),
    /// The operating system gave no random bytes.
    #[error("no random numbers: {0}")]
    Random(getrandom::Error),
}

impl Secret {
    /// The tokens of `path`, one hash per line. A file that does not exist is created with a new
    /// token, which is returned: it is stored nowhere else.
    ///
    /// # Errors
    /// When the file cannot be read or created, or holds something else.
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

    /// The password of `path`. One that stands there in the clear is replaced by its hash.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is empty.
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

/// Replaces a file by one that only its owner may read.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    // `tempfile` creates it with mode 0600.
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

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is right.
    Right,
    /// It is wrong.
    Wrong,
    /// Not looked at: too many wrong ones came from this address.
    TooMany,
}

/// Checks secrets and keeps sessions.
#[derive(Debug)]
pub struct Gate {
    secret: Secret,
    sessions: Mutex<HashMap<Hash, Instant>>,
    failures: Mutex<HashMap<Option<IpAddr>, Vec<Instant>>>,
    /// The last password that was right, under a key of this process: argon2id for every request
    /// of an API client would take all cores.
    verified: Mutex<Option<blake3::Hash>>,
    key: [u8; 32],
}

impl Gate {
    /// A gate that `secret` opens.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
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

    /// Whether nothing is needed.
    pub fn is_open(&self) -> bool {
        self.secret == Secret::Open
    }

    /// Whether a password is needed rather than a token.
    pub fn takes_password(&self) -> bool {
        matches!(self.secret, Secret::Password(_))
    }

    /// Checks what a person or program gave. Slow for a password: call it off the event loop.
    pub fn check(&self, given: &str, from: Option<IpAddr>) -> Verdict {
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
            // Hashes of unknown tokens: comparing them in varying time gives nothing away.
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
            failures.clear();
        }
        failures.entry(from).or_default().push(Instant::now());
    }

    /// Begins a session and returns what its cookie holds.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
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

    /// Whether a session with this cookie goes on.
    pub fn has_session(&self, cookie: &str) -> bool {
        let sessions = lock(&self.sessions);
        let begun = sessions.get(&hash(cookie));
        begun.is_some_and(|begun| begun.elapsed() < SESSION)
    }

    /// Ends the session with this cookie.
    pub fn end_session(&self, cookie: &str) {
        lock(&self.sessions).remove(&hash(cookie));
    }
}

/// The maps stay usable whatever a panicking thread left in them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_is_told_once_and_kept_hashed() {
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
    fn files_that_hold_something_else_are_refused() {
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
    fn a_password_is_hashed_in_its_file() {
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
    fn five_wrong_ones_a_minute_close_the_gate_for_that_address() {
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
    fn sessions_end() {
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
