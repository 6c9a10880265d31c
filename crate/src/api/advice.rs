//! `advice`: what stands in the way of a model, and what changes would do about it, the greatest saving first.

use serde::Serialize;

use super::model::{Model, Scored};
use super::score::{Extent, Port};
use crate::cost::{Activations, Advised, Adviser, Ask, Finding, Stay, Terms, planned_of};
use crate::count::{Conv, Row, Work};
use crate::error::Result;
use crate::limits::MAX_WHAT_IF_ROWS;
use crate::open::{Opened, Settings};

/// What stands in the way, and what to do.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Advice {
    /// Always `reluctant.advice/1`.
    pub schema: &'static str,
    /// Id of the profile.
    pub protocol: &'static str,
    /// Its version.
    pub profile_version: u32,
    /// Id of the link.
    pub link: String,
    /// What it starts from: `network`, or `plan` where something is replaced.
    pub starts_from: &'static str,
    /// The estimate it starts from leaves work out.
    pub at_least: bool,
    /// A sentence for each phase, then what else is worth one.
    pub findings: Vec<Finding>,
    /// Each by itself, the greatest saving first; what is not known is last.
    pub changes: Vec<Advised>,
    /// What was not tried, and why.
    pub left_out: Vec<LeftOut>,
}

/// A change that was not tried.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LeftOut {
    /// As [`Advised::id`].
    pub id: String,
    /// Why.
    pub reason: String,
}

/// Another network of the same layers.
struct Resized {
    id: String,
    text: String,
    rows: Vec<Row>,
}

impl Model {
    /// Findings and changes for this model, scored as `scored` under `settings`, under the first protocol of the ask.
    ///
    /// # Errors
    /// As [`cost_of`](crate::api::cost_of).
    pub fn advice(&self, settings: &Settings, scored: &Scored, ask: &Ask) -> Result<Advice> {
        let tried = [
            ("half-side", self.half_side(settings, scored)),
            ("half-width", self.half_width(settings, scored)),
        ];
        advice(scored, ask, tried)
    }

    /// Half the side of the images, where every layer still fits and no weight changes.
    fn half_side(&self, settings: &Settings, scored: &Scored) -> Tried {
        let images = scored.score.model.inputs.iter().filter_map(|port| Some((port, halved(port)?)));
        let mut half = settings.clone();
        let mut shapes = Vec::new();
        for (port, shape) in images {
            shapes.push(format!("{} = {shape}", port.name));
            half.set.insert(port.name.clone(), shape);
        }
        if shapes.is_empty() {
            return Err("it reads no images of an even side".to_owned());
        }
        let smaller = self.score(&half).map_err(|error| error.to_string())?;
        if let Some(unknown) = smaller.score.coverage.unknown.first()
            && smaller.score.coverage.unknown.len() > scored.score.coverage.unknown.len()
        {
            return Err(format!("at half the side it does not fit: {}", unknown.reason));
        }
        if !fits(&scored.rows, &smaller.rows) {
            return Err("its layers are made for one size of input".to_owned());
        }
        let text = format!("Images of half the side: {}", shapes.join(", "));
        Ok(Resized { id: "half-side".to_owned(), text, rows: smaller.rows })
    }

    /// Half the channels everywhere, where the network was made from a spec that says how.
    fn half_width(&self, settings: &Settings, scored: &Scored) -> Tried {
        let none = || "no spec says how wide its layers are".to_owned();
        let narrow = self.example.and_then(Opened::narrowed).ok_or_else(none)?;
        let narrow = narrow.and_then(|narrow| Self::of(narrow).score(settings));
        let narrow = narrow.map_err(|error| error.to_string())?;
        if narrow.rows.len() != scored.rows.len() {
            return Err("at half the width its layers are others".to_owned());
        }
        let text = "Half the channels in every layer".to_owned();
        Ok(Resized { id: "half-width".to_owned(), text, rows: narrow.rows })
    }
}

/// Another network, or why there is none.
type Tried = std::result::Result<Resized, String>;

impl Scored {
    /// The same for a score that came without its model, as a link does: its layers keep their sizes.
    ///
    /// # Errors
    /// As [`Model::advice`].
    pub fn advice(&self, ask: &Ask) -> Result<Advice> {
        let none = || Err("a link holds no model to open at another size".to_owned());
        advice(self, ask, [("half-side", none()), ("half-width", none())])
    }
}

