//! A file goes out: whole, in ranges, and so that it cannot do harm.

use std::fmt::Write;

use annals_tests::story;
use kernel::Role;
use reqwest::Method;
use serde_json::json;

use super::room::{Room, bytes, content, hash, said};

/// Lines of text, so that answers can be compared as text.
fn lines() -> String {
    let mut text = String::new();
    for n in 0..20_000 {
        writeln!(text, "line {n:06}").unwrap();
    }
    text
}

story!(ranges_of_a_file_are_answered_by_the_standard, world => {
    let (room, text) = (Room::of(&world), lines());
    let id = room.taken(&world.as_(Role::Emp), "log.txt", text.as_bytes()).await?;
    let emp = world.as_(Role::Emp);
    let size = text.len();
    for (range, from, to) in [
        ("bytes=0-11", 0, 12),
        ("bytes=65470-65490", 65_470, 65_491),
        ("bytes=100000-", 100_000, size),
        ("bytes=-24", size - 24, size),
        ("bytes=120000-999999999", 120_000, size),
    ] {
        let answer = emp.with("Range", range).get(&content(&id)).await?;
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.text, text[from..to], "{range}");
        assert_eq!(answer.headers["content-range"], format!("bytes {from}-{}/{size}", to - 1));
        assert_eq!(answer.headers["content-length"], (to - from).to_string());
    }
    for ignored in ["bytes=5-2", "bytes=0-1,5-6", "lines=0-1"] {
        let answer = emp.with("Range", ignored).get(&content(&id)).await?;
        assert_eq!((answer.status.as_u16(), answer.text.len()), (200, size), "{ignored}");
    }
    let beyond = emp.with("Range", &format!("bytes={size}-")).get(&content(&id)).await?;
    assert_eq!(beyond.headers["content-range"], format!("bytes */{size}"));
    beyond.problem(416, "range_not_satisfiable");
    let tag = format!("\"{}\"", hash(text.as_bytes()));
    let part = emp.with("Range", "bytes=0-3").with("If-Range", &tag).get(&content(&id)).await?;
    assert_eq!((part.status.as_u16(), part.text.as_str()), (206, "line"));
    let whole = emp.with("Range", "bytes=0-3").with("If-Range", "\"old\"").get(&content(&id)).await?;
    assert_eq!((whole.status.as_u16(), whole.text.len()), (200, size));
});

story!(what_is_served_is_told_apart_and_runs_nowhere, world => {
    let room = Room::of(&world);
    let page = "<script>alert(document.cookie)</script>";
    let said = "filename=..%2F%22%C3%A9vil%E2%80%AE%22.html";
    let made = room.upload(&world.as_(Role::Emp), said, "text/html", page.as_bytes()).await?.created();
    let id = made["id"].as_str().unwrap();
    let answer = room.get(id).await?;
    let tag = format!("\"{}\"", hash(page.as_bytes()));
    for (name, value) in [
        ("content-type", "text/html"),
        ("content-length", "39"),
        ("etag", &tag),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cache-control", "private, no-store"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(answer.headers[name], value, "{name}");
    }
    let name = &answer.headers["content-disposition"];
    let wanted = "attachment; filename=\"___vil__.html\"; filename*=UTF-8''_%22%C3%A9vil_%22.html";
    assert_eq!(*name, wanted);
    assert_eq!(answer.text, page);
    assert_eq!(answer.headers["content-digest"], answer.headers["repr-digest"]);
    assert!(answer.headers["content-digest"].starts_with("sha-256=:"));

    let emp = world.as_(Role::Emp);
    let head = emp.send(Method::HEAD, &content(id), None).await?;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    for name in ["content-type", "content-length", "etag", "content-disposition", "accept-ranges"] {
        assert_eq!(head.headers[name], answer.headers[name], "{name}");
    }
    for known in [tag.as_str(), "*", &format!("\"x\", W/{tag}")] {
        let same = emp.with("If-None-Match", known).get(&content(id)).await?;
        assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""), "{known}");
    }
    let other = emp.with("If-None-Match", "\"x\"").get(&content(id)).await?;
    assert_eq!(other.status, 200);
    emp.get(&format!("{}?asOf=1", content(id))).await?.problem(400, "invalid_query");
});

story!(evidence_whose_bytes_are_elsewhere_has_none_here, world => {
    let (room, body) = (Room::of(&world), bytes(100));
    let id = room.registered(&body).await?;
    // Another system has them and says that they have the hash.
    let sys = world.as_(Role::Sys);
    room.desk.does(&sys, "verify", &id, json!({ "sha256": hash(&body) })).await?;
    room.get(&id).await?.problem(404, "content_absent");
    let emp = world.as_(Role::Emp);
    assert_eq!(emp.send(Method::HEAD, &content(&id), None).await?.status, 404);
    let known = emp.with("If-None-Match", &format!("\"{}\"", hash(&body)));
    known.get(&content(&id)).await?.problem(404, "content_absent");
    room.put(&emp, &id, &body).await?.ok();
    assert_eq!(room.fetched(&emp, &id).await?, body);
});

story!(quarantined_bytes_are_neither_served_nor_taken, world => {
    let (room, body) = (Room::of(&world), bytes(100));
    let id = room.taken(&world.as_(Role::Emp), "a.pdf", &body).await?;
    let found = json!({ "sha256": hash(b"other") });
    room.desk.does(&world.as_(Role::Sys), "verify", &id, found).await?;
    assert_eq!(room.shown(&id).await?["status"], "quarantined");
    room.get(&id).await?.problem(409, "content_quarantined");
    room.put(&world.as_(Role::Emp), &id, &body).await?.problem(409, "content_quarantined");
});

story!(a_file_that_was_damaged_breaks_off_and_is_found_by_the_check, world => {
    let (room, body) = (Room::of(&world), bytes(400_000));
    let id = room.taken(&world.as_(Role::Emp), "a.pdf", &body).await?;
    let log = world.app.store.log(&world.tenant);
    let fine = files::check(&world.app.files, &log, true).await?;
    assert_eq!((fine.files, fine.problems.len()), (1, 0));
    let path = room.lying()[0].clone();
    let mut stored = std::fs::read(&path)?;
    stored[300_000] ^= 1;
    std::fs::write(&path, &stored)?;
    let request = format!("GET {}", content(&id));
    let answer = said(room.line(&world.as_(Role::Emp), &request, "Connection: close", b"").await?).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{}", &answer[..20]);
    let fetched = room.fetched(&world.as_(Role::Emp), &id).await;
    assert!(fetched.is_err(), "damage came out");
    // What is beside the damage can still be read.
    let part = world.as_(Role::Emp).with("Range", "bytes=0-9").get(&content(&id)).await?;
    assert_eq!(part.status, 206);
    let quick = files::check(&world.app.files, &log, false).await?;
    assert_eq!(quick.problems, []);
    let whole = files::check(&world.app.files, &log, true).await?;
    assert!(whole.problems.len() == 1 && whole.problems[0].1.contains("damaged"), "{whole:?}");

    std::fs::write(&path, &stored[..1000])?;
    room.get(&id).await?.problem(500, "fault");
    std::fs::remove_file(&path)?;
    room.get(&id).await?.problem(404, "content_absent");
    let gone = files::check(&world.app.files, &log, false).await?;
    assert_eq!(gone.problems, [(id.clone(), "its bytes are gone".to_owned())]);
    // Whoever still has them brings them back.
    room.put(&world.as_(Role::Emp), &id, &body).await?.ok();
    assert_eq!(room.fetched(&world.as_(Role::Emp), &id).await?, body);
});
