//! Polynomials for what flows in: each layer by its own method and degree.

use super::flow::{Flow, Spread};
use crate::error::{Code, Error, Result};
use crate::poly::{self, Method, Spec};
use crate::select::Activation;

/// How a layer is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    pub(super) method: Method,
    pub(super) degree: usize,
}

/// How layers are replaced to learn about them, whatever the plan takes: what a layer is worth is its
/// own, and a change of method or degree asks for no run.
pub(super) const TRIAL: Way = Way { method: Method::Dapa, degree: 2 };

/// Polynomials of one activation.
#[derive(Clone, Debug)]
pub struct Fitted {
    pub(super) rows: Vec<Vec<f64>>,
    /// Expected squared error of an element, by channel.
    pub(super) errors: Vec<f64>,
    /// Share outside the fitted range, all channels.
    pub(super) outside: f64,
}

impl Fitted {
    /// Expected squared error of an element.
    pub(super) fn error(&self) -> f64 {
        self.errors.iter().sum::<f64>() / self.errors.len().max(1) as f64
    }
}

impl Way {
    /// A method by its name; one that can be written into a model.
    pub(super) fn method(text: &str) -> Result<Method> {
        match Method::written(text)? {
            Method::Sign => Err(Error::new(
                Code::NotSupported,
                "a chain of polynomials cannot be written into a model yet",
            )
            .hint("choose another method")),
            method => Ok(method),
        }
    }

    /// Fixed coefficients have no degree of their own.
    pub(super) fn has_degrees(self) -> bool {
        matches!(
            self.method,
            Method::Dapa | Method::Fit | Method::Minimax | Method::Chebyshev | Method::Autorep
        )
    }
}

/// Polynomials for what flows into an activation.
pub(super) fn fit(activation: &Activation, flow: &Flow, way: Way, per_channel: bool) -> Result<Fitted> {
    let spreads = flow.spreads(per_channel);
    let mut fitted = Fitted { rows: Vec::new(), errors: Vec::new(), outside: 0.0 };
    for spread in spreads {
        let spec = Spec::new(activation.target, way.method, way.degree, spread.law(way.method));
        let fit = poly::fit(&spec)?;
        fitted.rows.push(fit.coefficients);
        fitted.errors.push(fit.measured.mse);
        let outside = spread.seen.as_ref().map_or(fit.measured.outside, |seen| seen.outside(fit.range));
        fitted.outside += outside / spreads.len() as f64;
    }
    Ok(fitted)
}

/// Nothing in the place of an activation, by channel: its error is the activation itself.
pub(super) fn nothing(activation: &Activation, flow: &Flow) -> Fitted {
    let error = |spread: &Spread| {
        let law = spread.law(Method::Dapa);
        poly::measure(activation.target, &[0.0], &law, law.range()).mse
    };
    let errors = flow.spreads(true).iter().map(error).collect();
    Fitted { rows: vec![vec![0.0]], errors, outside: 0.0 }
}
