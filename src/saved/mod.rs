//! Saved searches: queries kept under a name, and what each has shown before.
//!
//! Beside the way of the data, next to `query`: it reads and writes two small files in the index
//! folder and puts saved searches into the trees of queries. It knows nothing of how clippings are
//! found.
//!
//! ```text
//! saved.json    the searches: name, query, filters       written by `saved add`, `saved remove`, people
//! digest.json   what each had shown at its last digest   written by `digest`
//! ```
//!
//! Both are JSON that a person can read, with a version; they are replaced as a whole. `reindex`
//! leaves them alone.

mod error;
mod file;
mod seen;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::query::{self, DateRange, Node, Parsed, jamo};

pub use error::SavedError;
pub use file::SavedLock;
pub use seen::{DigestCheckpoint, DigestState};

/// What stands before the name of a saved search in a query.
const SIGN: char = '@';

/// Characters of the longest name.
const LONGEST_NAME: usize = 64;

/// Saved searches that one query may come to use, each counted as often as it is used. Ten that
/// use one another twice would otherwise be a thousand.
const MOST_USES: usize = 200;

/// Letters (jamo) in which a name may differ from the one that was probably meant.
const MOST_DIFFERENT: usize = 3;

/// A query kept under a name, with its filters as they were typed: `7d` is counted from the day it
/// is run on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Its name, without the sign before it.
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
    /// Only from this day on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Only up to this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// With `from` or `to`: also what has no date.
    #[serde(default, skip_serializing_if = "is_false")]
    pub undated: bool,
}

fn is_false(b: &bool) -> bool {
    !*b
}

/// All saved searches of an index, in the order they were added in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Searches {
    list: Vec<Search>,
}

impl Searches {
    /// All of them.
    pub fn all(&self) -> &[Search] {
        &self.list
    }

    /// The search of this name.
    ///
    /// # Errors
    /// [`SavedError::Unknown`] with the name that was probably meant.
    pub fn get(&self, name: &str) -> Result<&Search, SavedError> {
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
        let most = MOST_DIFFERENT.min(jamo::decompose(&name).len() / 2);
        let distance = |s: &Search| jamo::distance(&name, &s.name.to_lowercase(), most);
        let near = self.list.iter().filter_map(|s| Some((distance(s)?, s)));
        let (_, nearest) = near.min_by_key(|(distance, _)| *distance)?;
        Some(nearest.name.clone())
    }

    /// Adds a search, or with `replace` puts it in the place of the one with its name. Gives
    /// whether there was one. How its query was read is added to `notes`.
    ///
    /// # Errors
    /// When the name is none or taken, or when it cannot be run: a date that is none, a search
    /// that it uses and that is not there, or one that comes to use itself.
    pub fn put(
        &mut self,
        mut search: Search,
        replace: bool,
        today: Date,
        notes: &mut Vec<String>,
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

    /// Takes searches out.
    ///
    /// # Errors
    /// When one is not there, or one that stays uses it; then all stay.
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

    /// What a saved search asks for, its filters and the searches it uses put in, and how its
    /// query was read.
    ///
    /// # Errors
    /// When it is not there or cannot be run.
    pub fn tree(&self, name: &str, today: Date) -> Result<(Node, Vec<String>), SavedError> {
        let mut expansion = self.expansion(today);
        let node = expansion.search(name)?;
        Ok((node, expansion.notes))
    }

    /// `tree`, a query as typed, with the saved searches that it uses in their places. How their
    /// queries were read is added to `notes`. No query is refused for its words: a name that is not
    /// there (`@samsung` of a pasted headline) stays a word, and the notes say so.
    ///
    /// # Errors
    /// When a search that is there cannot be run.
    pub fn expand(
        &self,
        tree: Node,
        today: Date,
        notes: &mut Vec<String>,
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
            notes: Vec::new(),
        }
    }
}

/// Saved searches on their way into a tree.
struct Expansion<'s> {
    searches: &'s Searches,
    today: Date,
    /// The tree is of no saved search: what is not there is a word.
    is_typed: bool,
    /// Names of the searches that the one being put in is part of, the outermost first.
    within: Vec<String>,
    uses: usize,
    notes: Vec<String>,
}

