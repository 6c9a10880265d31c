//! A row for each setting: its name, what it means, which values it takes, how it is read and written.
//!
//! A row is all that a setting needs. JSON takes the name with `_` for `-`, links take it as it is, the command line
//! puts `--` before it, the page's menu shows title and options. A name is never reused for another meaning.

use serde::Serialize;

use super::Ask;
use super::activations::{Activations, Replacement};
use super::activations::{Keep, Stay};
use super::terms::{Knob, Line, Terms};
use super::value::{Fixed, Kind, MOST_FACTOR, Value};
use crate::cost::calibrate::OwnProfile;
use crate::count::Granularity;
use crate::error::{Code, Error, Result};

/// What a setting is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Of {
    /// The terms.
    Terms,
    /// The network's activations.
    Activations,
}

/// One setting.
pub struct Setting {
    /// As links write it: `he-threads`.
    pub name: &'static str,
    /// The flag of the command line, where it is another; `-` for none.
    flag: &'static str,
    /// What a flag's value is called in the help.
    pub value_name: &'static str,
    /// Name for people; empty where the menu does not list it.
    pub title: &'static str,
    /// A sentence.
    pub about: &'static str,
    /// The values that it takes.
    pub kind: Kind,
    /// What it is of.
    pub of: Of,
    /// What a link of version r1 means that does not say it, whatever the default is by now.
    pub in_r1: Option<Fixed>,
    read: fn(&mut Draft, Value) -> Result<()>,
    say: fn(&Terms, &Activations) -> Vec<Value>,
}

/// A setting as the page's menu lists it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Setting"))]
pub struct SettingView {
    /// As settings spell it: `he_threads`.
    pub key: String,
    /// Name for people.
    pub title: &'static str,
    /// A sentence.
    pub about: &'static str,
    /// What it is of.
    pub of: Of,
    /// The values that it takes.
    pub kind: KindView,
    /// What it is where nothing is said.
    pub default: Option<Value>,
    /// Heeded by the profiles that list it; None: by all.
    pub knob: Option<Knob>,
}

/// The values of a setting, for a menu.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum KindView {
    /// Whole numbers in a range.
    Number {
        /// The least.
        least: u64,
        /// The greatest.
        most: u64,
    },
    /// 0 to 1.
    Share,
    /// Any number from 0.
    Amount {
        /// The greatest.
        most: u64,
    },
    /// Above 0.
    Factor {
        /// The greatest.
        most: f64,
    },
    /// One of several.
    Choice {
        /// In order.
        options: Vec<OptionView>,
    },
}

/// An option of a choice.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OptionView {
    /// As settings write it.
    pub value: Value,
    /// Name for people.
    pub title: &'static str,
}

/// More than anybody pays for a gigabyte or an hour.
const MAX_PRICE: u64 = 1_000_000;

/// More than anybody asks under one set of keys.
const MAX_INFERENCES: u64 = 1_000_000_000;

/// More threads than any machine of the logs had.
const MAX_THREADS: u64 = 1024;

const fn terms(name: &'static str, kind: Kind) -> Setting {
    Setting {
        name,
        flag: "",
        value_name: "N",
        title: "",
        about: "",
        kind,
        of: Of::Terms,
        in_r1: None,
        read: |_, _| Ok(()),
        say: |_, _| Vec::new(),
    }
}

const fn activations(name: &'static str, kind: Kind) -> Setting {
    Setting { of: Of::Activations, ..terms(name, kind) }
}

