//! Middleware between the network and the handlers, outermost first:
//!
//! ```text
//! headers    security headers on every response; renders problems as pages or JSON
//! host       unknown host names: 421 (DNS rebinding)
//! panic      500 with an id that is also on standard error
//! time       responses that do not start in time: 503
//! origin     cross-site requests that change something: 403 (CSRF)
//! access     token or password: 401, 429; `--read-only`: 403
//! ```
//!
//! Body sizes are limited where bodies are read; headers and connections in `server.rs`.

pub mod auth;
pub mod host;
mod layers;
pub mod pool;

pub use layers::{PAGE_CSP, SESSION_COOKIE, begin_session, check, peer_address, protected};
