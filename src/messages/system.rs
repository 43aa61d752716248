//! Errors of the operating system.

use std::io;

use super::{Lang, Localize, msg};

impl Localize for io::Error {
    fn text(&self, lang: Lang) -> String {
        use io::ErrorKind;

        if lang == Lang::En {
            return self.to_string();
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
