//! The operators of the query language, in both languages. The guide (`docs/`) repeats this table; a
//! test compares them.

/// A construct of the query language.
#[derive(Debug, Clone, Copy)]
pub struct Operator {
    /// The spellings; `A` and `B` stand for words.
    pub forms: &'static [&'static str],
    /// What it matches, in Korean.
    pub ko: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// A query with results in `fixtures/`, given a saved search `ai`.
    pub example: &'static str,
}

/// All operators, most common first.
pub const OPERATORS: &[Operator] = &[
    Operator {
        forms: &["A B"],
        ko: "모든 단어가 든 기사",
        en: "clippings with all words",
        example: "생성형 AI",
    },
    Operator {
        forms: &["\"A B\"", "“A B”", "「A B」", "《A B》"],
        ko: "제목이나 본문의 이 문구 그대로. 띄어쓰기와 문장 부호는 따지지 않습니다",
        en: "this exact phrase in headline or body, spacing and punctuation ignored",
        example: "\"유채꽃 축제\"",
    },
    Operator {
        forms: &["A -B", "A NOT B", "A !B"],
        ko: "B가 없는 기사",
        en: "without B",
        example: "AI -동화책",
    },
    Operator {
        forms: &["A OR B", "A|B"],
        ko: "둘 가운데 하나라도 든 기사",
        en: "either word",
        example: "도서관 OR 서점",
    },
    Operator {
        forms: &["A AND B", "A & B", "+A +B"],
        ko: "둘 다 든 기사만",
        en: "both, without partial matches",
        example: "생성형 AND AI",
    },
    Operator {
        forms: &["(A OR B) C"],
        ko: "괄호로 묶기",
        en: "grouping",
        example: "(도서관 OR 병원) 밤",
    },
    Operator {
        forms: &["\"A B\"~5"],
        ko: "두 단어 사이에 다른 단어가 다섯 개까지",
        en: "at most five other words between them",
        example: "\"도서관 생성형\"~5",
    },
    Operator {
        forms: &["A*"],
        ko: "A로 시작하는 단어나 합성어의 성분",
        en: "words, or parts of compounds, starting with A",
        example: "유채*",
    },
    Operator {
        forms: &["제목:A", "headline:A"],
        ko: "제목에서",
        en: "in the headline",
        example: "제목:도서관",
    },
    Operator {
        forms: &["부제:A", "subhead:A"],
        ko: "부제에서",
        en: "in a subhead",
        example: "부제:온도",
    },
    Operator {
        forms: &["본문:A", "body:A"],
        ko: "본문에서",
        en: "in the body",
        example: "본문:기상청",
    },
    Operator {
        forms: &["사진설명:A", "caption:A"],
        ko: "사진 설명에서",
        en: "in a picture caption",
        example: "사진설명:온실",
    },
    Operator {
        forms: &["기자:A", "reporter:A"],
        ko: "이 기자가 쓴 기사",
        en: "by this reporter",
        example: "기자:지우람",
    },
    Operator {
        forms: &["언론사:A", "outlet:A"],
        ko: "이 매체의 기사. 다른 이름으로 써도 됩니다",
        en: "from this outlet; aliases work",
        example: "언론사:연합뉴스",
    },
    Operator {
        forms: &["섹션:A", "section:A"],
        ko: "이 섹션의 기사",
        en: "in this section",
        example: "섹션:사회",
    },
    Operator {
        forms: &["분류:A", "인물:A", "기관:A", "위치:A"],
        ko: "빅카인즈 자료의 분류, 인물, 기관, 위치. 분류는 경로의 일부와 섹션으로도 찾습니다",
        en: "category, person, organization, place in a BIGKinds export (category: person: organization: place:); sections also count as categories",
        example: "분류:사회",
    },
    Operator {
        forms: &["url:A", "id:A"],
        ko: "주소 전체가 A인 기사, ID가 A인 기사",
        en: "with this full URL, with this id",
        example: "id:jsonl-1",
    },
    Operator {
        forms: &["제목:(A -B)", "제목:\"A B\""],
        ko: "항목 안에서 묶음이나 문구",
        en: "a group or phrase in a field",
        example: "제목:(AI -도서관)",
    },
    Operator {
        forms: &["기자:*", "reporter:*"],
        ko: "그 항목이 있는 기사",
        en: "clippings that have the field",
        example: "기자:*",
    },
    Operator {
        forms: &["날짜:2024-06", "date:2024"],
        ko: "그때 나온 기사(한국 시각). 2024Q1, 2024년 2월 22일도 됩니다",
        en: "published in this period (Korean time); also 2024Q1, 2024년 2월 22일",
        example: "날짜:2024-06",
    },
    Operator {
        forms: &["date:A..B", "date:..B", "date:>=A", "date:[A TO B]"],
        ko: "기간. 양 끝을 포함합니다",
        en: "in a range, both ends included",
        example: "date:2024-06..2024-11",
    },
    Operator {
        forms: &["날짜:7d", "날짜:지난달", "날짜:오늘"],
        ko: "오늘부터 센 때. 2w, 3m, 1y, 어제, 이번주, 작년도 됩니다",
        en: "relative to today; also 2w, 3m, 1y, 어제, 이번주, 작년",
        example: "날짜:20y",
    },
    Operator {
        forms: &["@NAME", "-@NAME", "제목:@NAME"],
        ko: "저장한 검색. 조건까지 그대로 들어갑니다",
        en: "the saved search of that name, with its filters",
        example: "@ai",
    },
    Operator {
        forms: &["*"],
        ko: "모든 기사. 조건과 함께 씁니다. 검색식을 비워도 같습니다",
        en: "everything, for use with filters; same as an empty query",
        example: "*",
    },
    Operator {
        forms: &["\\-A", "\\\"A"],
        ko: "역슬래시를 붙인 기호는 글자로 읽습니다",
        en: "a backslash escapes an operator",
        example: "\\-AI",
    },
];
