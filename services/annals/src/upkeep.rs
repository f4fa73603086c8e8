//! Upkeep: migrate, check, rebuild, token.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, bail};
use event_store::verify;
use files::Checked;
use identity::Tokens;
use identity::tenant::{first_administrator, platform};
use identity::token::For;
use kernel::TenantId;
use kernel::id::{is_well_formed, prefix_of};

use crate::app::App;
use crate::keys::Keys;
use crate::settings::Settings;

/// Reads every log from its first event and compares everything that follows from it; of files,
/// presence and length, and their hashes where `whole_files`.
///
/// # Errors
/// When something does not fit together, or the database fails.
pub async fn check(
    settings: Settings,
    whole_files: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let app = App::open(settings).await?;
    let mut problems = 0;
    for tenant in app.store.tenants().await? {
        let report = verify::check(&app.store.log(&tenant), &*app.registry).await?;
        let verdict = if report.problems.is_empty() { "ok" } else { "DOES NOT FIT TOGETHER" };
        writeln!(
            out,
            "{tenant}: {} events, {} document versions, root {}: {verdict}",
            report.events, report.documents, report.root
        )?;
        for problem in &report.problems {
            let at = problem.position.map_or_else(String::new, |at| format!(" position {at}"));
            let object = problem.object.as_deref().unwrap_or_default();
            writeln!(out, "  {object}{at}: {}", problem.what)?;
        }
        let files = files::check(&app.files, &app.store.log(&tenant), whole_files).await?;
        if files != Checked::default() {
            writeln!(out, "  {} files, {} problems", files.files, files.problems.len())?;
        }
        for (object, what) in &files.problems {
            writeln!(out, "  {object}: {what}")?;
        }
        problems += report.problems.len() + files.problems.len();
    }
    if problems > 0 {
        bail!("{problems} problems");
    }
    Ok(())
}

/// Throws all documents away and derives them again from the events.
///
/// # Errors
/// When a log does not fit together, or the database fails.
pub async fn rebuild(settings: Settings, out: &mut impl Write) -> anyhow::Result<()> {
    let app = App::open(settings).await?;
    for tenant in app.store.tenants().await? {
        let versions = verify::rebuild(&app.store.log(&tenant)).await?;
        writeln!(out, "{tenant}: {versions} document versions derived again")?;
    }
    Ok(())
}

/// A token, from the keys alone: for the operator of the platform, a tenant's first administrator,
/// another member, a timer, or somebody of a certification body.
///
/// # Errors
/// When an id is none or the keys cannot be used.
pub fn token(
    settings: &Settings,
    behalf: For<'_>,
    tenant: Option<&str>,
    user: Option<&str>,
    valid: Duration,
) -> anyhow::Result<String> {
    let keys = Keys::open(&settings.key_folder())?;
    let tokens = Tokens::new(&settings.issuer, &keys.token)?;
    let tenant = match tenant {
        Some(id) => TenantId::parse(id).with_context(|| format!("{id:?} is no tenant's id"))?,
        None => platform(),
    };
    let bearer = match user {
        None => first_administrator(&tenant).to_string(),
        Some("sys") => "rea_timer".to_owned(),
        Some(id) if id.starts_with("usr_") => id.to_owned(),
        Some(id) => bail!("{id:?} is no user's id (usr_…) and not \"sys\""),
    };
    let (id, prefix) = match behalf {
        For::Himself => return Ok(tokens.mint(&tenant, &bearer, valid)?),
        For::Engagement(id) => (id, "eng"),
        For::Body(id) => (id, "cbo"),
    };
    if prefix_of(id) != prefix || !is_well_formed(id) {
        bail!("{id:?} is no id of that kind ({prefix}_…)");
    }
    if !bearer.starts_with("usr_") {
        bail!("{bearer:?} is nobody who acts for a certification body");
    }
    Ok(tokens.mint_for(behalf, &tenant, &bearer, valid)?)
}
