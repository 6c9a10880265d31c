//! CrypTen against the bytes and rounds of its runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::cost::tests::runs::work_of_run;
use crate::cost::tests::*;

#[test]
fn every_run_to_the_byte() {
    let mut seen = 0;
    for run in csv(include_str!("../../fixtures/mpc-ops.csv")).iter().filter(|run| run["engine"] == "CrypTen")
    {
        let number = |column: &str| run[column].parse::<u64>().unwrap();
        let shape: Vec<Vec<u64>> = serde_json::from_str(&run["shape"]).unwrap();
        let work = match run["op"].as_str() {
            // Squares take half of a product: the engine's x^2, and what a polynomial becomes.
            "square" | "poly2" => Work::Poly2 { elements: number("elements"), secret: false },
            "cmp_gt0" => {
                // A ReLU is a comparison and a choice.
                let select = profile("crypten").unwrap().view(1);
                let of =
                    |name| select.constants.iter().find(|c| c.name == name).unwrap().value.unwrap() as u64;
                assert_eq!((of("relu") - of("select")) * number("elements"), number("bytes_total"));
                assert_eq!(of("relu_rounds") - of("select_rounds"), number("messages_of_one_party"));
                seen += 1;
                continue;
            }
            "trunc(mul public float)" => Work::Scale { elements: number("elements") },
            op => work_of_run(op, &shape).unwrap(),
        };
        let e = cost("crypten", &[row(work)], &Terms::default());
        let what = format!("{} {}", run["op"], run["shape"]);
        assert!(!e.partial, "{what}: {:?}", e.unpriced);
        assert_eq!(e.bytes_total, number("bytes_total"), "{what}");
        assert_eq!(e.online.rounds, number("messages_of_one_party"), "{what}");
        assert_eq!(e.online.bytes_up, e.online.bytes_down, "{what}");
        seen += 1;
    }
    assert_eq!(seen, 22);
}

#[test]
fn other_rings_and_windows_are_null() {
    let relu = [row(crate::cost::tests::nets::relu(10))];
    assert!(cost("crypten", &relu, &Terms { ring_bits: 32, ..Terms::default() }).partial);
    let Work::Activation(pool) = work_of_run("maxpool2", &[vec![1, 8, 8, 4]]).unwrap() else { panic!() };
    let wide = crate::count::Activation { row_length: 9, comparisons: pool.elements * 8, ..pool };
    let e = cost("crypten", &[row(Work::Activation(wide))], &Terms::default());
    assert!(e.unpriced[0].reason.contains("2x2"));
}
