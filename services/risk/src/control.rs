//! Controls as risks and treatment plans name them: whether the catalogue or a Statement of
//! Applicability knows them, and whether they are implemented (ISO/IEC 42001 6.1.3).

use kernel::values::{Key, Number};
use kernel::{Context, Need};
use reference::catalogue::{ISO_42001, catalogue};

/// The rows of a control in the Statements of Applicability.
pub(crate) fn rows(control: &Number) -> Need {
    Need::Where("soa_control", "control", control.to_string())
}

/// Whether it is a control of the standard.
pub(crate) fn is_in_catalogue(control: &Number) -> bool {
    catalogue(ISO_42001).is_some_and(|standard| standard.control(control.as_str()).is_some())
}

/// Whether the catalogue or a Statement of Applicability knows it.
pub(crate) fn is_known(control: &Number, context: &Context) -> bool {
    is_in_catalogue(control) || rows_of(control, context).next().is_some()
}

/// Whether a Statement of Applicability says that it applies and is implemented, at least in part.
pub(crate) fn is_implemented(control: &Number, context: &Context) -> bool {
    rows_of(control, context).any(|row| {
        let runs = matches!(row.status.as_str(), "implemented" | "partially_implemented");
        row.decision == "applicable" && runs
    })
}

/// The key of a control within an object.
pub(crate) fn key(control: &Number) -> Key {
    Key::new(control.as_str().to_ascii_lowercase())
}

fn rows_of(control: &Number, context: &Context) -> impl Iterator<Item = facts::SoaControl> {
    let rows = context.facts.all::<facts::SoaControl>().into_iter().map(|(_, row)| row);
    let (control, is_of_the_standard) = (control.clone(), is_in_catalogue(control));
    // A number of the standard never means a control of another catalogue that has the same.
    rows.filter(move |row| {
        row.control == control.as_str() && (!is_of_the_standard || row.catalogue == ISO_42001)
    })
}
