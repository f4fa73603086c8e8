//! Settings: flags over `ANNALS_…` variables over `annals.toml` over defaults. An unknown key is an
//! error.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use anyhow::Context;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use files::{Place, S3};
use serde::{Deserialize, Serialize};

/// What an installation is set to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Folder of the embedded database and the keys.
    pub data: PathBuf,
    /// `postgres://…`; without it the embedded engine is used.
    pub database_url: Option<String>,
    /// Most connections to PostgreSQL.
    pub database_connections: u32,
    /// Address and port of the HTTP server.
    pub listen: String,
    /// Services that this process runs, comma-separated; all when empty.
    pub only: String,
    /// Issuer of our tokens.
    pub issuer: String,
    /// Folder of the keys; `keys` in the data folder when empty. Processes that share a database
    /// share it.
    pub keys: String,
    /// Where the bytes of evidence are kept: a folder, or `s3://bucket/prefix`; `files` in the data
    /// folder when empty. Processes that share a database share it.
    pub files: String,
    /// Most bytes of one file.
    pub files_max_bytes: u64,
    /// Where the S3-compatible store answers, when it is not Amazon's.
    pub s3_endpoint: Option<String>,
    /// Its region. This and the keys are read from the environment as other tools do (`AWS_…`), or
    /// come with the machine's role, when they are left out.
    pub s3_region: Option<String>,
    /// Who we are to the store.
    pub s3_access_key_id: Option<String>,
    /// How we prove it.
    pub s3_secret_access_key: Option<String>,
    /// Worker threads of the HTTP server; 0 = one per core.
    pub workers: usize,
    /// Requests a minute of one network address that shows no token (public reporting channels).
    pub public_per_minute: NonZeroU32,
    /// What is logged (`tracing` filter).
    pub log: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: "annals-data".into(),
            database_url: None,
            database_connections: 8,
            listen: "127.0.0.1:8080".into(),
            only: String::new(),
            issuer: "https://annals.localhost".into(),
            keys: String::new(),
            files: String::new(),
            files_max_bytes: 1 << 30,
            s3_endpoint: None,
            s3_region: None,
            s3_access_key_id: None,
            s3_secret_access_key: None,
            workers: 0,
            public_per_minute: gateway::PUBLIC_PER_MINUTE,
            log: "warn,annals=info".into(),
        }
    }
}

/// Flags that set the same keys.
#[derive(Clone, Debug, Default, clap::Args, Serialize)]
pub struct Flags {
    /// Folder of the embedded database and the keys.
    #[arg(long, value_name = "DIR", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// PostgreSQL instead of the embedded engine.
    #[arg(long, value_name = "URL", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDRESS", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// Where the bytes of evidence are kept: a folder, or s3://bucket/prefix.
    #[arg(long, value_name = "PLACE", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    /// Only these services (comma-separated).
    #[arg(long, value_name = "SERVICES", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// Settings file.
    #[arg(long, value_name = "FILE", default_value = "annals.toml", global = true)]
    #[serde(skip)]
    pub config: PathBuf,
}

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    /// When a key is unknown or a value does not fit.
    pub fn read(flags: &Flags) -> anyhow::Result<Self> {
        Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file_exact(existing(&flags.config)))
            .merge(Env::prefixed("ANNALS_"))
            .merge(Serialized::defaults(flags))
            .extract()
            .context("settings")
    }

    /// The folder of the keys.
    pub fn key_folder(&self) -> PathBuf {
        if self.keys.is_empty() { self.data.join("keys") } else { PathBuf::from(&self.keys) }
    }

    /// Where the bytes of evidence are kept.
    pub fn file_place(&self) -> Place {
        let s3 = S3 {
            endpoint: self.s3_endpoint.clone(),
            region: self.s3_region.clone(),
            access_key_id: self.s3_access_key_id.clone(),
            secret_access_key: self.s3_secret_access_key.clone(),
            ..S3::default()
        };
        match self.files.as_str() {
            "" => Place::Folder(self.data.join("files")),
            named => Place::named(named, s3),
        }
    }

    /// The settings in force as TOML, secrets masked.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn shown(&self) -> anyhow::Result<String> {
        let mut shown = serde_json::to_value(self)?;
        if let Some(url) = &self.database_url {
            shown["database_url"] = masked(url).into();
        }
        if self.s3_secret_access_key.is_some() {
            shown["s3_secret_access_key"] = "***".into();
        }
        let lines = shown.as_object().into_iter().flatten();
        Ok(lines.map(|(key, value)| format!("{key} = {value}\n")).collect())
    }
}

fn existing(file: &Path) -> PathBuf {
    // An absent file sets nothing; `/dev/null` reads as an empty one.
    if file.exists() { file.to_owned() } else { PathBuf::from("/dev/null") }
}

/// The password in a URL is nobody's business.
fn masked(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "***".into() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> anyhow::Result<Settings> {
        let file = std::env::temp_dir().join(format!("annals-{}.toml", toml.len()));
        std::fs::write(&file, toml)?;
        Settings::read(&Flags { config: file, listen: Some("[::1]:1".into()), ..Flags::default() })
    }

    #[test]
    fn flags_stand_over_the_file_and_the_file_over_defaults() {
        let settings = read("listen = \"0.0.0.0:9\"\nworkers = 3\n").unwrap();
        assert_eq!((settings.listen.as_str(), settings.workers), ("[::1]:1", 3));
        assert_eq!(settings.issuer, Settings::default().issuer);
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(read("colour = \"red\"\n").is_err());
    }

    #[test]
    fn the_key_of_the_file_store_is_masked() {
        let s3_secret_access_key = Some("hush".to_owned());
        let shown = Settings { s3_secret_access_key, ..Settings::default() }.shown().unwrap();
        assert!(shown.contains("s3_secret_access_key = \"***\"") && !shown.contains("hush"));
    }

    #[test]
    fn files_are_kept_in_the_data_folder_unless_another_place_is_named() {
        let at = |files: &str| {
            Settings { files: files.into(), ..Settings::default() }.file_place().to_string()
        };
        assert_eq!(at(""), "folder annals-data/files");
        assert_eq!(at("/srv/files"), "folder /srv/files");
        assert_eq!(at("s3://evidence/a"), "s3://evidence/a");
    }

    #[test]
    fn the_password_is_masked() {
        let url = Some("postgres://ann:sesame@db/annals".to_owned());
        let shown = Settings { database_url: url, ..Settings::default() }.shown().unwrap();
        assert!(shown.contains("ann:***@db") && !shown.contains("sesame"), "{shown}");
    }
}
