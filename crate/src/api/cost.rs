//! `cost`: rows and settings become estimates, one a protocol. The rows come from a scored model or
//! are typed in; both price alike.

use super::model::Scored;
use crate::cost::Phase;
use crate::cost::calibrate::CALIBRATED;
use crate::cost::{
    self, Ask, CostCard, Detail, Estimate, Link, Opening, Pricing, ProfileView, Report, SETTINGS, Setting,
    SettingView, Tariff, Terms, cost_of,
};
use crate::count::Row;
use crate::csv::{self, Cell};
use crate::error::{Code, Error, Result};

/// Estimates of plain rows under every protocol of the page and the settings' own, whatever they name; no rows of
/// their own. A network is priced in one pass a protocol, with the memory of one row.
///
/// # Errors
/// As [`cost_of`].
pub fn compare_of(rows: &[Row], ask: &Ask) -> Result<Report> {
    let published = cost::profiles().iter().copied().map(|profile| Ok(Tariff::Published(profile)));
    let own = ask.terms.own.iter().map(|_| Tariff::of(CALIBRATED, &ask.terms));
    let one = |tariff: Result<Tariff>| {
        cost::estimate(rows, &Pricing::new(&tariff?, &ask.terms, &ask.activations), Detail::Findings)
    };
    let estimates = published.chain(own).map(one).collect::<Result<_>>()?;
    Ok(Report { schema: cost::COST_SCHEMA, estimates })
}

/// Columns of [`cost_csv`].
const COLUMNS: [&str; 20] = [
    "protocol",
    "profile_version",
    "link",
    "offline_seconds",
    "offline_link_seconds",
    "offline_bytes",
    "online_seconds",
    "online_link_seconds",
    "online_bytes",
    "rounds",
    "bytes_total",
    "setup_bytes",
    "client_storage_bytes",
    "partial",
    "bound",
    "unpriced",
    "pieces",
    "adversary",
    "trusts",
    "money_per_1000",
];

/// Estimates as CSV, a line each; a cell is empty where nothing is known. Figures of a `bound` are lower bounds: of its
/// `pieces` of work, `unpriced` have no price, or no time; what it knows nothing of is empty, not 0.
pub fn cost_csv(report: &Report) -> String {
    let line = |e: &Estimate| -> [Cell; COLUMNS.len()] {
        let known = |phase: Phase| Some(phase).filter(|phase| !(e.bound && phase.is_empty()));
        let (offline, online) = (known(e.offline), known(e.online));
        let middle = |phase: Option<Phase>| phase.and_then(|p| p.seconds).map(|[_, middle, _]| middle);
        let link = |phase: Option<Phase>| phase.map(|p| p.link_seconds);
        let bytes = |phase: Option<Phase>| phase.map(|p| p.bytes_total());
        [
            e.protocol.into(),
            e.profile_version.into(),
            (&*e.link).into(),
            middle(offline).into(),
            link(offline).into(),
            bytes(offline).into(),
            middle(online).into(),
            link(online).into(),
            bytes(online).into(),
            online.map(|phase| phase.rounds).into(),
            e.bytes_total.into(),
            e.setup_bytes.into(),
            e.client_storage_bytes.into(),
            e.partial.into(),
            e.bound.into(),
            (e.unpriced.len() as u64).into(),
            e.pieces().into(),
            e.trust.adversary.name().into(),
            trusts(e).as_str().into(),
            e.money.as_ref().and_then(|money| money.per_1000).into(),
        ]
    };
    let head = csv::line(&COLUMNS.map(Cell::from));
    let lines = std::iter::once(head).chain(report.estimates.iter().map(|e| csv::line(&line(e))));
    lines.map(|line| line + "\n").collect()
}

/// Who has to be trusted: `both parties; a dealer`.
fn trusts(e: &Estimate) -> String {
    let who: Vec<&str> = e.trust.trusted.iter().map(|trusted| trusted.who).collect();
    who.join("; ")
}

/// Where the cost of the row at `position` comes from, under the first protocol.
///
/// # Errors
/// As [`cost_of`], or `InvalidSetting` for a row that is none.
pub fn cost_card_of(rows: &[Row], position: usize, ask: &Ask) -> Result<CostCard> {
    let tariff = Tariff::of(ask.terms.first()?, &ask.terms)?;
    cost::explain(rows, position, &Pricing::new(&tariff, &ask.terms, &ask.activations))
}

/// Every protocol with its constants and their sources, at the ring of the terms.
///
/// # Errors
/// As [`cost_of`].
pub fn protocols(terms: &Terms) -> Result<Vec<ProfileView>> {
    let column = cost::column_of(terms.ring_bits)?;
    Ok(cost::profiles().iter().map(|profile| profile.view(column)).collect())
}

/// The settings that a menu lists, in its order.
pub fn settings() -> Vec<SettingView> {
    SETTINGS.iter().filter_map(Setting::view).collect()
}

/// The presets of the link.
pub fn links() -> &'static [Link] {
    &cost::LINKS
}

impl Scored {
    /// Estimates of this model; see [`cost_of`].
    ///
    /// # Errors
    /// As [`cost_of`].
    pub fn cost(&self, ask: &Ask) -> Result<Report> {
        cost_of(&self.rows, ask, Detail::Findings)
    }

    /// The same with the cost of each row.
    ///
    /// # Errors
    /// As [`cost_of`].
    pub fn cost_by_row(&self, ask: &Ask) -> Result<Report> {
        cost_of(&self.rows, ask, Detail::Rows)
    }

    /// The protocols that this model opens under where nobody has chosen any, the one that is shown first.
    pub fn opens_under(&self) -> &'static [Opening] {
        cost::opens_under(&self.rows)
    }

    /// Estimates of this model under every protocol; see [`compare_of`].
    ///
    /// # Errors
    /// As [`cost_of`].
    pub fn compare(&self, ask: &Ask) -> Result<Report> {
        compare_of(&self.rows, ask)
    }

    /// Where the cost of the row of node `index` comes from; see [`cost_card_of`].
    ///
    /// # Errors
    /// As [`cost_card_of`].
    pub fn cost_card(&self, index: u32, ask: &Ask) -> Result<CostCard> {
        let none = || Error::new(Code::InvalidSetting, format!("there is no row of node {index}"));
        let position = self.rows.iter().position(|row| row.index == index).ok_or_else(none)?;
        cost_card_of(&self.rows, position, ask)
    }
}