/// Every setting, in the order of menus and links.
pub static SETTINGS: &[Setting] = &[
    Setting {
        value_name: "ID",
        about: "A protocol, as `reluctant protocols` lists them; may be given several times",
        in_r1: Some(Fixed::Word("delphi:server-garbler")),
        read: |draft, value| {
            draft.terms.protocols.push(value.text().into_owned());
            Ok(())
        },
        say: |terms, _| terms.protocols.iter().map(|id| Value::Text(id.clone().into())).collect(),
        ..terms("protocol", Kind::Words)
    },
    Setting {
        value_name: "ID",
        about: "A preset of the link between the parties",
        in_r1: Some(Fixed::Word("lan")),
        read: |draft, value| Line::preset(&value.text()).map(|line| draft.preset = Some(line)),
        say: |terms, _| match terms.link {
            Line::Preset(link) => vec![Value::Text(link.id.clone())],
            Line::Custom { .. } => Vec::new(),
        },
        ..terms("link", Kind::Word)
    },
    Setting {
        value_name: "MB/S",
        about: "Rate from the client, instead of a preset",
        read: |draft, value| draft.rate(0, &value),
        say: |terms, _| rate(terms, 0),
        ..terms("up", Kind::Real)
    },
    Setting {
        value_name: "MB/S",
        about: "Rate to the client",
        read: |draft, value| draft.rate(1, &value),
        say: |terms, _| rate(terms, 1),
        ..terms("down", Kind::Real)
    },
    Setting {
        value_name: "MS",
        about: "Round-trip time",
        read: |draft, value| draft.rate(2, &value),
        say: |terms, _| rate(terms, 2),
        ..terms("rtt", Kind::Real)
    },
    Setting {
        title: "HE threads",
        about: "Threads for homomorphic layers",
        in_r1: Some(Fixed::Whole(1)),
        read: |draft, value| number(&value).map(|n| draft.terms.he_threads = n),
        say: |terms, _| vec![Value::Whole(terms.he_threads.into())],
        ..terms("he-threads", Kind::Whole(1, MAX_THREADS))
    },
    Setting {
        title: "Circuit threads",
        about: "Threads for garbled circuits",
        in_r1: Some(Fixed::Whole(4)),
        read: |draft, value| number(&value).map(|n| draft.terms.gc_threads = n),
        say: |terms, _| vec![Value::Whole(terms.gc_threads.into())],
        ..terms("gc-threads", Kind::Whole(1, MAX_THREADS))
    },
    Setting {
        flag: "client",
        value_name: "MACHINE",
        title: "Machine",
        about: "The client's processor, or the graphics processor of ckks:gpu",
        in_r1: Some(Fixed::Word("epyc")),
        read: |draft, value| value.text().parse().map(|machine| draft.terms.machine = machine),
        say: |terms, _| vec![Value::word(terms.machine.name())],
        ..terms(
            "machine",
            Kind::Choice(&[
                (Fixed::Word("epyc"), "EPYC 7502"),
                (Fixed::Word("atom"), "Atom Z8350"),
                (Fixed::Word("a100-40"), "A100, 40 GB"),
                (Fixed::Word("a100-80"), "A100, 80 GB"),
                (Fixed::Word("h100"), "H100"),
                (Fixed::Word("rtx5090"), "RTX 5090"),
            ]),
        )
    },
    Setting {
        title: "Ring, bits",
        about: "Width of the ring",
        in_r1: Some(Fixed::Whole(64)),
        read: |draft, value| number(&value).map(|bits| draft.terms.ring_bits = bits),
        say: |terms, _| vec![Value::Whole(terms.ring_bits.into())],
        ..terms(
            "ring-bits",
            Kind::Choice(&[(Fixed::Whole(32), "32"), (Fixed::Whole(64), "64"), (Fixed::Whole(128), "128")]),
        )
    },
    Setting {
        title: "Share bits",
        about: "Bits of a share where a protocol chooses them freely (cheetah:paper, cheetah:window16, sci-ot)",
        in_r1: Some(Fixed::Whole(37)),
        read: |draft, value| number(&value).map(|bits| draft.terms.share_bits = bits),
        say: |terms, _| vec![Value::Whole(terms.share_bits.into())],
        ..terms("share-bits", Kind::Whole(8, 64))
    },
    Setting {
        value_name: "OT",
        title: "OT",
        about: "Oblivious transfer of cheetah:spu",
        in_r1: Some(Fixed::Word("ferret")),
        read: |draft, value| value.text().parse().map(|ot| draft.terms.ot = ot),
        say: |terms, _| vec![Value::word(terms.ot.name())],
        ..terms(
            "ot",
            Kind::Choice(&[(Fixed::Word("ferret"), "Ferret"), (Fixed::Word("softspoken"), "Softspoken")]),
        )
    },
    Setting {
        value_name: "SIDE",
        title: "Errs to",
        about: "Which side of zero errs under circa",
        in_r1: Some(Fixed::Word("pos-zero")),
        read: |draft, value| value.text().parse().map(|faults| draft.terms.faults = faults),
        say: |terms, _| vec![Value::word(terms.faults.name())],
        ..terms(
            "faults",
            Kind::Choice(&[(Fixed::Word("pos-zero"), "zero"), (Fixed::Word("neg-pass"), "passing")]),
        )
    },
    Setting {
        value_name: "ADDER",
        title: "Adder",
        about: "Circuit that finds a sign under trio and quad: parallel prefix has few rounds, ripple carry few bytes",
        in_r1: Some(Fixed::Word("ppa")),
        read: |draft, value| value.text().parse().map(|adder| draft.terms.adder = adder),
        say: |terms, _| vec![Value::word(terms.adder.name())],
        ..terms(
            "adder",
            Kind::Choice(&[(Fixed::Word("ppa"), "parallel prefix"), (Fixed::Word("rca"), "ripple carry")]),
        )
    },
    Setting {
        value_name: "BITS",
        title: "Window",
        about: "Bits that comparisons of trio and quad look at: signs of values outside them are wrong",
        in_r1: Some(Fixed::Word("none")),
        read: |draft, value| value.text().parse().map(|window| draft.terms.window = window),
        say: |terms, _| vec![Value::word(terms.window.name())],
        ..terms(
            "window",
            Kind::Choice(&[
                (Fixed::Word("none"), "none: all bits"),
                (Fixed::Word("8"), "8 bits: wrong outside them"),
            ]),
        )
    },
    Setting {
        title: "FSS bits",
        about: "Bits that comparisons of fss look at: its drivers take 37 to 51 for transformers",
        in_r1: Some(Fixed::Whole(64)),
        read: |draft, value| number(&value).map(|bits| draft.terms.fss_bits = bits),
        say: |terms, _| vec![Value::Whole(terms.fss_bits.into())],
        ..terms("fss-bits", Kind::Whole(9, 64))
    },
    Setting {
        title: "Fraction, bits",
        about: "Bits of the fraction that truncations of fss take off",
        in_r1: Some(Fixed::Whole(12)),
        read: |draft, value| number(&value).map(|bits| draft.terms.fraction = bits),
        say: |terms, _| vec![Value::Whole(terms.fraction.into())],
        ..terms("fraction", Kind::Whole(8, 32))
    },
    Setting {
        value_name: "",
        title: "Output",
        about: "Chooses the class under encryption: an argmax over the last linear layer",
        in_r1: Some(Fixed::Flag(false)),
        read: |draft, value| {
            draft.terms.argmax = value == Value::Flag(true);
            Ok(())
        },
        say: |terms, _| vec![Value::Flag(terms.argmax)],
        ..terms(
            "argmax",
            Kind::Choice(&[(Fixed::Flag(false), "scores"), (Fixed::Flag(true), "class, by argmax")]),
        )
    },
    Setting {
        value_name: "WHAT",
        title: "Batch norms",
        about: "What is done with batch normalisations beside linear layers: they go into the weights of the layers before or after them, of those before, or are computed",
        in_r1: Some(Fixed::Word("folded")),
        read: |draft, value| value.text().parse().map(|norms| draft.terms.norms = norms),
        say: |terms, _| vec![Value::word(terms.norms.name())],
        ..terms(
            "batch-norm",
            Kind::Choice(&[
                (Fixed::Word("weights"), "in the weights"),
                (Fixed::Word("folded"), "in those before"),
                (Fixed::Word("separate"), "computed"),
            ]),
        )
    },
    Setting {
        value_name: "P",
        title: "Price of a GB",
        about: "What a gigabyte costs that one party sends another, in your own money: gives the cost of 1,000 inferences",
        read: |draft, value| {
            draft.terms.price_gb = value.real();
            Ok(())
        },
        say: |terms, _| terms.price_gb.into_iter().map(Value::Real).collect(),
        ..terms("price-gb", Kind::Amount(MAX_PRICE))
    },
    Setting {
        value_name: "P",
        title: "Price of a core hour",
        about: "What an hour of a processor core costs, in your own money: gives the cost of 1,000 inferences",
        read: |draft, value| {
            draft.terms.price_core_hour = value.real();
            Ok(())
        },
        say: |terms, _| terms.price_core_hour.into_iter().map(Value::Real).collect(),
        ..terms("price-core-hour", Kind::Amount(MAX_PRICE))
    },
    Setting {
        value_name: "F",
        title: "Times slower",
        about: "How many times slower a machine is than the one that SPU was timed on; 1 where it is not said",
        read: |draft, value| {
            draft.terms.machine_factor = value.real().unwrap_or(1.0);
            Ok(())
        },
        say: |terms, _| match terms.machine_factor {
            1.0 => Vec::new(),
            factor => vec![Value::Real(factor)],
        },
        ..terms("machine-factor", Kind::Factor)
    },
    Setting {
        title: "Inferences a set-up",
        about: "How many inferences one set-up serves: each one's part of its bytes is said beside the totals",
        in_r1: Some(Fixed::Whole(1)),
        read: |draft, value| number(&value).map(|n| draft.terms.inferences = n),
        say: |terms, _| vec![Value::Whole(terms.inferences.into())],
        ..terms("inferences", Kind::Whole(1, MAX_INFERENCES))
    },
    Setting {
        flag: "-",
        about: "The profile `calibrated`: measurements on top of a base",
        ..terms("calibration", Kind::Profile)
    },
    Setting {
        value_name: "WHAT",
        title: "Activations",
        about: "What becomes of activations",
        in_r1: Some(Fixed::Word("keep")),
        read: |draft, value| {
            let text = value.text();
            draft.others = if text == KEEP { None } else { Some(text.parse()?) };
            Ok(())
        },
        say: |_, activations| vec![Value::word(activations.others().map_or(KEEP, Replacement::name))],
        ..activations(
            "activation",
            Kind::Choice(&[
                (Fixed::Word(KEEP), "keep"),
                (Fixed::Word("identity"), "drop"),
                (Fixed::Word("poly2:public"), "degree 2, public"),
                (Fixed::Word("poly2:secret"), "degree 2, secret"),
                (Fixed::Word("aespa"), "AESPA: degree 2, scale folded"),
            ]),
        )
    },
    Setting {
        value_name: "PART",
        title: "Of them kept, %",
        about: "Part of the activations that stays; the others become what `activation` says",
        read: |draft, value| {
            draft.share = value.real();
            Ok(())
        },
        say: |_, activations| activations.kept().into_iter().map(|kept| Value::Real(kept.share)).collect(),
        ..activations("activation-share", Kind::Part)
    },
    Setting {
        value_name: "WHAT",
        title: "Kept by",
        about: "What is kept or replaced together",
        in_r1: Some(Fixed::Word("pixel")),
        read: |draft, value| value.text().parse().map(|granularity| draft.granularity = granularity),
        say: |_, activations| {
            let kept = activations.kept();
            kept.into_iter().map(|kept| Value::Text(kept.granularity.to_string().into())).collect()
        },
        ..activations(
            "granularity",
            Kind::Open(&[
                (Fixed::Word("pixel"), "pixel"),
                (Fixed::Word("spatial"), "spatial"),
                (Fixed::Word("channel"), "channel"),
                (Fixed::Word("layer"), "layer"),
                (Fixed::Word("stage"), "stage"),
            ]),
        )
    },
    Setting {
        value_name: "PLAN",
        about: "A plan instead, INDEX:KEPT:SCALES:PRODUCTS for each activation that it changes, with commas between",
        read: |draft, value| {
            draft.plan = value.text().split(',').map(stay_from_text).collect::<Result<_>>()?;
            Ok(())
        },
        say: |_, activations| {
            let plan: Vec<String> = activations.plan().iter().map(text_from_stay).collect();
            if plan.is_empty() { Vec::new() } else { vec![Value::Text(plan.join(",").into())] }
        },
        ..activations("replaced", Kind::Plan)
    },
];

