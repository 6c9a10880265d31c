//! SPU against `fixtures/compute.csv`: its bytes and messages, exact, and its CPU seconds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod seconds;
mod traffic;

use crate::cost::ledger::{Ledger, Page};
use crate::cost::term::{Term, To};
use crate::cost::tests::nets::{activation, conv, fc};
use crate::cost::tests::*;
use crate::count::{Activation, Kind};

/// One row of the fixture.
struct Run {
    id: &'static str,
    op: String,
    shape: Vec<Vec<u64>>,
    /// Bytes of all parties, least and most over the runs.
    bytes: [f64; 2],
    messages: u64,
    /// CPU seconds of the busiest party: least, median, most.
    seconds: [f64; 3],
}

impl Run {
    fn name(&self) -> String {
        format!("{} {} {:?}", self.id, self.op, self.shape)
    }

    /// How many other runs the operation has under its protocol, this one counted.
    fn sizes(&self, all: &[Self]) -> usize {
        all.iter().filter(|run| run.id == self.id && run.op == self.op).count()
    }
}

fn runs() -> Vec<Run> {
    let rows = csv(include_str!("../../../fixtures/compute.csv"));
    let number = |row: &HashMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
    let read = |row: HashMap<String, String>| {
        let op = row["op"].clone();
        let private = ["_wpriv", "_cpriv", "_ypriv"].iter().any(|end| op.ends_with(end));
        let id = match (row["protocol"].as_str(), private) {
            ("SEMI2K", _) => "semi2k",
            ("ABY3", _) => "aby3",
            ("CHEETAH", true) => "cheetah:spu",
            ("CHEETAH", false) => "cheetah:spu-shared",
            (other, _) => panic!("{other}"),
        };
        Run {
            id,
            shape: serde_json::from_str(&row["shapes"]).unwrap(),
            bytes: [number(&row, "bytes_total"), number(&row, "bytes_max")],
            messages: row["messages"].parse().unwrap(),
            seconds: ["min", "median", "max"].map(|at| number(&row, &format!("cpu_s_busiest_party_{at}"))),
            op,
        }
    };
    rows.into_iter().map(read).collect()
}

/// The rows of a run, and those of what they hold beside it; or why no layer is that operation.
fn work_of(run: &Run) -> std::result::Result<[Vec<Row>; 2], &'static str> {
    let shape = &run.shape;
    let n: u64 = shape[0].iter().product();
    let by_row = |kind, elements| {
        let (rows, row_length) = (shape[0][0], *shape[0].last().unwrap());
        let comparisons = rows * row_length.saturating_sub(1);
        Work::Activation(Activation { kind, elements, rows, row_length, comparisons, folded: false })
    };
    let image = |k, stride| conv(shape[0][3], shape[1][3], shape[0][1], k, stride);
    let product = || Work::Product { elements: n };
    let scale = || Work::Scale { elements: n };
    let (of, beside) = match run.op.as_str() {
        "relu" => (vec![activation(Kind::ReLU, n)], vec![]),
        "square" | "mul" => (vec![product()], vec![]),
        "square_int" => (vec![product()], vec![scale()]),
        "trunc" => (vec![scale()], vec![]),
        // Term by term, not in Horner's order: x^2, then its scaling and that of x.
        "poly2" => (vec![product(), scale(), scale()], vec![]),
        "poly2_perch" | "poly2_perch_cpriv" => (vec![Work::Poly2 { elements: n, secret: true }], vec![]),
        "mul_ypriv" => (vec![Work::BatchNorm { elements: n }], vec![]),
        "maxpool2" => {
            let (elements, comparisons) = (n / 4, n / 4 * 3);
            let pool = Activation {
                kind: Kind::MaxPool,
                elements,
                rows: elements,
                row_length: 4,
                comparisons,
                folded: false,
            };
            (vec![Work::Activation(pool)], vec![])
        }
        "avgpool2" => (vec![Work::AvgPool { elements: n / 4, window: 4 }], vec![]),
        "conv1" | "conv1_wpriv" => (vec![image(1, 1)], vec![]),
        "conv3" | "conv3_wpriv" => (vec![image(3, 1)], vec![]),
        "conv3s2" => (vec![image(3, 2)], vec![]),
        "fc" | "fc_wpriv" => (vec![fc(shape[1][0], shape[1][1])], vec![]),
        "matmul_ss" => {
            let [m, k, n] = [shape[0][0], shape[0][1], shape[1][1]];
            (vec![Work::MatMul { batch: 1, m, k, n, secret: true, steps: 1 }], vec![])
        }
        "gelu" => (vec![activation(Kind::GELU, n)], vec![]),
        "sigmoid" => (vec![activation(Kind::Sigmoid, n)], vec![]),
        "exp" => (vec![activation(Kind::Exp, n)], vec![]),
        "cmp_gt0" => (vec![activation(Kind::LessThan, n)], vec![]),
        "recip" => (vec![activation(Kind::Reciprocal, n)], vec![]),
        "sqrt" => (vec![activation(Kind::Sqrt, n)], vec![]),
        "log" => (vec![activation(Kind::Log, n)], vec![]),
        "tanh" => (vec![activation(Kind::Tanh, n)], vec![]),
        "silu" => (vec![activation(Kind::SiLU, n)], vec![]),
        "erf" => (vec![activation(Kind::Erf, n)], vec![]),
        "relu6" => (vec![activation(Kind::ReLU6, n)], vec![]),
        "hardswish" => (vec![activation(Kind::HardSwish, n)], vec![]),
        "softmax" => (vec![by_row(Kind::Softmax, n)], vec![]),
        "layernorm" => (vec![by_row(Kind::LayerNorm, n)], vec![]),
        "rmsnorm" => (vec![by_row(Kind::RMSNorm, n)], vec![]),
        "rowmax" => (vec![by_row(Kind::ReduceMax, shape[0][0])], vec![]),
        "argmax" => (vec![by_row(Kind::ArgMax, shape[0][0])], vec![]),
        "embed" => {
            let [rows, row_length, width] = [shape[0][0], shape[1][0], shape[1][1]];
            let table = Activation {
                kind: Kind::LookUp,
                elements: rows * width,
                rows,
                row_length,
                comparisons: 0,
                folded: false,
            };
            (vec![Work::Activation(table)], vec![])
        }
        // Rows of one: the norm's other parts go off again.
        "rsqrt" => {
            let norm = Activation {
                kind: Kind::RMSNorm,
                elements: n,
                rows: n,
                row_length: 1,
                comparisons: 0,
                folded: false,
            };
            (vec![Work::Activation(norm)], vec![product(), scale(), product(), product()])
        }
        "net_relu" | "net_poly2" | "net_identity" => (digits(&run.op), vec![]),
        other => panic!("{other} has no work and no reason"),
    };
    Ok([rows(of), rows(beside)])
}

