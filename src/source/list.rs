//! Lists of URLs and paths, one per line.

use std::io::{self, Read};
use std::path::PathBuf;

use super::web::is_web_address;
use super::{SkipReason, charset};

/// Maximum size of a list: about two million URLs.
const MAX_BYTES: u64 = 200 << 20;

/// Reads a list in any encoding. Skips empty lines and lines that begin with `#`, and drops what
/// follows a URL after white space (a title, a comment).
///
/// # Errors
/// When it cannot be read.
pub fn read_list(mut reader: impl Read) -> io::Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    (&mut reader)
        .take(MAX_BYTES.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(SkipReason::TooLarge { limit: MAX_BYTES }.into());
    }
    let text = charset::decode(&bytes, None);
    Ok(text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| match is_web_address(line) {
            true => line.split_whitespace().next().unwrap_or(line),
            false => line,
        })
        .map(PathBuf::from)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_skipped() {
        let list = "\u{feff}# 오늘\r\nhttps://example.com/a#top\t제목\r\n\r\n  http://example.com/b # 나중에\n스크랩/기사 1.html\n";
        let paths = [
            "https://example.com/a#top",
            "http://example.com/b",
            "스크랩/기사 1.html",
        ];
        assert_eq!(
            read_list(list.as_bytes()).unwrap(),
            paths.map(PathBuf::from)
        );
        let (cp949, ..) = encoding_rs::EUC_KR.encode("스크랩/기사.html\n");
        assert_eq!(
            read_list(&cp949[..]).unwrap(),
            [PathBuf::from("스크랩/기사.html")]
        );
    }
}