impl Expansion<'_> {
    fn search(&mut self, name: &str) -> Result<Node, SavedError> {
        let search = self.searches.get(name)?;
        if let Some(place) = self.within.iter().position(|n| *n == search.name) {
            let mut circle = self.within.split_off(place);
            circle.push(search.name.clone());
            return Err(SavedError::Circle(circle));
        }
        self.uses += 1;
        if self.uses > MOST_USES {
            return Err(SavedError::TooMany(MOST_USES));
        }
        self.within.push(search.name.clone());
        let Parsed { tree, notes, .. } = query::parse(&search.query, self.today);
        for note in notes {
            self.notes.push(format!("{SIGN}{}: {note}", search.name));
        }
        let node = self.node(tree)?;
        self.within.pop();
        let filters = filters(search, self.today)?;
        Ok(Node::and(std::iter::once(node).chain(filters)))
    }

    fn node(&mut self, node: Node) -> Result<Node, SavedError> {
        let all = |this: &mut Self, parts: Vec<Node>| {
            let nodes = parts.into_iter().map(|part| this.node(part));
            nodes.collect::<Result<Vec<_>, _>>()
        };
        Ok(match node {
            Node::Word(word) => match used(&word) {
                Some(name) => match self.search(name) {
                    Err(e @ SavedError::Unknown { .. })
                        if self.is_typed && self.within.is_empty() =>
                    {
                        let hint = e.hint().unwrap_or_default();
                        self.notes.push(format!("{e}, read as a word; {hint}"));
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

/// What a search's filters ask for.
fn filters(search: &Search, today: Date) -> Result<Vec<Node>, SavedError> {
    let bad = |e: query::date_range::BadDate| SavedError::Date {
        name: search.name.clone(),
        reason: e.to_string(),
    };
    let from = search.from.as_deref().map(|d| DateRange::start(d, today));
    let to = search.to.as_deref().map(|d| DateRange::end(d, today));
    let (from, to) = (from.transpose().map_err(bad)?, to.transpose().map_err(bad)?);
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(SavedError::Date {
            name: search.name.clone(),
            reason: format!("{from} is after {to}"),
        });
    }
    let filters = query::Filters {
        outlets: search.outlets.clone(),
        reporters: search.reporters.clone(),
        published: (from.is_some() || to.is_some()).then_some(DateRange { from, to }),
        undated: search.undated,
    };
    Ok(filters.nodes())
}

/// The name in a word of a query that uses a saved search: `@name`.
fn used(word: &str) -> Option<&str> {
    word.strip_prefix(SIGN).filter(|name| !name.is_empty())
}

/// Names of the saved searches that a tree uses, in order.
pub fn uses(node: &Node) -> Vec<String> {
    match node {
        Node::Word(word) => used(word).map(tidy).into_iter().collect(),
        Node::And(parts) | Node::Or(parts) => parts.iter().flat_map(uses).collect(),
        Node::Not(node) | Node::Field { node, .. } => uses(node),
        _ => Vec::new(),
    }
}

/// A name as it is kept: without the sign, composed.
fn tidy(name: &str) -> String {
    let name = name.trim();
    name.strip_prefix(SIGN).unwrap_or(name).nfc().collect()
}

/// A name is one word of a query, whatever stands beside it.
fn check_name(name: &str) -> Result<(), SavedError> {
    let edges = [name.chars().next(), name.chars().next_back()];
    let fits = edges.iter().all(|c| c.is_some_and(char::is_alphanumeric))
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && name.chars().count() <= LONGEST_NAME;
    match fits {
        true => Ok(()),
        false => Err(SavedError::Name(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2024, 2, 22);

    fn search(name: &str, query: &str) -> Search {
        Search {
            name: name.to_owned(),
            query: query.to_owned(),
            ..Search::default()
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
    fn a_search_takes_the_place_of_its_name() {
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
    fn circles_and_unknown_names_are_told() {
        let all = searches(&[
            ("a", "@b x"),
            ("b", "y @c"),
            ("c", "-@a"),
            ("선거", "@선거구"),
        ]);
        let told = |name: &str| all.tree(name, TODAY).unwrap_err().to_string();
        assert!(told("b").contains("b → c → a → b"), "{}", told("b"));
        assert!(told("선거").contains("@선거구"), "{}", told("선거"));
        assert!(
            all.tree("선겨", TODAY)
                .unwrap_err()
                .hint()
                .unwrap()
                .contains("선거")
        );
    }

    #[test]
    fn searches_that_multiply_are_refused() {
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
    fn only_what_runs_is_added_and_only_what_is_not_used_goes() {
        let mut all = Searches::default();
        let mut put = |s: Search, replace| all.put(s, replace, TODAY, &mut Vec::new());
        for bad in ["", "두 말", "a:b", "-a", "a*", "(a", "@"] {
            assert!(
                matches!(put(search(bad, "x"), false), Err(SavedError::Name(_))),
                "{bad}"
            );
        }
        put(search("@칩", "반도체"), false).unwrap();
        assert!(matches!(
            put(search("칩", "x"), false),
            Err(SavedError::Taken(_))
        ));
        assert!(put(search("칩", "메모리"), true).unwrap());
        put(search("수출", "@칩"), false).unwrap();
        assert!(matches!(
            put(search("칩", "@수출"), true),
            Err(SavedError::Circle(_))
        ));
        let undated = Search {
            from: Some("2024-13".to_owned()),
            ..search("z", "x")
        };
        assert!(matches!(put(undated, false), Err(SavedError::Date { .. })));
        let before = all.clone();
        assert!(matches!(
            all.remove(&["칩".to_owned()], TODAY),
            Err(SavedError::Used { .. })
        ));
        assert_eq!(all, before);
        all.remove(&["칩".to_owned(), "@수출".to_owned()], TODAY)
            .unwrap();
        assert!(all.all().is_empty());
    }
}
