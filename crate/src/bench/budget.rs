//! A budget in ReLUs, seconds or bytes becomes whole units, and each element that stays a price.

use std::rc::Rc;

use super::cost;
use super::fit::Fitted;
use super::wish::{BudgetUnit, ReplaceSettings};
use crate::count::Row;
use crate::error::{Code, Error, Result};
use crate::rewrite::multiplications;
use crate::select::{Activation, Site};

/// Sites with cost units, and the budget in them. `rows` are the network's work; a budget in ReLUs asks for none.
pub fn priced(
    wish: &ReplaceSettings,
    sites: &[Activation],
    fits: &[Rc<Fitted>],
    rows: &[Row],
) -> Result<(Vec<Site>, u64)> {
    let mut priced: Vec<Site> = sites.iter().map(|a| a.site.clone()).collect();
    let mut fixed = 0u64;
    let seconds = wish.unit == BudgetUnit::Seconds;
    if wish.unit != BudgetUnit::Relus {
        // A share is one of what activations cost: what other work costs says nothing of it, and may lack a price.
        let is_share = wish.budget.trim().ends_with('%');
        let whole = if is_share { 0 } else { cost::units(rows, &wish.cost, seconds)? };
        let mut spent = 0u64;
        for ((site, activation), fit) in priced.iter_mut().zip(sites).zip(fits) {
            // An activation alone, and the convolutions whose outputs go with its places.
            let linear = activation.drops.iter().filter_map(|one| one.made_by.first());
            let nodes: Vec<u32> = linear.chain([&activation.node]).map(|node| node.0).collect();
            let own = rows.iter().filter(|row| nodes.contains(&row.index));
            let own: Vec<Row> = own.map(|row| Row { after: None, ..row.clone() }).collect();
            let keep = cost::units(&own, &wish.cost, seconds)?;
            let mut gone = cost::polynomial_rows(site.elements(), multiplications(&fit.rows));
            gone.extend(own.iter().filter(|row| row.index != activation.node.0).map(cost::without_outputs));
            let gone = cost::units(&gone, &wish.cost, seconds)?;
            // Rounded up: what is kept never costs more than was counted.
            site.unit_cost = keep.saturating_sub(gone).div_ceil(site.elements().max(1));
            spent = spent.saturating_add(keep.saturating_sub(gone));
        }
        fixed = whole.saturating_sub(spent);
    }
    let total =
        priced.iter().fold(0u64, |sum, s| sum.saturating_add(s.elements().saturating_mul(s.unit_cost)));
    let budget = units(&wish.budget, total, fixed, seconds)?;
    Ok((priced, budget))
}

/// The budget in units, what the network costs whatever stays taken off.
fn units(budget: &str, total: u64, fixed: u64, seconds: bool) -> Result<u64> {
    let text = budget.trim();
    let bad = || {
        Error::new(Code::InvalidSetting, format!("{text} is no budget"))
            .hint("a number, or a share such as 25%")
    };
    if let Some(share) = text.strip_suffix('%') {
        let share: f64 = share.trim().parse().map_err(|_| bad())?;
        if !(0.0..=100.0).contains(&share) {
            return Err(bad());
        }
        return Ok((total as f64 * share / 100.0) as u64);
    }
    let number: f64 = text.parse().map_err(|_| bad())?;
    let units = if seconds { number * 1e9 } else { number };
    if !(0.0..=9e18).contains(&units) {
        return Err(bad());
    }
    (units as u64).checked_sub(fixed).ok_or_else(|| {
        let least = if seconds { format!("{:.6} s", fixed as f64 / 1e9) } else { format!("{fixed} bytes") };
        Error::new(Code::InvalidSetting, "the budget is below what the network costs without activations")
            .hint(format!("at least {least}"))
    })
}
