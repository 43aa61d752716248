//! An article as a saved web page, with the boilerplate of a news site.

use crate::article::Article;

/// Blocks of links beside the article, as on the pages of dailies.
const LINKS: usize = 60;

/// Renders an article as a page in UTF-8, with metadata in Open Graph, `meta` and (every third
/// page) JSON-LD, and with menus, related stories, a reporter's line, a copyright line, comments
/// and scripts. `others` are the headlines that menus and lists link to.
pub fn html(article: &Article, others: &[String]) -> String {
    let headline = escaped(&article.headline);
    let outlet = escaped(&article.outlet);
    let reporter = article.reporters.first().map_or("", String::as_str);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"ko\"><head><meta charset=\"utf-8\">\n\
         <title>{headline} | {outlet}</title>\n\
         <meta property=\"og:type\" content=\"article\">\n\
         <meta property=\"og:title\" content=\"{headline} - {outlet}\">\n\
         <meta property=\"og:site_name\" content=\"{outlet}\">\n\
         <meta property=\"og:url\" content=\"{url}\">\n\
         <meta property=\"article:published_time\" content=\"{published}\">\n\
         <link rel=\"canonical\" href=\"{url}\">\n\
         <style>.gnb{{margin:0}} .article_body p{{line-height:1.8}}</style>\n",
        url = article.url,
        published = article.published,
    );
    if article.url.bytes().map(usize::from).sum::<usize>() % 3 == 0 {
        page += &format!(
            "<script type=\"application/ld+json\">{{\"@context\":\"https://schema.org\",\
             \"@type\":\"NewsArticle\",\"headline\":\"{headline}\",\"datePublished\":\"{}\",\
             \"author\":{{\"@type\":\"Person\",\"name\":\"{reporter}\"}},\
             \"publisher\":{{\"@type\":\"Organization\",\"name\":\"{outlet}\"}}}}</script>\n",
            article.published
        );
    }
    page += "<script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}</script>\n</head>\n<body>\n<header><nav class=\"gnb\"><ul>\n";
    links(&mut page, others, 0, "gnb_item");
    page += "</ul></nav></header>\n<main><div class=\"wrap\"><article>\n";
    page += &format!(
        "<p class=\"section\">{}</p><h1 class=\"headline\">{headline}</h1>\n\
         <div class=\"info\"><span class=\"byline\">{reporter} 기자</span> \
         <span class=\"date\">입력 {}</span></div>\n<div class=\"article_body\" id=\"articleBody\">\n",
        escaped(&article.section),
        article.published.replace('T', " "),
    );
    for subhead in &article.subheads {
        page += &format!("<strong class=\"subhead\">{}</strong>\n", escaped(subhead));
    }
    for caption in &article.captions {
        page += &format!(
            "<figure><img src=\"/photo.jpg\" alt=\"\"><figcaption>{}</figcaption></figure>\n",
            escaped(caption)
        );
    }
    for paragraph in article.body.lines() {
        page += &format!("<p>{}</p>\n", escaped(paragraph));
    }
    page += &format!(
        "<p>{reporter} 기자 desk@news.example</p>\n\
         <p class=\"copyright\">Copyright ⓒ {outlet}. 무단전재 및 재배포 금지</p>\n\
         </div></article>\n<aside><h3>관련 뉴스</h3><ul>\n"
    );
    links(&mut page, others, LINKS, "related");
    page += "</ul><h3>많이 본 뉴스</h3><ol>\n";
    links(&mut page, others, 2 * LINKS, "ranking");
    page += "</ol></aside>\n<section class=\"comments\"><h3>댓글</h3><ul>\n";
    for other in others.iter().take(12) {
        page += &format!("<li class=\"comment\"><p>{}</p></li>\n", escaped(other));
    }
    page += "</ul></section></div></main>\n<footer><p>등록번호 서울 아00000 발행인 편집인</p></footer>\n</body></html>\n";
    page
}

fn links(page: &mut String, others: &[String], from: usize, class: &str) {
    for (i, other) in others
        .iter()
        .cycle()
        .skip(from)
        .take(LINKS.min(others.len()))
        .enumerate()
    {
        *page += &format!(
            "<li class=\"{class}\"><a href=\"/news/{i}\"><span class=\"t\">{}</span></a></li>\n",
            escaped(other)
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
