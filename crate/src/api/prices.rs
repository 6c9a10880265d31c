//! Prices of many specs of one family: a network's is the sum of its sections', and each section is priced once.

use std::collections::HashMap;

use crate::cost::{Carry, Detail, Pricing, SectionCost, Totals, estimate, section};
use crate::design::{Spec, rows, sections};
use crate::error::Result;

/// Prices that are remembered: some 40 MB.
const MOST: usize = 1 << 17;

/// What was priced, of one set of pricings: by a section's key, a pricing's place and what the section takes over.
#[derive(Default)]
pub struct Prices {
    known: HashMap<Vec<u32>, (SectionCost, Carry)>,
    key: Vec<u32>,
}

impl Prices {
    /// The totals of a checked spec under each pricing, None of a bound: those of its [`rows`] to the unit, and seconds but for
    /// the order of sums. What does not add up is priced as a whole. The pricings are the same at every call.
    ///
    /// # Errors
    /// As [`estimate`].
    pub fn totals(&mut self, spec: &Spec, pricings: &[Pricing<'_>]) -> Result<Vec<Option<Totals>>> {
        let inputs = spec.input.iter().map(|size| u64::from(*size)).product();
        let start = Carry { ends: Some([inputs, spec.classes.into()]), ready: 0 };
        let mut sums = vec![(SectionCost::default(), start); pricings.len()];
        for part in sections(spec) {
            part.key(&mut self.key);
            let (length, mut rows) = (self.key.len(), None);
            for (place, (pricing, (sum, carry))) in (0u32..).zip(pricings.iter().zip(&mut sums)) {
                if !pricing.adds_up() {
                    continue;
                }
                self.key.truncate(length);
                self.key.push(place);
                for number in carry.ends.into_iter().flatten().chain([carry.ready]) {
                    self.key.extend([number as u32, (number >> 32) as u32]);
                }
                let (cost, after) = match self.known.get(&self.key) {
                    Some(known) => *known,
                    None => {
                        let rows = rows.get_or_insert_with(|| part.rows());
                        let priced = section(rows, pricing, *carry, part.is_last())?;
                        if self.known.len() >= MOST {
                            self.known.clear();
                        }
                        self.known.insert(self.key.clone(), priced);
                        priced
                    }
                };
                sum.plus(&cost);
                *carry = after;
            }
        }
        let one = |(pricing, (cost, after)): (&Pricing<'_>, &(SectionCost, Carry))| {
            // Where no linear layer has a price, something else of the network carries its ends.
            if !pricing.adds_up() || after.ends.is_some() {
                return Ok(Totals::of(&estimate(&rows(spec), pricing, Detail::Totals)?));
            }
            cost.totals(pricing)
        };
        pricings.iter().zip(&sums).map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::cost::{Activations, Line, Norms, Replacement, Tariff, Terms, profile, profiles};
    use crate::design::{random_specs, spec_of};

    /// Every protocol, in one memory: random networks of every kind of block, and examples; twice, so that the second time
    /// nothing but sums is left.
    #[test]
    fn sums_of_sections_are_the_price_of_the_whole() {
        let threads = |he_threads| Terms { he_threads, ..Terms::default() };
        let wan = Terms { link: Line::preset("wan").unwrap(), argmax: true, ..threads(13) };
        let norms = |norms| Terms { norms, ..threads(2) };
        let asked = [
            (threads(1), Activations::Keep),
            (wan, Activations::Keep),
            (norms(Norms::Separate), Activations::All(Replacement::Poly2Public)),
            (norms(Norms::Folded), Activations::All(Replacement::Identity)),
        ];
        let mut specs = random_specs(16);
        specs.extend(["resnet18-cifar100", "wrn22-8-cifar100"].map(|id| spec_of(id).unwrap()));
        let all = profiles().iter().copied().chain(["circa:9"].map(|id| profile(id).unwrap()));
        let tariffs: Vec<Tariff> = all.map(Tariff::Published).collect();
        let (mut bounds, mut timed) = (0, 0);
        for (terms, activations) in &asked {
            let pricing = |tariff| Pricing::new(tariff, terms, activations);
            let pricings: Vec<Pricing<'_>> = tariffs.iter().map(pricing).collect();
            assert_eq!(pricings.iter().filter(|pricing| !pricing.adds_up()).count(), 3, "CKKS");
            let whole = |spec: &Spec| -> Vec<Option<Totals>> {
                let rows = rows(spec);
                let one = |pricing| Totals::of(&estimate(&rows, pricing, Detail::Totals).unwrap());
                pricings.iter().map(one).collect()
            };
            let wanted: Vec<_> = specs.iter().map(whole).collect();
            let mut prices = Prices::default();
            for (spec, wanted) in specs.iter().zip(&wanted).chain(specs.iter().zip(&wanted)) {
                let found = prices.totals(spec, &pricings).unwrap();
                for ((pricing, found), want) in pricings.iter().zip(found).zip(wanted) {
                    let what = format!("{} {terms:?} {spec:?}", pricing.tariff.id());
                    let whole = |totals: &Option<Totals>| totals.map(|totals| (totals.bytes, totals.rounds));
                    assert_eq!(whole(&found), whole(want), "{what}");
                    let seconds = |totals: &Option<Totals>| totals.and_then(|totals| totals.seconds);
                    match (seconds(&found), seconds(want)) {
                        (Some(a), Some(b)) => {
                            let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
                            assert!(a.iter().zip(&b).all(near), "{a:?} {b:?} {what}");
                            timed += 1;
                        }
                        (a, b) => assert_eq!(a, b, "{what}"),
                    }
                    bounds += u32::from(want.is_none());
                }
            }
        }
        assert!(bounds > 50 && timed > 500, "{bounds} {timed}");
    }
}
