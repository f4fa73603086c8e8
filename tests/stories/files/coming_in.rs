//! A file comes in: with its evidence, or for evidence that was registered by its hash.

use annals_tests::story;
use kernel::Role;
use reqwest::Method;
use serde_json::json;

use super::room::{Room, bytes, content, hash, said};

story!(a_file_becomes_evidence_in_one_step, world => {
    let (room, body) = (Room::of(&world), bytes(200_000));
    let emp = world.as_(Role::Emp);
    let query = "filename=Pr%C3%BCfbericht%202024.pdf&retentionUntil=2030-12-31\
                 &classification=confidential&freshUntil=2025-06-30";
    let answer = room.upload(&emp, query, "Application/PDF; name=x", &body).await?;
    let location = answer.headers["location"].clone();
    assert_eq!(answer.headers["etag"], "\"2\"");
    let made = answer.created();
    let id = made["id"].as_str().unwrap();
    assert_eq!(location, format!("/v1/evidence/{id}"));
    let types: Vec<_> = made["events"].as_array().unwrap().iter().map(|e| &e["type"]).collect();
    assert_eq!(types, ["evidence.registered", "evidence.verified"]);

    let shown = room.shown(id).await?;
    let wanted = json!({
        "status": "verified", "sha256": hash(&body), "size": 200_000, "mediaType": "application/pdf",
        "filename": "Prüfbericht 2024.pdf", "classification": "confidential", "source": "upload",
        "retentionUntil": "2030-12-31", "freshUntil": "2025-06-30", "registeredBy": emp.user,
        "storageUri": content(id),
    });
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}");
    }
    assert_eq!(made["object"]["status"], "verified");
    assert_eq!(room.fetched(&world.as_(Role::Ia), id).await?, body);

    // Who uploaded says that it is so; that the bytes have the hash, the system says.
    let history = world.as_(Role::Emp).get(&format!("/v1/evidence/{id}/history")).await?.ok();
    let by: Vec<_> = history["data"].as_array().unwrap().iter().map(|e| &e["actor"]).collect();
    assert_eq!(by, [emp.user.as_str(), "rea_files"]);
    let data = room.desk.read(id, "", "status sha256 storageUri").await?;
    assert_eq!(data["storageUri"], content(id));
    assert_eq!(data["status"], "VERIFIED");
});

story!(an_empty_file_and_one_of_many_parts_are_files_too, world => {
    let room = Room::of(&world);
    for (n, length) in [0, 1, 65_480, 65_481, 20 << 20].into_iter().enumerate() {
        let body = bytes(length);
        let id = room.taken(&world.as_(Role::Emp), &format!("{n}.bin"), &body).await?;
        assert_eq!(room.shown(&id).await?["size"], length);
        assert!(room.fetched(&world.as_(Role::Emp), &id).await? == body, "{length}");
    }
    let metrics = world.nobody().get("/metrics").await?.text;
    for direction in ["in", "out"] {
        let line = format!("annals_file_bytes_total{{direction=\"{direction}\"}} 21102482");
        assert!(metrics.contains(&line), "{metrics}");
    }
});

story!(bytes_come_for_what_was_registered_by_its_hash, world => {
    let (room, body) = (Room::of(&world), bytes(100_000));
    let id = room.registered(&body).await?;
    room.get(&id).await?.problem(404, "content_absent");
    let tm = world.as_(Role::Tm);

    // Other bytes say something of who sent them, not of the evidence.
    let mut other = body.clone();
    other[99_999] ^= 1;
    for wrong in [&other[..], &body[1..], b"", &bytes(100_001)] {
        room.put(&tm, &id, wrong).await?.problem(422, "content_mismatch");
    }
    assert_eq!(room.shown(&id).await?["status"], "registered");
    room.settles_at(0).await?;
    let seen = tm.with("If-Match", "\"7\"");
    room.put(&seen, &id, &body).await?.problem(412, "version_mismatch");
    room.settles_at(0).await?;

    let done = room.put(&tm, &id, &body).await?.ok();
    assert_eq!(done["events"][0]["type"], "evidence.verified");
    assert_eq!(done["object"]["status"], "verified");
    assert_eq!(room.fetched(&world.as_(Role::Emp), &id).await?, body);
    // Again: it holds already.
    let again = room.put(&tm, &id, &body).await?.ok();
    assert_eq!((&again["events"], &again["version"]), (&json!([]), &json!(2)));
    room.put(&tm, &id, &other).await?.problem(422, "content_mismatch");
    assert_eq!(room.fetched(&world.as_(Role::Emp), &id).await?, body);
    room.settles_at(1).await?;
});

