//! Corrections: a new event that says which earlier event was wrong, why, and what holds instead.
//! Nothing is ever edited.

use declare::{record, refusals};
use serde_json::Value;

use crate::schema::{Record, Ty};
use crate::values::{Fields, PLAIN, Prose};
use crate::{Context, door};

/// Input of `correct`.
#[record]
pub struct Correct {
    /// The version of this object's history whose event was wrong.
    pub corrects: u64,
    /// What was wrong, and how it is known.
    pub reason: Prose,
    /// New values by field name; empty when the event only needs the remark.
    pub set: Fields,
}

/// An earlier event was corrected.
#[record]
pub struct Corrected {
    /// The version of the object's history whose event was wrong.
    pub corrects: u64,
    /// What was wrong.
    pub reason: Prose,
    /// The values that hold instead.
    pub set: Fields,
}

/// What a correction refuses.
#[refusals]
pub enum CorrectionRefusal {
    /// There is no event with version {version} in this object's history.
    NoSuchVersion {
        /// The version.
        version: u64,
        /// Where in the input.
        at: &'static str,
    },
    /// {field} is decided by commands and cannot be set by a correction.
    #[refusal(rule = "ISO/IEC 42001 7.5.3")]
    NotCorrectable {
        /// The field.
        field: String,
        /// Where in the input.
        at: String,
    },
    /// {message}
    WrongValue {
        /// What is wrong.
        message: String,
        /// Where in the input.
        at: String,
    },
}

impl Correct {
    /// Decides: the correction with every value in stored form.
    ///
    /// # Errors
    /// When the version does not exist, or a field may not be set or not to that value.
    pub fn decide<S: Record>(self, context: &Context) -> Result<Corrected, CorrectionRefusal> {
        if self.corrects == 0 || self.corrects > context.version {
            let version = self.corrects;
            return Err(CorrectionRefusal::NoSuchVersion { version, at: "/corrects" });
        }
        let declared = S::record();
        let mut set = serde_json::Map::new();
        for (name, value) in self.set.0 {
            let at = format!("/set/{name}");
            let field = declared.field(&name).filter(|field| field.correctable);
            let Some(field) = field else {
                return Err(CorrectionRefusal::NotCorrectable { field: name, at });
            };
            if let Some(wrong) = door::check_value(&field.ty, &value, &at).into_iter().next() {
                let (message, at) = (wrong.message, wrong.pointer);
                return Err(CorrectionRefusal::WrongValue { message, at });
            }
            set.insert(name, unsealed(&field.ty, value));
        }
        Ok(Corrected { corrects: self.corrects, reason: self.reason, set: Fields(set) })
    }
}

/// Marks plain texts of sealed types, so that they are sealed before they are stored.
fn unsealed(ty: &Ty, value: Value) -> Value {
    match (ty, value) {
        (Ty::Prose(_), Value::String(text)) => serde_json::json!({ PLAIN: text }),
        (Ty::List(of, _), Value::Array(items)) => {
            items.into_iter().map(|item| unsealed(of, item)).collect()
        }
        (Ty::Record(of), Value::Object(fields)) => {
            let stored = fields.into_iter().map(|(name, value)| {
                let ty = of.field(&name).map(|field| &field.ty);
                let value = ty.map_or(value.clone(), |ty| unsealed(ty, value));
                (name, value)
            });
            Value::Object(stored.collect())
        }
        (_, value) => value,
    }
}

/// The state with the corrected values in place.
pub fn corrected<S: Record + Clone>(state: &S, event: Corrected) -> Option<S> {
    let mut state = state.clone();
    for (name, value) in event.set.0 {
        state.set(&name, value).ok()?;
    }
    Some(state)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::values::Line;

    /// A record inside another.
    #[record]
    #[derive(Default)]
    struct Inner {
        /// A name.
        name: Line,
        /// A remark.
        remark: Option<Line>,
    }

    /// The state of a sample.
    #[record]
    #[derive(Default)]
    struct Sample {
        /// Its fields are this record's too.
        #[field(flatten)]
        inner: Inner,
        /// How many.
        count: u32,
    }

    fn corrected_by(set: Value) -> Option<Sample> {
        let inner = Inner { name: Line::new("old"), remark: Some(Line::new("old")) };
        let state = Sample { inner, count: 1 };
        let Value::Object(set) = set else { return None };
        let (corrects, reason) = (1, Prose::new("wrong"));
        corrected(&state, Corrected { corrects, reason, set: Fields(set) })
    }

    #[test]
    fn a_correction_sets_what_it_names_and_nothing_else() {
        let after = corrected_by(json!({ "name": "new", "count": 2 })).unwrap();
        let inner = Inner { name: Line::new("new"), remark: Some(Line::new("old")) };
        assert_eq!(after, Sample { inner, count: 2 });
        assert_eq!(corrected_by(json!({ "remark": null })).unwrap().inner.remark, None);
        let same = corrected_by(json!({ "gone": 1 })).unwrap();
        assert_eq!(same, corrected_by(json!({})).unwrap(), "a field of an older shape");
    }

    #[test]
    fn a_value_of_another_type_corrects_nothing() {
        assert_eq!(corrected_by(json!({ "name": "new", "count": "two" })), None);
    }
}
