//! What somebody from outside the organisation may name in a command: objects of his own, and in
//! its input what he sees. Whatever else exists is as if it did not.

use bus::CommandError;
use identity::Caller;
use kernel::domain::{CommandDecl, KindDecl};
use kernel::door::{FieldError, Grounds};
use kernel::id::{prefix_of, suffix_of};
use kernel::kinds::kind_of_prefix;
use kernel::schema::{Field, Record};
use serde_json::Value;

/// Refuses a command of an outsider that names what he does not see. Members are not concerned.
///
/// # Errors
/// The command error that he is told.
pub async fn check(
    caller: &Caller,
    kind: &KindDecl,
    command: &CommandDecl,
    id: Option<&str>,
    input: &Value,
) -> Result<(), CommandError> {
    let Some(outlook) = &caller.outlook else { return Ok(()) };
    let may = command.by.iter().any(|role| caller.who.roles.contains(role));
    let only = caller.who.only.is_none_or(|only| only.contains(&kind.row.name));
    if !may || !only {
        // The bus says so; whatever the object is, nothing is told of it.
        return Ok(());
    }
    if let Some(id) = id.filter(|_| !command.creates) {
        let newest = outlook.head.position;
        let found = caller.log.document(id, newest).await?;
        let own = match found.filter(|found| found.kind == kind.row.name) {
            Some(found) => outlook.owns(&caller.log, &found).await?,
            None => false,
        };
        if !own {
            return Err(CommandError::NotFound { kind: kind.row.name, id: id.to_owned() });
        }
    }
    let grounds = Grounds::record();
    let extra = grounds.fields.iter().filter(|field| command.input.field(field.name).is_none());
    let fields: Vec<Field> = command.input.fields.iter().chain(extra).cloned().collect();
    let mut errors = Vec::new();
    for (pointer, named) in bus::references(&fields, input) {
        if kind_of_prefix(prefix_of(&named)).is_some_and(|row| row.is_of_platform()) {
            continue;
        }
        let object = match named.strip_prefix("usr_") {
            Some(_) => format!("mbr_{}", suffix_of(&named)),
            None => named.clone(),
        };
        if caller.document(&object, outlook.head.position, false).await?.is_none() {
            let message = format!("{named} does not exist here");
            errors.push(FieldError { pointer, code: "unknown_reference", message });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(CommandError::Invalid { errors }) }
}
