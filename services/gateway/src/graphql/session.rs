//! What the fields of one request share: who asks, the loader, and what the answer rests on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::PathSegment;
use async_graphql::dynamic::{FieldFuture, FieldValue, ResolverContext};
use bus::Registry;
use bus::references::singleton_id;
use event_store::engine::Head;
use event_store::log::ResolveError;
use event_store::{AsOf, Document, Log, Resolved};
use identity::Caller;
use kernel::{Instant, Position};

use super::error::Problem;
use super::loader::Loader;
use super::model::{Kind, Model};
use super::place::{Entity, Moment, Place};
use crate::own::{Sight, sight};
use crate::rest::Surface;

/// One request.
pub struct Session {
    /// Who asks.
    pub caller: Caller,
    /// Carries out commands.
    pub registry: Arc<Registry>,
    /// Counts commands.
    pub surface: Arc<Surface>,
    /// The kinds.
    pub model: Arc<Model>,
    /// The loader.
    pub loader: Loader,
    /// The request's id.
    pub request_id: String,
    /// The clock of a simulated log.
    pub clock: Option<Instant>,
    unsettled: AtomicBool,
    position: Mutex<Option<Position>>,
    failed: Mutex<Vec<Vec<PathSegment>>>,
}

impl Session {
    /// A request of this caller.
    pub fn new(
        caller: Caller,
        (registry, surface, model): (Arc<Registry>, Arc<Surface>, Arc<Model>),
        request_id: String,
        clock: Option<Instant>,
    ) -> Self {
        let loader = Loader::new(caller.log.clone());
        let (unsettled, position) = (AtomicBool::new(false), Mutex::new(None));
        let failed = Mutex::default();
        Self {
            caller,
            registry,
            surface,
            model,
            loader,
            request_id,
            clock,
            unsettled,
            position,
            failed,
        }
    }

    /// His log.
    pub fn log(&self) -> &Log {
        &self.caller.log
    }

    /// The head, read once for a question and afresh after commands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self) -> Result<Head, Problem> {
        if let Some(outlook) = &self.caller.outlook {
            return Ok(outlook.ceiling.clone());
        }
        if let Some(head) = &self.caller.head {
            return Ok(head.clone());
        }
        let head = self.log().head().await?;
        Ok(head.ok_or_else(|| ResolveError::NoLog(self.caller.tenant().clone()))?)
    }

    /// The position of a point.
    ///
    /// # Errors
    /// When it lies in the future or the database fails.
    pub async fn resolve(&self, point: AsOf) -> Result<Resolved, Problem> {
        if self.caller.outlook.as_ref().is_some_and(|outlook| outlook.is_beyond(point)) {
            return Err(Problem::BeyondCeiling);
        }
        let head = self.head().await?;
        let resolved = self.log().resolve_at(point, &head).await?;
        if !resolved.settled {
            self.unsettled.store(true, Ordering::Relaxed);
        }
        Ok(resolved)
    }

    /// Whether every point that was resolved is one whose answer can never change.
    pub fn is_settled(&self) -> bool {
        !self.unsettled.load(Ordering::Relaxed)
    }

    /// Notes the position that the answer rests on.
    pub fn rests_on(&self, position: Position) {
        *self.position.lock().unwrap_or_else(PoisonError::into_inner) = Some(position);
    }

    /// The position that the answer rests on.
    pub fn position(&self) -> Option<Position> {
        let noted = *self.position.lock().unwrap_or_else(PoisonError::into_inner);
        noted.or_else(|| self.caller.head.as_ref().map(|head| head.position))
    }

    /// Notes a field that must have a value and has none.
    fn fails(&self, path: Vec<PathSegment>) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(path);
    }

    /// The fields that must have a value and have none.
    pub fn failed(&self) -> Vec<Vec<PathSegment>> {
        std::mem::take(&mut *self.failed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What of a kind the caller may read.
    pub fn sight(&self, kind: &Kind) -> Sight {
        sight(&self.caller, kind.decl())
    }

    /// Refuses a caller who may read nothing of a kind.
    ///
    /// # Errors
    /// When he may not.
    pub fn may_read(&self, kind: &Kind) -> Result<(), Problem> {
        if self.sight(kind) != Sight::Nothing {
            return Ok(());
        }
        Err(Problem::unread(&self.caller, kind.decl()))
    }

    /// Sealed texts of an object by hash; `None` where one was erased or is confided to others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn texts(
        &self,
        (kind, id): (&str, &str),
        hashes: &[String],
    ) -> Result<Vec<Option<Arc<str>>>, Problem> {
        if let Some(kind) = self.model.kind(kind).filter(|kind| kind.decl().confided.is_some()) {
            let open = crate::text::may_open(&self.caller, kind.decl(), id).await;
            if !open.map_err(|fault| Problem::Fault(fault.to_string()))? {
                return Ok(vec![None; hashes.len()]);
            }
        }
        self.loader.texts(hashes).await
    }

    /// A document as a place to read fields from.
    pub fn place(&self, kind: &Kind, document: Arc<Document>, moment: Moment) -> Place {
        Place::of(Entity::new(kind, document, moment))
    }

    /// Objects of one kind as of a moment, in the order of the ids; `None` where there is none that
    /// the caller may read.
    ///
    /// # Errors
    /// When the caller may not read them or the database fails.
    pub async fn objects(
        &self,
        kind: &Kind,
        ids: impl IntoIterator<Item = String>,
        moment: Moment,
    ) -> Result<Vec<Option<Place>>, Problem> {
        self.may_read(kind)?;
        if self.caller.outlook.is_some() {
            return self.seen(kind, ids.into_iter().collect(), moment).await;
        }
        let found = self.loader.documents(ids, moment.at).await?;
        let sight = self.sight(kind);
        let of_kind = |document: &Arc<Document>| {
            document.kind == kind.name() && sight.shows(&self.caller, &document.body)
        };
        let places = found.into_iter().map(|document| {
            document.filter(of_kind).map(|document| self.place(kind, document, moment))
        });
        Ok(places.collect())
    }

    /// The same for somebody from outside: what is his own is shown as of now, the rest no later
    /// than his ceiling.
    async fn seen(
        &self,
        kind: &Kind,
        ids: Vec<String>,
        moment: Moment,
    ) -> Result<Vec<Option<Place>>, Problem> {
        let mut places = Vec::new();
        for id in ids {
            let found = self.caller.document(&id, moment.at, moment.past).await?;
            let found = found.filter(|(document, _)| document.kind == kind.name());
            places.push(found.map(|(document, at)| {
                self.place(kind, document, Moment { at, past: moment.past })
            }));
        }
        Ok(places)
    }

    /// One object as of a moment.
    ///
    /// # Errors
    /// When the caller may not read it or the database fails.
    pub async fn object(
        &self,
        kind: &Kind,
        id: &str,
        moment: Moment,
    ) -> Result<Option<Place>, Problem> {
        if !kernel::id::is_of(kind.decl().row.prefix, id) {
            self.may_read(kind)?;
            return Ok(None);
        }
        Ok(self.objects(kind, [id.to_owned()], moment).await?.pop().flatten())
    }

    /// The only object of a kind as of a moment.
    ///
    /// # Errors
    /// When the caller may not read it or the database fails.
    pub async fn singleton(&self, kind: &Kind, moment: Moment) -> Result<Option<Place>, Problem> {
        self.may_read(kind)?;
        let found = self.sole(kind, moment).await?;
        if self.caller.outlook.is_none() {
            return Ok(found);
        }
        let Some(found) = found else { return Ok(None) };
        self.object(kind, &found.entity.document.id, moment).await
    }

    /// The same for our own use, whoever asks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sole(&self, kind: &Kind, moment: Moment) -> Result<Option<Place>, Problem> {
        let id = singleton_id(kind.decl().row.prefix, self.caller.tenant().as_str());
        let found = self.loader.documents([id], moment.at).await?.pop().flatten();
        Ok(found.map(|document| self.place(kind, document, moment)))
    }
}

