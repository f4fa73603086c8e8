//! The gateway: REST and GraphQL over the kinds that the services declare.

pub mod coverage;
pub mod golden;
pub mod graphql;
pub mod listing;
pub mod openapi;
pub mod outside;
pub mod own;
pub mod reads;
pub mod rest;
pub mod text;

use std::sync::Arc;

use bus::Registry;
use event_store::Store;
use files::Files;
use identity::Identity;

/// Everything that a request needs.
#[derive(Clone)]
pub struct Gateway {
    /// The kinds.
    pub registry: Arc<Registry>,
    /// The store.
    pub store: Arc<Store>,
    /// Lets callers in.
    pub identity: Arc<Identity>,
    /// What the REST surface works out once.
    pub surface: Arc<rest::Surface>,
    /// Where long jobs run; the worker's own runtime when left out.
    pub jobs: Option<tokio::runtime::Handle>,
    /// The bytes of evidence.
    pub files: Arc<Files>,
    /// How often those may ask who show no token.
    pub limits: Arc<rest::intake::Limits>,
    /// What auditors have read and is not recorded yet.
    pub reads: Arc<reads::Reads>,
}

/// Requests a minute of one network address without a token, unless an installation says otherwise.
pub const PUBLIC_PER_MINUTE: std::num::NonZeroU32 =
    std::num::NonZeroU32::new(10).expect("ten is not zero");

impl Gateway {
    /// The gateway to these kinds.
    pub fn new(
        registry: Arc<Registry>,
        store: Arc<Store>,
        identity: Arc<Identity>,
        files: Arc<Files>,
    ) -> Self {
        let surface = Arc::new(rest::Surface::of(&registry));
        let limits = Arc::new(rest::intake::Limits::per_minute(PUBLIC_PER_MINUTE));
        let reads = Arc::default();
        Self { registry, store, identity, surface, jobs: None, files, limits, reads }
    }
}
