//! The types that the page has of settings, made of the table: one field for each row.

use ts_rs::{Config, TS, TypeVisitor};

use super::{Activations, Ask, Of, SETTINGS, Setting, Stay, Terms};
use crate::cost::ask::value::{Fixed, Kind};
use crate::cost::calibrate::OwnProfile;
use crate::cost::link::Link;
use crate::cost::report::SettingsView;

/// The type of a setting's value.
fn value_type(setting: &Setting) -> String {
    match setting.kind {
        Kind::Whole(..) | Kind::Real | Kind::Part | Kind::Amount(_) | Kind::Factor => "number".to_owned(),
        Kind::Word => "string".to_owned(),
        Kind::Words => "string[]".to_owned(),
        Kind::Plan => "readonly Stay[]".to_owned(),
        Kind::Profile => "OwnProfile".to_owned(),
        Kind::Choice(options) | Kind::Open(options) => {
            let mut names: Vec<String> = options
                .iter()
                .map(|(option, _)| match option {
                    Fixed::Flag(_) => "boolean".to_owned(),
                    Fixed::Whole(number) => number.to_string(),
                    Fixed::Word(text) => format!("{text:?}"),
                })
                .collect();
            names.dedup();
            if matches!(setting.kind, Kind::Open(_)) {
                // The named ones stay in the type, though any text may do.
                names.push("(string & {})".to_owned());
            }
            names.join(" | ")
        }
    }
}

fn field(setting: &Setting, mark: &str) -> String {
    format!("/** {}. */\n{}{mark}: {},", setting.about, setting.key(), value_type(setting))
}

/// What is said of settings: what is left out takes its default, but for the protocols.
fn said(of: Of) -> String {
    let fields = SETTINGS.iter().filter(|setting| setting.of == of);
    let mark = |setting: &Setting| if matches!(setting.kind, Kind::Words) { "" } else { "?" };
    let fields: Vec<String> = fields.map(|setting| field(setting, mark(setting))).collect();
    format!("{{\n{}\n}}", fields.join("\n"))
}

/// What an estimate says of its settings.
fn shown() -> String {
    let mut fields = vec!["/** The link in full. */\nlink: Link,".to_owned()];
    for setting in SETTINGS {
        match setting.kind {
            Kind::Word | Kind::Words | Kind::Real | Kind::Profile => {}
            _ if setting.name == "ring-bits" => fields.push(
                "/** Width of the ring; null where it is not heeded. */\nring_bits: number | null,"
                    .to_owned(),
            ),
            _ => fields.push(field(setting, if setting.default().is_some() { "" } else { "?" })),
        }
    }
    fields.push("/** Costs of a call were added. */\nper_call: boolean,".to_owned());
    fields.push(
        "/** Settings of every protocol that are not as always, in words. */\nchanged: string[],".to_owned(),
    );
    format!("{{\n{}\n}}", fields.join("\n"))
}

/// `docs`, name in TypeScript, its text, and the types that the text names.
macro_rules! by_table {
    ($Type:ty, $docs:literal, $name:literal, $text:expr, $($Needs:ty),*) => {
        impl TS for $Type {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn docs() -> Option<String> {
                Some(concat!("/** ", $docs, " */\n").to_owned())
            }

            fn name(_: &Config) -> String {
                $name.to_owned()
            }

            fn inline(_: &Config) -> String {
                $text
            }

            fn decl(cfg: &Config) -> String {
                format!("type {} = {};", $name, Self::inline(cfg))
            }

            fn visit_dependencies(visitor: &mut impl TypeVisitor) {
                $(visitor.visit::<$Needs>();)*
            }

            fn output_path() -> Option<std::path::PathBuf> {
                Some($name.into())
            }
        }
    };
}

by_table!(
    Terms,
    "Under what a network is priced, whatever it is. Verbs that take terms refuse what is said of activations.",
    "Terms",
    format!("{} & {{ readonly [K in keyof Activations]?: never }}", said(Of::Terms)),
    Activations,
    OwnProfile
);
by_table!(Activations, "What becomes of activations.", "Activations", said(Of::Activations), Stay);
by_table!(
    Ask,
    "Terms, and what becomes of activations under them.",
    "CostSettings",
    format!("{} & Activations", said(Of::Terms)),
    Activations,
    OwnProfile
);
by_table!(SettingsView, "The settings that an estimate was made with.", "SettingsView", shown(), Link, Stay);
