//! Settings as one flat object. What is not said takes its default; a key that is no setting is refused by name, and so is
//! one of the network's where terms alone count.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Ask;
use super::activations::Activations;
use super::table::{Draft, Of, SETTINGS, Setting};
use super::terms::Terms;
use super::value::{Kind, Value};

/// What an object may hold.
#[derive(Clone, Copy)]
struct Reader {
    terms_only: bool,
}

impl Reader {
    fn find<E: serde::de::Error>(self, key: &str) -> Result<&'static Setting, E> {
        let known = |setting: &&Setting| setting.key() == key;
        let Some(setting) = SETTINGS.iter().find(known) else {
            let keys: Vec<String> = SETTINGS.iter().map(Setting::key).collect();
            return Err(E::custom(format_args!(
                "there is no setting {key:?}; those are {}",
                keys.join(", ")
            )));
        };
        if self.terms_only && setting.of == Of::Activations {
            return Err(E::custom(format_args!(
                "{key} is of a network, and the terms alone are asked for here"
            )));
        }
        Ok(setting)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Ask;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of settings")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Ask, M::Error> {
        let mut draft = Draft::default();
        while let Some(key) = map.next_key::<String>()? {
            let setting = self.find(&key)?;
            let mut read = |value| draft.read(setting, value).map_err(M::Error::custom);
            match setting.kind {
                Kind::Words => map.next_value::<Vec<Value>>()?.into_iter().try_for_each(read)?,
                Kind::Plan => draft.plan(map.next_value::<Option<_>>()?.unwrap_or_default()),
                Kind::Profile => map.next_value::<Option<_>>()?.into_iter().for_each(|own| draft.own(own)),
                _ => map.next_value::<Option<Value>>()?.map_or(Ok(()), &mut read)?,
            }
        }
        draft.finish().map_err(M::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Ask {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Reader { terms_only: false })
    }
}

impl<'de> Deserialize<'de> for Terms {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Reader { terms_only: true }).map(|ask| ask.terms)
    }
}

impl Serialize for Ask {
    /// What differs from the default, and always the protocols.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for setting in SETTINGS {
            let said = setting.said(self);
            match (setting.kind, said.first()) {
                (Kind::Words, _) => map.serialize_entry(&setting.key(), &said)?,
                (Kind::Profile, _) => {
                    if let Some(own) = &self.terms.own {
                        map.serialize_entry(&setting.key(), own)?;
                    }
                }
                (Kind::Plan, Some(_)) => map.serialize_entry(&setting.key(), self.activations.plan())?,
                (_, Some(value)) if said.first() != setting.default().as_ref() => {
                    map.serialize_entry(&setting.key(), value)?;
                }
                _ => {}
            }
        }
        map.end()
    }
}

impl Serialize for Terms {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Ask { terms: self.clone(), activations: Activations::Keep }.serialize(to)
    }
}
