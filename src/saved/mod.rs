//! Saved searches: queries stored under a name, and the state of their digests.
//!
//! Reads and writes two small files beside the index and expands `@name` in query trees. Does not
//! depend on the clippings.
//!
//! ```text
//! saved.json    searches: name, query, filters    written by `saved`, or by hand
//! digest.json   state of the last digests         written by `digest`
//! ```
//!
//! Both are versioned, human-readable JSON and are replaced atomically. `reindex` leaves them
//! unchanged.

mod digest_state;
mod error;
mod file;

use std::ops::Not;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::query::{self, Filters, Node, Parsed, QueryNote, jamo};

pub use digest_state::{DigestCheckpoint, DigestState};
pub use error::SavedError;
pub use file::SavedStore;

/// The names of both files.
pub const FILES: [&str; 2] = [file::SEARCHES, digest_state::NAME];

/// Precedes the name of a saved search in a query.
const SIGN: char = '@';

/// Maximum length of a name in characters.
const MAX_NAME_CHARS: usize = 64;

/// Maximum number of saved searches used in a query, directly and indirectly: ten searches that
/// each use the next one twice would expand to a thousand.
const MAX_USES: usize = 200;

/// Maximum depth of a tree with all its saved searches, so that it can be walked recursively.
const MAX_LEVELS: usize = 100;

/// Maximum edit distance, in jamo, of a suggested name.
const MAX_DISTANCE: usize = 3;

/// A named query with filters. Filters are stored as typed: `7d` is relative to the day of the
/// search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedSearch {
    /// Name without `@`.
    pub name: String,
    /// The query.
    #[serde(default)]
    pub query: String,
    /// Only these outlets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outlets: Vec<String>,
    /// Only these reporters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reporters: Vec<String>,
    /// Published on this day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Published on this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Include undated clippings in spite of `from` and `to`.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub undated: bool,
}

impl SavedSearch {
    /// Its filters.
    pub fn filters(&self) -> Filters {
        Filters {
            outlets: self.outlets.clone(),
            reporters: self.reporters.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            undated: self.undated,
        }
    }
}

/// A note on how a query with saved searches was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SavedNote {
    /// A note about the query of a saved search.
    InSearch {
        /// The search.
        name: String,
        /// The note.
        note: QueryNote,
    },
    /// There is no saved search `@name`; it is read as a word.
    UnknownSearch {
        /// The name.
        name: String,
        /// The saved search that was probably meant.
        suggestion: Option<String>,
    },
}

/// The saved searches of an index, in the order in which they were added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Searches {
    list: Vec<SavedSearch>,
}

impl Searches {
    /// All searches.
    pub fn all(&self) -> &[SavedSearch] {
        &self.list
    }

    /// Looks up a search.
    ///
    /// # Errors
    /// [`SavedError::Unknown`] with the name that was probably meant.
    pub fn get(&self, name: &str) -> Result<&SavedSearch, SavedError> {
        let name = tidy(name);
        self.list
            .iter()
            .find(|s| s.name == name)
            .ok_or_else(|| SavedError::Unknown {
                suggestion: self.nearest(&name),
                name,
            })
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let name = name.to_lowercase();
        let most = MAX_DISTANCE.min(jamo::decompose(&name).len() / 2);
        let distance = |s: &SavedSearch| jamo::distance(&name, &s.name.to_lowercase(), most);
        let near = self.list.iter().filter_map(|s| Some((distance(s)?, s)));
        let (_, nearest) = near.min_by_key(|(distance, _)| *distance)?;
        Some(nearest.name.clone())
    }

    /// Adds a search or, with `replace`, overwrites the one with its name. Returns whether there
    /// was one. Notes on its query are added to `notes`.
    ///
    /// # Errors
    /// When the name is invalid or taken, or the search cannot run: an invalid date, an unknown
    /// search, or a cycle.
    pub fn put(
        &mut self,
        mut search: SavedSearch,
        replace: bool,
        today: Date,
        notes: &mut Vec<SavedNote>,
    ) -> Result<bool, SavedError> {
        search.name = tidy(&search.name);
        check_name(&search.name)?;
        let place = self.list.iter().position(|s| s.name == search.name);
        if place.is_some() && !replace {
            return Err(SavedError::Taken(search.name));
        }
        let mut changed = self.clone();
        match place.and_then(|place| changed.list.get_mut(place)) {
            Some(old) => *old = search.clone(),
            None => changed.list.push(search.clone()),
        }
        notes.extend(changed.tree(&search.name, today)?.1);
        *self = changed;
        Ok(place.is_some())
    }

