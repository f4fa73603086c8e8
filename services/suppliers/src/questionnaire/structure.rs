//! How the chapters of a questionnaire fit together.

use std::collections::BTreeMap;

use kernel::Facts;
use kernel::kinds::QuestionnaireChapter;
use kernel::values::{Key, Ref};

use super::{QUESTIONS_MAX, Refusal};
use crate::questionnaire_chapter::{ChapterStatus, Outline, Sheet};

/// No chapter is listed twice.
pub(super) fn check_list(chapters: &[Ref<QuestionnaireChapter>]) -> Result<(), Refusal> {
    for (n, chapter) in chapters.iter().enumerate() {
        if chapters[..n].contains(chapter) {
            let (chapter, at) = (chapter.id().to_owned(), format!("/chapters/{n}"));
            return Err(Refusal::ChapterTwice { chapter, at });
        }
    }
    Ok(())
}

/// The chapters stand, no number is used twice, every branch leads to a later question, and
/// something is scored.
pub(super) fn check(chapters: &[Ref<QuestionnaireChapter>], facts: &Facts) -> Result<(), Refusal> {
    if chapters.is_empty() {
        return Err(Refusal::NoChapter);
    }
    for chapter in chapters {
        let outline = facts.get::<Outline>(chapter.id());
        if outline.is_none_or(|outline| outline.status != ChapterStatus::Fixed) {
            return Err(Refusal::ChapterOpen { chapter: chapter.id().to_owned() });
        }
    }
    let sheet = Sheet::of(chapters, facts);
    if sheet.questions.len() > QUESTIONS_MAX {
        return Err(Refusal::TooManyQuestions { most: QUESTIONS_MAX });
    }
    let mut places = BTreeMap::<&Key, usize>::new();
    for (place, (key, _)) in sheet.questions.iter().enumerate() {
        if places.insert(key, place).is_some() {
            return Err(Refusal::QuestionTwice { question: key.as_str().to_owned() });
        }
    }
    check_branches(&sheet, &places)?;
    if sheet.questions.iter().all(|(_, question)| !question.is_scored()) {
        return Err(Refusal::NothingScored);
    }
    Ok(())
}

fn check_branches(sheet: &Sheet, places: &BTreeMap<&Key, usize>) -> Result<(), Refusal> {
    for (place, (key, outline)) in sheet.questions.iter().enumerate() {
        for shown in outline.choices.iter().flat_map(|choice| &choice.shows) {
            let names = || (key.as_str().to_owned(), shown.as_str().to_owned());
            match places.get(shown) {
                None => {
                    let (question, shown) = names();
                    return Err(Refusal::ShowsUnknown { question, shown });
                }
                Some(target) if *target <= place => {
                    let (question, shown) = names();
                    return Err(Refusal::ShowsEarlier { question, shown });
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}
