//! Errors of the operating system.

use std::io;

use super::{Lang, Localize, msg};
use crate::small_file::NotAFile;

impl Localize for io::Error {
    fn text(&self, lang: Lang) -> String {
        use io::ErrorKind;

        if lang == Lang::En {
            return self.to_string();
        }
        if self.get_ref().is_some_and(|inner| inner.is::<NotAFile>()) {
            return "일반 파일이 아닙니다".to_owned();
        }
        let known = match self.kind() {
            ErrorKind::NotFound => "파일이나 폴더가 없습니다",
            ErrorKind::PermissionDenied => "권한이 없습니다",
            ErrorKind::AlreadyExists => "이미 있습니다",
            ErrorKind::IsADirectory => "파일이 아니라 폴더입니다",
            ErrorKind::NotADirectory => "폴더가 아닙니다",
            ErrorKind::DirectoryNotEmpty => "폴더가 비어 있지 않습니다",
            ErrorKind::StorageFull => "디스크가 가득 찼습니다",
            ErrorKind::QuotaExceeded => "디스크 할당량을 넘었습니다",
            ErrorKind::ReadOnlyFilesystem => "읽기 전용입니다",
            ErrorKind::FileTooLarge => "파일이 너무 큽니다",
            ErrorKind::InvalidFilename => "파일 이름을 쓸 수 없습니다",
            ErrorKind::InvalidData => "내용이 올바르지 않습니다",
            ErrorKind::UnexpectedEof => "중간에 끝납니다",
            ErrorKind::OutOfMemory => "메모리가 모자랍니다",
            ErrorKind::TimedOut => "시간 안에 끝나지 않았습니다",
            ErrorKind::AddrInUse => "이미 쓰고 있는 주소입니다",
            ErrorKind::AddrNotAvailable => "이 컴퓨터의 주소가 아닙니다",
            ErrorKind::ConnectionRefused => "연결이 거부됐습니다",
            _ => {
                return match self.raw_os_error() {
                    Some(code) => format!("시스템 오류 {code}"),
                    None => format!("입출력 오류({self})"),
                };
            }
        };
        known.to_owned()
    }
}

/// The text of an error that a lower module kept as text: an OS error by its number.
pub(super) fn system_detail(detail: &str, lang: Lang) -> String {
    let number = detail.rsplit_once("(os error ").map(|(_, rest)| rest);
    let number = number.and_then(|rest| rest.strip_suffix(')')?.parse().ok());
    match number {
        Some(number) if lang == Lang::Ko => io::Error::from_raw_os_error(number).text(lang),
        _ => detail.to_owned(),
    }
}

/// The text of an error of serde_json, whose own is in English only.
pub fn json_detail(detail: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return detail.to_owned();
    }
    let (what, place) = match detail.rsplit_once(" at line ") {
        Some((what, place)) => (what, place.split_once(" column ")),
        None => (detail, None),
    };
    let name = what.split('`').nth(1).unwrap_or_default();
    let what = match what.split_once([' ', ':']).unwrap_or((what, "")) {
        ("missing", _) => format!("'{name}' 항목이 없습니다"),
        ("duplicate", _) => format!("'{name}' 항목이 두 번 나옵니다"),
        ("unknown", rest) if rest.starts_with("field") => format!("없는 항목입니다: '{name}'"),
        ("unknown", _) => format!("쓸 수 없는 값입니다: '{name}'"),
        ("invalid", rest) if rest.starts_with(['t', 'v', 'l']) => {
            "값의 형식이 맞지 않습니다".to_owned()
        }
        ("EOF", _) => "중간에 끝납니다".to_owned(),
        _ => "JSON 형식이 잘못됐습니다".to_owned(),
    };
    match place {
        Some((line, column)) => format!("{line}행 {column}열: {what}"),
        None => what,
    }
}

/// The label in front of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// A failure.
    Error,
    /// What to do about an error.
    Hint,
    /// How a request was understood.
    Note,
    /// Something to check.
    Warning,
}

impl Localize for Label {
    fn text(&self, lang: Lang) -> String {
        match self {
            Label::Error => msg!(lang, ko: "오류", en: "error"),
            Label::Hint => msg!(lang, ko: "도움말", en: "hint"),
            Label::Note => msg!(lang, ko: "참고", en: "note"),
            Label::Warning => msg!(lang, ko: "주의", en: "warning"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn system_errors_are_translated_by_number() {
        let detail = io::Error::from_raw_os_error(13).to_string();
        assert_eq!(system_detail(&detail, Lang::Ko), "권한이 없습니다");
        assert_eq!(system_detail(&detail, Lang::En), detail);
        assert_eq!(system_detail("bad record MAC", Lang::Ko), "bad record MAC");
    }

    #[test]
    fn json_errors_are_translated() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[expect(dead_code, reason = "read for its errors")]
            version: u32,
            #[expect(dead_code, reason = "read for its errors")]
            kind: Option<Kind>,
        }
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Kind {
            Old,
        }
        for (json, says) in [
            ("{}", "1행 2열: 'version' 항목이 없습니다"),
            (r#"{"x": 1}"#, "1행 4열: 없는 항목입니다: 'x'"),
            (r#"{"version": "1"}"#, "1행 15열: 값의 형식이 맞지 않습니다"),
            (r#"{"version": -1}"#, "1행 14열: 값의 형식이 맞지 않습니다"),
            (
                r#"{"version": 1, "version": 1}"#,
                "1행 24열: 'version' 항목이 두 번 나옵니다",
            ),
            (
                r#"{"version": 1, "kind": "new"}"#,
                "1행 28열: 쓸 수 없는 값입니다: 'new'",
            ),
            ("{\n\"version\": 1", "2행 12열: 중간에 끝납니다"),
            ("{version: 1}", "1행 2열: JSON 형식이 잘못됐습니다"),
            (r#"{"version": 01}"#, "1행 14열: JSON 형식이 잘못됐습니다"),
        ] {
            let error = serde_json::from_str::<File>(json).unwrap_err().to_string();
            assert_eq!(json_detail(&error, Lang::Ko), says, "{json}: {error}");
            assert_eq!(json_detail(&error, Lang::En), error);
        }
    }
}
