//! Reasons for skipping a source.

use super::system::system_detail;
use super::{Lang, Localize, json_detail, msg, size};
use crate::source::{AddressKind, FileKind, SkipReason, SpecialFile};

impl Localize for SkipReason {
    fn text(&self, lang: Lang) -> String {
        match self {
            SkipReason::Empty => msg!(lang, ko: "빈 파일입니다", en: "empty"),
            SkipReason::NotFound => msg!(lang,
                ko: "파일이나 폴더가 없습니다",
                en: "no such file or folder",
            ),
            SkipReason::NoPermission => msg!(lang,
                ko: "읽을 권한이 없습니다",
                en: "permission denied",
            ),
            SkipReason::PathTooLong => msg!(lang,
                ko: "경로가 너무 깁니다",
                en: "the path is too long",
            ),
            SkipReason::LinkLoop => msg!(lang,
                ko: "자기 자신을 가리키는 링크입니다",
                en: "the link points to itself",
            ),
            SkipReason::LinkToParent => msg!(lang,
                ko: "상위 폴더를 가리키는 링크입니다",
                en: "the link points to a parent folder",
            ),
            SkipReason::FolderTooDeep { limit } => msg!(lang,
                ko: "폴더가 {limit}단계보다 깊습니다",
                en: "more than {limit} folders deep",
            ),
            SkipReason::SpecialFile { kind } => special_file(*kind, lang),
            SkipReason::Unreadable { detail } => {
                let detail = system_detail(detail, lang);
                msg!(lang,
                    ko: "읽을 수 없습니다: {detail}",
                    en: "cannot be read: {detail}",
                )
            }
            SkipReason::OutOfMemory => msg!(lang,
                ko: "메모리가 모자랍니다",
                en: "not enough memory",
            ),

            SkipReason::TooLarge { limit } => {
                let size = size(*limit);
                msg!(lang,
                    ko: "{size}보다 큽니다(--max-size로 한도를 늘릴 수 있습니다)",
                    en: "larger than {size} (--max-size raises the limit)",
                )
            }
            SkipReason::TooExpansive { ratio } => msg!(lang,
                ko: "압축을 풀면 {ratio}배보다 커집니다(--max-ratio로 한도를 늘릴 수 있습니다)",
                en: "expands to more than {ratio} times its size (--max-ratio raises the limit)",
            ),
            SkipReason::NestedTooDeep => msg!(lang,
                ko: "압축 파일이 너무 여러 겹입니다",
                en: "archives nested too deeply",
            ),
            SkipReason::TooManyValues { limit } => msg!(lang,
                ko: "한 목록의 값이 {limit}개를 넘습니다",
                en: "a list has more than {limit} values",
            ),
            SkipReason::TooManyCells { limit } => msg!(lang,
                ko: "한 행의 칸이 {limit}개를 넘습니다",
                en: "a row has more than {limit} cells",
            ),

            SkipReason::TooManyLines { limit } => msg!(lang,
                ko: "{limit}행을 넘습니다",
                en: "more than {limit} lines",
            ),

            SkipReason::NotText { kind: None } => msg!(lang,
                ko: "텍스트 파일이 아닙니다",
                en: "not a text file",
            ),
            SkipReason::NotText { kind: Some(kind) } => file_kind(*kind, lang),
            SkipReason::DamagedArchive => msg!(lang,
                ko: "압축 파일이 손상됐습니다",
                en: "damaged archive",
            ),
            SkipReason::PasswordProtectedArchive => msg!(lang,
                ko: "암호가 걸린 압축 파일입니다. 암호를 풀고 다시 넣어 주세요",
                en: "password-protected archive: remove the password and try again",
            ),
            SkipReason::OverlappingMembers => msg!(lang,
                ko: "압축 파일 안의 파일들이 서로 겹칩니다",
                en: "damaged archive: its files overlap",
            ),
            SkipReason::UnterminatedHeader => msg!(lang,
                ko: "헤더가 끝나지 않습니다",
                en: "unterminated header",
            ),
            SkipReason::UnreadableWorkbook => msg!(lang,
                ko: "엑셀 파일을 읽을 수 없습니다",
                en: "unreadable workbook",
            ),
            SkipReason::NotATable => msg!(lang,
                ko: "표로 읽을 수 없습니다",
                en: "not a table",
            ),
            SkipReason::NoColumns { columns } => {
                let columns = columns.join(", ");
                msg!(lang,
                    ko: "제목이나 본문 열이 없습니다(있는 열: {columns}). --map headline=열,body=열로 지정해 주세요",
                    en: "no column for headline or body (columns: {columns}); name them with --map headline=COLUMN,body=COLUMN",
                )
            }
            SkipReason::MalformedXml { after_item: 0 } => msg!(lang,
                ko: "XML 형식이 잘못됐습니다",
                en: "malformed XML",
            ),
            SkipReason::MalformedXml { after_item } => msg!(lang,
                ko: "{after_item}번째 항목 다음부터 XML 형식이 잘못됐습니다",
                en: "malformed XML after item {after_item}",
            ),
            SkipReason::InvalidJson { line, column } => msg!(lang,
                ko: "JSON 형식이 잘못됐습니다({line}행 {column}열)",
                en: "invalid JSON at line {line}, column {column}",
            ),
            SkipReason::NoItemList => msg!(lang,
                ko: "검색 결과에 기사 목록이 없습니다",
                en: "search response without a list of items",
            ),
            SkipReason::NotARecord {
                column: Some(column),
                detail,
            } => {
                let detail = json_detail(detail, lang);
                msg!(lang,
                    ko: "기사 기록이 아닙니다: {detail}({column}열)",
                    en: "not a record: {detail} (column {column})",
                )
            }
            SkipReason::NotARecord {
                column: None,
                detail,
            } => {
                let detail = json_detail(detail, lang);
                msg!(lang,
                    ko: "기사 기록이 아닙니다: {detail}",
                    en: "not a record: {detail}",
                )
            }
            SkipReason::NotUtf8 { byte } => msg!(lang,
                ko: "UTF-8이 아닙니다({byte}번째 바이트)",
                en: "not UTF-8 (byte {byte})",
            ),
            SkipReason::IdTooLong { limit } => msg!(lang,
                ko: "id가 {limit}바이트를 넘습니다",
                en: "the id is longer than {limit} bytes",
            ),
            SkipReason::InvalidId => msg!(lang,
                ko: "id에 제어 문자가 있습니다",
                en: "the id contains control characters",
            ),
            SkipReason::NoHeadlineOrBody => msg!(lang,
                ko: "제목도 본문도 없습니다",
                en: "neither headline nor body",
            ),
            SkipReason::MalformedMail => msg!(lang,
                ko: "메일 형식이 잘못됐습니다",
                en: "malformed mail",
            ),
            SkipReason::MailWithoutText => msg!(lang,
                ko: "글이 없는 메일입니다",
                en: "mail without text",
            ),
            SkipReason::NotAWarcRecord => msg!(lang,
                ko: "WARC 레코드가 아닙니다",
                en: "not a WARC record",
            ),
            SkipReason::NoRecordLength => msg!(lang,
                ko: "길이가 적혀 있지 않습니다",
                en: "no Content-Length",
            ),
            SkipReason::UnsupportedCoding { coding } => msg!(lang,
                ko: "지원하지 않는 압축 방식입니다: {coding}",
                en: "unsupported compression: {coding}",
            ),

            SkipReason::DamagedPdf => msg!(lang, ko: "PDF가 손상됐습니다", en: "damaged PDF"),
            SkipReason::PasswordProtectedPdf => msg!(lang,
                ko: "암호가 걸린 PDF입니다. 암호를 풀고 다시 넣어 주세요",
                en: "password-protected PDF: remove the password and try again",
            ),
            SkipReason::ScannedPdf => msg!(lang,
                ko: "스캔한 PDF라 글자가 없습니다. 먼저 문자 인식(OCR)을 해 주세요",
                en: "scanned PDF without text: run OCR on it first",
            ),
            SkipReason::PdfWithoutText => msg!(lang,
                ko: "글자가 없는 PDF입니다",
                en: "PDF without text",
            ),
            SkipReason::PdfTooLarge => msg!(lang,
                ko: "PDF의 압축을 풀면 너무 커집니다",
                en: "the PDF is too large when decompressed",
            ),
            SkipReason::PdfWithoutCharacters => msg!(lang,
                ko: "PDF의 글꼴에 문자 정보가 없습니다",
                en: "the fonts of the PDF do not map to characters",
            ),
            SkipReason::PdfTimedOut { seconds } => msg!(lang,
                ko: "PDF를 {seconds}초 안에 읽지 못했습니다",
                en: "reading the PDF took more than {seconds} s",
            ),

            SkipReason::ArticleList { articles } => msg!(lang,
                ko: "기사가 아니라 기사 목록입니다({articles}건)",
                en: "a list of {articles} articles, not an article",
            ),
            SkipReason::NoArticleText => msg!(lang,
                ko: "기사 본문을 찾지 못했습니다",
                en: "no article text found",
            ),
            SkipReason::NotAnArticle => msg!(lang, ko: "기사가 아닙니다", en: "not an article"),
            SkipReason::NoHeadline => msg!(lang,
                ko: "제목이 없고 글도 거의 없습니다",
                en: "no headline and hardly any text",
            ),

            SkipReason::InvalidAddress => msg!(lang,
                ko: "주소가 올바르지 않습니다",
                en: "invalid URL",
            ),
            SkipReason::AddressTooLong => msg!(lang,
                ko: "주소가 너무 깁니다",
                en: "the URL is too long",
            ),
            SkipReason::UnsupportedScheme { scheme } => msg!(lang,
                ko: "http와 https 주소만 가져옵니다('{scheme}:')",
                en: "only http and https are fetched, not '{scheme}:'",
            ),
            SkipReason::AddressWithPassword => msg!(lang,
                ko: "암호가 든 주소는 가져오지 않습니다. 브라우저에서 저장한 파일을 넣어 주세요",
                en: "URLs with a password are not fetched: save the page in a browser and add the file",
            ),
            SkipReason::NotPublic { host, kind } => {
                let kind = address_kind(*kind, lang);
                msg!(lang,
                    ko: "공개된 웹 주소만 가져옵니다. {host}: {kind}(--allow-local로 허용할 수 있습니다)",
                    en: "{host} is {kind}; only the public web is fetched (--allow-local permits it)",
                )
            }
            SkipReason::RobotsDisallow { site } => msg!(lang,
                ko: "{site}/robots.txt에서 금지한 주소입니다. 브라우저에서 저장한 파일을 넣어 주세요",
                en: "{site}/robots.txt does not allow it: save the page in a browser and add the file",
            ),
            SkipReason::RobotsUnavailable { status } => msg!(lang,
                ko: "robots.txt를 확인할 수 없습니다(HTTP {status}). 나중에 다시 해 주세요",
                en: "robots.txt is unavailable (HTTP {status}): try again later",
            ),
            SkipReason::HttpStatus { status } => http_status(*status, lang),
            SkipReason::TooManyRedirects { limit } => msg!(lang,
                ko: "주소가 {limit}번 넘게 바뀝니다",
                en: "too many redirects (more than {limit})",
            ),
            SkipReason::InvalidRedirect { location } => msg!(lang,
                ko: "잘못된 주소로 옮겨집니다: '{location}'",
                en: "redirects to '{location}', which is not a URL",
            ),
            SkipReason::TimedOut { seconds } => msg!(lang,
                ko: "{seconds}초 안에 받지 못했습니다(--timeout으로 늘릴 수 있습니다)",
                en: "timed out after {seconds} s (--timeout raises the limit)",
            ),
            SkipReason::HostNotFound => msg!(lang,
                ko: "서버를 찾지 못했습니다. 주소와 인터넷 연결을 확인해 주세요",
                en: "host not found: check the URL and the network connection",
            ),
            SkipReason::ConnectionRefused => msg!(lang,
                ko: "서버가 연결을 거부했습니다",
                en: "connection refused",
            ),
            SkipReason::HostUnresponsive => msg!(lang,
                ko: "서버가 응답하지 않습니다",
                en: "the server does not respond",
            ),
            SkipReason::InsecureConnection { detail } => msg!(lang,
                ko: "보안 연결에 실패했습니다: {detail}",
                en: "secure connection failed: {detail}",
            ),
            SkipReason::FetchFailed { detail } => {
                let detail = system_detail(detail, lang);
                msg!(lang,
                    ko: "가져오지 못했습니다: {detail}",
                    en: "cannot be fetched: {detail}",
                )
            }

            SkipReason::AtLine { line, reason } => {
                let reason = reason.text(lang);
                msg!(lang, ko: "{line}행: {reason}", en: "line {line}: {reason}")
            }
            SkipReason::AtRow { row, reason } => {
                let reason = reason.text(lang);
                msg!(lang, ko: "{row}행: {reason}", en: "row {row}: {reason}")
            }
            SkipReason::AtRecord { record, reason } => {
                let reason = reason.text(lang);
                msg!(lang, ko: "{record}번째 레코드: {reason}", en: "record {record}: {reason}")
            }
            SkipReason::Redirected { url, reason } => {
                let reason = reason.text(lang);
                msg!(lang, ko: "{url} 주소로 옮겨집니다: {reason}", en: "redirects to {url}: {reason}")
            }

            SkipReason::StoredPageUnreadable => msg!(lang,
                ko: "보관한 원본을 읽을 수 없습니다",
                en: "the stored page cannot be read",
            ),
            SkipReason::InternalError => msg!(lang,
                ko: "프로그램 내부 오류입니다. 이 파일과 함께 알려 주세요",
                en: "internal error, please report it with this file",
            ),
        }
    }
}

