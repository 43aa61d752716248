//! Errors of the index and of use cases, with hints.

use std::io;
use std::path::Path;

use super::{Hint, Lang, Localize, json_detail, msg, number};
use crate::analyze::DictionaryError;
use crate::app::{AppError, is_cluster_address};
use crate::index::{IndexError, LockHolder, MadeWith};

impl Localize for AppError {
    fn text(&self, lang: Lang) -> String {
        match self {
            AppError::Index(e) => e.text(lang),
            AppError::Saved(e) => e.text(lang),
            AppError::Filter(e) => e.text(lang),
            AppError::BadDate(e) => e.text(lang),
            AppError::Unreadable { path, source } => {
                format!("{}: {}", path.display(), source.text(lang))
            }
            AppError::EmptySearch => {
                msg!(lang, ko: "찾을 말이 없습니다", en: "nothing to search for")
            }
            AppError::NoSavedSearches => msg!(lang,
                ko: "저장한 검색이 없습니다",
                en: "no saved searches",
            ),
            AppError::NotRemoved(id) => msg!(lang,
                ko: "지운 기사 가운데 '{id}'이(가) 없습니다",
                en: "no removed clipping '{id}'",
            ),
            AppError::CopyIncomplete { from, to } => {
                let [from, to] = [from, to].map(|n| number(*n));
                msg!(lang,
                    ko: "원본에는 {from}건이 있는데 복사한 곳에는 {to}건뿐입니다",
                    en: "the source has {from} clippings and the copy only {to}",
                )
            }
            AppError::TooManyPeriods { limit, .. } => msg!(lang,
                ko: "기간이 {limit}개를 넘습니다",
                en: "too many periods (over {limit})",
            ),
        }
    }
}

impl Hint for AppError {
    fn hint(&self, lang: Lang) -> Option<String> {
        Some(match self {
            AppError::Index(e) => return e.hint(lang),
            AppError::Saved(e) => return e.hint(lang),
            AppError::Filter(_) | AppError::BadDate(_) | AppError::Unreadable { .. } => {
                return None;
            }
            AppError::EmptySearch => msg!(lang,
                ko: "이름 뒤에 검색식이나 조건을 쓰세요('*'는 모두 찾습니다)",
                en: "write a query or a filter after the name ('*' matches everything)",
            ),
            AppError::NoSavedSearches => msg!(lang,
                ko: "`clippings saved add 이름 검색식`으로 저장하세요",
                en: "save one with `clippings saved add NAME QUERY`",
            ),
            AppError::NotRemoved(_) => msg!(lang,
                ko: "`reindex`를 하면 그 전에 지운 기사는 되살릴 수 없습니다",
                en: "clippings removed before a `reindex` cannot be brought back",
            ),
            AppError::CopyIncomplete { .. } => msg!(lang,
                ko: "같은 명령을 다시 실행하면 빠진 기사를 복사합니다",
                en: "run the command again to copy what is missing",
            ),
            AppError::TooManyPeriods { .. } => msg!(lang,
                ko: "--by를 더 큰 단위로 하거나 --from, --to로 좁히세요",
                en: "use a larger --by or narrow --from/--to",
            ),
        })
    }
}

/// The path as given, followed by its absolute form if that differs.
fn place(path: &Path) -> String {
    if is_cluster_address(&path.to_string_lossy()) {
        return path.display().to_string();
    }
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match full == path {
        true => path.display().to_string(),
        false => format!("{} ({})", path.display(), full.display()),
    }
}

