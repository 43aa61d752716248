//! Damage of an index.

use super::system::system_detail;
use super::{Lang, Localize, particles};
use crate::index::Damage;

impl Localize for Damage {
    fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::Ko => korean(self),
            Lang::En => self.to_string(),
        }
    }
}

fn korean(damage: &Damage) -> String {
    match damage {
        Damage::Missing(file) => format!("{file} 파일이 없습니다"),
        Damage::Checksum { file, at } => {
            format!("{file}: {at}바이트부터 체크섬이 맞지 않습니다")
        }
        Damage::Truncated(file) => format!("{file}: 끝부분이 없습니다"),
        Damage::Content { file, .. } => format!("{file}: 내용이 올바르지 않습니다"),
        Damage::Other(detail) => system_detail(detail, Lang::Ko),
        Damage::Record(_) => "기사 기록을 읽을 수 없습니다".to_owned(),
        Damage::NoRecord => "기사 기록이 없습니다".to_owned(),
        Damage::Page(_) => "보관한 원본을 읽을 수 없습니다".to_owned(),
        Damage::LostPages(count) => format!("보관한 원본 {count}개가 없습니다"),
        Damage::Clipping { id, damage } => format!("{id}: {}", korean(damage)),
        Damage::HashDiffers => "기록의 해시가 맞지 않습니다".to_owned(),
        Damage::NotFoundById => "ID로 찾을 수 없습니다".to_owned(),
        Damage::NotFoundByWord(word) => {
            let text = format!("본문이나 제목의 단어 '{word}'(으)로 찾을 수 없습니다");
            particles::choose(&text)
        }
        Damage::NotFoundBySomeWord => "본문이나 제목의 어떤 단어로는 찾을 수 없습니다".to_owned(),
        Damage::NewestDataRebuilt(damage) => {
            format!("{}. 가장 새로운 데이터로 다시 만듭니다", korean(damage))
        }
        Damage::ReadWithoutIndex(damage) => {
            format!("{}. 기사 기록만 읽습니다", korean(damage))
        }
        Damage::TombstonesUnknown => {
            "마지막 병합 뒤에 지우거나 바꾼 기사가 다시 나타날 수 있습니다".to_owned()
        }
        Damage::TombstonesLost(damage) => format!(
            "지우거나 바꾼 기사가 다시 나타날 수 있습니다: {}",
            korean(damage)
        ),
        Damage::SegmentLost(damage) => {
            format!("세그먼트 하나의 기록을 잃었습니다: {}", korean(damage))
        }
        Damage::ClippingLost {
            id,
            headline,
            damage,
        } => {
            let id = id.as_deref().unwrap_or("ID도 잃은 기사");
            let headline = headline.as_ref().map(|headline| format!("({headline})"));
            let headline = headline.unwrap_or_default();
            format!("잃은 기사: {id}{headline}: {}", korean(damage))
        }
        Damage::KeptWithoutPage { id, damage } => {
            format!("{id}의 원본을 잃었습니다: {}", korean(damage))
        }
        Damage::NothingReadable => "읽을 수 있는 기사가 없어 인덱스를 그대로 둡니다".to_owned(),
    }
}
