//! Data sets: where they come from, how good they are, and who lets them be used.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, Thing, V1, hash, make, types};

fn data() -> Value {
    json!({
        "name": "Applications 2023", "datasetVersion": "3", "hash": hash('c'),
        "roles": ["train", "validation"], "personalData": false,
        "acquisition": { "source": "internal" },
    })
}

fn step(at: &str, before: Option<char>, after: char) -> Value {
    let mut step = json!({
        "step": "Cleaned", "source": "Warehouse", "at": at, "hashOut": hash(after),
    });
    if let Some(before) = before {
        step["hashIn"] = json!(hash(before));
    }
    step
}

fn steps(steps: &[Value]) -> Value {
    json!({ "steps": steps })
}

fn quality(value: &str) -> Value {
    json!({
        "requirements": [{
            "metric": "missing", "dimension": "completeness", "comparison": "at_most",
            "threshold": "0.02",
        }],
        "results": [{ "metric": "missing", "value": value }],
    })
}

async fn registered(life: &Life<'_>, input: &Value) -> anyhow::Result<Thing> {
    Ok(make(life.world, &life.by(Role::Ds), "dataset", input).await?.0)
}

/// Its chain of steps joins and leads to its content.
async fn traced(life: &Life<'_>, set: &Thing) -> anyhow::Result<()> {
    let chain = steps(&[
        step("2024-08-01T00:00:00Z", None, 'a'),
        step("2024-08-02T00:00:00Z", Some('a'), 'c'),
    ]);
    set.then(&life.by(Role::Dev), "record-provenance", &chain).await?;
    Ok(())
}

