// What is done to each result before it is stored: y = s*R(x) + (1-s)*P(x).
//
// Head: `named`, and
//   s  the element's bit of the mask (MASKED), else 1 where there is no polynomial and 0 where there is;
//   R  is `named`, or with FAULTS the stochastic ReLU of Circa;
//   P  is a polynomial of degree DEGREE (0: none) with coefficients by channel.

struct Act {
    a: f32,
    b: f32,
    // Circa: 2^fraction bits, 1/p, 2^k, and which small values suffer.
    scale: f32,
    inverse_prime: f32,
    window: f32,
    negatives_pass: u32,
    // Which activation of the network: part of the counter of its random numbers.
    site: u32,
    // channel = element / inner % channels; place in the mask = element % sample.
    inner: u32,
    channels: u32,
    sample: u32,
    // Coefficients from one channel to the next; 0: all share them.
    stride: u32,
    unused: u32,
}

fn activate(x: f32, element: u32) -> f32 {
    var kept = DEGREE == 0u;
    if (MASKED) {
        let place = element % params.act.sample;
        kept = ((mask[place / 32u] >> (place % 32u)) & 1u) == 1u;
    }
    if (!kept) {
        return polynomial(x, element / params.act.inner % params.act.channels * params.act.stride);
    }
    if (FAULTS) {
        return stochastic(x, element);
    }
    return named(x);
}

// Horner's rule; lowest coefficient first in memory.
fn polynomial(x: f32, first: u32) -> f32 {
    var y = coefficients[first + DEGREE];
    for (var k = DEGREE; k > 0u; k--) {
        y = y * x + coefficients[first + k - 1u];
    }
    return y;
}

// x times a sign that is wrong with probability |X|/p, and for small X of the exposed sign with
// (2^k - |X|)/2^k more, where X = round(x * 2^fraction).
fn stochastic(x: f32, element: u32) -> f32 {
    let fixed = round(x * params.act.scale);
    let size = abs(fixed);
    let exposed = select(fixed > 0.0, fixed < 0.0, params.act.negatives_pass == 1u);
    var fault = size * params.act.inverse_prime;
    if (exposed && size < params.act.window) {
        fault += (params.act.window - size) / params.act.window;
    }
    let wrong = fault >= 1.0 || random(element) < u32(min(fault, 0.99999994) * 4294967296.0);
    let kept = !(x < 0.0);
    return select(0.0, x, kept != wrong);
}

// 32 random bits from (seed, site, element): two rounds of PCG's output function. No state, so the
// same element gets the same bits however the work is cut.
fn random(element: u32) -> u32 {
    return pcg(pcg(element + pcg(run.seed)) + pcg(params.act.site + 0x9e3779b9u));
}

fn pcg(x: u32) -> u32 {
    let state = x * 747796405u + 2891336453u;
    let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
    return (word >> 22u) ^ word;
}

// ---- plain functions; NaN stays NaN ----

fn relu(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }
fn leaky_relu(x: f32) -> f32 { return select(x, params.act.a * x, x < 0.0); }
fn thresholded_relu(x: f32) -> f32 { return select(x, 0.0, x <= params.act.a); }
fn clip(x: f32) -> f32 {
    let raised = select(x, params.act.a, x < params.act.a);
    return select(raised, params.act.b, raised > params.act.b);
}
fn sigmoid(x: f32) -> f32 { return 1.0 / (1.0 + exp(-x)); }
fn hard_sigmoid(x: f32) -> f32 { return unit(params.act.a * x + params.act.b); }
fn hard_swish(x: f32) -> f32 { return x * unit(x / 6.0 + 0.5); }
fn unit(x: f32) -> f32 { return select(select(x, 0.0, x < 0.0), 1.0, x > 1.0); }
fn silu(x: f32) -> f32 { return x * sigmoid(params.act.a * x); }
fn elu(x: f32) -> f32 { return select(x, params.act.a * expm1(x), x < 0.0); }
fn selu(x: f32) -> f32 { return params.act.b * select(x, params.act.a * expm1(x), x <= 0.0); }
fn celu(x: f32) -> f32 { return select(x, params.act.a * expm1(x / params.act.a), x < 0.0); }
fn softsign(x: f32) -> f32 { return x / (1.0 + abs(x)); }
fn softplus(x: f32) -> f32 {
    // log(1 + e^x) without overflow: x + log(1 + e^-x) where x > 0.
    return select(log1p(exp(x)), x + log1p(exp(-x)), x > 0.0);
}
fn mish(x: f32) -> f32 { return x * hyperbolic_tangent(softplus(x)); }
fn gelu(x: f32) -> f32 { return 0.5 * x * (1.0 + error_function(x * 0.70710678118)); }
fn gelu_tanh(x: f32) -> f32 {
    return 0.5 * x * (1.0 + hyperbolic_tangent(0.7978845608 * (x + 0.044715 * x * x * x)));
}
fn hyperbolic_tangent(x: f32) -> f32 {
    // Beyond 10 it is 1 in this precision, and some drivers overflow; near 0 some cancel.
    let inner = tanh(select(select(x, -10.0, x < -10.0), 10.0, x > 10.0));
    let series = x * (1.0 - x * x * (0.33333334 - x * x * 0.13333334));
    return select(select(inner, series, abs(x) < 0.1), x, is_nan(x));
}
fn expm1(x: f32) -> f32 {
    // A short series where e^x - 1 would cancel.
    return select(exp(x) - 1.0, x * (1.0 + x * (0.5 + x * (0.16666667 + x * 0.041666668))), abs(x) < 0.05);
}
fn log1p(x: f32) -> f32 {
    return select(log(1.0 + x), x * (1.0 - x * (0.5 - x * (0.33333334 - x * 0.25))), abs(x) < 0.02);
}
// erf within 1.2e-7: erfc(|x|) = t * exp(-x^2 + p(t)), t = 1/(1 + |x|/2) (a Chebyshev fit).
fn error_function(x: f32) -> f32 {
    let z = abs(x);
    let t = 1.0 / (1.0 + 0.5 * z);
    let p = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
        + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
    let tail = t * exp(-z * z + p);
    let small = x * (1.1283791671 + x * x * (-0.3761263890 + x * x * 0.1128379167));
    return select(select(tail - 1.0, 1.0 - tail, x >= 0.0), small, z < 0.1);
}
fn absolute(x: f32) -> f32 { return abs(x); }
fn negative(x: f32) -> f32 { return -x; }
fn exponential(x: f32) -> f32 { return exp(x); }
fn logarithm(x: f32) -> f32 { return log(x); }
fn square_root(x: f32) -> f32 { return sqrt(x); }
fn reciprocal(x: f32) -> f32 { return 1.0 / x; }
fn floor_of(x: f32) -> f32 { return floor(x); }
fn ceiling(x: f32) -> f32 { return ceil(x); }
fn round_even(x: f32) -> f32 { return round(x); }
fn sign_of(x: f32) -> f32 { return sign(x); }
fn sine(x: f32) -> f32 { return sin(x); }
fn cosine(x: f32) -> f32 { return cos(x); }
fn negation(x: f32) -> f32 { return 1.0 - x; }
