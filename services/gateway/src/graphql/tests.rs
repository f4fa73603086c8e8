//! The schema over a store, as callers meet it over HTTP.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::to_bytes;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use bus::{Registry, Request, Who};
use event_store::Store;
use event_store::engine::sqlite::SqliteEngine;
use event_store::seal::SecretKey;
use identity::token::generate_key;
use identity::{Identity, Tokens};
use kernel::TenantId;
use kernel::id::encode;
use serde_json::{Value, json};

use async_graphql::Variables;

use super::execute::Asked;
use super::extent::Extent;
use super::model::Model;
use super::{GraphQl, build, configure, sdl};
use crate::Gateway;

fn registry() -> Arc<Registry> {
    Registry::new([identity::kinds(), governance::kinds(), lifecycle::kinds()].concat())
}

mod http;
mod parts;
mod schema;
mod soa;
mod wire;
mod world;

use world::World;