story!(a_body_may_come_in_chunks, world => {
    let (room, body) = (Room::of(&world), b"chunked evidence".to_vec());
    let chunks = b"8\r\nchunked \r\n8\r\nevidence\r\n0\r\n\r\n";
    let emp = world.as_(Role::Emp);
    let request = "POST /v1/evidence/files?filename=c.txt";
    let answer = said(room.line(&emp, request, "Transfer-Encoding: chunked", chunks).await?).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let id = room.registered(b"more").await?;
    let request = format!("PUT {}", content(&id));
    let chunks = b"4\r\nmore\r\n0\r\n\r\n";
    let answer = said(room.line(&emp, &request, "Transfer-Encoding: chunked", chunks).await?).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let list = emp.get(&format!("/v1/evidence?filter[sha256]={}", hash(&body))).await?.ok();
    assert_eq!(list["data"][0]["status"], "verified");
});

fn small(settings: &mut annals::settings::Settings) {
    settings.files_max_bytes = 100_000;
}

story!(a_file_that_is_too_large_is_refused_as_soon_as_that_is_known, world, small => {
    let room = Room::of(&world);
    let emp = world.as_(Role::Emp);
    room.taken(&emp, "just.bin", &bytes(100_000)).await?;
    // Announced: before a byte of it comes.
    let post = "POST /v1/evidence/files?filename=c.bin";
    let answer = said(room.line(&emp, post, "Content-Length: 100001", b"").await?).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("\"too_large\""), "{answer}");
    // Not announced: at the byte too many, although the body goes on.
    let mut chunk = b"186a1\r\n".to_vec();
    chunk.extend(bytes(100_001));
    let stream = room.line(&emp, post, "Transfer-Encoding: chunked", &chunk).await?;
    let answer = said(stream).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let id = room.registered(&bytes(100_002)).await?;
    room.put(&emp, &id, &bytes(100_002)).await?.problem(413, "too_large");
    room.settles_at(1).await?;
    assert_eq!(room.count().await?, 2);
});

story!(a_digest_that_is_sent_is_checked, world => {
    let (room, emp) = (Room::of(&world), world.as_(Role::Emp));
    // printf Annals | openssl dgst -sha256 -binary | base64
    let good = "sha-256=:lmUXhvUpGVLnUHj6Y+ylFk8NOviymPdy0dZ/h4vpQkY=:";
    let bad = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    for name in ["Content-Digest", "Repr-Digest"] {
        let answer = room.upload(&emp.with(name, bad), "filename=a", "text/plain", b"Annals").await?;
        answer.problem(400, "digest_mismatch");
        let answer = room.upload(&emp.with(name, "md5=:x:"), "filename=a", "text/plain", b"").await?;
        assert_eq!(answer.problem(400, "invalid_header")["errors"][0]["header"], name);
    }
    room.settles_at(0).await?;
    let with = emp.with("Content-Digest", good);
    room.upload(&with, "filename=a", "text/plain", b"Annals").await?.created();
    let id = room.registered(b"other").await?;
    room.put(&with, &id, b"other").await?.problem(422, "content_mismatch");
    room.put(&emp.with("Content-Digest", &digest(b"other")), &id, b"other").await?.ok();
});

fn digest(bytes: &[u8]) -> String {
    use base64::Engine;
    let hash = base64::engine::general_purpose::STANDARD.encode(hex::decode(hash(bytes)).unwrap());
    format!("sha-256=:{hash}:")
}

