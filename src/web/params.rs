//! The query string of a search, an export or a count. It is the whole state of a page, so that the
//! URL can be shared.

use std::fmt::Write as _;

use url::form_urlencoded::{self, Serializer};

use crate::app::{Filters, Sort};

/// Maximum length of a query in characters. A pasted headline with its lead has some hundreds.
pub const MAX_QUERY_CHARS: usize = 2000;

/// Maximum number of values of a filter.
const MAX_VALUES: usize = 50;

/// Results per page.
pub const PER_PAGE: usize = 20;

/// Maximum `limit` of an API request.
pub const MAX_PER_PAGE: usize = 1000;

/// The first value of a name in a form or query string; empty if there is none.
pub fn form_value(form: &[u8], name: &str) -> String {
    let mut pairs = form_urlencoded::parse(form);
    let pair = pairs.find(|(key, _)| key == name);
    pair.map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The parsed parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params {
    /// The query as typed.
    pub q: String,
    /// Only these outlets.
    pub outlets: Vec<String>,
    /// Only these reporters.
    pub reporters: Vec<String>,
    /// Published on or after this day, as typed.
    pub from: String,
    /// Published on or before this day, as typed.
    pub to: String,
    /// With `from` or `to`: include undated clippings.
    pub undated: bool,
    /// `relevance`, `newest` or `oldest`; empty for the default.
    pub sort: String,
    /// Show near-duplicates separately.
    pub all_copies: bool,
    /// The page of results, counted from 1.
    pub page: usize,
    /// Maximum number of results (API only).
    pub limit: Option<usize>,
    /// Results to skip (API only).
    pub offset: Option<usize>,
    /// All other parameters, in order.
    pub others: Vec<(String, String)>,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            q: String::new(),
            outlets: Vec::new(),
            reporters: Vec::new(),
            from: String::new(),
            to: String::new(),
            undated: false,
            sort: String::new(),
            all_copies: false,
            page: 1,
            limit: None,
            offset: None,
            others: Vec::new(),
        }
    }
}

/// Why parameters were rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadParams<'p> {
    /// The query is longer than [`MAX_QUERY_CHARS`].
    QueryTooLong,
    /// A filter has more than [`MAX_VALUES`] values, or one longer than [`MAX_QUERY_CHARS`].
    FilterTooLong,
    /// The parameter with this name is not a number, or out of range.
    NotANumber(&'p str),
    /// The parameter with this name is not a boolean.
    NotAFlag(&'p str),
    /// The parameter with this name is none of these values.
    NotOneOf(&'p str, String),
}

impl Params {
    /// Parses a query string (without `?`) or a form.
    pub fn read(query: &str) -> Result<Params, BadParams<'static>> {
        let mut params = Params::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if value.chars().take(MAX_QUERY_CHARS + 1).count() > MAX_QUERY_CHARS {
                return Err(match &*key {
                    "q" => BadParams::QueryTooLong,
                    _ => BadParams::FilterTooLong,
                });
            }
            // Forms send empty fields too.
            if value.is_empty() {
                continue;
            }
            let number = |name, most: usize| match value.parse::<usize>() {
                Ok(number) if number <= most => Ok(number),
                _ => Err(BadParams::NotANumber(name)),
            };
            match &*key {
                "q" => value.clone_into(&mut params.q),
                "outlet" => push(&mut params.outlets, value)?,
                "reporter" => push(&mut params.reporters, value)?,
                "from" => value.clone_into(&mut params.from),
                "to" => value.clone_into(&mut params.to),
                "undated" => params.undated = flag("undated", value)?,
                "all_copies" => params.all_copies = flag("all_copies", value)?,
                "sort" => match value {
                    "relevance" | "newest" | "oldest" => value.clone_into(&mut params.sort),
                    _ => return Err(unknown_sort()),
                },
                "page" => params.page = number("page", 1_000_000)?.max(1),
                "limit" => params.limit = Some(number("limit", MAX_PER_PAGE)?),
                "offset" => params.offset = Some(number("offset", 100_000_000)?),
                "lang" => {}
                _ if params.others.len() < MAX_VALUES => {
                    params.others.push((key.into_owned(), value.to_owned()));
                }
                _ => return Err(BadParams::FilterTooLong),
            }
        }
        Ok(params)
    }

    /// The value of a parameter among `others`.
    pub fn other(&self, name: &str) -> Option<&str> {
        let mut others = self.others.iter();
        others.find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// Whether `name` among `others` is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.other(name)
            .is_some_and(|value| flag(name, value) == Ok(true))
    }

    /// Whether there is neither a query nor a filter.
    pub fn are_empty(&self) -> bool {
        self.q.is_empty() && !self.has_filters()
    }

    pub fn has_filters(&self) -> bool {
        !(self.outlets.is_empty()
            && self.reporters.is_empty()
            && self.from.is_empty()
            && self.to.is_empty())
    }

    pub fn filters(&self) -> Filters {
        let day = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Filters {
            outlets: self.outlets.clone(),
            reporters: self.reporters.clone(),
            from: day(&self.from),
            to: day(&self.to),
            undated: self.undated,
        }
    }

    pub fn sort(&self) -> Option<Sort> {
        match self.sort.as_str() {
            "relevance" => Some(Sort::Relevance),
            "newest" => Some(Sort::Newest),
            "oldest" => Some(Sort::Oldest),
            _ => None,
        }
    }

    /// Query and filters as hidden fields of a form. `with_days` is false for forms with date fields of
    /// their own.
    pub fn hidden(&self, with_days: bool) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        let mut add = |name, value: &str| {
            if !value.is_empty() {
                fields.push((name, value.to_owned()));
            }
        };
        add("q", &self.q);
        for outlet in &self.outlets {
            add("outlet", outlet);
        }
        for reporter in &self.reporters {
            add("reporter", reporter);
        }
        add("sort", &self.sort);
        if with_days {
            add("from", &self.from);
            add("to", &self.to);
            add("undated", if self.undated { "1" } else { "" });
            add("all_copies", if self.all_copies { "1" } else { "" });
        }
        fields
    }

    /// Appends query and filters, without page and order.
    fn serialize(&self, out: &mut Serializer<'_, String>) {
        if !self.q.is_empty() {
            out.append_pair("q", &self.q);
        }
        for outlet in &self.outlets {
            out.append_pair("outlet", outlet);
        }
        for reporter in &self.reporters {
            out.append_pair("reporter", reporter);
        }
        for (key, value) in [("from", &self.from), ("to", &self.to)] {
            if !value.is_empty() {
                out.append_pair(key, value);
            }
        }
        if self.undated {
            out.append_pair("undated", "1");
        }
        if self.all_copies {
            out.append_pair("all_copies", "1");
        }
    }

    /// The URL of `path` with the same query and filters, and `more` parameters.
    pub fn url(&self, path: &str, more: &[(&str, &str)]) -> String {
        let mut query = Serializer::new(String::new());
        self.serialize(&mut query);
        for (key, value) in more {
            query.append_pair(key, value);
        }
        let query = query.finish();
        match query.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{query}"),
        }
    }

    /// The URL of `page` of this search.
    pub fn search_page(&self, page: usize) -> String {
        let mut more = Vec::new();
        if !self.sort.is_empty() {
            more.push(("sort", self.sort.clone()));
        }
        if page > 1 {
            more.push(("page", page.to_string()));
        }
        let more: Vec<_> = more
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        self.url("/search", &more)
    }

    /// The URL of the first page of this search.
    pub fn search(&self) -> String {
        self.search_page(1)
    }

    /// The query, excluding clippings whose `field` is `name`.
    pub fn excluding(&self, field: &str, name: &str) -> String {
        let mut query = self.q.clone();
        let name: String = name.chars().filter(|c| *c != '"' && *c != '\\').collect();
        if !query.is_empty() {
            query.push(' ');
        }
        let _ = write!(query, "-{field}:\"{name}\"");
        query
    }
}