fn advice(scored: &Scored, ask: &Ask, resized: [(&'static str, Tried); 2]) -> Result<Advice> {
    let protocol = ask.terms.first()?.to_owned();
    let ask = Ask { terms: ask.terms.with(&protocol), activations: ask.activations.clone() };
    let mut adviser = Adviser::new(&scored.rows, &ask)?;
    let mut left_out = Vec::new();
    polynomials(&mut adviser, scored, &ask, &mut left_out)?;
    adviser.cheaper_functions()?;
    for (id, tried) in resized {
        let planned = tried.and_then(|resized| Ok((scaled(&scored.rows, &resized.rows, &ask)?, resized)));
        match planned {
            Ok((ask, Resized { id, text, rows })) => adviser.try_on(id, text, &rows, &ask)?,
            Err(reason) => left_out.push(LeftOut { id: id.to_owned(), reason }),
        }
    }
    adviser.settings()?;
    let (before, changes) = adviser.ranked();
    Ok(Advice {
        schema: "reluctant.advice/1",
        protocol: before.protocol,
        profile_version: before.profile_version,
        link: before.link.into_owned(),
        starts_from: if ask.activations == Activations::Keep { "network" } else { "plan" },
        at_least: before.bound,
        findings: before.findings,
        changes,
        left_out,
    })
}

/// All activations that stay become polynomials, those of each stage, each by itself.
fn polynomials(
    adviser: &mut Adviser<'_>,
    scored: &Scored,
    ask: &Ask,
    left_out: &mut Vec<LeftOut>,
) -> Result<()> {
    let all = adviser.activations();
    let Some(one) = all.first() else { return Ok(()) };
    let rest = if ask.activations == Activations::Keep { "activations" } else { "activations that stay" };
    let plural = |n: usize, what: &str| if n == 1 { "The one".to_owned() } else { format!("All {n} {what}") };
    if let Activations::Share { .. } = ask.activations {
        left_out.push(LeftOut {
            id: "poly2".to_owned(),
            reason: "a share of the activations is in force, which stands for no single layer".to_owned(),
        });
        return adviser.the_rest("activation-share:0".to_owned(), "None of the activations stays".to_owned());
    }
    let becomes = "to polynomials of degree 2";
    adviser.polynomials("poly2:all".to_owned(), format!("{} {becomes}", plural(all.len(), rest)), &all)?;
    let layer = |position: &usize| {
        let row = scored.rows.get(*position)?;
        let layer = scored.score.layers.iter().find(|layer| layer.index == row.index)?;
        Some((row, layer.stage.as_str()))
    };
    let mut stages: Vec<(&str, Vec<usize>)> = Vec::new();
    for position in &all {
        let Some((_, stage)) = layer(position) else { continue };
        match stages.iter_mut().find(|(name, _)| *name == stage) {
            Some((_, positions)) => positions.push(*position),
            None => stages.push((stage, vec![*position])),
        }
    }
    for (stage, positions) in stages.iter().filter(|(stage, _)| !stage.is_empty() && stages.len() > 1) {
        let text = match positions.len() {
            1 => format!("The activation of {stage} {becomes}"),
            n => format!("The {n} activations of {stage} {becomes}"),
        };
        adviser.polynomials(format!("poly2:stage:{stage}"), text, positions)?;
    }
    if scored.rows.len() > MAX_WHAT_IF_ROWS {
        let reason = format!("{} rows are too many to try changes on", scored.rows.len());
        left_out.push(LeftOut { id: "poly2:layer".to_owned(), reason });
        return Ok(());
    }
    for position in all.iter().filter(|position| all.len() > 1 || *position != one) {
        let Some((row, _)) = layer(position) else { continue };
        let text = format!("{} {becomes}", row.name);
        adviser.polynomials(format!("poly2:layer:{}", row.index), text, &[*position])?;
    }
    Ok(())
}

/// `1x3x16x16` of an image of 32 x 32: the last two of four dimensions, where both are even.
fn halved(port: &Port) -> Option<String> {
    let known = |extent: &Extent| match extent {
        Extent::Known(n) => Some(*n),
        Extent::Symbolic(_) => None,
    };
    let sizes: Vec<i64> = port.shape.as_ref()?.iter().map(known).collect::<Option<_>>()?;
    let &[batch, channels, height, width] = sizes.as_slice() else { return None };
    let even = |side: i64| side >= 2 && side % 2 == 0;
    let shape = || format!("{batch}x{channels}x{}x{}", height / 2, width / 2);
    (even(height) && even(width)).then(shape)
}

/// Every layer reads as many channels and makes as many as before, and has fewer places wherever it had several: a
/// position embedding or a fixed reshape would leave what follows as large as it was.
fn fits(before: &[Row], after: &[Row]) -> bool {
    let places = |sizes: &[u64]| sizes.iter().fold(1, |all: u64, size| all.saturating_mul(*size));
    let fewer = |before: u64, after: u64| before == 1 && after == 1 || after < before;
    let smaller = |(a, b): (&Work, &Work)| match (a, b) {
        (Work::Conv(a), Work::Conv(b)) | (Work::ConvTranspose(a), Work::ConvTranspose(b)) => {
            let weights = |conv: &Conv| (conv.in_channels, conv.out_channels, conv.kernel.clone());
            weights(a) == weights(b) && fewer(places(&a.output), places(&b.output))
        }
        (&Work::MatMul { m, k, n, secret, .. }, &Work::MatMul { m: o, k: l, n: p, secret: also, .. }) => {
            secret == also && fewer(m, o) && (secret || (k, n) == (l, p))
        }
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    };
    let rows = |(a, b): (&Row, &Row)| {
        let works = a.work.len() == b.work.len() && a.work.iter().zip(&b.work).all(smaller);
        works && a.index == b.index && a.unknown.is_some() == b.unknown.is_some()
    };
    before.len() == after.len() && before.iter().zip(after).all(rows)
}

/// What a plan keeps of a network of another size: the same part of each layer. 4,096 of 65,536 at half the side: 1,024
/// of 16,384.
fn scaled(before: &[Row], after: &[Row], ask: &Ask) -> std::result::Result<Ask, String> {
    let Activations::Plan(plan) = &ask.activations else { return Ok(ask.clone()) };
    let elements = |rows: &[Row], index: u32| -> Option<u64> {
        Some(planned_of(rows.iter().find(|row| row.index == index)?))
    };
    let scale = |stay: &Stay| -> Option<Stay> {
        let (whole, now) = (elements(before, stay.index)?, elements(after, stay.index)?);
        let kept = u128::from(stay.kept) * u128::from(now) / u128::from(whole.max(1));
        Some(Stay { kept: u64::try_from(kept).ok()?, ..*stay })
    };
    let plan = plan.iter().map(scale).collect::<Option<Vec<_>>>();
    let plan = plan.ok_or_else(|| "the plan names layers that are others at that size".to_owned())?;
    let terms: Terms = ask.terms.clone();
    Ok(Ask { terms, activations: Activations::Plan(plan) })
}

#[cfg(test)]
mod tests;
