//! Behaviour to points: a fold over dated events that keeps no state, so that any past day can be replayed.
//!
//! Every rule goes through the same steps, in this order:
//!
//! 1. **window**: the event must lie in the last so many days, `as_of` included;
//! 2. **frequency cap**: of those, every one counts, or one, or so many per period ([`Counted`]);
//! 3. **decay**: what counts loses points with its age in whole days ([`Decay`]);
//! 4. **rule cap**: the sum of the rule is kept within the rule's minimum and maximum;
//! 5. **group cap**: the sum of a group's rules and inner groups is kept within the group's, inner groups first;
//! 6. **total**: the sum of everything that stands in no group is kept within the minimum and maximum of the rules.
//!
//! Points are decimal numbers with nine places, as money has two. They are added as whole billionths, so that the order
//! of the events, the number of threads and the way a table is split cannot reach a result, and what adds up does so
//! exactly. A number that is shown is the double next to its decimal; doubles added by others round in their last bit,
//! unless the points are whole numbers, halves, quarters and so on.
//!
//! Conventions: the layers rule, group and total with a minimum and maximum each, clamped from the inside out, are those
//! of `HubSpot`'s lead scoring; the frequency cap is that of Marketo's engagement score. That decay goes by whole days,
//! and that a period is a calendar period, is inferred.

mod change;
mod compiled;
mod decimal;
mod events;
mod fold;
mod ledger;
mod points;
mod rules;

pub use change::{ChangeLevels, EngagementChange};
pub use events::{Duplicates, EventPolicy, Events, LeftOut, Strays};
pub use ledger::{Ledger, LedgerLine, LineStatus};
pub use points::EventPoints;
pub use rules::{Counted, Decay, EventGroup, EventRule, EventRules, EventRulesSpec, Period};
