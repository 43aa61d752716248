//! Iterates over the list in a JSON document.
//!
//! Each value is borrowed from the text, one at a time. A tree of values would take many times the
//! size of the file in memory.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Flow, SkipReason};

/// Calls `each` with the values of the list that `json` is, or that it has under one of `keys`.
/// Returns `None` if there is no such list.
///
/// # Errors
/// When it is invalid JSON. Values passed on before are valid.
pub fn each<'a>(
    json: &'a [u8],
    keys: &[&str],
    each: &mut dyn FnMut(&'a RawValue) -> Flow,
) -> Result<Option<Flow>, SkipReason> {
    let mut state = State {
        each,
        found: false,
        stopped: false,
    };
    let mut reader = serde_json::Deserializer::from_slice(json);
    let list = List {
        keys: Some(keys),
        state: &mut state,
    };
    let read = list.deserialize(&mut reader).and_then(|()| reader.end());
    match (read, state) {
        (_, State { stopped: true, .. }) => Ok(Some(Flow::Break(()))),
        (Err(e), _) => Err(invalid(&e)),
        (Ok(()), State { found, .. }) => Ok(found.then_some(Flow::Continue(()))),
    }
}

/// The reason for invalid JSON.
pub fn invalid(error: &serde_json::Error) -> SkipReason {
    SkipReason::InvalidJson {
        line: error.line(),
        column: error.column(),
    }
}

struct State<'a, 'f> {
    each: &'f mut dyn FnMut(&'a RawValue) -> Flow,
    found: bool,
    stopped: bool,
}

/// A list or, if `keys` is set, an object that may have one.
struct List<'k, 's, 'a, 'f> {
    keys: Option<&'k [&'k str]>,
    state: &'s mut State<'a, 'f>,
}

impl<'a> DeserializeSeed<'a> for List<'_, '_, 'a, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for List<'_, '_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut values: A) -> Result<(), A::Error> {
        self.state.found = true;
        while let Some(value) = values.next_element::<&'a RawValue>()? {
            if (self.state.each)(value).is_break() {
                self.state.stopped = true;
                return Err(A::Error::custom("no more is wanted"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut fields: A) -> Result<(), A::Error> {
        let keys = self.keys.unwrap_or_default();
        while let Some(key) = fields.next_key::<Cow<'_, str>>()? {
            if keys.contains(&&*key) && !self.state.found {
                fields.next_value_seed(List {
                    keys: None,
                    state: self.state,
                })?;
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    // Other values are not lists.

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(json: &str) -> Result<Option<Vec<&str>>, SkipReason> {
        let mut values = Vec::new();
        let found = each(json.as_bytes(), &["items"], &mut |value| {
            values.push(value.get());
            Flow::Continue(())
        })?;
        Ok(found.map(|_| values))
    }

    #[test]
    fn lists_are_found() {
        assert_eq!(
            listed(r#" [1, {"a": []}]"#),
            Ok(Some(vec!["1", r#"{"a": []}"#]))
        );
        assert_eq!(
            listed(r#"{"total": [7], "items": [1, 2], "more": {}}"#),
            Ok(Some(vec!["1", "2"]))
        );
        for none in [
            r#"{"items": null}"#,
            r#"{"items": {"a": 1}}"#,
            "{}",
            "3",
            "\"a\"",
        ] {
            assert_eq!(listed(none), Ok(None), "{none}");
        }
        for broken in ["[1, 2", "[1] 2", "{\"items\": [1}", "[\"\u{1}\"]", ""] {
            assert!(listed(broken).is_err(), "{broken}");
        }
        let deep = "[".repeat(100_000);
        assert!(listed(&deep).is_err());
    }

    #[test]
    fn reading_stops_on_break() {
        let mut seen = 0;
        let flow = each(b"[1, 2, oops", &[], &mut |_| {
            seen += 1;
            Flow::Break(())
        });
        assert_eq!((flow, seen), (Ok(Some(Flow::Break(()))), 1));
    }
}