/// Activations as they are.
const KEEP: &str = "keep";

fn number(value: &Value) -> Result<u32> {
    let bad = || Error::new(Code::InvalidSetting, format!("{} is no whole number here", value.text()));
    value.whole().and_then(|n| u32::try_from(n).ok()).ok_or_else(bad)
}

fn rate(terms: &Terms, which: usize) -> Vec<Value> {
    let Line::Custom { up, down, rtt } = terms.link else { return Vec::new() };
    [up, down, rtt].get(which).map(|rate| Value::Real(*rate)).into_iter().collect()
}

/// `12:4096:1:1`: index, kept, scales, products.
fn text_from_stay(stay: &Stay) -> String {
    format!("{}:{}:{}:{}", stay.index, stay.kept, stay.scales, stay.products)
}

fn stay_from_text(text: &str) -> Result<Stay> {
    let bad = || {
        Error::new(Code::InvalidSetting, format!("replaced cannot hold {text:?}"))
            .hint("INDEX:KEPT:SCALES:PRODUCTS, as in 12:4096:1:1")
    };
    let numbers: Vec<&str> = text.split(':').collect();
    let &[index, kept, scales, products] = numbers.as_slice() else { return Err(bad()) };
    Ok(Stay {
        index: index.parse().map_err(|_| bad())?,
        kept: kept.parse().map_err(|_| bad())?,
        scales: scales.parse().map_err(|_| bad())?,
        products: products.parse().map_err(|_| bad())?,
    })
}