fn special_file(kind: SpecialFile, lang: Lang) -> String {
    match kind {
        SpecialFile::Pipe => msg!(lang, ko: "파이프입니다", en: "a named pipe"),
        SpecialFile::Socket => msg!(lang, ko: "소켓입니다", en: "a socket"),
        SpecialFile::Device => msg!(lang, ko: "장치 파일입니다", en: "a device"),
        SpecialFile::Other => msg!(lang, ko: "일반 파일이 아닙니다", en: "not a regular file"),
    }
}

fn file_kind(kind: FileKind, lang: Lang) -> String {
    let name = match kind {
        FileKind::Jpeg => msg!(lang, ko: "JPEG 사진", en: "JPEG images"),
        FileKind::Png => msg!(lang, ko: "PNG 그림", en: "PNG images"),
        FileKind::Gif => msg!(lang, ko: "GIF 그림", en: "GIF images"),
        FileKind::Bmp => msg!(lang, ko: "BMP 그림", en: "BMP images"),
        FileKind::Tiff => msg!(lang, ko: "TIFF 그림", en: "TIFF images"),
        FileKind::Jpeg2000 => msg!(lang, ko: "JPEG 2000 사진", en: "JPEG 2000 images"),
        FileKind::Riff => msg!(lang, ko: "WebP·AVI·WAV 파일", en: "WebP, AVI and WAV files"),
        FileKind::IsoMedia => msg!(lang, ko: "MP4·HEIC·AVIF 파일", en: "MP4, HEIC and AVIF files"),
        FileKind::Matroska => msg!(lang, ko: "MKV 동영상", en: "Matroska videos"),
        FileKind::Ogg => msg!(lang, ko: "Ogg 음성", en: "Ogg audio files"),
        FileKind::Mp3 => msg!(lang, ko: "MP3 음성", en: "MP3 audio files"),
        FileKind::Flac => msg!(lang, ko: "FLAC 음성", en: "FLAC audio files"),
        FileKind::Pdf => msg!(lang, ko: "이런 PDF", en: "PDF files of this kind"),
        FileKind::Zip => msg!(lang, ko: "이런 ZIP 파일", en: "ZIP files of this kind"),
        FileKind::OldOffice => msg!(lang,
            ko: "옛 오피스 문서(DOC, XLS, PPT)",
            en: "old Office documents (DOC, XLS, PPT)",
        ),
        FileKind::Hwp => msg!(lang, ko: "한글 문서(HWP)", en: "HWP documents"),
        FileKind::Hwpx => msg!(lang, ko: "한글 문서(HWPX)", en: "HWPX documents"),
        FileKind::Docx => msg!(lang, ko: "워드 문서(DOCX)", en: "Word documents (DOCX)"),
        FileKind::Pptx => {
            msg!(lang, ko: "파워포인트 문서(PPTX)", en: "PowerPoint documents (PPTX)")
        }
        FileKind::OpenDocument => {
            msg!(lang, ko: "오픈도큐먼트(ODT, ODS)", en: "OpenDocument files")
        }
        FileKind::SevenZip => msg!(lang, ko: "7z 압축 파일", en: "7z archives"),
        FileKind::Rar => msg!(lang, ko: "RAR 압축 파일", en: "RAR archives"),
        FileKind::Bzip2 => msg!(lang, ko: "bzip2 압축 파일", en: "bzip2 files"),
        FileKind::Xz => msg!(lang, ko: "xz 압축 파일", en: "xz files"),
        FileKind::Program => msg!(lang, ko: "실행 파일", en: "program files"),
        FileKind::Sqlite => msg!(lang, ko: "SQLite 데이터베이스", en: "SQLite databases"),
        FileKind::Font => msg!(lang, ko: "글꼴 파일", en: "font files"),
        FileKind::Icon => msg!(lang, ko: "아이콘 파일", en: "icon files"),
    };
    match kind {
        FileKind::Docx | FileKind::Pptx | FileKind::Hwp | FileKind::Hwpx => msg!(lang,
            ko: "지원하지 않는 형식입니다: {name}. PDF로 저장해 넣어 주세요",
            en: "{name} are not supported: convert to PDF",
        ),
        _ => msg!(lang,
            ko: "지원하지 않는 형식입니다: {name}",
            en: "{name} are not supported",
        ),
    }
}

