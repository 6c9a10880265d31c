//! Prices against runs and logs: fixtures/ holds rows of published artifacts and of engine runs
//! (bytes and messages as the engine counted them).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cheetah;
mod circa;
#[cfg(feature = "all")]
mod ckks;
mod crypten;
mod delphi;
mod gaps;
mod keep;
mod nets;
mod path;
mod properties;
mod shape;
mod spu;
mod what_if;

use std::collections::HashMap;

use super::constant::{Constant, RING_BITS};
use super::*;
use crate::count::{Row, Work};

/// Records of a CSV with quoted fields, by column name.
fn csv(text: &str) -> Vec<HashMap<String, String>> {
    let split = |line: &str| {
        let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(std::mem::take(&mut field)),
                c => field.push(c),
            }
        }
        fields.push(field);
        fields
    };
    let mut lines = text.lines();
    let header = split(lines.next().unwrap());
    lines.map(|line| header.iter().cloned().zip(split(line)).collect()).collect()
}

fn row(work: Work) -> Row {
    Row { op: "test".into(), work: vec![work], ..Row::default() }
}

fn rows(works: Vec<Work>) -> Vec<Row> {
    works.into_iter().enumerate().map(|(i, work)| Row { index: i as u32, ..row(work) }).collect()
}

#[track_caller]
fn near(what: &str, got: f64, want: f64, tolerance: f64) {
    let ratio = got / want;
    println!("{what}: {got:.3} for {want:.3}, ratio {ratio:.4}");
    assert!((ratio - 1.0).abs() <= tolerance, "{what}: {got} for {want}");
}

fn cost(id: &str, rows: &[Row], settings: &Settings) -> Estimate {
    estimate(rows, profile(id).unwrap(), settings).unwrap()
}
