//! Arguments of clip books and documents, and their clippings.

use std::fs;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::results::snippets;
use super::{CliError, OutputFormat};
use crate::report::export::{Entry, Template};
use crate::search::{Hit, Show};

/// What a clip book or document shows.
#[derive(Debug, Clone, Args)]
pub struct BookArgs {
    /// Title of the clip book or document
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,

    /// Whole texts in a clip book or document, not only the passages that match
    #[arg(long, conflicts_with = "links_only")]
    pub full_text: bool,

    /// Only headlines and links, where a licence covers no more
    #[arg(long)]
    pub links_only: bool,

    /// Characters of a snippet
    #[arg(long, value_name = "N", default_value_t = 240)]
    pub snippet_chars: usize,

    /// A template of your own for the clip book (minijinja); HTML unless it ends in .md, .txt or .tex
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub template: Option<PathBuf>,
}

impl BookArgs {
    /// Reads the template that the user names.
    ///
    /// # Errors
    /// When it cannot be read, or `format` has no templates.
    pub fn template(&self, format: OutputFormat) -> Result<Option<Template>, CliError> {
        let Some(path) = &self.template else {
            return Ok(None);
        };
        if format != OutputFormat::Clipbook {
            return Err(CliError::new("--template is for the clip book")
                .with_hint("use it with --format clipbook or -o FILE.html"));
        }
        let text = fs::read_to_string(path)
            .map_err(|e| CliError::new(format!("{}: {e}", path.display())))?;
        // `book.md.j2` is Markdown.
        let name = path.to_string_lossy().to_lowercase();
        let name = [".j2", ".jinja", ".jinja2"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(&name);
        let plain = [".md", ".markdown", ".txt", ".tex"];
        Ok(Some(Template {
            name: path.display().to_string(),
            is_html: !plain.iter().any(|end| name.ends_with(end)),
            text,
        }))
    }

    /// What a search has to say of each hit.
    pub fn show(&self) -> Show {
        Show {
            snippet_chars: match self.links_only {
                true => 0,
                false => self.snippet_chars,
            },
            ..Show::default()
        }
    }

    /// Hits as entries of a document, under the name of a `group`.
    pub fn entries(hits: Vec<Hit>, group: &str) -> impl Iterator<Item = Entry> {
        hits.into_iter().map(|hit| Entry {
            snippets: snippets(&hit),
            clipping: hit.clipping,
            group: group.to_owned(),
        })
    }
}
