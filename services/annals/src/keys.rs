//! The keys of an installation: files that only the operator reads.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use event_store::seal::SecretKey;
use identity::token;

/// The master key that wraps every tenant's key, and the key that signs tokens (PKCS#8).
pub struct Keys {
    /// Wraps the tenants' keys.
    pub master: SecretKey,
    /// Signs tokens.
    pub token: Vec<u8>,
}

impl Keys {
    /// Reads the keys, or makes them where there are none.
    ///
    /// # Errors
    /// When the folder cannot be used or a file is no key.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("key folder {}", folder.display()))?;
        let master = read_or_make(&folder.join("master.key"), || {
            Ok(SecretKey::generate()?.bytes().to_vec())
        })?;
        let token = read_or_make(&folder.join("token.pk8"), || Ok(token::generate_key()?))?;
        Ok(Self { master: SecretKey::from_bytes(&master)?, token })
    }
}

fn read_or_make(
    file: &Path,
    make: impl Fn() -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<Vec<u8>> {
    let named = || format!("key file {}", file.display());
    if file.exists() {
        return fs::read(file).with_context(named);
    }
    let key = make()?;
    // Written aside and linked into place: of two processes that start at once, both use the
    // key of the first.
    let aside = file.with_extension(format!("{}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    let mut out = options.write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
    out.write_all(&key)?;
    out.sync_all()?;
    let linked = fs::hard_link(&aside, file);
    fs::remove_file(&aside)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            fs::read(file).with_context(named)
        }
        Err(error) => Err(error).with_context(named),
    }
}