    /// Removes searches, all or none.
    ///
    /// # Errors
    /// When one does not exist, or is used by a remaining search.
    pub fn remove(&mut self, names: &[String], today: Date) -> Result<(), SavedError> {
        let mut rest = self.clone();
        for name in names {
            let name = self.get(name)?.name.clone();
            rest.list.retain(|s| s.name != name);
        }
        for name in names.iter().map(|name| tidy(name)) {
            let user = rest.list.iter().find(|s| {
                let tree = query::parse(&s.query, today).tree;
                uses(&tree).contains(&name)
            });
            if let Some(user) = user {
                return Err(SavedError::Used {
                    name,
                    by: user.name.clone(),
                });
            }
        }
        *self = rest;
        Ok(())
    }

    /// Renames a search and returns the old and the new name as stored.
    ///
    /// # Errors
    /// When it does not exist, when the new name is invalid or taken, or when another search uses
    /// the old one.
    pub fn rename(
        &mut self,
        name: &str,
        new_name: &str,
        today: Date,
    ) -> Result<(String, String), SavedError> {
        let name = self.get(name)?.name.clone();
        let new_name = tidy(new_name);
        if name == new_name {
            return Ok((name, new_name));
        }
        check_name(&new_name)?;
        if self.list.iter().any(|s| s.name == new_name) {
            return Err(SavedError::Taken(new_name));
        }
        // Fails if another search uses the old name.
        self.clone().remove(std::slice::from_ref(&name), today)?;
        for search in self.list.iter_mut().filter(|s| s.name == name) {
            search.name.clone_from(&new_name);
        }
        Ok((name, new_name))
    }

    /// Adds those of `others` whose names are not taken, and returns their names.
    pub fn take_missing(&mut self, others: &Searches) -> Vec<String> {
        let mut taken = Vec::new();
        for search in &others.list {
            if self.list.iter().all(|own| own.name != search.name) {
                taken.push(search.name.clone());
                self.list.push(search.clone());
            }
        }
        taken
    }

    /// The tree of a saved search, with its filters and with `@name` expanded, and notes on its
    /// query.
    ///
    /// # Errors
    /// When it does not exist or cannot run.
    pub fn tree(&self, name: &str, today: Date) -> Result<(Node, Vec<SavedNote>), SavedError> {
        let mut expansion = self.expansion(today);
        let node = expansion.search(name)?;
        Ok((node, expansion.notes))
    }

    /// Expands `@name` in `tree`, a query as typed. Notes on the expanded queries are added to
    /// `notes`. An unknown name remains a word (a pasted headline may contain `@samsung`), with a
    /// note.
    ///
    /// # Errors
    /// When an existing search cannot run.
    pub fn expand(
        &self,
        tree: Node,
        today: Date,
        notes: &mut Vec<SavedNote>,
    ) -> Result<Node, SavedError> {
        let mut expansion = self.expansion(today);
        expansion.is_typed = true;
        let node = expansion.node(tree)?;
        notes.append(&mut expansion.notes);
        Ok(node)
    }

    fn expansion(&self, today: Date) -> Expansion<'_> {
        Expansion {
            searches: self,
            today,
            is_typed: false,
            within: Vec::new(),
            uses: 0,
            levels: 0,
            notes: Vec::new(),
        }
    }
}

/// Expands saved searches in a tree.
struct Expansion<'s> {
    searches: &'s Searches,
    today: Date,
    /// Whether the outermost tree was typed rather than saved: then unknown names in it are words.
    is_typed: bool,
    /// Names of the searches being expanded, outermost first.
    within: Vec<String>,
    uses: usize,
    /// Levels of the tree above the node that is expanded.
    levels: usize,
    notes: Vec<SavedNote>,
}

