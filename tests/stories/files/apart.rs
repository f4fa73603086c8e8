//! Who may bring and fetch bytes, and that tenants see nothing of each other's.

use std::collections::BTreeSet;

use annals_tests::story;
use kernel::Role;
use reqwest::Method;

use super::room::{Room, bytes, content, hash};

story!(every_member_brings_and_fetches_and_nobody_else, world => {
    let (room, body) = (Room::of(&world), bytes(1000));
    let id = room.registered(&body).await?;
    let path = content(&id);
    let plain = || Some(("text/plain", body.clone()));
    let nobody = world.nobody();
    nobody.send(Method::POST, "/v1/evidence/files?filename=a", plain()).await?
        .problem(401, "unauthenticated");
    nobody.send(Method::PUT, &path, plain()).await?.problem(401, "unauthenticated");
    nobody.get(&path).await?.problem(401, "unauthenticated");
    let machine = world.as_(Role::Sys);
    machine.send(Method::POST, "/v1/evidence/files?filename=a", plain()).await?
        .problem(403, "forbidden");
    machine.send(Method::PUT, &path, plain()).await?.problem(403, "forbidden");
    room.put(&world.as_(Role::Emp), &id, &body).await?.ok();
    let members = Role::MEMBERS.iter().enumerate().map(|(n, role)| (n, *role));
    for (n, role) in members {
        let own = format!("of {n}").into_bytes();
        let mine = room.taken(&world.as_(role), &format!("{n}.txt"), &own).await?;
        assert_eq!(room.fetched(&world.as_(role), &mine).await?, own, "{}", role.code());
        assert_eq!(room.fetched(&world.as_(role), &id).await?, body, "{}", role.code());
    }
});

story!(tenants_have_nothing_of_each_other, world => {
    let (room, body) = (Room::of(&world), bytes(100_000));
    let id = room.taken(&world.as_(Role::Emp), "ours.pdf", &body).await?;
    for role in [Role::Emp, Role::Tm, Role::Adm] {
        let stranger = world.stranger_as(role).at("2024-07-20T08:00:00Z");
        stranger.get(&content(&id)).await?.problem(404, "not_found");
        let put = stranger.send(Method::PUT, &content(&id), Some(("a/b", body.clone()))).await?;
        put.problem(404, "not_found");
    }
    // Somebody else registers the same bytes as if nobody had: as new evidence, kept apart.
    let stranger = world.stranger_as(Role::Emp).at("2024-07-20T09:00:00Z");
    let theirs = stranger
        .send(Method::POST, "/v1/evidence/files?filename=x", Some(("application/pdf", body.clone())))
        .await?.created();
    let theirs = theirs["id"].as_str().unwrap();
    assert_eq!(room.fetched(&stranger, theirs).await?, body);
    room.get(theirs).await?.problem(404, "not_found");
    let lying = room.lying();
    let folders: BTreeSet<_> = lying.iter().filter_map(|path| path.parent()).collect();
    assert_eq!((lying.len(), folders.len()), (2, 2));
    let [one, other] = [&lying[0], &lying[1]].map(|path| std::fs::read(path).unwrap());
    assert!(one != other && !one.windows(16).any(|part| part == &body[..16]));
    for path in &lying {
        let name = path.to_string_lossy();
        assert!(!name.contains(&hash(&body)) && !name.contains("pdf"), "{name}");
    }
});

story!(an_id_that_is_none_leads_nowhere, world => {
    let emp = world.as_(Role::Emp);
    let nothing = "evd_00000000000000000000000001";
    emp.get(&content(nothing)).await?.problem(404, "not_found");
    emp.send(Method::PUT, &content(nothing), Some(("a/b", vec![1]))).await?
        .problem(404, "not_found");
    for path in ["/v1/evidence/x/content", "/v1/evidence/../content", "/v1/scopes/files",
        "/v1/risks/rsk_00000000000000000000000001/content", "/v1/evidence/files/content"] {
        emp.get(path).await?.problem(404, "not_found");
    }
    emp.get("/v1/evidence/files").await?.problem(405, "method_not_allowed");
});
