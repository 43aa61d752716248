//! In which language the program speaks.

use std::env;
use std::ffi::OsString;
use std::sync::OnceLock;

use clap::ValueEnum;

use crate::messages::Lang;

/// The choice of `--lang`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LangArg {
    #[value(help = "한국어")]
    Ko,
    #[value(help = "English")]
    En,
}

impl From<LangArg> for Lang {
    fn from(lang: LangArg) -> Lang {
        match lang {
            LangArg::Ko => Lang::Ko,
            LangArg::En => Lang::En,
        }
    }
}

static CHOSEN: OnceLock<Lang> = OnceLock::new();

/// The language of messages and help.
pub fn lang() -> Lang {
    CHOSEN.get().copied().unwrap_or_default()
}

/// Settles the language, before the help is made: that of `--lang`, else of the environment.
pub fn choose(arguments: &[OsString]) {
    let variable = |name: &str| env::var(name).ok();
    let chosen = named(arguments).unwrap_or_else(|| of_environment(&variable));
    let _ = CHOSEN.set(chosen);
}

/// The last `--lang` before `--`. Its value is judged again by the parser of arguments.
fn named(arguments: &[OsString]) -> Option<Lang> {
    let mut words = arguments
        .iter()
        .map(|word| word.to_str().unwrap_or_default());
    let mut found = None;
    while let Some(word) = words.next() {
        let value = match word {
            "--" => break,
            "--lang" => words.next(),
            word => word.strip_prefix("--lang="),
        };
        let lang = value.and_then(|value| LangArg::from_str(value, true).ok());
        found = lang.map(Lang::from).or(found);
    }
    found
}

/// CLIPPINGS_LANG, else the locale of messages as POSIX finds it: the first of LC_ALL, LC_MESSAGES and
/// LANG that is set.
fn of_environment(variable: &dyn Fn(&str) -> Option<String>) -> Lang {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let own = set("CLIPPINGS_LANG").and_then(|value| language(&value));
    own.unwrap_or_else(|| {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        locale
            .and_then(|locale| language(&locale))
            .unwrap_or_default()
    })
}

/// The language of a locale such as `ko_KR.UTF-8`.
fn language(locale: &str) -> Option<Lang> {
    let name = locale.split(['_', '.', '-', '@']).next()?;
    LangArg::from_str(name, true).ok().map(Lang::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_asked_in_their_order() {
        let of = |set: &[(&str, &str)]| {
            of_environment(&|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        for (set, expected) in [
            (&[][..], Lang::En),
            (&[("LANG", "ko_KR.UTF-8")], Lang::Ko),
            (&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C")], Lang::En),
            (&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "")], Lang::Ko),
            (&[("LANG", "en_US"), ("LC_MESSAGES", "ko")], Lang::Ko),
            (
                &[("CLIPPINGS_LANG", "ko"), ("LC_ALL", "en_US.UTF-8")],
                Lang::Ko,
            ),
            (&[("CLIPPINGS_LANG", "fr"), ("LANG", "ko_KR")], Lang::Ko),
            (&[("LANG", "fr_FR.UTF-8")], Lang::En),
        ] {
            assert_eq!(of(set), expected, "{set:?}");
        }
    }

    #[test]
    fn the_option_counts_first() {
        let named = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            super::named(&words)
        };
        assert_eq!(named("x search 다리"), None);
        assert_eq!(named("x --lang ko search"), Some(Lang::Ko));
        assert_eq!(named("x search --lang=en --lang ko"), Some(Lang::Ko));
        assert_eq!(named("x search -- --lang ko"), None);
        assert_eq!(named("x --lang xx"), None);
    }
}
