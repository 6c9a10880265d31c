//! Enums of plain names: the list of names is written once, where the variants stand.
//!
//! ```text
//! names! { "machine",
//!     /// Whose processor.
//!     #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
//!     pub enum Machine {
//!         /// A server.
//!         #[default]
//!         Epyc = "epyc",
//!         /// A tablet.
//!         Atom = "atom",
//!     }
//! }
//! ```
//!
//! gives `Machine::ALL` (in the order written), `name`, `FromStr`, and serde's two traits with the same
//! texts: `"atom".parse()` is `Machine::Atom`, and so is the JSON `"atom"`. The first text says what a
//! variant is: `"pony".parse()` fails with "machine cannot be pony", and the hint "epyc or atom".
//!
//! Derive `Clone`, `Copy` and `PartialEq` or more, but neither `Serialize` nor `Deserialize`: the macro does.

use crate::error::{Code, Error};

/// Declares an enum with a text for each variant: see the [module](self).
macro_rules! names {
    ($what:literal,
     $(#[$meta:meta])* $vis:vis enum $Name:ident {
         $($(#[$variant_meta:meta])* $Variant:ident = $text:literal),+ $(,)?
     }) => {
        #[cfg_attr(test, derive(ts_rs::TS))]
        $(#[$meta])*
        #[derive(serde::Serialize, serde::Deserialize)]
        $vis enum $Name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $Variant),+
        }

        #[allow(dead_code)] // not every list is offered
        impl $Name {
            /// Every variant, in the order of the enumeration.
            pub const ALL: &'static [Self] = &[$(Self::$Variant),+];

            /// As settings and files write it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$Variant => $text),+ }
            }
        }

        impl std::str::FromStr for $Name {
            type Err = $crate::error::Error;

            fn from_str(text: &str) -> $crate::error::Result<Self> {
                match text {
                    $($text => Ok(Self::$Variant),)+
                    _ => Err($crate::names::unknown($what, text, &[$($text),+])),
                }
            }
        }
    };
}
pub(crate) use names;

/// The error for a name that is not in the list: "machine cannot be pony. epyc or atom".
pub(crate) fn unknown(what: &str, text: &str, known: &[&str]) -> Error {
    let hint = match known {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
    };
    Error::new(Code::InvalidSetting, format!("{what} cannot be {text}")).hint(hint)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::error::Code;

    names! { "fruit",
        /// Something to eat.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum Fruit {
            /// Not the first, so that the default is seen to be chosen.
            Pear = "pear",
            #[default]
            Redcurrant = "red-currant",
            /// No identifier could be this.
            Half = "0.5x2+x",
        }
    }

    #[test]
    fn every_form_gives_the_same_text() {
        assert_eq!(Fruit::ALL, [Fruit::Pear, Fruit::Redcurrant, Fruit::Half]);
        assert_eq!(
            Fruit::ALL.iter().map(|f| f.name()).collect::<Vec<_>>(),
            ["pear", "red-currant", "0.5x2+x"]
        );
        for fruit in Fruit::ALL {
            let json = format!("{:?}", fruit.name());
            assert_eq!(fruit.name().parse(), Ok(*fruit));
            assert_eq!(serde_json::to_string(fruit).unwrap(), json);
            assert_eq!(serde_json::from_str::<Fruit>(&json).unwrap(), *fruit);
        }
        assert_eq!(Fruit::default(), Fruit::Redcurrant);
    }

    #[test]
    fn what_is_not_listed_is_refused_with_the_list() {
        for text in ["", "Pear", " pear", "Redcurrant"] {
            let error = text.parse::<Fruit>().unwrap_err();
            assert_eq!(error.code, Code::InvalidSetting);
            assert_eq!(error.message, format!("fruit cannot be {text}"));
            assert_eq!(error.hint, "pear, red-currant or 0.5x2+x");
            assert!(serde_json::from_str::<Fruit>(&format!("{text:?}")).is_err());
        }
    }

    #[test]
    fn a_list_of_one_and_of_two_need_no_comma() {
        assert_eq!(super::unknown("x", "y", &["a"]).hint, "a");
        assert_eq!(super::unknown("x", "y", &["a", "b"]).hint, "a or b");
    }
}
