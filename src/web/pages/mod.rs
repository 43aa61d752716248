//! The pages. Each handler turns an answer of `app` into a view for its template.

pub mod add;
pub mod clipping;
pub mod digest;
pub mod export;
pub mod login;
pub mod related;
pub mod saved;
pub mod search;
pub mod stats;
pub mod terms;
pub mod trend;
mod view;
