//! Who is compared with whom where the largest of several is wanted.
//!
//! Neighbours are compared, and the odd ones out come in at the end, one by one, in as many levels as the public engine takes: of n
//! values floor(log2 n) + (ones of n in binary) - 1 levels, n - 1 comparisons. An earlier value is always the first of its pair,
//! so that of equal ones the first wins, as in ONNX.

/// Levels of comparisons. Numbers are places: of the values that go in, then of what each comparison gives, in order.
pub struct Tournament {
    /// Pairs that are compared at once.
    pub levels: Vec<Vec<(usize, usize)>>,
    /// Where the largest of each window is in the end.
    pub winners: Vec<usize>,
}

impl Tournament {
    /// For windows over `inputs` values.
    pub fn new(windows: &[Vec<usize>], inputs: usize) -> Self {
        let mut open: Vec<(Vec<usize>, Vec<usize>)> =
            windows.iter().map(|one| (one.clone(), Vec::new())).collect();
        let (mut levels, mut next) = (Vec::new(), inputs);
        loop {
            let mut pairs = Vec::new();
            for (left, aside) in &mut open {
                if left.len() % 2 == 1 && left.len() > 1 {
                    aside.extend(left.pop());
                }
                if left.len() == 1
                    && let Some(late) = aside.pop()
                {
                    left.push(late);
                }
                let half = left.len() / 2;
                if half == 0 {
                    continue;
                }
                let made = (0..half).map(|_| {
                    next += 1;
                    next - 1
                });
                let made: Vec<usize> = made.collect();
                pairs.extend(left.iter().step_by(2).copied().zip(left.iter().skip(1).step_by(2).copied()));
                *left = made;
            }
            if pairs.is_empty() {
                break;
            }
            levels.push(pairs);
        }
        let winners = open.iter().filter_map(|(left, _)| left.first().copied()).collect();
        Self { levels, winners }
    }
}

/// One window over all of `n` values.
pub fn indices(n: usize) -> Vec<Vec<usize>> {
    vec![(0..n).collect()]
}
