//! The schema itself.

use super::*;

#[test]
fn the_schema_is_the_same_whenever_it_is_made_and_is_made_fast() {
    let registry = registry();
    let text = sdl(&registry).unwrap();
    assert_eq!(text, sdl(&registry).unwrap());
    let began = Instant::now();
    build(&Model::of(&registry), Extent::Whole).unwrap();
    eprintln!("schema of {} kinds in {:?}", registry.kinds().len(), began.elapsed());
    if let Ok(path) = std::env::var("ANNALS_SDL") {
        std::fs::write(path, &text).unwrap();
    }
    for line in [
        "  scope: Scope",
        "  interestedParties(",
        "  evidenceList(",
        "input AsOf @oneOf {",
        "scalar Position @specifiedBy(",
        "  scopeRecordContextIssue(",
        "union Refusal = DomainRefusal | VersionConflict | InvalidInput",
        "  officialControls(",
        "  effectiveVersion: Scope",
    ] {
        assert!(text.contains(line), "{line}");
    }
}