/// The session of a field.
///
/// # Errors
/// When the request was made without one.
pub fn session<'a>(ctx: &ResolverContext<'a>) -> Result<&'a Session, Problem> {
    Ok(ctx.ctx.data::<Arc<Session>>()?)
}

/// A field that takes time. Where it fails the answer has null there and an entry in `errors`;
/// returned as an error it would take the whole answer along.
pub fn later<'a, F, Fut>(ctx: ResolverContext<'a>, resolve: F) -> FieldFuture<'a>
where
    F: FnOnce(ResolverContext<'a>) -> Fut,
    Fut: Future<Output = Result<Option<FieldValue<'a>>, Problem>> + Send + 'a,
{
    let context = ctx.ctx;
    let resolving = resolve(ctx);
    FieldFuture::new(async move {
        Ok(resolving.await.unwrap_or_else(|problem| {
            context.add_error(problem.at(context));
            None
        }))
    })
}

/// The same for a field inside an object that must have a value: where it fails something empty
/// stands in for it until the object around it is made null (`nulls`).
pub fn always<'a, F, Fut>(
    ctx: ResolverContext<'a>,
    empty: fn() -> FieldValue<'a>,
    resolve: F,
) -> FieldFuture<'a>
where
    F: FnOnce(ResolverContext<'a>) -> Fut,
    Fut: Future<Output = Result<Option<FieldValue<'a>>, Problem>> + Send + 'a,
{
    let context = ctx.ctx;
    let resolving = resolve(ctx);
    FieldFuture::new(async move {
        Ok(resolving.await.unwrap_or_else(|problem| {
            let error = problem.at(context);
            if let Ok(session) = context.data::<Arc<Session>>() {
                session.fails(error.path.clone());
            }
            context.add_error(error);
            Some(empty())
        }))
    })
}

/// A list without members, for [`always`].
pub fn no_members<'a>() -> FieldValue<'a> {
    FieldValue::list(Vec::<FieldValue<'_>>::new())
}
