//! Errors of a cluster, with hints.

use super::{Hint, Lang, Localize, msg};
use crate::index::{AddressError, ClusterError};

impl Localize for ClusterError {
    fn text(&self, lang: Lang) -> String {
        match self {
            ClusterError::Unreachable { host, reason } => msg!(lang,
                ko: "{host}에 연결할 수 없습니다: {reason}",
                en: "cannot connect to {host}: {reason}",
            ),
            ClusterError::Certificates { reason } => msg!(lang,
                ko: "인증서를 읽을 수 없습니다: {reason}",
                en: "the certificates cannot be read: {reason}",
            ),
            ClusterError::Unauthorized => msg!(lang,
                ko: "클러스터가 로그인을 거부했습니다",
                en: "the cluster refused the credentials",
            ),
            ClusterError::Forbidden => msg!(lang,
                ko: "이 사용자에게는 인덱스에 대한 권한이 없습니다",
                en: "this user has no permission for the index",
            ),
            ClusterError::Busy { seconds, status } => {
                let last = match status {
                    Some(status) => format!("HTTP {status}"),
                    None => msg!(lang, ko: "응답 없음", en: "no response in time"),
                };
                msg!(lang,
                    ko: "클러스터가 {seconds}초 동안 요청을 받지 못했습니다({last})",
                    en: "the cluster did not take a request for {seconds} s ({last})",
                )
            }
            ClusterError::Status {
                status,
                kind,
                reason,
            } => msg!(lang,
                ko: "클러스터 오류 {status} {kind}: {reason}",
                en: "the cluster answered {status} {kind}: {reason}",
            ),
            ClusterError::Malformed { reason } => msg!(lang,
                ko: "클러스터의 응답을 이해할 수 없습니다: {reason}",
                en: "unexpected response of the cluster: {reason}",
            ),
            ClusterError::Partial { failed, total } => msg!(lang,
                ko: "샤드 {total}개 중 {failed}개가 응답하지 않아 결과가 온전하지 않습니다",
                en: "{failed} of {total} shards did not answer, so the result would be incomplete",
            ),
            ClusterError::Red => msg!(lang,
                ko: "인덱스의 일부 샤드를 쓸 수 없습니다(클러스터 상태 red)",
                en: "some shards of the index have no live copy (cluster status red)",
            ),
            ClusterError::Blocked => msg!(lang,
                ko: "인덱스를 다시 만드는 중이라 쓸 수 없습니다",
                en: "the index is being rebuilt and cannot be written to",
            ),
            ClusterError::Refused { id, reason } => msg!(lang,
                ko: "클러스터가 '{id}' 기사를 거부했습니다: {reason}",
                en: "the cluster refused clipping '{id}': {reason}",
            ),
            ClusterError::Address(e) => e.text(lang),
            ClusterError::Foreign { index } => msg!(lang,
                ko: "스크랩 인덱스가 아닙니다: {index}",
                en: "not an index of clippings: {index}",
            ),
            ClusterError::NotOnCluster { what } => msg!(lang,
                ko: "클러스터의 인덱스에서는 아직 쓸 수 없습니다: {what}",
                en: "not available yet for an index in a cluster: {what}",
            ),
            ClusterError::Unsupported { version } => msg!(lang,
                ko: "지원하지 않는 서버입니다: {version}",
                en: "this server is not supported: {version}",
            ),
        }
    }
}

