//! The pages: a view of what `app` answered, and the template that shows it.

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