story!(what_is_said_of_a_file_is_checked_before_it_comes, world => {
    let (room, emp) = (Room::of(&world), world.as_(Role::Emp));
    let long = format!("filename={}", "x".repeat(400));
    for (query, parameter, code) in [
        ("", "filename", "missing"),
        ("filename=a&colour=red", "colour", "unknown_parameter"),
        ("filename=a&filename=b", "filename", "named_twice"),
        ("filename=a%0Ab", "filename", "forbidden_character"),
        ("filename=a&classification=secret", "classification", "not_a_word"),
        ("filename=a&retentionUntil=2030", "retentionUntil", "malformed"),
        ("filename=a&sha256=00", "sha256", "unknown_parameter"),
        ("filename=a&supersedes=sys_1", "supersedes", "malformed"),
        ("filename=a&supersedes=evd_00000000000000000000000001", "supersedes", "unknown_reference"),
        (&long, "filename", "too_long"),
    ] {
        let problem = room.upload(&emp, query, "text/plain", b"x").await?
            .problem(400, "invalid_query");
        let error = &problem["errors"][0];
        assert_eq!((&error["parameter"], &error["code"]), (&json!(parameter), &json!(code)), "{query}: {problem}");
    }
    for (media_type, status, code) in [
        ("multipart/form-data; boundary=x", 415, "unsupported_media_type"),
        ("application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        ("pdf", 400, "invalid_header"),
    ] {
        room.upload(&emp, "filename=a", media_type, b"x").await?.problem(status, code);
    }
    let encoded = emp.with("Content-Encoding", "gzip");
    room.upload(&encoded, "filename=a", "text/plain", b"x").await?
        .problem(415, "unsupported_media_type");
    let unclear = emp.with("Idempotency-Key", "");
    room.upload(&unclear, "filename=a", "text/plain", b"x").await?.problem(400, "invalid_header");
    room.settles_at(0).await?;
    assert_eq!(room.count().await?, 0);
    // Nobody says what it is: then it is bytes.
    let emp = room.desk.timed(&emp).await?;
    let made = emp.send(Method::POST, "/v1/evidence/files?filename=a", None).await?.created();
    assert_eq!(made["object"]["mediaType"], "application/octet-stream");
    let problem = emp.send(Method::DELETE, &content(made["id"].as_str().unwrap()), None).await?;
    assert_eq!(problem.headers["allow"], "GET, HEAD, PUT");
});

story!(the_same_bytes_are_evidence_once, world => {
    let (room, body) = (Room::of(&world), bytes(70_000));
    let id = room.taken(&world.as_(Role::Emp), "a.pdf", &body).await?;
    let again = room.upload(&world.as_(Role::So), "filename=b.pdf", "application/pdf", &body).await?;
    let problem = again.problem(409, "evidence.duplicate");
    assert!(problem["detail"].as_str().unwrap().contains(&id), "{problem}");
    room.settles_at(1).await?;
    assert_eq!(room.fetched(&world.as_(Role::Emp), &id).await?, body);
});

story!(an_upload_is_repeated_under_its_key, world => {
    let (room, body) = (Room::of(&world), bytes(70_000));
    let emp = world.as_(Role::Emp).at("2024-07-03T09:00:00Z").with("Idempotency-Key", "one");
    let query = "filename=a.pdf";
    let first = room.upload(&emp, query, "application/pdf", &body).await?.created();
    let again = room.upload(&emp, query, "application/pdf", &body).await?;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.created(), first);
    room.settles_at(1).await?;
    let other = room.upload(&emp, query, "application/pdf", &body[1..]).await?;
    other.problem(422, "idempotency_key_reused");
    let other = room.upload(&emp, "filename=b.pdf", "application/pdf", &body).await?;
    other.problem(422, "idempotency_key_reused");
    room.settles_at(1).await?;
    // Whatever became of it since, the answer is that to the first request.
    let id = first["id"].as_str().unwrap();
    let reason = json!({ "reason": "It was a mistake." });
    room.desk.does(&world.as_(Role::Am), "shred", id, reason).await?;
    let again = room.upload(&emp, query, "application/pdf", &body).await?.created();
    assert_eq!(again["events"], first["events"]);
    room.settles_at(0).await?;
});

story!(an_upload_that_breaks_off_leaves_nothing, world => {
    let room = Room::of(&world);
    let emp = world.as_(Role::Emp);
    let post = "POST /v1/evidence/files?filename=c.bin";
    let id = room.registered(&bytes(30 << 20)).await?;
    let put = format!("PUT {}", content(&id));
    // Enough for parts to have been written.
    for request in [post, &put] {
        let headers = format!("Content-Length: {}", 30 << 20);
        let stream = room.line(&emp, request, &headers, &bytes(20 << 20)).await?;
        room.settles_at(1).await?;
        drop(stream);
        room.settles_at(0).await?;
    }
    assert_eq!(room.count().await?, 1);
    assert_eq!(room.shown(&id).await?["status"], "registered");
    room.put(&emp, &id, &bytes(30 << 20)).await?.ok();
});

story!(a_closed_organisation_takes_no_files, world => {
    let (room, body) = (Room::of(&world), bytes(10));
    let reason = json!({ "reason": "Bankruptcy." });
    let id = room.registered(&body).await?;
    let organisation = Room { world: &world, desk: crate::desk::Desk::of(&world, "organisation") };
    let of = format!("org_{}", kernel::id::suffix_of(world.tenant.as_str()));
    let adm = world.as_(Role::Adm);
    let roles = json!({ "aiRoles": ["provider"], "euRoles": [], "note": "We make it." });
    organisation.desk.does(&adm, "declare_ai_roles", &of, roles).await?;
    organisation.desk.does(&adm, "suspend", &of, reason).await?;
    let emp = world.as_(Role::Emp);
    room.upload(&emp, "filename=a", "text/plain", b"x").await?
        .problem(409, "organisation_read_only");
    room.put(&emp, &id, &body).await?.problem(409, "organisation_read_only");
    room.settles_at(0).await?;
});
