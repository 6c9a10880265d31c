//! Measured terms in place of the base's.
//!
//! A kind's traffic, rounds and seconds are replaced each on its own, in both phases where the
//! measurements do not tell them apart. 65,536 ReLUs at 98.5 B an element: 197 / 2 B x 65,536 = 6,455,296 B.

use super::Calibration;
use super::class::{Class, Feature, classify};
use super::fit::{Fit, Quantity};
use super::measurement::When;
use super::own::Rest;
use crate::cost::constant::{Constant, Status, m};
use crate::cost::job::Job;
use crate::cost::profile::Profile;
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Kind, Work};

const SOURCE: &str = "fitted to your measurements of this kind of work";

impl Calibration {
    /// The price of a job: the base's, less what was measured, and that.
    pub(in crate::cost) fn price(
        &self,
        base: &Profile,
        job: Job<'_>,
        context: Context<'_>,
        out: &mut Vec<Term>,
    ) -> Priced {
        let classified = classify(job, context.steps);
        let found = classified.filter(|(class, _)| self.fits.iter().any(|fit| fit.class == *class));
        let Some((class, amounts)) = found else {
            return match (self.profile.rest, job) {
                (Rest::Base, _) | (_, Job::Work(Work::Add { .. })) => (base.price)(job, context, out),
                _ => Err("it was not measured, and the rest has no price here"),
            };
        };
        if base.has_ring && self.profile.ring_bits.is_some_and(|bits| bits != context.terms.ring_bits) {
            return Err("it was measured at another ring width");
        }
        let start = out.len();
        let from_base = match self.profile.rest {
            Rest::Base => (base.price)(job, context, out),
            Rest::None => Err("its traffic was not measured"),
        };
        let traffic = self.of(class).any(|fit| fit.quantity.is_traffic());
        match from_base {
            Err(reason) if !traffic => return Err(reason),
            Err(_) => out.truncate(start),
            Ok(()) => {
                let kept: Vec<Term> =
                    out.drain(start..).filter(|term| !self.replaces(class, term.to)).collect();
                out.extend(kept);
            }
        }
        // A call's own cost is left out where the settings say so; its rounds are not.
        let skipped = |fit: &Fit, feature: Feature| {
            feature == Feature::Call && !context.per_call && fit.quantity != Quantity::Rounds
        };
        for fit in self.of(class) {
            for (feature, value) in fit.coefficients.iter().filter(|(feature, _)| !skipped(fit, *feature)) {
                let (count, (of, name)) = (amounts.of(*feature), feature.names());
                if let Some(value) = value.filter(|value| *value > 0.0 && count > 0) {
                    let push =
                        |(to, rate): (To, Constant)| out.push(Term::fitted(part(class), to, rate, count, of));
                    rates(fit, name, value).into_iter().flatten().for_each(push);
                }
            }
        }
        Ok(())
    }

    fn of(&self, class: Class) -> impl Iterator<Item = &Fit> {
        self.fits.iter().filter(move |fit| fit.class == class)
    }

    /// Measurements say what goes there.
    fn replaces(&self, class: Class, to: To) -> bool {
        let (is_it, when): (fn(Quantity) -> bool, When) = match to {
            To::OfflineUp | To::OfflineDown | To::OfflineBetween => (Quantity::is_traffic, When::Offline),
            To::OnlineUp | To::OnlineDown | To::OnlineAll => (Quantity::is_traffic, When::Online),
            To::Rounds => (|quantity| quantity == Quantity::Rounds, When::Online),
            To::OfflineSeconds => (|quantity| quantity == Quantity::Seconds, When::Offline),
            To::OnlineSeconds => (|quantity| quantity == Quantity::Seconds, When::Online),
            To::Storage | To::Setup => return false,
        };
        self.of(class).any(|fit| is_it(fit.quantity) && fit.when.is_none_or(|fitted| fitted == when))
    }
}

/// Where a coefficient goes. Offline bytes that are known in all only go half each way.
fn rates(fit: &Fit, name: &'static str, value: f64) -> [Option<(To, Constant)>; 2] {
    let offline = fit.when == Some(When::Offline);
    let [up, down, time] = match offline {
        true => [To::OfflineUp, To::OfflineDown, To::OfflineSeconds],
        false => [To::OnlineUp, To::OnlineDown, To::OnlineSeconds],
    };
    let whole = |value: f64| {
        let (number, parts) = fraction(value);
        Constant::bytes(name, [m(number); 3], SOURCE).per(parts)
    };
    match fit.quantity {
        Quantity::Bytes if offline => [up, down].map(|to| Some((to, whole(value / 2.0)))),
        Quantity::Bytes => [Some((To::OnlineAll, whole(value))), None],
        Quantity::BytesUp => [Some((up, whole(value))), None],
        Quantity::BytesDown => [Some((down, whole(value))), None],
        Quantity::Rounds => [Some((To::Rounds, Constant::rounds(name, [m(value as u64); 3], SOURCE))), None],
        Quantity::Seconds => {
            let at = [fit.spread[0] * value, value, fit.spread[1] * value];
            [Some((time, Constant::seconds(name, at, Status::Measured, SOURCE))), None]
        }
    }
}

/// A rate as whole parts of a power of two, the fewest that hold it: 98.5 is 197 / 2. Sums of it are
/// exact; what takes more than 2^31 parts is rounded to that.
fn fraction(value: f64) -> (u64, u32) {
    let mut parts = 1_u32;
    loop {
        let number = value * f64::from(parts);
        if number.fract() == 0.0 || parts >= 1 << 31 || number >= (1_u64 << 62) as f64 {
            return (number.round() as u64, parts);
        }
        parts *= 2;
    }
}

fn part(class: Class) -> Part {
    match class {
        Class::Truncation => Part::Truncation,
        Class::Function(Kind::MaxPool | Kind::ReduceMax) => Part::Pool,
        Class::Function(_) | Class::Poly2 | Class::SecretPoly2 => Part::Activation,
        _ => Part::Linear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_as_fractions() {
        assert_eq!(fraction(98.5), (197, 2));
        assert_eq!(fraction(144.0), (144, 1));
        assert_eq!(fraction(3.125), (25, 8));
        let (number, parts) = fraction(1e-4);
        assert!((number as f64 / f64::from(parts) - 1e-4).abs() < 1e-9 && parts == 1 << 31);
        assert_eq!(fraction(9e15), (9_000_000_000_000_000, 1));
    }
}