impl Localize for IndexError {
    fn text(&self, lang: Lang) -> String {
        match self {
            IndexError::Missing(dir) => {
                let place = place(dir);
                msg!(lang, ko: "인덱스가 없습니다: {place}", en: "no index in {place}")
            }
            IndexError::Gone(dir) => {
                let place = place(dir);
                msg!(lang,
                    ko: "인덱스가 사라졌습니다: {place}",
                    en: "the index in {place} is no longer there",
                )
            }
            IndexError::Foreign(dir) => {
                let place = place(dir);
                msg!(lang,
                    ko: "스크랩 인덱스가 아닙니다: {place}",
                    en: "not an index of clippings: {place}",
                )
            }
            IndexError::Newer { found, known } => msg!(lang,
                ko: "인덱스 형식은 {found}인데 이 프로그램은 {known}까지 읽습니다",
                en: "the index has format {found}; this program reads up to format {known}",
            ),
            IndexError::Outdated(MadeWith::Format) => msg!(lang,
                ko: "다른 형식 버전으로 만든 인덱스입니다",
                en: "the index was made with another version of the index format",
            ),
            IndexError::Outdated(MadeWith::Analyzer) => msg!(lang,
                ko: "다른 사전이나 단어 목록으로 만든 인덱스입니다",
                en: "the index was made with another dictionary, word list or analyzer",
            ),
            IndexError::Damaged(damage) => {
                let damage = damage.text(lang);
                msg!(lang,
                    ko: "인덱스가 손상됐습니다: {damage}",
                    en: "the index is damaged: {damage}",
                )
            }
            IndexError::Unrebuildable(damage) => {
                let damage = damage.text(lang);
                msg!(lang,
                    ko: "인덱스를 다시 만들 수 없습니다: {damage}",
                    en: "the index cannot be rebuilt: {damage}",
                )
            }
            IndexError::Locked(Some(holder)) => {
                let LockHolder {
                    command,
                    process,
                    since,
                } = holder;
                msg!(lang,
                    ko: "`clippings {command}`가 인덱스에 쓰고 있습니다(프로세스 {process}, {since}부터)",
                    en: "the index is being written by `clippings {command}` (process {process}, since {since})",
                )
            }
            IndexError::Locked(None) => msg!(lang,
                ko: "다른 프로그램이 인덱스에 쓰고 있습니다",
                en: "the index is being written by another process",
            ),
            IndexError::NoClipping(id) => msg!(lang,
                ko: "'{id}' 기사가 없습니다",
                en: "no clipping '{id}'",
            ),
            IndexError::Ambiguous { prefix, names } => {
                let names = names.join(", ");
                msg!(lang,
                    ko: "'{prefix}'(으)로 시작하는 ID가 여럿입니다: {names}",
                    en: "ID prefix '{prefix}' is ambiguous: {names}",
                )
            }
            IndexError::NoPage(id) => msg!(lang,
                ko: "'{id}'의 원본은 보관하지 않았습니다",
                en: "no page is stored for '{id}'",
            ),
            IndexError::TooManyRecords(limit) => {
                let limit = number(*limit as u64);
                msg!(lang,
                    ko: "동사·형용사가 너무 많은 검색어입니다: 본문을 {limit}번 넘게 대조해야 합니다",
                    en: "the query has too many verb forms: it would compare more than {limit} stored texts",
                )
            }
            IndexError::Io { path, source } => {
                format!("{}: {}", path.display(), source.text(lang))
            }
            IndexError::Config(detail) => {
                let detail = json_detail(detail, lang);
                msg!(lang,
                    ko: "인덱스의 config.json: {detail}",
                    en: "config.json of the index: {detail}",
                )
            }
            IndexError::Dictionary(DictionaryError(detail)) => msg!(lang,
                ko: "사전을 읽을 수 없습니다: {detail}",
                en: "the dictionary cannot be read: {detail}",
            ),
            IndexError::Cluster(e) => e.text(lang),
            IndexError::TooManyMatches => msg!(lang,
                ko: "맞는 기사가 너무 많습니다",
                en: "too many clippings match",
            ),
            IndexError::Engine(detail) => msg!(lang, ko: "내부 오류: {detail}", en: "{detail}"),
        }
    }
}