impl Setting {
    /// As JSON spells it: `he_threads`; a list has a plural.
    pub fn key(&self) -> String {
        let key = self.name.replace('-', "_");
        if matches!(self.kind, Kind::Words) { key + "s" } else { key }
    }

    /// The flag of the command line, without its dashes; None where it has none.
    pub fn flag(&self) -> Option<&'static str> {
        match self.flag {
            "-" => None,
            "" => Some(self.name),
            flag => Some(flag),
        }
    }

    /// What the setting is in an ask; several values of a list, none where it says nothing.
    pub fn said(&self, ask: &Ask) -> Vec<Value> {
        (self.say)(&ask.terms, &ask.activations)
    }

    /// What it is where nothing is said.
    pub fn default(&self) -> Option<Value> {
        self.said(&Ask::default()).into_iter().next()
    }

    /// What a link says of it: nothing where the link's version means that anyway. Protocols and threads are always said.
    pub fn in_link(&self, ask: &Ask) -> Vec<String> {
        let always = matches!(self.name, "protocol" | "he-threads" | "gc-threads");
        let said = self
            .said(ask)
            .into_iter()
            .filter(|value| always || self.in_r1.is_none_or(|absent| absent.value() != *value));
        said.map(|value| value.link_text()).collect()
    }

    /// The help of the command line: the sentence, the values, the default.
    pub fn help(&self) -> String {
        let options = match self.kind.range() {
            options if options.is_empty() || self.is_flag() => String::new(),
            options => format!(": {options}"),
        };
        let default = match self.default() {
            Some(value) if !self.is_flag() => format!("; {} by default", value.text()),
            _ => String::new(),
        };
        format!("{}{options}{default}.", self.about)
    }

    /// On or off: a flag of the command line without a value.
    pub fn is_flag(&self) -> bool {
        matches!(self.kind, Kind::Choice([(Fixed::Flag(_), _), ..]))
    }

    /// What is not as always, in words: `Output: class, by argmax`. Only of terms that every profile heeds: what single
    /// ones heed is said with them.
    pub fn changed(&self, ask: &Ask) -> Option<String> {
        let Kind::Choice(options) = self.kind else { return None };
        let said =
            self.said(ask).into_iter().next().filter(|value| Some(value) != self.default().as_ref())?;
        let for_all = self.of == Of::Terms && self.flag.is_empty() && self.key().parse::<Knob>().is_err();
        let option = options.iter().find(|(option, _)| option.value() == said).filter(|_| for_all)?;
        Some(format!("{}: {}", self.title, option.1))
    }

    /// The line of the menu; None where it has none there.
    pub fn view(&self) -> Option<SettingView> {
        let kind = match self.kind {
            Kind::Whole(least, most) => KindView::Number { least, most },
            Kind::Part => KindView::Share,
            Kind::Amount(most) => KindView::Amount { most },
            Kind::Factor => KindView::Factor { most: MOST_FACTOR },
            Kind::Choice(options) | Kind::Open(options) => KindView::Choice {
                options: options
                    .iter()
                    .map(|(value, title)| OptionView { value: value.value(), title })
                    .collect(),
            },
            _ => return None,
        };
        let (key, default) = (self.key(), self.default());
        let knob = key.parse().ok();
        let Self { title, about, of, .. } = *self;
        (!title.is_empty()).then_some(SettingView { key, title, about, of, kind, default, knob })
    }
}

