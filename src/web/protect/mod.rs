//! What stands between the network and the handlers, from the outside in:
//!
//! ```text
//! headers    CSP and the like on every answer; problems become pages or JSON
//! host       names that are not ours: 421 (DNS rebinding)
//! panic      500 with an id that is also on standard error
//! time       an answer that does not begin in time: 503
//! origin     requests of other sites that change something: 403 (CSRF)
//! access     token or password: 401, 429; `--read-only`: 403
//! ```
//!
//! Bounds of bodies are set where a body is read, those of headers and connections by the server.

pub mod auth;
pub mod host;
mod layers;
pub mod pool;

pub use layers::{PAGE_CSP, SESSION_COOKIE, address, begin_session, check, protected};
