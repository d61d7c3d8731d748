//! How counts become shares where there are few of them.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// How counts become shares where there are few of them.
///
/// Of a field, let `n` won leads of the pool have a value, out of `N` for whom the field is known, and let `q` be the
/// share of the value among won and lost leads together. The pool's share among won leads is
///
/// ```text
/// a = (n + k q) / (N + k)
/// ```
///
/// and likewise `b` among lost ones: both are drawn towards each other, as by `k` leads without any signal, however many
/// values the field has. A team's share starts from the pool's: `(n_team + m a) / (N_team + m)`. (Under
/// [`EmpiricalBayes`](Self::EmpiricalBayes) not from `a`, but from `a q_team / q`, scaled to a sum of 1: teams differ in
/// the values they meet, which is no difference in what a value says. `q_team` is in turn drawn towards `q`, and the
/// stage is left as it is.) The value contributes `ln(a / b)`. The team's own rate of winning is shrunk in the same way towards the pool's.
///
/// What was never seen contributes 0.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Smoothing {
    /// `k` of each field and `m` of each field and of the rate are those that make the counts most likely
    /// (Dirichlet-multinomial with the shares above as its mean; T. Minka, "Estimating a Dirichlet distribution", 2000).
    /// Counts that differ by no more than chance get a very large one, and so say next to nothing. `k` of the stage,
    /// which differs by construction, is 1.
    #[default]
    EmpiricalBayes,
    /// The strengths as given.
    Fixed {
        /// `k`, in leads.
        level: f64,
        /// `m`, in leads.
        team: f64,
    },
    /// As Odoo does: each value that occurs counts 0.1 more for won and lost, shares are of the sum over the field's
    /// values with these tenths, all tags are one field, and a team has either its own counts or, without a won and a
    /// lost lead of its own, the pool's. (Odoo takes the pool where a team has no rows, and leaves the result unwritten
    /// where it has only won or only lost ones. That the pool gets its tenth once per value, not once per team, is
    /// inferred.)
    Odoo,
}

impl Smoothing {
    /// Refuses strengths with which nothing can be computed.
    pub(super) fn check(self) -> Result<()> {
        let Self::Fixed { level, team } = self else { return Ok(()) };
        for (name, value) in [("level", level), ("team", team)] {
            if !(1e-6..=1e9).contains(&value) {
                let must_be = "a number of leads in [0.000001, 1000000000]".into();
                return Err(Error::InvalidParameter { of: "Smoothing", name, must_be, got: value.to_string() });
            }
        }
        Ok(())
    }
}