/// `address` with another parameter.
pub fn with_pair(address: &str, key: &str, value: &str) -> String {
    let mark = match address.contains('?') {
        true => '&',
        false => '?',
    };
    let pair = Serializer::new(String::new())
        .append_pair(key, value)
        .finish();
    format!("{address}{mark}{pair}")
}

fn unknown_sort() -> BadParams<'static> {
    BadParams::NotOneOf("sort", "relevance, newest, oldest".to_owned())
}

fn push(values: &mut Vec<String>, value: &str) -> Result<(), BadParams<'static>> {
    if values.len() >= MAX_VALUES {
        return Err(BadParams::FilterTooLong);
    }
    if !values.iter().any(|known| known == value) {
        values.push(value.to_owned());
    }
    Ok(())
}

/// Parses a boolean.
pub fn flag<'p>(name: &'p str, value: &str) -> Result<bool, BadParams<'p>> {
    match value {
        "1" | "on" | "true" | "yes" => Ok(true),
        "0" | "off" | "false" | "no" => Ok(false),
        _ => Err(BadParams::NotAFlag(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn params_round_trip_through_urls() {
        let params = Params {
            q: "생성형 AI & \"R&D\" +100%".to_owned(),
            outlets: vec!["한겨레".to_owned(), "A&B=C".to_owned()],
            from: "2024-02".to_owned(),
            undated: true,
            sort: "newest".to_owned(),
            page: 3,
            ..Params::default()
        };
        let url = params.search_page(3);
        let (_, query) = url.split_once('?').unwrap();
        assert_eq!(Params::read(query).unwrap(), params);
    }

    #[test]
    fn out_of_range_values_are_rejected() {
        let long = format!("q={}", "가".repeat(MAX_QUERY_CHARS + 1));
        let many: String = (0..=MAX_VALUES).map(|n| format!("outlet={n}&")).collect();
        for (query, error) in [
            (long.as_str(), BadParams::QueryTooLong),
            (&long.replace("q=", "outlet="), BadParams::FilterTooLong),
            (&many, BadParams::FilterTooLong),
            ("limit=1001", BadParams::NotANumber("limit")),
            ("limit=-1", BadParams::NotANumber("limit")),
            ("page=x", BadParams::NotANumber("page")),
            (
                "offset=18446744073709551615",
                BadParams::NotANumber("offset"),
            ),
            ("undated=maybe", BadParams::NotAFlag("undated")),
            ("sort=random", unknown_sort()),
        ] {
            assert_eq!(Params::read(query), Err(error));
        }
        assert_eq!(Params::read("page=0&q=&from=+").unwrap(), Params::default());
    }

    #[test]
    fn excluded_names_are_quoted() {
        let query = Params::default().excluding("언론사", "가\" OR 나\\");
        assert_eq!(query, "-언론사:\"가 OR 나\"");
    }
}
