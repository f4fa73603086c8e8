//! `annals import`: a file into a tenant's records, in the name of a member.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args as ClapArgs, ValueEnum};
use exchange::import::{File, Import, Imports, Wishes, importers};
use exchange::numbers::Unknown;
use exchange::operation::Format;
use kernel::door;
use kernel::schema::Described;
use kernel::values::Line;
use kernel::{TenantId, UserId};
use serde_json::json;

use crate::app::App;
use crate::settings::Settings;

/// What to import, and for whom.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The file.
    pub file: PathBuf,
    /// What it is taken for.
    #[arg(long, value_enum)]
    pub format: FileFormat,
    /// The tenant.
    #[arg(long, value_name = "ID")]
    pub tenant: String,
    /// The member in whose name it is imported (`usr_…`); he needs the role that the format asks
    /// for.
    #[arg(long = "as", value_name = "ID")]
    pub member: String,
    /// Where the file comes from.
    #[arg(long)]
    pub source: String,
    /// The licence under which it may be used.
    #[arg(long)]
    pub licence: String,
    /// Makes an AI system of the model where the file names no system.
    #[arg(long)]
    pub with_system: bool,
    /// Title of the catalogue.
    #[arg(long)]
    pub title: Option<String>,
    /// Edition of the catalogue, or version of the mappings' source.
    #[arg(long)]
    pub edition: Option<String>,
    /// Language of the catalogue, also where the file has several.
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
    /// Publishes the catalogue at once.
    #[arg(long)]
    pub publish: bool,
    /// The catalogue whose controls the mappings are from.
    #[arg(long, value_name = "ID")]
    pub catalogue: Option<String>,
    /// What becomes of what a mapping names and no catalogue has.
    #[arg(long, value_enum, default_value = "refuse")]
    pub unknown: OnUnknown,
    /// Shows what would be created and what was not understood, and stores nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// What a file is taken for, in the words of the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FileFormat {
    /// A library of AI risks: YAML, JSON or CSV.
    RiskLibrary,
    /// A CycloneDX machine-learning bill of materials.
    CyclonedxMlBom,
    /// A model card.
    ModelCard,
    /// A questionnaire for suppliers, CSV.
    Questionnaire,
    /// A catalogue of requirements or controls: CSV, JSON or YAML.
    Catalogue,
    /// Mappings between catalogues.
    Mapping,
}

/// What becomes of what a mapping names and no catalogue has.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum OnUnknown {
    /// Nothing is imported.
    #[default]
    Refuse,
    /// It is left out, and named.
    Skip,
    /// A framework without a catalogue gets one of the numbers that the file names.
    Create,
}

/// Imports, and prints the operation or what a dry run found.
///
/// # Errors
/// When nothing was imported.
pub async fn run(settings: Settings, args: Args, out: &mut impl Write) -> anyhow::Result<()> {
    let tenant = TenantId::parse(&args.tenant);
    let tenant = tenant.with_context(|| format!("{:?} is no tenant's id", args.tenant))?;
    let member = UserId::new(args.member.clone());
    let format = match args.format {
        FileFormat::RiskLibrary => Format::RiskLibrary,
        FileFormat::CyclonedxMlBom => Format::CyclonedxMlBom,
        FileFormat::ModelCard => Format::ModelCard,
        FileFormat::Questionnaire => Format::Questionnaire,
        FileFormat::Catalogue => Format::Catalogue,
        FileFormat::Mapping => Format::Mapping,
    };
    let bytes = std::fs::read(&args.file);
    let bytes = bytes.with_context(|| format!("reading {}", args.file.display()))?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let file = File {
        format,
        name: line(&name, "the file's name")?,
        bytes,
        source: line(&args.source, "--source")?,
        licence: line(&args.licence, "--licence")?,
        with_system: args.with_system,
        wishes: wishes(&args)?,
    };
    let app = App::open(settings).await?;
    let log = app.store.log(&tenant);
    let who = app.identity.member(&log, member.as_str()).await?;
    let by = importers(format);
    if !by.iter().any(|role| who.roles.contains(role)) {
        let codes: Vec<_> = by.iter().map(|role| role.code()).collect();
        bail!("{member} holds none of the roles {}", codes.join(", "));
    }
    let imports = Imports::of(&app.registry);
    let import = Import { log: log.clone(), who, file, clock: None };
    if args.dry_run {
        let shown = imports.dry_run(&import).await?;
        writeln!(out, "{}", serde_json::to_string_pretty(&shown)?)?;
        if !shown.succeeds {
            bail!("{} faults; nothing would be imported", shown.errors.len());
        }
        return Ok(());
    }
    let started = imports.start(&import, None).await?;
    imports.carry_out(&import, &started.id).await?;
    let operation = log.newest(&started.id).await?.context("the operation is not there")?;
    writeln!(out, "{}", serde_json::to_string_pretty(&*operation.body)?)?;
    if operation.body["status"] != "succeeded" {
        bail!("nothing was imported; the operation {} says why", started.id);
    }
    Ok(())
}

/// What is wanted of a catalogue or of mappings.
fn wishes(args: &Args) -> anyhow::Result<Wishes> {
    let text = |text: &Option<String>, what| text.as_ref().map(|text| line(text, what)).transpose();
    Ok(Wishes {
        title: text(&args.title, "--title")?,
        edition: text(&args.edition, "--edition")?,
        language: args.language.clone(),
        item_kind: None,
        publish: args.publish,
        catalogue: args.catalogue.clone(),
        unknown: match args.unknown {
            OnUnknown::Refuse => Unknown::Refuse,
            OnUnknown::Skip => Unknown::Skip,
            OnUnknown::Create => Unknown::Create,
        },
    })
}

/// A text that fits in a line of an event.
fn line(text: &str, what: &str) -> anyhow::Result<Line> {
    if let Some(wrong) = door::check_value(&Line::ty(), &json!(text), "").into_iter().next() {
        bail!("{what} {}", wrong.message);
    }
    Ok(Line::new(text))
}
