//! The texts of the pages, in both languages. `{name}` is a placeholder for a value.

use serde::Serialize;

use crate::messages::Lang;

macro_rules! labels {
    ($($name:ident: $ko:literal, $en:literal;)*) => {
        /// The texts in one language. A missing translation does not compile.
        #[derive(Debug, Serialize)]
        #[allow(missing_docs, reason = "the texts are self-explanatory")]
        pub struct Labels {
            $(pub $name: &'static str,)*
        }

        const KO: Labels = Labels { $($name: $ko,)* };
        const EN: Labels = Labels { $($name: $en,)* };
    };
}

impl Labels {
    pub fn of(lang: Lang) -> &'static Labels {
        match lang {
            Lang::Ko => &KO,
            Lang::En => &EN,
        }
    }
}

labels! {
    // Header of every page.
    product: "스크랩 검색", "Clippings";
    skip: "본문으로 건너뛰기", "Skip to content";
    menu: "메뉴", "Menu";
    nav_search: "검색", "Search";
    nav_terms: "여러 키워드", "Many terms";
    nav_trend: "추이", "Trend";
    nav_related: "연관어", "Related words";
    nav_saved: "저장한 검색", "Saved searches";
    nav_digest: "새 기사", "New";
    nav_add: "추가", "Add";
    nav_stats: "현황", "Statistics";
    other_language: "English", "한국어";
    shortcuts: "단축키", "Keyboard shortcuts";
    log_out: "로그아웃", "Log out";
    close: "닫기", "Close";
    read_only_note: "읽기 전용", "Read-only";

    // Search.
    search_box: "검색어", "Query";
    search_placeholder: "검색어를 입력하세요", "Search the clippings";
    search_button: "검색", "Search";
    query_help: "검색식 쓰는 법", "Query syntax";
    help_words: "단어 모두", "all words";
    help_phrase: "붙여 쓴 그대로", "exact phrase";
    help_not: "뒤의 말은 빼고", "excluding a word";
    help_or: "둘 가운데 하나", "either word";
    help_group: "묶어서", "grouped";
    help_headline: "제목에서만", "headline only";
    help_prefix: "이렇게 시작하는 말", "words starting with this";
    help_date: "그때 나온 기사", "published in this period";
    results: "결과", "Results";
    result_count: "{n}건", "{n} results";
    one_result: "1건", "1 result";
    result_range: "{from}–{to}", "{from}–{to}";
    sort: "정렬", "Sort";
    sort_relevance: "관련도순", "Relevance";
    sort_newest: "최신순", "Newest";
    sort_oldest: "오래된순", "Oldest";
    filters: "조건", "Filters";
    active_filters: "적용한 조건", "Active filters";
    remove_filter: "조건 해제: {name}", "Remove filter: {name}";
    clear_filters: "조건 모두 해제", "Clear filters";
    outlet: "매체", "Outlet";
    reporter: "기자", "Reporter";
    section: "섹션", "Section";
    published: "날짜", "Published";
    undated: "날짜 없음", "Undated";
    include_undated: "날짜 없는 기사도", "Include undated clippings";
    fold_copies: "비슷한 기사 묶기", "Group near-duplicates";
    all_copies: "비슷한 기사도 하나씩", "Show near-duplicates separately";
    from: "시작일", "From";
    to: "종료일", "To";
    apply: "적용", "Apply";
    date_hint: "2024, 2024-02, 2024-02-22, 7d", "2024, 2024-02, 2024-02-22, 7d";
    exclude: "{name} 빼기", "Exclude {name}";
    more: "더 보기", "More";
    find_in_list: "목록에서 찾기", "Find in list";
    span_all: "전체 기간", "Any time";
    span_today: "오늘", "Today";
    span_yesterday: "어제", "Yesterday";
    span_week: "최근 7일", "Last 7 days";
    span_month: "이달", "This month";
    span_last_month: "지난달", "Last month";
    histogram: "날짜별 기사 수", "Results over time";
    histogram_hint: "막대를 누르거나 끌어서 기간을 고릅니다", "Click a bar, or drag to select a period";
    bar: "{when}: {n}건", "{when}: {n}";
    copies: "외 {n}건", "and {n} more";
    copies_of: "비슷한 기사", "Near-duplicates";
    copies_heading: "비슷한 기사 {n}건", "{n} near-duplicates";
    previous: "이전", "Previous";
    next: "다음", "Next";
    page: "{n}쪽", "Page {n}";
    pages: "쪽 이동", "Pages";
    suggestion: "이렇게 찾아보세요", "Did you mean";
    no_results: "찾은 기사가 없습니다", "No clippings found";
    no_results_advice: "단어를 줄이거나, 철자를 확인하거나, 조건을 풀어 보세요.", "Use fewer words, check the spelling, or remove filters.";
    all_newest: "모든 기사, 최신순", "All clippings, newest first";
    select: "고르기", "Select";
    select_hit: "고르기: {headline}", "Select: {headline}";
    select_page: "이 쪽 모두", "All on this page";
    selected: "{n}건 고름", "{n} selected";
    clear_selection: "선택 해제", "Clear selection";
    export: "내보내기", "Export";
    export_selected: "고른 기사 내보내기", "Export selected";
    export_all: "결과 전체 내보내기 ({n}건)", "Export all results ({n})";
    export_all_zero: "결과 전체 내보내기", "Export all results";
    export_none: "고른 기사가 없습니다", "No clippings selected";
    missing: "없는 단어", "Missing";
    full_text: "전문 포함", "Include full text";
    partial_count: "일부만 맞는 기사 {n}건", "{n} partial matches";
    links_only: "제목과 링크만", "Headlines and links only";
    format: "형식", "Format";
    format_clipbook: "스크랩북 (HTML)", "Clip book (HTML)";
    format_xlsx: "엑셀 (XLSX)", "Excel (XLSX)";
    format_csv: "CSV", "CSV";
    format_markdown: "마크다운", "Markdown";
    format_jsonl: "JSON Lines", "JSON Lines";
    download: "내려받기", "Download";
    save_search: "이 검색 저장", "Save this search";
    see_trend: "추이 보기", "Show trend";
    see_related: "연관어 보기", "Related words";
    updating: "찾는 중", "Searching";
    updated: "{n}건 찾음", "{n} results";

    // Empty or missing index.
    empty_title: "아직 기사가 없습니다", "No clippings yet";
    empty_advice: "저장해 둔 기사를 추가하면 여기에서 찾을 수 있습니다.", "Add saved articles to search them here.";
    empty_command: "명령줄에서는 이렇게 추가합니다.", "On the command line:";

    // Page of a clipping.
    back_to_results: "검색 결과로", "Back to results";
    previous_result: "이전 기사", "Previous result";
    next_result: "다음 기사", "Next result";
    source: "원문 보기", "Original article";
    kept_page: "보관한 원본", "Stored page";
    kept_page_note: "보관한 원본은 스크립트와 그림 없이 격리해서 엽니다.", "The stored page opens in a sandbox, without scripts or remote images.";
    hits: "찾은 곳", "Matches";
    hit_position: "{total}곳 중 {n}번째", "{n} of {total}";
    previous_hit: "이전 찾은 곳", "Previous match";
    next_hit: "다음 찾은 곳", "Next match";
    captions: "사진 설명", "Captions";
    keywords: "키워드", "Keywords";
    excerpt: "원본에는 기사의 앞부분만 있습니다.", "The source contains only an excerpt of the article.";
    warnings: "확인이 필요한 점", "Warnings";
    why: "왜 찾았나", "Why this result";
    why_term: "단어", "Term";
    why_field: "위치", "Field";
    why_share: "점수", "Score";
    why_total: "합계", "Total";
    field_headline: "제목", "Headline";
    field_body: "본문", "Body";
    field_extra: "부제·사진 설명", "Subheads, captions";
    difference: "달라진 곳", "Differences";
    same_text: "본문이 같습니다", "The texts are identical";
    only_here: "이 기사에만 있는 문장", "Only in this clipping";
    only_there: "다른 기사에만 있는 문장", "Only in the other clipping";
    similar: "비슷한 주제의 기사", "Similar clippings";
    cite: "인용", "Cite";
    copy: "복사", "Copy";
    copied: "복사했습니다", "Copied";
    cite_text: "글", "Text";
    added: "추가한 날", "Added";
    file: "파일", "File";
    id: "ID", "ID";
    url: "주소", "URL";
    details: "기사 정보", "Details";

    // Statistics.
    stats_title: "현황", "Statistics";
    stats_clippings: "기사", "Clippings";
    stats_stories: "비슷한 기사를 묶으면", "Distinct stories";
    stats_period: "기간", "Period";
    stats_undated: "날짜 없는 기사", "Undated";
    stats_disk: "디스크 사용량", "Size on disk";
    stats_text: "글 분량", "Text size";
    stats_pages: "보관한 원본", "Stored pages";
    by_outlet: "매체별", "By outlet";
    by_month: "월별", "By month";
    count: "건수", "Count";
    month: "월", "Month";
    skipped_title: "추가하지 못한 것", "Skipped";
    skipped_none: "건너뛴 것이 없습니다.", "Nothing was skipped.";
    skipped_unknown: "지금 기사를 추가하고 있어, 건너뛴 것은 끝난 뒤에 볼 수 있습니다.", "Clippings are being added. Reload when it is finished.";
    skipped_source: "파일", "Source";
    skipped_reason: "까닭", "Reason";
    skipped_more: "그 밖에 {n}건", "and {n} more";

    // Saved searches.
    saved_title: "저장한 검색", "Saved searches";
    saved_none: "저장한 검색이 없습니다. 검색한 뒤 ‘이 검색 저장’을 누르세요.", "No saved searches yet. Search, then choose “Save this search”.";
    saved_name: "이름", "Name";
    saved_name_hint: "글자, 숫자, - _ .", "Letters, digits, - _ .";
    saved_query: "검색식", "Query";
    saved_new: "새 기사 {n}건", "{n} new";
    saved_add: "저장", "Save";
    saved_replace: "같은 이름이 있으면 바꾸기", "Replace existing search";
    saved_rename: "이름 바꾸기", "Rename";
    saved_rename_named: "‘{name}’ 이름 바꾸기", "Rename “{name}”";
    saved_rename_button: "바꾸기", "Rename";
    saved_new_name: "새 이름", "New name";
    saved_remove: "삭제", "Remove";
    saved_remove_named: "‘{name}’ 삭제", "Remove “{name}”";
    saved_edit: "검색식으로 열기", "Edit query";
    saved_feed_named: "‘{name}’ Atom 피드", "Atom feed of “{name}”";

    // Digest.
    digest_title: "오늘의 새 기사", "New clippings";
    digest_none: "새 기사가 없습니다.", "No new clippings.";
    digest_seen: "모두 확인함", "Mark all as seen";
    digest_note: "마지막으로 확인한 뒤에 추가한 기사입니다.", "Clippings added since you last marked them as seen.";
    digest_all: "모두 보기", "Show all";

    // Trend and related words.
    trend_title: "추이", "Trend";
    trend_queries: "검색식 (한 줄에 하나)", "Queries, one per line";
    trend_unit: "단위", "Unit";
    unit_auto: "자동", "Automatic";
    unit_day: "일", "Day";
    unit_week: "주", "Week";
    unit_month: "월", "Month";
    unit_year: "연", "Year";
    trend_share: "전체 대비 비율", "Share of all clippings";
    trend_show: "보기", "Show";
    trend_period: "기간", "Period";
    trend_all: "전체", "All";
    trend_total: "합계", "Total";
    trend_none: "날짜가 있는 기사가 없습니다.", "No dated clippings.";
    trend_chart: "기간별 기사 수", "Clippings over time";
    related_title: "연관어", "Related words";
    related_note: "찾은 기사에 유난히 자주 나오는 이름과 명사입니다.", "Names and nouns that are unusually frequent in the results.";
    related_word: "단어", "Word";
    related_in: "결과", "In results";
    related_all: "전체", "Overall";
    related_score: "G²", "G²";
    related_against: "비교할 검색식 (없으면 전체)", "Compare with (default: everything)";
    related_none: "연관어가 없습니다.", "No related words.";

    // Many terms.
    terms_title: "여러 키워드 한꺼번에", "Many terms at once";
    terms_list: "이름이나 키워드 (한 줄에 하나)", "Names or keywords, one per line";
    terms_count: "세기", "Count";
    terms_term: "키워드", "Term";
    terms_exact: "적은 그대로 찾기", "Exact phrases";
    terms_csv: "CSV로 내려받기", "Download as CSV";
    terms_too_many: "한 번에 {n}개까지 셉니다.", "At most {n} terms at a time.";

    // Adding.
    add_title: "기사 추가", "Add clippings";
    add_files: "파일이나 폴더", "Files or folder";
    add_files_label: "파일", "Files";
    add_folder_label: "폴더", "Folder";
    add_drop: "파일이나 폴더를 이 창에 끌어다 놓아도 됩니다.", "Or drop files or folders here.";
    add_files_hint: "저장한 페이지(HTML·MHTML), 텍스트, PDF, 메일, XLSX, CSV, JSON Lines, ZIP", "Saved pages (HTML, MHTML), text, PDF, mail, XLSX, CSV, JSON Lines, ZIP";
    add_keep_pages: "원본 페이지도 보관", "Also store the original pages";
    add_uploading: "보내는 중: {percent}%", "Uploading: {percent}%";
    add_paste: "붙여 넣기", "Paste";
    add_paste_label: "복사한 기사 (제목부터 끝까지) 또는 HTML", "Article text, starting with the headline, or HTML";
    add_url_label: "기사 주소 (있으면)", "Article URL (optional)";
    add_addresses: "주소", "URLs";
    add_addresses_label: "기사 주소 (한 줄에 하나)", "Article URLs, one per line";
    add_addresses_hint: "robots.txt가 허용하는 페이지만 가져옵니다.", "Pages are fetched only if robots.txt allows it.";
    add_preview: "미리 보기", "Preview";
    add_open: "추가하지 않은 것", "Not added yet";
    add_waiting: "{n}건, 확인을 기다림", "{n} ready for review";
    add_nothing: "기사를 찾지 못했습니다", "No article found";
    add_no_files: "파일을 고르세요.", "No file selected.";
    add_no_addresses: "http:// 또는 https://로 시작하는 주소를 한 줄에 하나씩 쓰세요.", "Enter URLs starting with http:// or https://, one per line.";
    add_too_many_addresses: "한 번에 200개까지 가져옵니다.", "At most 200 URLs at a time.";
    add_reading: "읽는 중입니다", "Reading";
    add_running: "추가하는 중입니다", "Adding";
    add_progress: "{n}건", "{n} so far";
    add_stop: "중단", "Stop";
    add_preview_title: "추가하기 전에 확인하세요", "Review before adding";
    add_preview_note: "기사 {n}건을 찾았습니다. 틀린 곳은 고친 뒤 추가하세요.", "Clippings found: {n}. Correct any mistakes, then add.";
    add_nth: "{n}번째 기사", "Clipping {n}";
    add_headline: "제목", "Headline";
    add_subheads: "부제 (한 줄에 하나)", "Subheads, one per line";
    add_reporters: "기자 (쉼표로 나눔)", "Reporters, comma-separated";
    add_published: "날짜", "Published";
    add_body: "본문", "Body";
    add_body_too_long: "본문이 길어 앞부분만 보입니다. 전체가 그대로 추가됩니다.", "Only the beginning of this long body is shown. It will be added in full.";
    add_other_fields: "다른 항목", "Other fields";
    add_stored: "이미 있는 기사입니다. 추가하면 달라진 항목만 갱신됩니다.", "Already in the index. Adding it updates the fields that differ.";
    add_see_stored: "보기", "View";
    add_provenance: "읽은 곳", "Where each field comes from";
    add_field: "항목", "Field";
    add_place: "읽은 곳", "Found at";
    add_bad_date: "날짜로 읽을 수 없습니다. 2024-02-22처럼 쓰세요.", "Not a date. Use a format like 2024-02-22.";
    add_empty: "제목이나 본문이 있어야 합니다.", "A headline or a body is required.";
    add_bad_fields: "고칠 곳이 있어 아직 추가하지 않았습니다.", "Nothing was added: some fields need correction.";
    add_leave_out: "이 기사는 빼기", "Leave this one out";
    add_leave_out_named: "빼기: {headline}", "Leave out: {headline}";
    add_listed: "나머지 기사", "Other clippings";
    add_out: "빼기", "Leave out";
    add_more: "그 밖에 {n}건도 함께 추가합니다.", "{n} more will be added, too.";
    add_keep: "추가", "Add";
    add_discard: "버리기", "Discard";
    add_done: "추가했습니다", "Added";
    add_done_counts: "새로 추가 {added}건, 바뀜 {updated}건, 그대로 {unchanged}건, 건너뜀 {skipped}건", "{added} added, {updated} updated, {unchanged} unchanged, {skipped} skipped";
    add_interrupted: "중간에 멈췄습니다. 그때까지 추가한 기사는 남아 있습니다.", "Interrupted. Clippings added so far are kept.";
    add_again: "더 추가하기", "Add more";
    add_failed: "읽지 못했습니다", "Reading failed";
    add_skipped: "건너뛴 것", "Skipped";
    add_bookmarklet: "북마클릿", "Bookmarklet";
    add_bookmarklet_note: "이 링크를 북마크바로 끌어다 놓으세요. 기사를 읽다가 누르면 그 페이지를 이곳으로 보냅니다.", "Drag this link to your bookmarks bar, then click it on an article to send the page here.";
    add_bookmarklet_name: "스크랩에 보내기", "Send to Clippings";
    add_received: "받은 페이지", "Received page";
    add_received_note: "아래 주소의 페이지를 받았습니다. 미리 본 뒤 추가할 수 있습니다.", "A page was received from this URL. Preview it before adding.";

    // Logging in.
    login_title: "로그인", "Log in";
    login_password: "비밀번호", "Password";
    login_token: "토큰", "Token";
    login_button: "로그인", "Log in";
    login_wrong: "맞지 않습니다. 다시 입력하세요.", "Incorrect. Try again.";

    // Shortcuts.
    key_search: "검색창으로", "Go to the search box";
    key_next: "다음 기사", "Next result";
    key_previous: "이전 기사", "Previous result";
    key_open: "기사 열기", "Open the result";
    key_select: "고르기", "Select the result";
    key_next_hit: "다음 찾은 곳", "Next match";
    key_previous_hit: "이전 찾은 곳", "Previous match";
    key_list: "이 목록", "This list";

    // Problems.
    problem_bad_request: "요청을 이해하지 못했습니다", "Invalid request";
    problem_bad_date: "날짜를 이해하지 못했습니다", "Invalid date";
    problem_query_too_long: "검색식이 너무 깁니다", "The query is too long";
    problem_unauthorized: "로그인이 필요합니다", "Login required";
    problem_too_many_attempts: "여러 번 틀렸습니다. 1분 뒤에 다시 해 보세요", "Too many failed attempts. Try again in a minute";
    problem_cross_site: "다른 사이트에서 보낸 요청은 받지 않습니다", "Requests from other sites are refused";
    problem_read_only: "읽기 전용으로 열려 있습니다", "This server is read-only";
    problem_not_found: "찾을 수 없습니다", "Not found";
    problem_method_not_allowed: "지원하지 않는 방식입니다", "Method not allowed";
    problem_conflict: "이미 있습니다", "Already exists";
    problem_locked: "다른 프로그램이 쓰고 있습니다", "Another process is writing the index";
    problem_too_large: "너무 큽니다", "Too large";
    problem_wrong_host: "이 이름으로는 열 수 없습니다", "Unknown host name";
    problem_internal: "프로그램 오류입니다", "Internal error";
    problem_index: "인덱스를 읽지 못했습니다", "The index cannot be read";
    problem_busy: "요청이 많습니다. 잠시 뒤에 다시 해 보세요", "The server is busy. Try again shortly";
    problem_no_space: "저장할 공간이 없습니다", "No space left on the server";
    problem_no_index: "아직 인덱스가 없습니다", "There is no index yet";
    problem_home: "검색으로 돌아가기", "Back to search";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn slots(text: &str) -> BTreeSet<&str> {
        let mut slots = BTreeSet::new();
        let mut rest = text;
        while let Some((_, after)) = rest.split_once('{') {
            let (slot, after) = after.split_once('}').unwrap();
            slots.insert(slot);
            rest = after;
        }
        slots
    }

    #[test]
    fn both_languages_have_the_same_placeholders() {
        let texts = |labels| match serde_json::to_value(labels).unwrap() {
            serde_json::Value::Object(map) => map,
            _ => unreachable!(),
        };
        let (ko, en) = (texts(&KO), texts(&EN));
        for (name, text) in &ko {
            let (ko, en) = (text.as_str().unwrap(), en[name].as_str().unwrap());
            assert_eq!(slots(ko), slots(en), "{name}");
            assert!(!ko.is_empty() && !en.is_empty(), "{name}");
        }
    }
}