impl Hint for ClusterError {
    fn hint(&self, lang: Lang) -> Option<String> {
        Some(match self {
            ClusterError::Unreachable { .. } => msg!(lang,
                ko: "주소와 포트, http인지 https인지 확인하세요",
                en: "check the host, the port, and whether it is http or https",
            ),
            ClusterError::Certificates { .. } => msg!(lang,
                ko: "CLIPPINGS_OPENSEARCH_CA에 PEM 파일을 지정하세요",
                en: "set CLIPPINGS_OPENSEARCH_CA to a PEM file",
            ),
            ClusterError::Unauthorized => msg!(lang,
                ko: "CLIPPINGS_OPENSEARCH_PASSWORD나 CLIPPINGS_OPENSEARCH_API_KEY를 확인하세요",
                en: "check CLIPPINGS_OPENSEARCH_PASSWORD or CLIPPINGS_OPENSEARCH_API_KEY",
            ),
            ClusterError::Forbidden => msg!(lang,
                ko: "클러스터 관리자에게 인덱스 권한을 요청하세요",
                en: "ask the cluster's administrator for access to the index and those named after it",
            ),
            ClusterError::Busy { .. } => msg!(lang,
                ko: "나중에 다시 실행하세요. 저장된 것은 남아 있습니다. 더 기다리려면 CLIPPINGS_OPENSEARCH_TIMEOUT에 초를 쓰세요",
                en: "try again later: what was written is kept; CLIPPINGS_OPENSEARCH_TIMEOUT sets for how many seconds to retry",
            ),
            ClusterError::Partial { .. } | ClusterError::Red => msg!(lang,
                ko: "클러스터가 회복된 뒤 다시 실행하세요",
                en: "try again when the cluster has recovered",
            ),
            ClusterError::Blocked => msg!(lang,
                ko: "`clippings reindex`가 끝나기를 기다리세요. 도중에 죽었으면 다시 실행하세요",
                en: "wait until `clippings reindex` finishes; if it was killed, run it again",
            ),
            ClusterError::Address(e) => return e.hint(lang),
            ClusterError::Foreign { .. } => msg!(lang,
                ko: "--index에 다른 이름을 지정하세요",
                en: "give another name with --index",
            ),
            ClusterError::NotOnCluster { .. } => msg!(lang,
                ko: "폴더의 인덱스에서는 쓸 수 있습니다",
                en: "it works with an index in a folder",
            ),
            ClusterError::Unsupported { .. } => msg!(lang,
                ko: "OpenSearch 2 이상이나 Elasticsearch 8 이상이 필요합니다",
                en: "OpenSearch 2 or later, or Elasticsearch 8 or later, is required",
            ),
            ClusterError::Status { .. }
            | ClusterError::Malformed { .. }
            | ClusterError::Refused { .. } => return None,
        })
    }
}

impl Localize for AddressError {
    fn text(&self, lang: Lang) -> String {
        match self {
            AddressError::Host(host) => msg!(lang,
                ko: "클러스터 주소의 호스트가 잘못됐습니다: '{host}'",
                en: "the address of the cluster has no valid host: '{host}'",
            ),
            AddressError::IndexName(name) => msg!(lang,
                ko: "인덱스 이름이 잘못됐습니다: '{name}'",
                en: "not a valid index name: '{name}'",
            ),
            AddressError::Option(option) => msg!(lang,
                ko: "클러스터 주소의 옵션이 잘못됐습니다: '{option}'",
                en: "unknown option in the address of the cluster: '{option}'",
            ),
            AddressError::Seconds(variable) => msg!(lang,
                ko: "{variable}: 초를 나타내는 수가 아닙니다",
                en: "{variable}: not a number of seconds",
            ),
            AddressError::PasswordInAddress => msg!(lang,
                ko: "주소에 비밀번호를 쓸 수 없습니다",
                en: "the address must not contain a password",
            ),
            AddressError::NoPassword(user) => msg!(lang,
                ko: "사용자 '{user}'의 비밀번호가 없습니다",
                en: "no password for user '{user}'",
            ),
            AddressError::SecretFile {
                variable,
                path,
                reason,
            } => format!("{variable}: {}: {reason}", path.display()),
        }
    }
}

impl Hint for AddressError {
    fn hint(&self, lang: Lang) -> Option<String> {
        Some(match self {
            AddressError::Host(_) => msg!(lang,
                ko: "opensearch+https://사용자@호스트:9200/이름",
                en: "write opensearch+https://USER@HOST:9200/NAME",
            ),
            AddressError::IndexName(_) => msg!(lang,
                ko: "영어 소문자와 숫자, -, _, .으로 쓰세요(예: .../clippings)",
                en: "use lowercase letters, digits, -, _ and . (for example .../clippings)",
            ),
            AddressError::Option(_) => msg!(lang,
                ko: "shards=3이나 replicas=1을 쓸 수 있습니다",
                en: "supported options are shards=N and replicas=N",
            ),
            AddressError::PasswordInAddress | AddressError::NoPassword(_) => msg!(lang,
                ko: "CLIPPINGS_OPENSEARCH_PASSWORD에 쓰거나 CLIPPINGS_OPENSEARCH_PASSWORD_FILE에 파일을 지정하세요",
                en: "set CLIPPINGS_OPENSEARCH_PASSWORD, or set CLIPPINGS_OPENSEARCH_PASSWORD_FILE to a file",
            ),
            AddressError::Seconds(_) | AddressError::SecretFile { .. } => return None,
        })
    }
}
