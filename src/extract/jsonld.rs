//! Reads the article in a page's structured data (JSON-LD).
//!
//! Sites generate it from templates, so it is often invalid JSON: raw line breaks in strings, extra
//! commas, HTML entities. What serde cannot read is repaired once and read again.

use serde_json::Value;

use super::html;
use super::tidy;

/// The article of a page's structured data.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct LdArticle {
    pub found: bool,
    pub headline: Option<String>,
    pub alternative: Option<String>,
    pub authors: Vec<String>,
    pub publisher: Option<String>,
    pub published: Option<String>,
    pub body: Option<String>,
    pub description: Option<String>,
    pub section: Option<String>,
    pub url: Option<String>,
    pub keywords: Vec<String>,
}

/// Maximum number of values visited in one script.
const MAX_VISITED: usize = 2000;

/// Reads one script's content; fills what is not yet known.
pub(super) fn read(json: &str, out: &mut LdArticle) {
    if json.len() > 4 << 20 || !json.contains("@type") {
        return;
    }
    let Some(value) = parse(json) else { return };
    let mut queue = vec![&value];
    let mut visited = 0;
    while let Some(value) = queue.pop() {
        visited += 1;
        if visited > MAX_VISITED {
            return;
        }
        match value {
            Value::Array(items) => queue.extend(items.iter().rev()),
            Value::Object(map) => {
                if is_article(value) {
                    article(value, out);
                    continue;
                }
                for key in ["@graph", "mainEntity", "mainEntityOfPage"] {
                    if let Some(inner) = map.get(key) {
                        queue.push(inner);
                    }
                }
            }
            _ => {}
        }
    }
}

fn parse(json: &str) -> Option<Value> {
    let json = json.trim();
    let json = json
        .trim_start_matches("<!--")
        .trim_start_matches("//<![CDATA[")
        .trim_start_matches("<![CDATA[")
        .trim_end_matches("-->")
        .trim_end_matches("//]]>")
        .trim_end_matches("]]>")
        .trim()
        .trim_end_matches(';');
    serde_json::from_str(json)
        .ok()
        .or_else(|| serde_json::from_str(&mend(json)).ok())
}

/// Replaces control characters inside strings by spaces and drops commas before a closing bracket.
fn mend(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 16);
    let mut inside = false;
    let mut escaped = false;
    for c in json.chars() {
        if inside {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => inside = false,
                c if c.is_control() => {
                    out.push(' ');
                    continue;
                }
                _ => {}
            }
        } else if c == '"' {
            inside = true;
        } else if matches!(c, '}' | ']') {
            let kept = out.trim_end().len();
            if out[..kept].ends_with(',') {
                out.truncate(kept - 1);
            }
        }
        out.push(c);
    }
    out
}

fn is_article(value: &Value) -> bool {
    let named = |t: &Value| {
        t.as_str()
            .is_some_and(|t| t.ends_with("Article") || t == "BlogPosting" || t == "Report")
    };
    match value.get("@type") {
        Some(Value::Array(types)) => types.iter().any(named),
        Some(t) => named(t),
        None => false,
    }
}

fn article(value: &Value, out: &mut LdArticle) {
    out.found = true;
    let text = |key: &str| value.get(key).and_then(string);
    fill(&mut out.headline, text("headline").or_else(|| text("name")));
    fill(&mut out.alternative, text("alternativeHeadline"));
    fill(
        &mut out.published,
        text("datePublished").or_else(|| text("dateCreated")),
    );
    fill(&mut out.description, text("description"));
    fill(&mut out.section, text("articleSection"));
    fill(
        &mut out.url,
        text("url")
            .or_else(|| text("mainEntityOfPage"))
            .filter(|u| u.contains("://")),
    );
    fill(&mut out.publisher, text("publisher"));
    if out.body.is_none() {
        out.body = value
            .get("articleBody")
            .and_then(Value::as_str)
            .map(|b| html::decode(b).into_owned())
            .filter(|b| !b.trim().is_empty());
    }
    if out.authors.is_empty() {
        for key in ["author", "creator"] {
            let mut people = Vec::new();
            match value.get(key) {
                Some(Value::Array(list)) => people.extend(list.iter().take(20)),
                Some(one) => people.push(one),
                None => {}
            }
            for person in people {
                let organization = person
                    .get("@type")
                    .and_then(Value::as_str)
                    .is_some_and(|t| t.ends_with("Organization"));
                if let Some(name) = string(person)
                    && !organization
                {
                    out.authors.push(name);
                } else if let Some(names) = person.get("name").and_then(Value::as_array) {
                    out.authors.extend(names.iter().filter_map(string).take(20));
                }
            }
            if !out.authors.is_empty() {
                break;
            }
        }
    }
    if out.keywords.is_empty() {
        match value.get("keywords") {
            Some(Value::String(s)) => {
                out.keywords = s
                    .split(',')
                    .map(tidy::line)
                    .filter(|k| !k.is_empty())
                    .take(50)
                    .collect()
            }
            Some(Value::Array(list)) => {
                out.keywords = list.iter().filter_map(string).take(50).collect()
            }
            _ => {}
        }
    }
}

fn fill(slot: &mut Option<String>, value: Option<String>) {
    if slot.is_none() {
        *slot = value;
    }
}

/// The text of a value: a string, or the name or id of an object, or the first of a list.
fn string(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(s) => s.as_str(),
        Value::Object(map) => map
            .get("name")
            .and_then(Value::as_str)
            .or_else(|| map.get("@id").and_then(Value::as_str))?,
        Value::Array(list) => return list.first().filter(|v| !v.is_array()).and_then(string),
        _ => return None,
    };
    let text = tidy::line(&html::decode(text));
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ld(json: &str) -> LdArticle {
        let mut out = LdArticle::default();
        read(json, &mut out);
        out
    }

    #[test]
    fn an_article_is_found_in_a_graph() {
        let found = ld(
            r#"{"@graph":[{"@type":"WebSite","name":"x"},{"@type":["NewsArticle"],"headline":"봄 &amp; 꽃",
            "author":[{"@type":"Person","name":"홍길동"},{"@type":"Organization","name":"회사"}],
            "publisher":{"name":"가나일보"},"datePublished":"2024-02-22"}]}"#,
        );
        assert_eq!(found.headline.as_deref(), Some("봄 & 꽃"));
        assert_eq!(found.authors, ["홍길동"]);
        assert_eq!(found.publisher.as_deref(), Some("가나일보"));
    }

    #[test]
    fn json_that_is_not_quite_json_is_mended() {
        let found =
            ld("{\"@type\":\"NewsArticle\",\"headline\":\"봄\n꽃\",\"author\":[\"홍길동\",],}");
        assert_eq!(found.headline.as_deref(), Some("봄 꽃"));
        assert_eq!(found.authors, ["홍길동"]);
    }

    #[test]
    fn what_is_no_article_gives_nothing() {
        assert_eq!(
            ld(r#"{"@type":"WebSite","name":"x"}"#),
            LdArticle::default()
        );
        assert_eq!(ld("{\"@type\""), LdArticle::default());
    }
}
