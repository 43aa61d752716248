//! All user-visible messages, in Korean and English.
//!
//! Lower modules return typed values (a reason, a warning, an error), never sentences. Each file here
//! renders one kind of value. Only `report`, `cli` and `web` import this module.

mod analysis;
mod arguments;
mod cluster;
mod damage;
mod error;
mod note;
pub mod operators;
pub(crate) mod particles;
mod provenance;
mod query;
mod saved;
pub mod search;
mod skip;
mod system;
mod warning;

pub use system::{Label, json_detail};

/// A language of the program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lang {
    /// Korean.
    Ko,
    /// English.
    #[default]
    En,
}

/// A value with a user-visible text.
pub trait Localize {
    /// One line, without a full stop.
    fn text(&self, lang: Lang) -> String;
}

/// An error that the user may be able to resolve.
pub trait Hint {
    /// What to do about it: one line, without a full stop.
    fn hint(&self, lang: Lang) -> Option<String>;
}

/// Formats a message in `$lang`, with captured arguments as in `format!`. A missing translation does not
/// compile. Particles that depend on the word before them are written as `은(는)`.
macro_rules! msg {
    ($lang:expr, ko: $ko:literal, en: $en:literal $(,)?) => {
        match $lang {
            $crate::messages::Lang::Ko => $crate::messages::particles::chosen($ko, format!($ko)),
            $crate::messages::Lang::En => format!($en),
        }
    };
}
pub(crate) use msg;

/// A number with thousands separators: `39,105`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size in KB or MB, rounded down: `100 MB`, `5 KB`.
fn size(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{} KB", bytes >> 10),
        megabytes => format!("{megabytes} MB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_separators() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1234567, "1,234,567"),
        ] {
            assert_eq!(number(n), text);
        }
    }
}
