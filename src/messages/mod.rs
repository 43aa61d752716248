//! Text for people, in each language that the program speaks.
//!
//! Lower rooms hand up typed values (a reason, a warning) and make no sentences. Here each kind of
//! value has a file that words it, and only here: the rooms below do not import this one, `report`
//! and `cli` do.

mod analysis;
mod arguments;
mod cluster;
mod error;
mod note;
pub mod operators;
mod query;
mod saved;
mod search;
mod skip;
mod system;
mod warning;

pub use system::Label;

/// A language of the program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lang {
    /// Korean.
    Ko,
    /// English.
    #[default]
    En,
}

/// A value that people are shown.
pub trait Localize {
    /// Its text: one line, without a full stop.
    fn text(&self, lang: Lang) -> String;
}

/// An error that a person can do something about.
pub trait Hint {
    /// What to do: one line, without a full stop.
    fn hint(&self, lang: Lang) -> Option<String>;
}

/// The text of a message in `$lang`, with inline captured arguments: a language that is missing
/// does not compile.
macro_rules! msg {
    ($lang:expr, ko: $ko:literal, en: $en:literal $(,)?) => {
        match $lang {
            $crate::messages::Lang::Ko => format!($ko),
            $crate::messages::Lang::En => format!($en),
        }
    };
}
pub(crate) use msg;

/// A number with its thousands apart: `39,105`.
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

/// A size as people write it: `100 MB`, `5 KB`.
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
    fn thousands_are_apart() {
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