impl Expansion<'_> {
    fn search(&mut self, name: &str) -> Result<Node, SavedError> {
        let search = self.searches.get(name)?;
        if let Some(place) = self.within.iter().position(|n| *n == search.name) {
            let mut circle = self.within.split_off(place);
            circle.push(search.name.clone());
            return Err(SavedError::Circular(circle));
        }
        self.uses += 1;
        if self.uses > MAX_USES {
            return Err(SavedError::TooMany(MAX_USES));
        }
        self.within.push(search.name.clone());
        let Parsed { tree, notes, .. } = query::parse(&search.query, self.today);
        for note in notes {
            self.notes.push(SavedNote::InSearch {
                name: search.name.clone(),
                note,
            });
        }
        let node = self.node(tree)?;
        self.within.pop();
        let within = search.filters().within(node, self.today);
        within.map_err(|error| SavedError::Filter {
            name: search.name.clone(),
            error,
        })
    }

    fn node(&mut self, node: Node) -> Result<Node, SavedError> {
        if self.levels == MAX_LEVELS {
            return Err(SavedError::TooDeep(MAX_LEVELS));
        }
        self.levels += 1;
        let node = self.expanded(node)?;
        self.levels -= 1;
        Ok(node)
    }

    fn expanded(&mut self, node: Node) -> Result<Node, SavedError> {
        let all = |this: &mut Self, parts: Vec<Node>| {
            let nodes = parts.into_iter().map(|part| this.node(part));
            nodes.collect::<Result<Vec<_>, _>>()
        };
        Ok(match node {
            Node::Word(word) => match used(&word) {
                Some(name) => match self.search(name) {
                    Err(SavedError::Unknown { name, suggestion })
                        if self.is_typed && self.within.is_empty() =>
                    {
                        self.notes
                            .push(SavedNote::UnknownSearch { name, suggestion });
                        Node::Word(word)
                    }
                    found => found?,
                },
                None => Node::Word(word),
            },
            Node::And(parts) => Node::and(all(self, parts)?),
            Node::Or(parts) => Node::or(all(self, parts)?),
            Node::Not(inner) => self.node(*inner)?.negated(),
            Node::Field { field, node } => self.node(*node)?.in_field(field),
            leaf => leaf,
        })
    }
}

/// The name in a word `@name`.
fn used(word: &str) -> Option<&str> {
    word.strip_prefix(SIGN).filter(|name| !name.is_empty())
}

/// Names of the saved searches that a tree uses directly, in order.
pub fn uses(node: &Node) -> Vec<String> {
    match node {
        Node::Word(word) => used(word).map(tidy).into_iter().collect(),
        Node::And(parts) | Node::Or(parts) => parts.iter().flat_map(uses).collect(),
        Node::Not(node) | Node::Field { node, .. } => uses(node),
        _ => Vec::new(),
    }
}

/// Normalizes a name: without `@`, and like a query, since `@name` in a query looks it up.
pub fn tidy(name: &str) -> String {
    let name = query::normalized(name);
    let name = name.trim();
    name.strip_prefix(SIGN).unwrap_or(name).to_owned()
}