fn address_kind(kind: AddressKind, lang: Lang) -> String {
    match kind {
        AddressKind::Loopback => msg!(lang, ko: "이 컴퓨터의 주소", en: "a loopback address"),
        AddressKind::Private => msg!(lang, ko: "사설망 주소", en: "a private address"),
        AddressKind::LinkLocal => msg!(lang, ko: "링크 로컬 주소", en: "a link-local address"),
        AddressKind::Shared => msg!(lang, ko: "통신사 공유 주소", en: "a shared carrier address"),
        AddressKind::Multicast => msg!(lang, ko: "멀티캐스트 주소", en: "a multicast address"),
        AddressKind::Reserved => msg!(lang, ko: "예약된 주소", en: "a reserved address"),
    }
}

fn http_status(status: u16, lang: Lang) -> String {
    let advice = match status {
        401 | 403 | 451 => msg!(lang,
            ko: "브라우저에서 저장한 파일을 넣어 주세요",
            en: "save the page in a browser and add the file",
        ),
        404 | 410 => msg!(lang, ko: "주소를 확인해 주세요", en: "check the URL"),
        429 => msg!(lang,
            ko: "--delay로 간격을 늘려 주세요",
            en: "slow down with --delay",
        ),
        500.. => msg!(lang, ko: "나중에 다시 해 주세요", en: "try again later"),
        _ => msg!(lang,
            ko: "브라우저에서 열어 확인해 주세요",
            en: "open it in a browser to see why",
        ),
    };
    let meaning = match status {
        401 => " Unauthorized",
        403 => " Forbidden",
        404 => " Not Found",
        410 => " Gone",
        429 => " Too Many Requests",
        500 => " Internal Server Error",
        503 => " Service Unavailable",
        _ => "",
    };
    msg!(lang,
        ko: "서버 응답 HTTP {status}{meaning}: {advice}",
        en: "the site answered HTTP {status}{meaning}: {advice}",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_include_their_data_in_both_languages() {
        let reason = SkipReason::TooLarge { limit: 100 << 20 }.at_line(7);
        assert_eq!(
            reason.text(Lang::En),
            "line 7: larger than 100 MB (--max-size raises the limit)"
        );
        assert_eq!(
            reason.text(Lang::Ko),
            "7행: 100 MB보다 큽니다(--max-size로 한도를 늘릴 수 있습니다)"
        );
        let hwp = SkipReason::NotText {
            kind: Some(FileKind::Hwp),
        };
        assert_eq!(
            hwp.text(Lang::En),
            "HWP documents are not supported: convert to PDF"
        );
        assert_eq!(
            SkipReason::HttpStatus { status: 404 }.text(Lang::En),
            "the site answered HTTP 404 Not Found: check the URL"
        );
    }
}
