//! Where files are brought and fetched: requests as a browser, a script or a bad line sends them.

use std::path::PathBuf;

use annals_tests::{Answer, Client, World};
use anyhow::Context;
use files::Place;
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::desk::Desk;

/// SHA-256 in hex.
pub fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// So many bytes that no packer could shorten by much.
pub fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 24) as u8
    };
    (0..length).map(next).collect()
}

/// The room of files of a world.
pub struct Room<'a> {
    pub world: &'a World,
    pub desk: Desk<'a>,
}

impl<'a> Room<'a> {
    pub fn of(world: &'a World) -> Self {
        Self { world, desk: Desk::of(world, "evidence") }
    }

    /// Somebody uploads a file in one step; `said` is the query.
    pub async fn upload(
        &self,
        who: &Client,
        said: &str,
        media_type: &str,
        body: &[u8],
    ) -> anyhow::Result<Answer> {
        let who = self.desk.timed(who).await?;
        let path = format!("/v1/evidence/files?{said}");
        who.send(Method::POST, &path, Some((media_type, body.to_vec()))).await
    }

    /// Somebody uploads a file that is taken; its id.
    pub async fn taken(&self, who: &Client, name: &str, body: &[u8]) -> anyhow::Result<String> {
        let said = format!("filename={name}");
        let made = self.upload(who, &said, "application/pdf", body).await?.created();
        Ok(made["id"].as_str().context("id")?.to_owned())
    }

    /// A member registers a file by its hash alone; its id.
    pub async fn registered(&self, body: &[u8]) -> anyhow::Result<String> {
        let input = json!({
            "filename": "plan.pdf", "mediaType": "application/pdf", "sha256": hash(body),
            "size": body.len(), "source": "upload", "classification": "internal",
        });
        self.desk.make(&self.world.as_(Role::Emp), "register", input).await
    }

    /// Somebody brings the bytes of registered evidence.
    pub async fn put(&self, who: &Client, id: &str, body: &[u8]) -> anyhow::Result<Answer> {
        let who = self.desk.timed(who).await?;
        let body = Some(("application/octet-stream", body.to_vec()));
        who.send(Method::PUT, &content(id), body).await
    }

    /// An employee fetches the bytes.
    pub async fn get(&self, id: &str) -> anyhow::Result<Answer> {
        self.world.as_(Role::Emp).get(&content(id)).await
    }

    /// Every byte as it arrives, whatever it is.
    pub async fn fetched(&self, who: &Client, id: &str) -> anyhow::Result<Vec<u8>> {
        let url = format!("{}{}", self.world.base(), content(id));
        let request = reqwest::Client::new().get(url);
        let authorization = who.authorization.clone().context("a token")?;
        let response = request.header("Authorization", authorization).send().await?;
        anyhow::ensure!(response.status() == 200, "{}", response.status());
        Ok(response.bytes().await?.to_vec())
    }

    /// The evidence as it stands.
    pub async fn shown(&self, id: &str) -> anyhow::Result<Value> {
        self.desk.shown(id, "").await
    }

    /// How many pieces of evidence there are.
    pub async fn count(&self) -> anyhow::Result<usize> {
        let list = self.world.as_(Role::Emp).get("/v1/evidence?limit=100").await?.ok();
        Ok(list["data"].as_array().context("data")?.len())
    }

    /// Opens a connection and sends the head of a request, as a bad line would, and what comes of
    /// the body.
    pub async fn line(
        &self,
        who: &Client,
        request: &str,
        headers: &str,
        body: &[u8],
    ) -> anyhow::Result<TcpStream> {
        let address = self.world.base().replace("http://", "");
        let mut stream = TcpStream::connect(&address).await?;
        let authorization = who.authorization.clone().unwrap_or_default();
        let time = self.desk.head().await?.1.plus_micros(60_000_000);
        let head = format!(
            "{request} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\n\
             Annals-Clock: {time}\r\nContent-Type: application/pdf\r\n{headers}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        // The other side may answer and close before it has read everything.
        drop(stream.write_all(body).await);
        Ok(stream)
    }

    /// Everything that lies in the folder of the files.
    pub fn lying(&self) -> Vec<PathBuf> {
        lying(self.world)
    }

    /// Waits until so many files lie in the folder.
    pub async fn settles_at(&self, count: usize) -> anyhow::Result<()> {
        for _ in 0..1_000 {
            if self.lying().len() == count {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        anyhow::bail!("there are {:?}", self.lying())
    }
}

/// Where the bytes of evidence are.
pub fn content(id: &str) -> String {
    format!("/v1/evidence/{id}/content")
}

/// What the server says before it closes, or the first so many bytes of it.
pub async fn said(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        text.extend_from_slice(&buffer[..count]);
        if text.len() > 100_000 || text.windows(4).any(|end| end == b"}\r\n\r") {
            break;
        }
        if String::from_utf8_lossy(&text).trim_end().ends_with('}') {
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn lying(world: &World) -> Vec<PathBuf> {
    let Place::Folder(folder) = world.app.files.place() else { return Vec::new() };
    let below = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path())
    };
    below(folder.clone()).filter(|tenant| tenant.is_dir()).flat_map(below).collect()
}