impl Hint for IndexError {
    fn hint(&self, lang: Lang) -> Option<String> {
        Some(match self {
            IndexError::Missing(_) => msg!(lang,
                ko: "`clippings add 경로...`로 만들거나 --index 폴더로 지정하세요",
                en: "create one with `clippings add PATH...`, or specify another with --index DIR",
            ),
            IndexError::Gone(_) => msg!(lang,
                ko: "드라이브가 연결돼 있나요? 커밋된 것은 남아 있으니 명령을 다시 실행하세요",
                en: "reconnect its drive and run the command again: committed clippings are kept",
            ),
            IndexError::Foreign(_) => msg!(lang,
                ko: "--index로 다른 폴더를 지정하세요",
                en: "specify another folder with --index DIR",
            ),
            IndexError::Newer { .. } => msg!(lang,
                ko: "인덱스를 만든 더 새로운 `clippings`를 설치하세요",
                en: "install a newer version of `clippings`",
            ),
            IndexError::Outdated(_) => msg!(lang,
                ko: "`clippings reindex`로 다시 만드세요",
                en: "run `clippings reindex` to rebuild it from its own records",
            ),
            IndexError::Damaged(_) => msg!(lang,
                ko: "`clippings check`로 확인하고 `clippings reindex`로 다시 만드세요",
                en: "run `clippings check` for details and `clippings reindex` to rebuild it from the records that can be read",
            ),
            IndexError::Unrebuildable(_) => msg!(lang,
                ko: "이 폴더를 다른 곳으로 옮기고 `clippings add 경로...`를 다시 실행한 뒤 saved.json과 digest.json을 새 폴더에 넣으세요",
                en: "move this folder away, run `clippings add PATH...` again, and copy saved.json and digest.json into the new folder",
            ),
            IndexError::Locked(_) => msg!(lang,
                ko: "끝나기를 기다리거나 --wait 초로 더 기다리세요",
                en: "wait until it finishes, or use --wait SECONDS",
            ),
            IndexError::NoClipping(_) => msg!(lang,
                ko: "ID는 `clippings search`가 보여 줍니다",
                en: "IDs are shown by `clippings search`",
            ),
            IndexError::Ambiguous { .. } => msg!(lang,
                ko: "ID를 더 길게 쓰세요",
                en: "use a longer prefix",
            ),
            IndexError::NoPage(_) => msg!(lang,
                ko: "`clippings add --keep-pages 경로...`로 보관할 수 있습니다",
                en: "`clippings add --keep-pages PATH...` stores pages",
            ),
            IndexError::TooManyRecords(_) => msg!(lang,
                ko: "낱말을 줄이거나 문장 전체를 따옴표 하나로 묶으세요",
                en: "use fewer words, or put a whole sentence into one pair of quotation marks",
            ),
            IndexError::Config(_) => msg!(lang,
                ko: "{{ \"dictionary\": \"폴더\" }}라고 쓰거나, 파일을 지워 내장 사전을 쓰세요",
                en: "use {{ \"dictionary\": \"FOLDER\" }}, or delete the file to use the built-in dictionary",
            ),
            IndexError::Dictionary(_) => msg!(lang,
                ko: "config.json에 적은 사전을 확인하세요. 적은 것이 없으면 프로그램 파일이 손상된 것이니 다시 설치하세요",
                en: "check the dictionary named in config.json; if there is none, the program file is damaged: reinstall it",
            ),
            IndexError::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => msg!(lang,
                    ko: "공간을 비우고 다시 실행하세요. 커밋된 것은 남아 있습니다",
                    en: "free some space and run the command again: committed clippings are kept",
                ),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => msg!(lang,
                    ko: "인덱스 폴더의 권한을 확인하거나 --index로 다른 폴더를 지정하세요",
                    en: "check the permissions of the index folder, or specify another with --index DIR",
                ),
                _ => return None,
            },
            IndexError::Cluster(e) => return e.hint(lang),
            IndexError::TooManyMatches => msg!(lang,
                ko: "기간이나 매체로 좁히세요",
                en: "narrow the search by dates or outlets",
            ),
            IndexError::Engine(_) => return None,
        })
    }
}
