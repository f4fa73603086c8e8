//! The generated files of `api-spec/` say what the declarations say.

use std::path::Path;

#[test]
fn the_files_of_api_spec_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api-spec");
    for (name, wanted) in annals::spec::files().unwrap() {
        let stored = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            stored == wanted,
            "api-spec/{name} is stale: renew it with `cargo run -- spec` and look at the difference"
        );
    }
}
