//! Where files are kept: a folder, or a bucket of an S3-compatible store.

use std::fmt;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use event_store::Fault;
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;

use crate::FileError;

/// Where files are kept.
#[derive(Clone, Debug)]
pub enum Place {
    /// A folder; processes that share a database share it.
    Folder(PathBuf),
    /// A bucket.
    S3(S3),
}

/// A bucket of an S3-compatible store. What is left out comes from the environment as other tools
/// read it (`AWS_…`), or from the machine's role.
#[derive(Clone, Debug, Default)]
pub struct S3 {
    /// Its name.
    pub bucket: String,
    /// What all names begin with, without a slash at the end.
    pub prefix: String,
    /// Where the store answers, when it is not Amazon's. `http://` is taken only here.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Who we are to the store.
    pub access_key_id: Option<String>,
    /// How we prove it.
    pub secret_access_key: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Folder(folder) => write!(f, "folder {}", folder.display()),
            Place::S3(S3 { bucket, prefix, .. }) => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

impl Place {
    /// The place that a setting names: a folder, or `s3://bucket/prefix` with the rest of `s3`.
    pub fn named(setting: &str, s3: S3) -> Self {
        let Some(name) = setting.strip_prefix("s3://") else {
            return Self::Folder(setting.into());
        };
        let (bucket, prefix) = name.split_once('/').unwrap_or((name, ""));
        let prefix = prefix.trim_matches('/').to_owned();
        Self::S3(S3 { bucket: bucket.to_owned(), prefix, ..s3 })
    }

    /// What all names begin with.
    pub(crate) fn root(&self) -> Path {
        match self {
            Place::Folder(_) => Path::default(),
            Place::S3(s3) => Path::from(s3.prefix.as_str()),
        }
    }

    pub(crate) fn store(&self) -> Result<Arc<dyn ObjectStore>, FileError> {
        match self {
            Place::Folder(folder) => {
                let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
                made.map_err(|error| unusable(folder, &error))?;
                // What is kept is on the disk before anybody is told so.
                Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)))
            }
            Place::S3(s3) => Ok(Arc::new(s3.builder().build()?)),
        }
    }

    /// Removes what interrupted uploads have left in a folder and nobody has written to since; the
    /// number of files. A bucket shows no such thing: its own rule for incomplete uploads does it.
    pub(crate) fn sweep(&self, since: SystemTime) -> Result<u64, FileError> {
        let Place::Folder(folder) = self else { return Ok(0) };
        let mut swept = 0;
        let tenants = std::fs::read_dir(folder).map_err(|error| unusable(folder, &error))?;
        for tenant in tenants.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
            let files = std::fs::read_dir(&tenant).map_err(|error| unusable(&tenant, &error))?;
            for file in files.flatten() {
                // Names of ours hold no `#`; a file that is being written has one.
                let is_partial = file.file_name().to_string_lossy().contains('#');
                let written = file.metadata().and_then(|about| about.modified());
                if is_partial && written.is_ok_and(|at| at < since) {
                    let path = file.path();
                    std::fs::remove_file(&path).map_err(|error| unusable(&path, &error))?;
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }
}

impl S3 {
    fn builder(&self) -> AmazonS3Builder {
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(&self.bucket);
        if let Some(endpoint) = &self.endpoint {
            let is_plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(is_plain);
        }
        if let Some(region) = &self.region {
            builder = builder.with_region(region);
        }
        if let (Some(id), Some(secret)) = (&self.access_key_id, &self.secret_access_key) {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        builder
    }
}

fn unusable(path: &std::path::Path, error: &std::io::Error) -> FileError {
    Fault::Folder(format!("{} cannot be used: {error}", path.display())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_a_folder_or_a_bucket() {
        let shown = |setting: &str| Place::named(setting, S3::default()).to_string();
        assert_eq!(shown("/var/lib/annals/files"), "folder /var/lib/annals/files");
        assert_eq!(shown("s3://evidence"), "s3://evidence/");
        assert_eq!(shown("s3://evidence/annals/prod/"), "s3://evidence/annals/prod");
    }
}