/// Settings in the reading.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    terms: Terms,
    preset: Option<Line>,
    rates: [Option<f64>; 3],
    others: Option<Replacement>,
    share: Option<f64>,
    granularity: Granularity,
    plan: Vec<Stay>,
}

impl Draft {
    /// What a link of version r1 means before it says anything; its protocol and link come in [`Draft::finish_link`],
    /// as they give way to others.
    ///
    /// # Errors
    /// None that a test does not find.
    pub fn of_r1() -> Result<Self> {
        let mut draft = Self::default();
        for setting in SETTINGS.iter().filter(|setting| !matches!(setting.kind, Kind::Words | Kind::Word)) {
            draft.read_r1(setting)?;
        }
        Ok(draft)
    }

    fn read_r1(&mut self, setting: &Setting) -> Result<()> {
        setting.in_r1.map_or(Ok(()), |value| self.read(setting, value.value()))
    }

    /// The settings of a link.
    ///
    /// # Errors
    /// As [`Draft::finish`].
    pub fn finish_link(mut self) -> Result<Ask> {
        let no_protocol = self.terms.protocols.is_empty();
        let no_link = self.preset.is_none() && self.rates == [None; 3];
        for setting in SETTINGS {
            if matches!(setting.kind, Kind::Words) && no_protocol
                || matches!(setting.kind, Kind::Word) && no_link
            {
                self.read_r1(setting)?;
            }
        }
        self.finish()
    }

