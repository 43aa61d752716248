//! Feeds: RSS 0.9 to 2.0, RSS 1.0 (RDF) and Atom, one article per item.
//!
//! Elements are matched by local name, since feeds often do not declare namespaces. Dates are
//! passed on as written: Korean feeds often give local time without an offset. The body is
//! `content:encoded` or Atom's `content`; a `description` or `summary` alone is an excerpt.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::row::{Field, Row};
use super::{Flow, Format, Input, ItemContent, Sink, SkipReason, SourceItem, charset};

/// See the module documentation.
pub struct Feed;

impl Format for Feed {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        let text = charset::decode(head, None);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        text.starts_with('<')
            && ["<rss", "<feed", "<rdf:RDF"].iter().any(|root| {
                // Only declarations and comments may precede the root.
                text.find(root).is_some_and(|at| {
                    let before = text.get(..at).unwrap_or_default();
                    !before.to_ascii_lowercase().contains("<html") && !before.contains("</")
                })
            })
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        let bytes = input.read_all()?;
        let text = charset::decode(&bytes, declared(&bytes));
        let mut reader = Reader::from_str(&text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        let mut reading = Reading::default();
        let mut number = 0;
        loop {
            let event = match reader.read_event() {
                Ok(Event::Eof) if reading.item.is_some() => {
                    return Err(SkipReason::MalformedXml { after_item: number });
                }
                Ok(Event::Eof) => return Ok(Flow::Continue(())),
                Ok(event) => event,
                Err(_) => return Err(SkipReason::MalformedXml { after_item: number }),
            };
            let Some(row) = reading.event(&event) else {
                continue;
            };
            number += 1;
            let source = format!("{}#{number}", input.source);
            let item = SourceItem {
                place: source.clone(),
                source,
                size: row.size(),
                whole_source: false,
                content: ItemContent::Row(row),
            };
            if sink.item(item).is_break() {
                return Ok(Flow::Break(()));
            }
        }
    }
}

/// The encoding in an XML declaration.
fn declared(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..bytes.len().min(200))?;
    let end = memchr::memchr(b'>', head)?;
    let declaration = std::str::from_utf8(head.get(..end)?).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split(quote).next()
}

/// The child that names an Atom author (RFC 4287, 3.2) or the feed an entry was copied from (4.2.11).
/// RSS gives both as plain text.
fn naming_child(field: Field) -> Option<&'static str> {
    match field {
        Field::Reporter => Some("name"),
        Field::Outlet => Some("title"),
        _ => None,
    }
}

/// State of reading an item.
#[derive(Default)]
struct Reading {
    item: Option<Row>,
    /// The current field, its text so far, and the number of open elements inside it.
    field: Option<(Field, String, usize)>,
    /// Inside a child of an Atom author or source that does not name it: e-mail, id, link.
    is_inside_detail: bool,
    outlet: Option<String>,
}

impl Reading {
    /// Handles an event. Returns the item when it ends.
    fn event(&mut self, event: &Event<'_>) -> Option<Row> {
        match event {
            Event::Start(start) => self.start(start),
            Event::Empty(start) => {
                if self.item.is_some() && start.local_name().as_ref() == "link" {
                    self.link(start);
                } else if let Some((_, text, _)) = &mut self.field
                    && start.local_name().as_ref() == "br"
                {
                    text.push('\n');
                }
            }
            Event::Text(text) => self.text(text),
            Event::CData(text) => self.text(text),
            Event::GeneralRef(reference) => {
                match &**reference {
                    "lt" => self.text("<"),
                    "gt" => self.text(">"),
                    "amp" => self.text("&"),
                    "quot" => self.text("\""),
                    "apos" => self.text("'"),
                    // Numeric references, and names defined only in HTML; the text is parsed as
                    // HTML later.
                    other => self.text(&format!("&{other};")),
                }
            }
            Event::End(end) => return self.end(end.local_name().as_ref()),
            _ => {}
        }
        None
    }

    fn start(&mut self, start: &BytesStart<'_>) {
        let name = start.local_name();
        let name = name.as_ref();
        if matches!(name, "item" | "entry") {
            self.item = Some(Row::markup());
            self.field = None;
            self.outlet = None;
            return;
        }
        if self.item.is_none() {
            return;
        }
        if let Some((field, text, open)) = &mut self.field {
            // XHTML in Atom's content, or the parts of an author or source.
            *open += 1;
            match naming_child(*field) {
                Some(child) => self.is_inside_detail = name != child,
                None => text.push_str(&format!("<{name}>")),
            }
            return;
        }
        if name == "link" {
            self.link(start);
        }
        let is_media = start.name().as_ref().starts_with("media:");
        let field = match name {
            "title" if !is_media => Field::Headline,
            "link" => Field::Url,
            "encoded" | "content" if !is_media => Field::Body,
            "description" | "summary" if !is_media => Field::Summary,
            "creator" | "author" => Field::Reporter,
            "pubDate" | "published" | "date" | "issued" | "updated" => Field::Published,
            "category" => Field::Section,
            "source" => Field::Outlet,
            _ => return,
        };
        self.field = Some((field, String::new(), 0));
    }

    /// Atom gives the link in an attribute. Use only the link to the article.
    fn link(&mut self, link: &BytesStart<'_>) {
        let attribute = |name: &str| {
            let attribute = link.try_get_attribute(name).ok().flatten()?;
            Some(attribute.value.replace("&amp;", "&"))
        };
        let relation = attribute("rel");
        if relation.is_none_or(|rel| rel == "alternate")
            && let (Some(item), Some(address)) = (&mut self.item, attribute("href"))
        {
            item.push(Field::Url, address);
        }
    }

    fn text(&mut self, piece: &str) {
        if let Some((_, text, _)) = &mut self.field
            && !self.is_inside_detail
        {
            text.push_str(piece);
        }
    }

    fn end(&mut self, name: &str) -> Option<Row> {
        if matches!(name, "item" | "entry") {
            self.field = None;
            return self.item.take().map(|row| self.finish(row));
        }
        let item = self.item.as_mut()?;
        let (field, text, open) = self.field.as_mut()?;
        if *open > 0 {
            *open -= 1;
            self.is_inside_detail = false;
            if naming_child(*field).is_none() {
                text.push_str(&format!("</{name}>"));
            }
            return None;
        }
        let (field, text, _) = self.field.take()?;
        if field == Field::Outlet {
            self.outlet = Some(text.trim().to_owned());
        }
        item.push(field, text);
        None
    }

    /// Aggregators append the outlet to the headline: `제목 - 모두일보`. Remove it.
    fn finish(&self, row: Row) -> Row {
        let Some(outlet) = self.outlet.as_deref().filter(|o| !o.is_empty()) else {
            return row;
        };
        let Some(headline) = row.first(Field::Headline) else {
            return row;
        };
        let bare = headline
            .trim()
            .strip_suffix(outlet)
            .and_then(|rest| rest.trim_end().strip_suffix('-'))
            .map(|rest| rest.trim_end().to_owned());
        match bare.filter(|rest| !rest.is_empty()) {
            Some(bare) => row.with(Field::Headline, bare),
            None => row,
        }
    }
}
