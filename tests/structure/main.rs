//! Structure is a test: which way dependencies point, what domain code may not touch, and how long
//! files and functions may grow.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod declarations;

use std::fs;
use std::path::{Path, PathBuf};

const FILE_MAX: usize = 400;
const FUNCTION_MAX: usize = 70;
const LINE_MAX: usize = 100;

/// What domain code may not touch, and why.
const IMPURE: &[(&str, &str)] = &[
    ("SystemTime", "time is handed in (context.now)"),
    ("Instant::now", "time is handed in (context.now)"),
    ("Timestamp::now", "time is handed in (context.now)"),
    ("getrandom", "ids are handed in (context.new_id)"),
    ("rand::", "ids are handed in (context.new_id)"),
    ("sqlx", "SQL stands in the event store"),
    ("actix", "HTTP stands in the gateway"),
    ("reqwest", "domain code does no IO"),
    ("tokio", "domain code does no IO"),
    ("std::fs", "domain code does no IO"),
    ("std::net", "domain code does no IO"),
    ("std::env", "domain code does no IO"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust file of the workspace: its path from the root and its text.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("shared"), root().join("services"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                found.push((name, text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 40, "only {} files found", found.len());
    found
}

/// The part of a file before its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

fn is_test_file(name: &str) -> bool {
    name.starts_with("tests/") || name.contains("/tests/") || name.ends_with("/tests.rs")
}

/// The files of an aggregate: the one that declares it, and those in the folder of its name.
fn domain_files() -> Vec<(String, String)> {
    let all = sources();
    let declared = all.iter().filter(|(name, text)| {
        name.starts_with("services/") && text.contains("kernel::aggregate!(")
    });
    let stems: Vec<_> = declared.map(|(name, _)| name.trim_end_matches(".rs").to_owned()).collect();
    assert!(stems.len() >= 8, "{stems:?}");
    let belongs = |name: &str| {
        stems.iter().any(|stem| {
            name.strip_prefix(stem).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        })
    };
    all.into_iter().filter(|(name, _)| belongs(name) && !is_test_file(name)).collect()
}

fn nothing(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn dependencies_point_down() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let room = |name: &str| {
        let package = packages.iter().find(|package| package["name"] == name)?;
        let manifest = package["manifest_path"].as_str()?;
        let path = Path::new(manifest).strip_prefix(root()).ok()?;
        path.components().next().map(|c| c.as_os_str().to_str().unwrap().to_owned())
    };
    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let compositions = ["annals", "gateway"];
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            let (Some(from_room), Some(to_room)) = (room(name), room(to)) else { continue };
            let composes = compositions.contains(&name) || from_room == "tests";
            // Who asks is identity's word; it says nothing of the domain.
            let up = from_room == "shared" && to_room != "shared";
            let across = from_room == "services" && to_room == "services" && !composes;
            if up || across {
                faults.push(format!("{name} ({from_room}) depends on {to} ({to_room})"));
            }
        }
        let pure = ["kernel", "merkle-log", "facts", "declare", "reference"];
        let io = ["tokio", "sqlx", "actix-web", "reqwest", "getrandom", "async-graphql"];
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            if pure.contains(&name) && dependency["kind"].is_null() && io.contains(&to) {
                faults.push(format!("{name} does no IO but depends on {to}"));
            }
        }
    }
    nothing(faults);
}

#[test]
fn versions_stand_in_the_workspace() {
    let mut faults = Vec::new();
    for room in ["shared", "services"] {
        for entry in fs::read_dir(root().join(room)).unwrap() {
            let manifest = entry.unwrap().path().join("Cargo.toml");
            let text = fs::read_to_string(&manifest).unwrap();
            let dependencies = text.split_once("dependencies]").map_or("", |(_, rest)| rest);
            for line in dependencies.lines().filter(|line| line.contains("version =")) {
                faults.push(format!("{}: {line}", manifest.display()));
            }
        }
    }
    nothing(faults);
}

#[test]
fn domain_code_is_pure() {
    let mut faults = Vec::new();
    for (name, text) in domain_files() {
        for (n, line) in without_tests(&text).lines().enumerate() {
            for (word, why) in IMPURE {
                if line.contains(word) && !line.trim_start().starts_with("//") {
                    faults.push(format!("{name}:{}: {word}: {why}", n + 1));
                }
            }
        }
    }
    nothing(faults);
}

#[test]
fn every_event_and_command_is_matched_by_name() {
    let mut faults = Vec::new();
    for (name, text) in domain_files() {
        for (n, line) in without_tests(&text).lines().enumerate() {
            if line.trim_start().starts_with("_ =>") {
                faults.push(format!("{name}:{}: `_ =>`", n + 1));
            }
        }
    }
    nothing(faults);
}

#[test]
fn sql_stands_in_the_event_store() {
    let faults = sources().into_iter().filter(|(name, text)| {
        let may = ["shared/event-store/", "services/annals/src/bench", "tests/"];
        text.contains("sqlx::") && !may.iter().any(|room| name.starts_with(room))
    });
    nothing(faults.map(|(name, _)| name).collect());
}

#[test]
fn every_file_says_first_what_it_is() {
    let lacks = |text: &str| !text.starts_with("//! ");
    let faults = sources().into_iter().filter(|(_, text)| lacks(text)).map(|(name, _)| name);
    nothing(faults.collect());
}

#[test]
fn files_functions_and_lines_stay_short() {
    let mut faults = Vec::new();
    for (name, text) in sources() {
        let own = if is_test_file(&name) { "" } else { without_tests(&text) };
        let lines = own.lines().count();
        if lines > FILE_MAX {
            faults.push(format!("{name}: {lines} lines"));
        }
        for (n, line) in text.lines().enumerate() {
            if line.chars().count() > LINE_MAX && !line.contains("http") && !line.contains('"') {
                faults.push(format!("{name}:{}: {} columns", n + 1, line.chars().count()));
            }
        }
        faults.extend(long_functions(&name, own));
    }
    nothing(faults);
}

/// Functions of formatted code: they end with a brace in the column in which they begin.
fn long_functions(name: &str, text: &str) -> Vec<String> {
    let lines: Vec<_> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let begins = |line: &str| {
        let line = line.trim_start();
        let words = ["pub ", "pub(crate) ", "pub(super) ", "const ", "async "];
        let bare = words.iter().fold(line, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
        bare.starts_with("fn ")
    };
    let mut faults = Vec::new();
    for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins(line)) {
        let end =
            lines[start..].iter().position(|l| *l == format!("{}}}", " ".repeat(indent(line))));
        let length = end.map_or(0, |end| end + 1);
        // A one-liner, or a declaration without a body.
        let signature = lines[start..].iter().find(|l| l.ends_with(['{', '}', ';']));
        let has_body = signature.is_some_and(|l| l.ends_with('{'));
        if has_body && length > FUNCTION_MAX {
            faults.push(format!("{name}:{}: a function of {length} lines", start + 1));
        }
    }
    faults
}

#[test]
fn nothing_reads_outside_the_repository() {
    let outside = concat!("..", "/shared/data");
    let faults = sources().into_iter().filter(|(_, text)| text.contains(outside));
    nothing(faults.map(|(name, _)| name).collect());
}
