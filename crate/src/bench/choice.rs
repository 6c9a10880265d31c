//! What stays: by a policy's order, or by trying blocks out; and the polynomials of what goes once it is known.

use std::rc::Rc;

use super::compare::loss;
use super::draft::Draft;
use super::fit::{Fitted, fit};
use super::flow::observe;
use super::question::Question;
use super::run::Runs;
use super::samples::{Arrays, samples};
use crate::error::{Code, Error, Result};
use crate::run::session::ready;
use crate::select::{Descent, Mask, Problem, Selection, descend};

/// Block coordinate descent; every block is judged by a run of the changed model.
pub(super) async fn by_descent(
    runs: &Runs<'_>,
    question: &Question,
    problem: &Problem<'_>,
    fits: &[Rc<Fitted>],
    inputs: Option<&Arrays>,
) -> Result<Selection> {
    let Some(inputs) = inputs else {
        return Err(Error::new(Code::InvalidSetting, "a descent needs data").hint("--data x.npy"));
    };
    let (rounds, candidates) = question.wish.descent;
    runs.meter.expect((rounds as u64 * candidates as u64 + 1) * samples(inputs));
    let runs = runs.on_cpu();
    let before = runs.first(None, inputs).await?;
    let mut evaluate = |masks: &[Mask]| {
        let draft = Draft {
            masks: masks.to_vec(),
            fits: fits.to_vec(),
            ways: question.ways.clone(),
            drops: question.wish.drop_outputs,
        };
        let changed = draft.splice(runs.network, &question.sites, None)?;
        loss(&before, &ready(runs.first(Some(&changed), inputs))?)
    };
    descend(problem, Descent { rounds, candidates }, &mut evaluate)
}

/// Fits each layer that goes on what arrives once those before it went.
pub(super) async fn refit(
    runs: &Runs<'_>,
    question: &Question,
    data: &Arrays,
    draft: &mut Draft,
) -> Result<()> {
    let goes = |mask: &Mask| mask.uniform() != Some(true);
    let gone = draft.masks.iter().enumerate().filter(|(_, mask)| goes(mask));
    let gone: Vec<usize> = gone.map(|(place, _)| place).collect();
    for place in gone.into_iter().skip(1) {
        let mut before = draft.clone();
        for (mask, activation) in before.masks.iter_mut().zip(&question.sites).skip(place) {
            *mask = Mask::whole(&activation.site, true);
        }
        let changed = before.splice(runs.network, &question.sites, None)?;
        let (Some(activation), Some(way)) = (question.sites.get(place), question.ways.get(place)) else {
            continue;
        };
        let flows = observe(runs, Some(data), std::slice::from_ref(activation), Some(&changed)).await?;
        if let (Some(flow), Some(slot)) = (flows.first(), draft.fits.get_mut(place)) {
            *slot = Rc::new(fit(activation, flow, *way, question.wish.per_channel)?);
        }
    }
    Ok(())
}