/// The digits network: four convolutions, two average pools, two fully connected layers.
fn digits(op: &str) -> Vec<Work> {
    let act = |n| match op {
        "net_relu" => Some(activation(Kind::ReLU, n)),
        "net_poly2" => Some(Work::Poly2 { elements: n, secret: false }),
        _ => None,
    };
    let net = [
        Some(conv(1, 8, 8, 3, 1)),
        act(512),
        Some(conv(8, 8, 8, 3, 1)),
        act(512),
        Some(Work::AvgPool { elements: 128, window: 4 }),
        Some(conv(8, 16, 4, 3, 1)),
        act(256),
        Some(conv(16, 16, 4, 3, 1)),
        act(256),
        Some(Work::AvgPool { elements: 64, window: 4 }),
        Some(fc(64, 32)),
        act(32),
        Some(fc(32, 10)),
    ];
    net.into_iter().flatten().collect()
}

/// The terms of rows under the default settings.
fn terms_of(id: &str, rows: &[Row]) -> Vec<Term> {
    let terms = Terms::default();
    let tariff = Tariff::of(id, &terms).unwrap();
    let pricing = Pricing::new(&tariff, &terms, &Activations::Keep);
    let ledger = Ledger::new(rows, &pricing).unwrap();
    let (mut page, mut all) = (Page::default(), Vec::new());
    for (position, row) in rows.iter().enumerate() {
        ledger.fill(position, &mut page);
        for entry in &page.entries {
            assert_eq!(entry.missing, None, "{id} {row:?}");
        }
        all.extend_from_slice(page.all());
    }
    all
}

/// Bytes of all parties without Ferret's own, and rounds.
fn traffic_of(terms: &[Term]) -> (f64, u64) {
    let sum = |take: &dyn Fn(&Term) -> bool| -> u128 {
        terms.iter().filter(|term| take(term)).map(|term| term.rate.times(1, term.count)).sum()
    };
    let refill = |term: &Term| term.rate.name.ends_with("_refill");
    let sent = |term: &Term| matches!(term.to, To::OnlineUp | To::OnlineDown | To::OnlineAll);
    (
        sum(&|term| sent(term) && !refill(term)) as f64,
        u64::try_from(sum(&|term| term.to == To::Rounds)).unwrap(),
    )
}

/// Compute seconds, in the middle.
fn seconds_of(terms: &[Term]) -> f64 {
    let timed = terms.iter().filter(|term| term.to == To::OnlineSeconds);
    timed.map(|term| term.rate.real()[1] * term.count as f64 * term.scale).sum()
}
