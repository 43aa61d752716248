//! Arguments of clip books and documents.

use std::fs;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::error::lang;
use super::{CliError, OutputFormat};
use crate::messages::msg;
use crate::report::export::Template;

// What a clip book or document shows.
#[derive(Debug, Clone, Args)]
pub struct BookArgs {
    #[arg(
        long, value_name = "TEXT",
        help = text!(ko: "스크랩북이나 문서의 제목", en: "Title of the clip book or document"),
    )]
    pub title: Option<String>,

    #[arg(
        long, conflicts_with = "links_only",
        help = text!(
            ko: "맞는 대목만이 아니라 전문을 넣습니다",
            en: "Include full texts, not just matching passages",
        ),
    )]
    pub full_text: bool,

    #[arg(
        long,
        help = text!(
            ko: "제목과 링크만 넣습니다(본문을 쓸 권리가 없을 때)",
            en: "Headlines and links only (for licenses that do not cover text)",
        ),
    )]
    pub links_only: bool,

    #[arg(
        long, value_name = "N", default_value_t = 240,
        help = text!(ko: "발췌문의 글자 수", en: "Snippet length in characters"),
    )]
    snippet_chars: usize,

    #[arg(
        long, value_name = "FILE", value_hint = ValueHint::FilePath,
        help = text!(
            ko: "스크랩북에 쓸 나만의 템플릿(minijinja). .md, .txt, .tex로 끝나지 않으면 HTML로 봅니다",
            en: "Your own template for the clip book (minijinja); HTML unless it ends in .md, .txt \
                or .tex",
        ),
    )]
    template: Option<PathBuf>,
}

impl BookArgs {
    /// Characters of a snippet; 0 for none.
    pub fn chars(&self) -> usize {
        match self.links_only {
            true => 0,
            false => self.snippet_chars,
        }
    }

    /// Whether a template is named.
    pub fn has_template(&self) -> bool {
        self.template.is_some()
    }

    /// Reads the template that is named.
    ///
    /// # Errors
    /// When it cannot be read, or `format` has no templates.
    pub fn template(&self, format: OutputFormat) -> Result<Option<Template>, CliError> {
        let Some(path) = &self.template else {
            return Ok(None);
        };
        if format != OutputFormat::Clipbook {
            return Err(CliError::new(msg!(lang(),
                ko: "--template은 스크랩북에만 쓸 수 있습니다",
                en: "--template works only with a clip book",
            ))
            .with_hint(msg!(lang(),
                ko: "--format clipbook이나 -o 파일.html과 함께 쓰세요",
                en: "use it with --format clipbook or -o FILE.html",
            )));
        }
        let text = fs::read_to_string(path).map_err(|e| CliError::file(path, &e))?;
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
}