    /// Takes a value of a setting.
    ///
    /// # Errors
    /// `InvalidSetting` for a value that the setting does not take.
    pub fn read(&mut self, setting: &Setting, value: Value) -> Result<()> {
        (setting.read)(self, setting.kind.accept(setting.name, value)?)
    }

    /// Takes what a person typed of a setting.
    ///
    /// # Errors
    /// As [`Draft::read`].
    pub fn read_text(&mut self, setting: &Setting, text: &str) -> Result<()> {
        self.read(setting, Value::Text(text.to_owned().into()))
    }

    /// Takes what a link says of a setting.
    ///
    /// # Errors
    /// As [`Draft::read`].
    pub fn read_link(&mut self, setting: &Setting, text: &str) -> Result<()> {
        self.read(setting, Value::from_link(setting.kind, text))
    }

    /// Takes a plan.
    pub(super) fn plan(&mut self, plan: Vec<Stay>) {
        self.plan = plan;
    }

    /// Takes a profile of one's own.
    pub fn own(&mut self, own: OwnProfile) {
        self.terms.own = Some(own);
    }

    /// A profile of one's own was taken.
    pub fn has_own(&self) -> bool {
        self.terms.own.is_some()
    }

    fn rate(&mut self, which: usize, value: &Value) -> Result<()> {
        if let Some(rate) = self.rates.get_mut(which) {
            *rate = value.real();
        }
        Ok(())
    }

    fn activations(&mut self) -> Result<Activations> {
        match (std::mem::take(&mut self.plan), self.others, self.share) {
            (plan, None, None) if plan.is_empty() => Ok(Activations::Keep),
            (plan, None, None) => Ok(Activations::Plan(plan)),
            (plan, ..) if !plan.is_empty() => Err(Error::new(
                Code::InvalidSetting,
                "a plan and a setting both say what becomes of the activations",
            )
            .hint("give one of activation and replaced")),
            (_, None, Some(_)) => Err(Error::new(
                Code::InvalidSetting,
                "a share of the activations stays, and the others do too",
            )
            .hint("say what the others become: identity, poly2:public, poly2:secret or aespa")),
            (_, Some(others), None) => Ok(Activations::All(others)),
            (_, Some(others), Some(share)) => {
                let kept = Keep { share, granularity: self.granularity };
                Ok(Activations::Share { kept, others })
            }
        }
    }

    /// The settings, where they go together.
    ///
    /// # Errors
    /// `InvalidSetting` for a link that is set twice or by half, a share of activations without a word on the others,
    /// or a plan beside another setting of activations.
    pub fn finish(mut self) -> Result<Ask> {
        self.terms.link = match (self.preset, self.rates) {
            (None, [None, None, None]) => self.terms.link,
            (Some(line), [None, None, None]) => line,
            (None, [Some(up), Some(down), rtt]) => Line::Custom { up, down, rtt: rtt.unwrap_or(0.0) },
            _ => {
                return Err(Error::new(Code::InvalidSetting, "the link is set twice, or by half")
                    .hint("name a preset, or give both rates and the round-trip time"));
            }
        };
        let ask = Ask { activations: self.activations()?, terms: self.terms };
        ask.terms.link.link().check()?;
        Ok(ask)
    }
}

/// Values in range: what is said reads back.
///
/// # Errors
/// `InvalidSetting` for the first that is not.
pub fn check(terms: &Terms, activations: &Activations) -> Result<()> {
    terms.link.link().check()?;
    for setting in SETTINGS {
        for value in (setting.say)(terms, activations) {
            setting.kind.accept(setting.name, value)?;
        }
    }
    Ok(())
}
