//! A budget in ReLUs, seconds or bytes becomes whole units, and each element that stays a price.

use std::rc::Rc;

use super::bench::Workbench;
use super::fits::Fitted;
use super::{BudgetUnit, costs};
use crate::error::{Code, Error, Result};
use crate::rewrite::multiplications;
use crate::select::Site;

impl Workbench {
    /// Sites with cost units, and the budget in them.
    pub(super) fn priced(&mut self, fits: &[Rc<Fitted>]) -> Result<(Vec<Site>, u64)> {
        let mut sites: Vec<Site> = self.sites.iter().map(|a| a.site.clone()).collect();
        let mut fixed = 0u64;
        let seconds = self.wish.unit == BudgetUnit::Seconds;
        if self.wish.unit != BudgetUnit::Relus {
            let nodes: Vec<u32> = self.sites.iter().map(|a| a.node.0).collect();
            let cost = self.wish.cost.clone();
            let (rows, _) = self.scored()?;
            let whole = costs::units(rows, &cost, seconds)?;
            let mut spent = 0u64;
            for ((site, node), fit) in sites.iter_mut().zip(nodes).zip(fits) {
                let own: Vec<_> = rows.iter().filter(|r| r.index == node).cloned().collect();
                let keep = costs::units(&own, &cost, seconds)?;
                let gone = costs::polynomial_rows(site.elements(), multiplications(&fit.rows));
                let gone = costs::units(&gone, &cost, seconds)?;
                // Rounded up: what is kept never costs more than was counted.
                site.unit_cost = keep.saturating_sub(gone).div_ceil(site.elements().max(1));
                spent = spent.saturating_add(keep.saturating_sub(gone));
            }
            fixed = whole.saturating_sub(spent);
        }
        let total: u64 =
            sites.iter().fold(0, |sum, s| sum.saturating_add(s.elements().saturating_mul(s.unit_cost)));
        let budget = self.units(total, fixed, seconds)?;
        Ok((sites, budget))
    }

    /// The budget in units, what the network costs whatever stays taken off.
    fn units(&self, total: u64, fixed: u64, seconds: bool) -> Result<u64> {
        let text = self.wish.budget.trim();
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
            let least =
                if seconds { format!("{:.6} s", fixed as f64 / 1e9) } else { format!("{fixed} bytes") };
            Error::new(Code::InvalidSetting, "the budget is below what the network costs without activations")
                .hint(format!("at least {least}"))
        })
    }
}
