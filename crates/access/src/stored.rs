//! How the words of `model` stand in a file: plain numbers with the unit in the key, roles by name.
//!
//! `model` knows no serde, and a file must not change because a type there does. Refuses a role it does not know.

/// An instant, as milliseconds since the epoch.
pub(crate) mod time {
    use model::Time;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(time: &Time, to: S) -> Result<S::Ok, S::Error> {
        time.0.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Time, D::Error> {
        i64::deserialize(from).map(Time)
    }
}

/// An instant that may not have come.
pub(crate) mod time_option {
    use model::Time;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(time: &Option<Time>, to: S) -> Result<S::Ok, S::Error> {
        time.map(|time| time.0).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Time>, D::Error> {
        Ok(Option::<i64>::deserialize(from)?.map(Time))
    }
}

/// An amount that may not be given, as micro-USDT.
pub(crate) mod usd_option {
    use model::Usd;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(amount: &Option<Usd>, to: S) -> Result<S::Ok, S::Error> {
        amount.map(|amount| amount.0).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Usd>, D::Error> {
        Ok(Option::<i64>::deserialize(from)?.map(Usd))
    }
}

/// A role, by its name.
pub(crate) mod role {
    use crate::need::{role_named, role_word};
    use model::command::Role;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(role: &Role, to: S) -> Result<S::Ok, S::Error> {
        role_word(*role).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Role, D::Error> {
        let word = String::deserialize(from)?;
        role_named(&word).ok_or_else(|| serde::de::Error::custom("a role is viewer, operator or admin"))
    }
}