/// A name must parse as one word in any query.
fn check_name(name: &str) -> Result<(), SavedError> {
    let edges = [name.chars().next(), name.chars().next_back()];
    let fits = edges.iter().all(|c| c.is_some_and(char::is_alphanumeric))
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && name.chars().count() <= MAX_NAME_CHARS;
    match fits {
        true => Ok(()),
        false => Err(SavedError::InvalidName(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2024, 2, 22);

    fn search(name: &str, query: &str) -> SavedSearch {
        SavedSearch {
            name: name.to_owned(),
            query: query.to_owned(),
            ..SavedSearch::default()
        }
    }

    fn searches(list: &[(&str, &str)]) -> Searches {
        Searches {
            list: list
                .iter()
                .map(|(name, query)| search(name, query))
                .collect(),
        }
    }

    #[test]
    fn a_name_expands_to_its_search() {
        let mut all = searches(&[("칩", "반도체 OR 메모리"), ("수출-칩", "@칩 수출")]);
        all.list[0].outlets = vec!["모두일보".to_owned(), "저녁신문".to_owned()];
        all.list[0].from = Some("7d".to_owned());
        all.list[0].undated = true;
        let (tree, _) = all.tree("@수출-칩", TODAY).unwrap();
        let text = tree.to_string();
        for part in [
            "(반도체 OR 메모리) ",
            r#" outlet:("모두일보" OR "저녁신문") "#,
            "2024-02-15",
            " 수출",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let tree = query::parse("제목:@수출-칩 -@칩 \"@칩\"", TODAY).tree;
        assert_eq!(uses(&tree), ["수출-칩", "칩"]);
        let tree = all.expand(tree, TODAY, &mut Vec::new()).unwrap();
        assert!(uses(&tree).is_empty(), "{tree}");
    }

    #[test]
    fn a_search_is_renamed_unless_another_uses_it() {
        let mut all = searches(&[("칩", "반도체"), ("수출-칩", "@칩 수출"), ("선거", "총선")]);
        assert!(matches!(
            all.rename("칩", "메모리", TODAY),
            Err(SavedError::Used { .. })
        ));
        assert!(matches!(
            all.rename("선거", "칩", TODAY),
            Err(SavedError::Taken(_))
        ));
        assert!(matches!(
            all.rename("선거", "총선 소식", TODAY),
            Err(SavedError::InvalidName(_))
        ));
        assert!(matches!(
            all.rename("없음", "새이름", TODAY),
            Err(SavedError::Unknown { .. })
        ));
        let names = all.rename("@선거", "@총선", TODAY).unwrap();
        assert_eq!(names, ("선거".to_owned(), "총선".to_owned()));
        let stored: Vec<&str> = all.all().iter().map(|s| s.name.as_str()).collect();
        assert_eq!(stored, ["칩", "수출-칩", "총선"]);
    }

    #[test]
    fn cycles_and_unknown_names_are_reported() {
        let all = searches(&[
            ("a", "@b x"),
            ("b", "y @c"),
            ("c", "-@a"),
            ("선거", "@선거구"),
        ]);
        assert!(matches!(
            all.tree("b", TODAY).unwrap_err(),
            SavedError::Circular(names) if names == ["b", "c", "a", "b"]
        ));
        assert!(matches!(
            all.tree("선거", TODAY).unwrap_err(),
            SavedError::Unknown { name, .. } if name == "선거구"
        ));
        assert!(matches!(
            all.tree("선겨", TODAY).unwrap_err(),
            SavedError::Unknown { suggestion: Some(name), .. } if name == "선거"
        ));
    }

    #[test]
    fn exponential_expansion_is_refused() {
        let mut list = vec![search("s0", "x")];
        for n in 1..30 {
            list.push(search(
                &format!("s{n}"),
                &format!("@s{0} OR (@s{0} y)", n - 1),
            ));
        }
        let all = Searches { list };
        assert!(all.tree("s5", TODAY).is_ok());
        assert!(matches!(
            all.tree("s29", TODAY),
            Err(SavedError::TooMany(_))
        ));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let mut list = vec![search("s0", "x")];
        for n in 1..150 {
            list.push(search(&format!("s{n}"), &format!("(@s{} x) OR y", n - 1)));
        }
        let all = Searches { list };
        assert!(all.tree("s20", TODAY).is_ok());
        assert!(matches!(
            all.tree("s149", TODAY),
            Err(SavedError::TooDeep(_))
        ));
    }

    #[test]
    fn only_valid_searches_are_added_and_only_unused_ones_removed() {
        let mut all = Searches::default();
        let mut put = |s: SavedSearch, replace| all.put(s, replace, TODAY, &mut Vec::new());
        for bad in ["", "두 말", "a:b", "-a", "a*", "(a", "@"] {
            assert!(
                matches!(
                    put(search(bad, "x"), false),
                    Err(SavedError::InvalidName(_))
                ),
                "{bad}"
            );
        }
        // Queries are normalized to ASCII, so names are too.
        put(search("ａｉ", "인공지능"), false).unwrap();
        put(search("@칩", "반도체"), false).unwrap();
        assert!(matches!(
            put(search("칩", "x"), false),
            Err(SavedError::Taken(_))
        ));
        assert!(put(search("칩", "메모리"), true).unwrap());
        put(search("수출", "@칩"), false).unwrap();
        assert!(matches!(
            put(search("칩", "@수출"), true),
            Err(SavedError::Circular(_))
        ));
        let undated = SavedSearch {
            from: Some("2024-13".to_owned()),
            ..search("z", "x")
        };
        assert!(matches!(
            put(undated, false),
            Err(SavedError::Filter { .. })
        ));
        let before = all.clone();
        assert!(matches!(
            all.remove(&["칩".to_owned()], TODAY),
            Err(SavedError::Used { .. })
        ));
        assert_eq!(all, before);
        assert!(all.get("ai").is_ok());
        all.remove(&["칩", "@수출", "ａｉ"].map(str::to_owned), TODAY)
            .unwrap();
        assert!(all.all().is_empty());
    }
}
