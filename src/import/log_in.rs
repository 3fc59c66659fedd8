//! The request by which a user logs in: its credentials become a row of data.

use super::exchange::Exchange;
use super::import_result::Attachment;
use super::names::{Names, value_name};
use super::slot::{LocatedValue, Slot, refer, slots};
use super::vault::is_password;

/// Words in names of fields that say who logs in.
const IDENTITIES: [&str; 8] = [
    "login",
    "email",
    "mail",
    "user",
    "username",
    "account",
    "phone",
    "identifier",
];

/// The log-in of a recording.
#[derive(Debug, Clone)]
pub(super) struct LogIn {
    /// Index of its exchange.
    pub(super) exchange: usize,
    /// The rows of data, with the recorded credentials.
    pub(super) file: Attachment,
}

impl LogIn {
    /// Finds the first request with a password in its body, and puts references to columns in the place of its credentials.
    pub(super) fn find(exchanges: &mut [Exchange], names: &mut Names, prefix: &str) -> Option<Self> {
        // Credentials in a query are rare, and words such as `user` in one are filters.
        let is_body = |held: &LocatedValue| matches!(held.slot, Slot::Json(_) | Slot::Form(_) | Slot::Part(_));
        let found = exchanges.iter().enumerate().find_map(|(index, exchange)| {
            let held: Vec<LocatedValue> = slots(&exchange.request).into_iter().filter(is_body).collect();
            let password = held.iter().find(|held| is_password(&held.name))?.clone();
            let identity = held.iter().find(|held| {
                let name = held.name.to_ascii_lowercase();
                IDENTITIES.iter().any(|word| name.contains(word)) && held.slot != password.slot
            });
            Some((index, identity.cloned(), password))
        });
        let (exchange, identity, password) = found?;
        let columns = identity.into_iter().chain([password]);
        let columns: Vec<(String, LocatedValue)> = columns
            .map(|held| (names.value(&value_name(&held.name)), held))
            .collect();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(columns.iter().map(|(name, _)| name)).ok()?;
        writer.write_record(columns.iter().map(|(_, held)| &held.value)).ok()?;
        let content = writer.into_inner().ok()?;
        let request = &mut exchanges[exchange].request;
        for (name, held) in &columns {
            refer(request, &held.slot, name);
        }
        request
            .notes
            .push("The credentials are a row of the feeder.".to_owned());
        Some(Self {
            exchange,
            file: Attachment {
                path: format!("data/{prefix}-users.csv"),
                content,
                secret: true,
            },
        })
    }
}
