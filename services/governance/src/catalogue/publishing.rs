//! A catalogue comes into use and goes out of it.

use std::collections::BTreeSet;

use kernel::Context;
use kernel::approval::content_hash;

use super::{Catalogue, CatalogueStatus, Event, Listing, Published, Refusal, Supersede, Withdraw};
use crate::catalogue_item::{CatalogueItem, ItemStatus};

impl Catalogue {
    pub(super) fn must_be_draft(&self) -> Result<(), Refusal> {
        match self.status {
            CatalogueStatus::Draft => Ok(()),
            CatalogueStatus::Published
            | CatalogueStatus::Superseded
            | CatalogueStatus::Withdrawn => Err(Refusal::NotADraft { status: self.status.word() }),
        }
    }

    pub(super) fn published(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == CatalogueStatus::Published {
            return Ok(Vec::new());
        }
        self.must_be_draft()?;
        let items = context.facts.all::<CatalogueItem>().into_iter().map(|(_, item)| item);
        let mut items: Vec<_> = items
            .filter(|item| item.catalogue.id() == context.id && item.status == ItemStatus::Listed)
            .collect();
        if items.is_empty() {
            return Err(Refusal::NoItems);
        }
        items.sort_by_key(|item| item.place);
        let numbers: BTreeSet<_> = items.iter().map(|item| item.number.as_str()).collect();
        for item in &items {
            let parent = item.wording.parent.as_ref();
            if let Some(parent) = parent.filter(|parent| !numbers.contains(parent.as_str())) {
                let (number, parent) = (item.number.to_string(), parent.to_string());
                return Err(Refusal::ParentMissing { number, parent });
            }
        }
        let decided = items.iter().filter(|item| item.wording.item_kind.is_decided()).count();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let listing = Listing {
            by: context.user(),
            at: context.now,
            position: context.facts.position,
            items: count(items.len()),
            decided: count(decided),
            hash: content_hash(&items),
        };
        Ok(vec![Event::Published(Published { listing })])
    }

    pub(super) fn superseded(
        &self,
        input: Supersede,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.superseded_by.as_ref() == Some(&input.by) {
            return Ok(Vec::new());
        }
        if self.status != CatalogueStatus::Published {
            return Err(Refusal::NotPublished { status: self.status.word() });
        }
        let by = input.by.id();
        let next = context.facts.get::<facts::Catalogue>(by);
        if by == context.id || !next.is_some_and(|next| next.is_published()) {
            return Err(Refusal::SuccessorNotPublished { by: by.to_owned(), at: "/by" });
        }
        Ok(vec![Event::Superseded(input)])
    }

    pub(super) fn withdrawn(
        &self,
        input: Withdraw,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.status == CatalogueStatus::Withdrawn {
            return Ok(Vec::new());
        }
        let statements = context.facts.all::<facts::Soa>();
        let mut resting = statements.into_iter().filter(|(_, soa)| soa.catalogue == context.id);
        match resting.find(|(_, soa)| soa.effective.is_some()) {
            Some((soa, _)) => Err(Refusal::StatementInForce { soa }),
            None => Ok(vec![Event::Withdrawn(input)]),
        }
    }
}