story!(a_data_set_comes_to_be_used_and_is_retired, world => {
    let life = Life::begun(&world).await?;
    let (ds, dev) = (life.by(Role::Ds), life.by(Role::Dev));
    let mut input = data();
    input.as_object_mut().unwrap().remove("acquisition");
    input["systems"] = json!([life.system.id]);
    let set = registered(&life, &input).await?;
    let bought = json!({
        "source": "purchased", "sourceName": "Bureau", "legalBasis": "Contract",
        "terms": "No resale.", "selectedHow": "By coverage.", "acquiredOn": "2024-07-01",
    });
    set.then(&ds, "record-acquisition", &bought).await?;
    traced(&life, &set).await?;
    let prepare = json!({ "criteria": "No duplicates.", "methods": ["Deduplicated"] });
    set.then(&dev, "record-preparation", &prepare).await?;
    let done = set.then(&dev, "assess-quality", &quality("0.01")).await?;
    assert_eq!(done["object"]["status"], "quality_assessed");
    let seen = done["version"].clone();
    let input = json!({ "id": set.id, "expectedVersion": seen });
    let payload = life.mutate(&ds, "datasetApprove", input,
        "dataset { status approvedBy { name } } refusal { __typename }").await?;
    assert_eq!(payload["dataset"], json!({
        "status": "APPROVED_FOR_USE", "approvedBy": { "name": "The DS" },
    }));
    let read = life.graph(&set, "acquisition { source terms } roles
        provenance { key step hashIn hashOut } quality { passed metrics { key value passed } }
        systems { name }").await?;
    assert_eq!(read["provenance"][1], json!({
        "key": "step_02", "step": "Cleaned", "hashIn": hash('a'), "hashOut": hash('c'),
    }));
    assert_eq!(read["quality"], json!({
        "passed": true, "metrics": [{ "key": "missing", "value": "0.01", "passed": true }],
    }));
    let verb = "record-preparation";
    life.refuses(&set, &[
        (Role::Dev, verb, json!({ "criteria": "Others" }), "approved_as_it_is", ""),
        (Role::Ds, "revise", json!({ "datasetVersion": "4" }), "approved_as_it_is", ""),
    ]).await?;
    set.then(&ds, "restrict", &json!({ "reason": "A complaint." })).await?;
    let link = json!({ "systemVersion": V1, "datasets": [set.id] });
    life.refuses(&life.system, &[
        (Role::Dev, "link-assets", link, "unfit_dataset", "/datasets/0"),
    ]).await?;
    set.then(&ds, "revise", &json!({ "biasNotes": "Young people are few." })).await?;
    let retire = json!({ "disposition": "deleted", "reason": "Replaced." });
    let done = set.then(&ds, "retire", &retire).await?;
    assert_eq!(types(&done), ["dataset.retired"]);
    life.refuses(&set, &[
        (Role::Ds, "approve", json!({}), "is_retired", ""),
        (Role::Dev, "assess-quality", quality("0"), "is_retired", ""),
    ]).await?;
});

story!(a_chain_of_hashes_joins, world => {
    let life = Life::begun(&world).await?;
    let set = registered(&life, &data()).await?;
    let verb = "record-provenance";
    let day = "2024-08-02T00:00:00Z";
    let first = step("2024-08-01T00:00:00Z", None, 'a');
    let many: Vec<_> = std::iter::once(step(day, None, 'a'))
        .chain((0..58).map(|_| step(day, Some('a'), 'a')))
        .chain([step(day, Some('a'), 'c')]).collect();
    life.refuses(&set, &[
        (Role::Dev, verb, steps(&[]), "no_step", "/steps"),
        (Role::Dev, verb, steps(&[first.clone(), step(day, Some('b'), 'c')]), "chain_broken",
            "/steps/1/hashIn"),
        (Role::Dev, verb, steps(&[first.clone(), step(day, None, 'c')]), "chain_broken",
            "/steps/1/hashIn"),
        (Role::Dev, verb, steps(&[first.clone(), step(day, Some('a'), 'd')]), "ends_elsewhere",
            "/steps/1/hashOut"),
        (Role::Dev, verb, steps(&[first, step("2024-07-01T00:00:00Z", Some('a'), 'c')]),
            "before_its_forerunner", "/steps/1/at"),
        (Role::Dev, verb, steps(&[step("2025-08-01T00:00:00Z", None, 'c')]), "in_the_future",
            "/steps/0/at"),
        (Role::Dev, "assess-quality", quality("0"), "provenance_first", ""),
        (Role::Ds, "approve", json!({}), "no_provenance", ""),
    ]).await?;
    set.then(&life.by(Role::Dev), verb, &steps(&many)).await?;
    let more = steps(&[step(day, Some('c'), 'c')]);
    life.refuses(&set, &[
        (Role::Dev, verb, more, "too_many_steps", ""),
        (Role::Ds, "revise", json!({ "hash": hash('d') }), "hash_stands", "/hash"),
    ]).await?;
    life.makes_no(&life.by(Role::Ds), "dataset", &data(), "duplicate", "/hash").await?;
    let open = json!({ "name": "Without a hash" });
    let open = registered(&life, &open).await?;
    open.then(&life.by(Role::Ds), verb, &steps(&[step(day, None, 'f')])).await?;
    let other = json!({ "hash": hash('d') });
    life.refuses(&open, &[(Role::Ds, "revise", other, "hash_is_not_the_end", "/hash")]).await?;
});

story!(quality_is_measured_by_what_is_required, world => {
    let life = Life::begun(&world).await?;
    let set = registered(&life, &data()).await?;
    let waive = |metric: &str, until: &str| {
        json!({ "metric": metric, "until": until, "reason": "For now." })
    };
    life.refuses(&set, &[
        (Role::Ro, "waive-quality", waive("missing", "2024-10-01"), "not_measured", ""),
    ]).await?;
    traced(&life, &set).await?;
    let verb = "assess-quality";
    let (full, mut twice, mut again, mut lacking, mut other) =
        (quality("0.05"), quality("0"), quality("0"), quality("0"), quality("0"));
    twice["requirements"] = json!([full["requirements"][0], full["requirements"][0]]);
    again["results"] = json!([full["results"][0], full["results"][0]]);
    lacking["results"] = json!([]);
    other["results"] = json!([{ "metric": "other", "value": "1" }]);
    life.refuses(&set, &[
        (Role::Ds, "approve", json!({}), "quality_not_assessed", ""),
        (Role::Dev, verb, json!({}), "no_requirement", "/requirements"),
        (Role::Dev, verb, twice, "metric_twice", "/requirements/1/metric"),
        (Role::Dev, verb, again, "metric_twice", "/results/1/metric"),
        (Role::Dev, verb, lacking, "no_result", "/requirements/0/metric"),
        (Role::Dev, verb, other, "not_required", "/results/0/metric"),
    ]).await?;
    set.then(&life.by(Role::So), verb, &full).await?;
    let at = "/metric";
    life.refuses(&set, &[
        (Role::Ds, "approve", json!({}), "quality_too_low", ""),
        (Role::Ro, "waive-quality", waive("other", "2024-10-01"), "unknown_metric", at),
        (Role::Ro, "waive-quality", waive("missing", "2024-09-01"), "waiver_has_ended", "/until"),
        (Role::So, "waive-quality", waive("missing", "2024-10-01"), "waived_by_assessor", ""),
    ]).await?;
    let admin = world.as_(Role::Adm).at("2024-09-02T09:00:00Z");
    let path = format!("/v1/memberships/{}/change-roles", world.membership(Role::Ro));
    admin.post(&path, &json!({ "roles": ["RO", "DS"] })).await?.ok();
    let ro = life.by(Role::Ro);
    set.then(&ro, "waive-quality", &waive("missing", "2024-10-01")).await?;
    life.refuses(&set, &[(Role::Ro, "approve", json!({}), "approver_waived", "")]).await?;
    let early = json!({ "effectiveAt": "2024-08-15T00:00:00Z" });
    life.refuses(&set, &[
        (Role::Ds, "approve", early, "approved_before_assessment", "/effectiveAt"),
    ]).await?;
    let done = set.then(&life.by(Role::Ds), "approve", &json!({})).await?;
    assert_eq!(done["object"]["approvedUntil"], "2024-10-01");
    set.then(&life.by(Role::So), verb, &quality("0")).await?;
    let fine = (Role::Ro, "waive-quality", waive("missing", "2024-10-01"), "nothing_to_waive", at);
    life.refuses(&set, &[fine]).await?;
});

story!(what_is_not_known_of_data_forbids_their_use, world => {
    let life = Life::begun(&world).await?;
    let ds = life.by(Role::Ds);
    let mut late = data();
    late["acquisition"]["acquiredOn"] = json!("2025-01-01");
    let at = "/acquisition/acquiredOn";
    life.makes_no(&ds, "dataset", &late, "acquired_in_future", at).await?;
    let bare = json!({ "name": "Bare" });
    let set = registered(&life, &bare).await?;
    let none = || json!({});
    life.refuses(&set, &[(Role::Ds, "approve", none(), "no_acquisition_record", "")]).await?;
    let scraped = json!({ "source": "scraped" });
    set.then(&ds, "record-acquisition", &scraped).await?;
    life.refuses(&set, &[(Role::Ds, "approve", none(), "acquisition_incomplete", "")]).await?;
    set.then(&ds, "record-acquisition", &json!({ "source": "internal" })).await?;
    life.refuses(&set, &[(Role::Ds, "approve", none(), "registration_incomplete", "")]).await?;

    let mut personal = data();
    personal["personalData"] = json!(true);
    personal["systems"] = json!([life.system.id]);
    let set = registered(&life, &personal).await?;
    traced(&life, &set).await?;
    set.then(&ds, "assess-quality", &quality("0")).await?;
    let other = Life::begun(&world).await?;
    let assess = json!({
        "authorityConsulted": false, "automatedDecision": false, "specialCategories": false,
        "dataCategories": ["Income"], "lawfulBases": ["contract"], "purposes": ["Scoring"],
        "measures": [{ "measureKind": "security", "text": "Encrypted." }], "minimisation": "Yes.",
        "residual": "low", "retention": "Seven years.", "subjects": ["Applicants"],
    });
    let so = life.by(Role::So);
    let strange = other.makes(&so, "privacy_assessment", &assess).await?;
    let own = life.makes(&so, "privacy_assessment", &assess).await?;
    let by = |assessment: &Thing| json!({ "privacyAssessment": assessment.id });
    let at = "/privacyAssessment";
    life.refuses(&set, &[
        (Role::Ds, "approve", none(), "no_privacy_assessment", at),
        (Role::Ds, "approve", by(&own), "privacy_assessment_not_approved", at),
    ]).await?;
    for assessment in [&own, &strange] {
        assessment.then(&life.by(Role::Dpo), "advise", &json!({ "advice": "Fine." })).await?;
        assessment.then(&so, "submit", &none()).await?;
        assessment.then(&life.by(Role::Dpo), "approve", &none()).await?;
    }
    life.refuses(&set, &[
        (Role::Ds, "approve", by(&strange), "privacy_assessment_of_other_system", at),
        (Role::Ds, "approve", by(&own), "approver_is_assessor", ""),
    ]).await?;
    set.then(&so, "assess-quality", &quality("0.5")).await?;
    set.then(&life.by(Role::Ro), "waive-quality",
        &json!({ "metric": "missing", "until": "2024-12-01", "reason": "x" })).await?;
    set.then(&ds, "approve", &by(&own)).await?;
});
