//! Readiness of the worked example.

use annals::demo::replay::{self, Example};
use annals_tests::story;
use serde_json::Value;

story!(readiness_prints, world => {
    let halden = replay::replay(&world.app, Example::halden()?).await?;
    let reader = world.client(&halden.tenant, halden.id("priya")?)?;
    for day in ["2024-10-09", "2025-01-26", "2025-02-23", "2025-06-15", "2025-12-23"] {
        let found = reader.get(&format!("/v1/readiness?asOf={day}T00:00:00Z&items=6")).await?.ok();
        println!("#### {day} {} {} idx {}", found["stage1"], found["stage2"], found["index"]);
        for metric in found["metrics"].as_array().unwrap() {
            let parts: Vec<_> = metric["parts"].as_array().map(|p| p.iter().map(|p| format!("{}={}/{}", p["name"], p["numerator"], p["denominator"])).collect()).unwrap_or_default();
            println!("{} {}/{} = {} [{}]", metric["name"], metric["numerator"], metric["denominator"], metric["value"], parts.join(" "));
            if day == "2025-02-23" { for item in metric["items"].as_array().into_iter().flatten() { println!("    {item}"); } }
        }
    }
    let series = reader.get("/v1/readiness/series?from=2024-07-31&to=2025-12-31&step=month&metrics=control_implementation").await?.ok();
    for point in series["points"].as_array().unwrap() { println!("{point}"); }
    let _: Option<Value> = None;
});
