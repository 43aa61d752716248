//! Notes and errors of saved searches.

use std::io;

use super::{Hint, Lang, Localize, json_detail, msg};
use crate::saved::{SavedError, SavedNote};

impl Localize for SavedNote {
    fn text(&self, lang: Lang) -> String {
        match self {
            SavedNote::InSearch { name, note } => format!("@{name}: {}", note.text(lang)),
            SavedNote::UnknownSearch {
                name,
                suggestion: Some(suggestion),
            } => msg!(lang,
                ko: "저장한 검색 '@{name}'이(가) 없어 단어로 찾았습니다. '@{suggestion}'을(를) 뜻하셨나요?",
                en: "no saved search '@{name}', searched as a word; did you mean '@{suggestion}'?",
            ),
            SavedNote::UnknownSearch {
                name,
                suggestion: None,
            } => msg!(lang,
                ko: "저장한 검색 '@{name}'이(가) 없어 단어로 찾았습니다(목록: `clippings saved list`)",
                en: "no saved search '@{name}', searched as a word (see `clippings saved list`)",
            ),
        }
    }
}

impl Localize for SavedError {
    fn text(&self, lang: Lang) -> String {
        match self {
            SavedError::Unknown { name, .. } => msg!(lang,
                ko: "저장한 검색 '@{name}'이(가) 없습니다",
                en: "no saved search '@{name}'",
            ),
            SavedError::InvalidName(name) => msg!(lang,
                ko: "'{name}'은(는) 이름으로 쓸 수 없습니다",
                en: "'{name}' is not a valid name",
            ),
            SavedError::Taken(name) => msg!(lang,
                ko: "저장한 검색 '@{name}'이(가) 이미 있습니다",
                en: "saved search '@{name}' already exists",
            ),
            SavedError::Used { name, by } => msg!(lang,
                ko: "저장한 검색 '@{name}'을(를) '@{by}'에서 쓰고 있습니다",
                en: "saved search '@{name}' is used by '@{by}'",
            ),
            SavedError::Circular(names) => {
                let circle = names.join(" → ");
                msg!(lang,
                    ko: "저장한 검색이 자기 자신을 씁니다: {circle}",
                    en: "a saved search uses itself: {circle}",
                )
            }
            SavedError::TooMany(limit) => msg!(lang,
                ko: "한 검색에서 쓰는 저장한 검색이 {limit}개를 넘습니다",
                en: "the query uses more than {limit} saved searches (including indirect ones)",
            ),
            SavedError::TooDeep(limit) => msg!(lang,
                ko: "저장한 검색이 서로를 너무 깊이 씁니다 (합쳐서 {limit}단계까지)",
                en: "saved searches use each other too deeply (up to {limit} levels in all)",
            ),
            SavedError::Filter { name, error } => format!("@{name}: {}", error.text(lang)),
            SavedError::Invalid { path, detail } => {
                format!("{}: {}", path.display(), json_detail(detail, lang))
            }
            SavedError::InvalidNameIn { path, name } => {
                let path = path.display();
                msg!(lang,
                    ko: "{path}: '{name}'은(는) 이름으로 쓸 수 없습니다",
                    en: "{path}: '{name}' is not a valid name",
                )
            }
            SavedError::Duplicate { path, name } => {
                let path = path.display();
                msg!(lang,
                    ko: "{path}: 이름이 '{name}'인 검색이 둘 있습니다",
                    en: "{path}: two searches are named '{name}'",
                )
            }
            SavedError::Newer { path, found, known } => {
                let path = path.display();
                msg!(lang,
                    ko: "{path}: 이 프로그램은 버전 {known}까지 읽는데 파일은 버전 {found}입니다",
                    en: "{path} has version {found}; this program reads up to version {known}",
                )
            }
            SavedError::Io { path, source } => {
                format!("{}: {}", path.display(), source.text(lang))
            }
            SavedError::Cluster(e) => e.text(lang),
        }
    }
}

impl Hint for SavedError {
    fn hint(&self, lang: Lang) -> Option<String> {
        Some(match self {
            SavedError::Unknown {
                suggestion: Some(name),
                ..
            } => msg!(lang,
                ko: "'@{name}'을(를) 뜻하셨나요? `clippings saved list`로 모두 볼 수 있습니다",
                en: "did you mean '@{name}'? `clippings saved list` shows all",
            ),
            SavedError::Unknown { .. } => msg!(lang,
                ko: "`clippings saved list`로 모두 볼 수 있습니다",
                en: "`clippings saved list` shows all",
            ),
            SavedError::InvalidName(_) => msg!(lang,
                ko: "글자와 숫자로 쓰고, 사이에는 - _ . 만 쓸 수 있습니다",
                en: "use letters and digits, separated by - _ or .",
            ),
            SavedError::Taken(name) => msg!(lang,
                ko: "--replace로 바꾸거나 `clippings saved list {name}`로 확인하세요",
                en: "use --replace to overwrite it, or show it with `clippings saved list {name}`",
            ),
            SavedError::Used { by, .. } => msg!(lang,
                ko: "'@{by}'도 지우거나 `clippings saved add --replace`로 고치세요",
                en: "remove '@{by}' too, or change it with `clippings saved add --replace`",
            ),
            SavedError::Circular(_)
            | SavedError::TooMany(_)
            | SavedError::TooDeep(_)
            | SavedError::Filter { .. } => {
                msg!(lang,
                    ko: "`clippings saved add --replace`로 고치세요",
                    en: "change it with `clippings saved add --replace`",
                )
            }
            SavedError::Invalid { .. }
            | SavedError::InvalidNameIn { .. }
            | SavedError::Duplicate { .. } => msg!(lang,
                ko: "파일을 고치거나 지우세요",
                en: "fix or delete the file",
            ),
            SavedError::Newer { .. } => msg!(lang,
                ko: "파일을 쓴 더 새로운 `clippings`를 설치하세요",
                en: "install a newer version of `clippings`",
            ),
            SavedError::Io { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => msg!(lang,
                    ko: "인덱스 폴더의 권한을 확인하세요",
                    en: "check the permissions of the index folder",
                ),
                _ => return None,
            },
            SavedError::Cluster(e) => return e.hint(lang),
        })
    }
}
