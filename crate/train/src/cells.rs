//! Which small cell is trained next, and which at random beside it: a micro-search at a fixed number of ReLU layers. The search
//! is ours, after the idea of Sphynx (arXiv 2106.11755). Cells are numbers; what an operation does is the caller's to know.

use serde::Serialize;

use crate::random::Random;

/// A node of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CellNode {
    /// What it reads: 0 the cell's input, i the node before of that number.
    pub from: usize,
    /// Its operation, below the number of them.
    pub op: usize,
    /// Whether a ReLU stands behind it.
    pub relu: bool,
}

/// A cell.
pub type Cell = Vec<CellNode>;

/// Who chose a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The search.
    Search,
    /// Nobody: it was drawn, of numbers of its own.
    Random,
}

/// Sizes of a search. At least one node and one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Nodes of a cell.
    pub nodes: usize,
    /// ReLU layers of it.
    pub layers: usize,
    /// Operations.
    pub ops: usize,
    /// Cells of the search, and as many at random.
    pub evaluations: usize,
}

/// Cells that are drawn before one that was had already is taken again.
const PATIENCE: usize = 200;
/// The oldest goes when there are more.
const POPULATION: usize = 4;
/// The random cells have numbers of their own: how long the search was does not change them.
const APART: u64 = 0x5EED_CE11;

/// The cell that is trained next, where those before were so good, in order: first the search's, then as many random ones. None
/// when all were.
pub fn next(sizes: Sizes, seed: u64, scores: &[f64]) -> Option<(By, Cell)> {
    let by = match scores.len() {
        done if done < sizes.evaluations => By::Search,
        done if done < 2 * sizes.evaluations => By::Random,
        _ => return None,
    };
    let mut seen: Vec<Cell> = Vec::new();
    if by == By::Random {
        let mut random = Random::new(seed ^ APART);
        let last = scores.len() - sizes.evaluations;
        return (0..=last)
            .map(|_| fresh(&mut seen, || drawn(sizes, &mut random)))
            .last()
            .map(|cell| (by, cell));
    }
    let mut random = Random::new(seed);
    let mut population: Vec<(Cell, f64)> = Vec::new();
    let mut one = |population: &[(Cell, f64)]| {
        fresh(&mut seen, || match population.len() < POPULATION {
            true => drawn(sizes, &mut random),
            false => changed(parent(population, &mut random), sizes.ops, &mut random),
        })
    };
    for score in scores {
        population.push((one(&population), *score));
        if population.len() > POPULATION {
            population.remove(0);
        }
    }
    Some((by, one(&population)))
}

/// A cell that was not had before; one that was where none is left.
fn fresh(seen: &mut Vec<Cell>, mut next: impl FnMut() -> Cell) -> Cell {
    let mut cell = next();
    for _ in 0..PATIENCE {
        if !seen.contains(&cell) {
            break;
        }
        cell = next();
    }
    seen.push(cell.clone());
    cell
}

/// A random cell with so many ReLU layers.
fn drawn(sizes: Sizes, random: &mut Random) -> Cell {
    let mut order: Vec<usize> = (0..sizes.nodes).collect();
    random.shuffle(&mut order);
    let with: Vec<usize> = order.into_iter().take(sizes.layers).collect();
    let node = |at: usize, random: &mut Random| CellNode {
        from: random.below(at + 1),
        op: random.below(sizes.ops),
        relu: with.contains(&at),
    };
    (0..sizes.nodes).map(|at| node(at, random)).collect()
}

/// The better of two of the population.
fn parent<'a>(population: &'a [(Cell, f64)], random: &mut Random) -> &'a Cell {
    let (a, b) = (random.below(population.len()), random.below(population.len()));
    if population[a].1 >= population[b].1 { &population[a].0 } else { &population[b].0 }
}

/// One node reads another, does another thing, or gives its ReLU to one that has none.
fn changed(cell: &Cell, ops: usize, random: &mut Random) -> Cell {
    let mut nodes = cell.clone();
    let at = random.below(nodes.len());
    match random.below(3) {
        0 => nodes[at].op = random.below(ops),
        1 => nodes[at].from = random.below(at + 1),
        _ => {
            let other = random.below(nodes.len());
            let (a, b) = (nodes[at].relu, nodes[other].relu);
            (nodes[at].relu, nodes[other].relu) = (b, a);
        }
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(cell: &Cell, layers: usize) -> bool {
        let reads = cell.iter().enumerate().all(|(at, node)| node.from <= at && node.op < 4);
        reads && cell.iter().filter(|node| node.relu).count() == layers
    }

    #[test]
    fn changes_keep_the_relus_and_what_a_node_may_read() {
        let sizes = Sizes { nodes: 5, layers: 2, ops: 4, evaluations: 1 };
        let mut random = Random::new(3);
        let mut cell = drawn(sizes, &mut random);
        for _ in 0..500 {
            cell = changed(&cell, 4, &mut random);
            assert!(sound(&cell, 2), "{cell:?}");
        }
    }

    /// Of the scores alone: whoever lost a worker goes on where it was. The random cells are the same whatever the search did.
    #[test]
    fn what_comes_next_hangs_on_the_scores() {
        let sizes = Sizes { nodes: 4, layers: 2, ops: 4, evaluations: 8 };
        let all = |good: fn(usize) -> f64| {
            let (mut scores, mut cells) = (Vec::new(), Vec::new());
            while let Some((by, cell)) = next(sizes, 7, &scores) {
                assert!(sound(&cell, 2), "{cell:?}");
                assert_eq!(by == By::Search, scores.len() < 8);
                assert!(!cells[scores.len() / 8 * 8..].contains(&cell), "a cell came twice");
                scores.push(good(scores.len()));
                cells.push(cell);
            }
            cells
        };
        let (rising, falling) = (all(|at| at as f64), all(|at| -(at as f64)));
        assert_eq!((rising.len(), falling.len()), (16, 16));
        assert_eq!(rising[..POPULATION], falling[..POPULATION]);
        assert_ne!(rising[POPULATION..8], falling[POPULATION..8]);
        assert_eq!(rising[8..], falling[8..]);
        // A child differs from one of the four before it in one place, or in two where a ReLU moved.
        for at in POPULATION..8 {
            let apart = |other: &Cell| rising[at].iter().zip(other).filter(|(a, b)| a != b).count();
            assert!(rising[at - POPULATION..at].iter().any(|other| apart(other) <= 2));
        }
    }
}
