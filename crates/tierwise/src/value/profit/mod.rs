//! Who is profitable, how much of the wallet is ours, and whose share to raise.

mod profit_score;
mod share_decision;
mod share_of_wallet;

pub use profit_score::{ProfitScore, ProfitScoreSpec, profit_score};
pub use share_decision::{ShareCell, ShareDecision, ShareDecisionSpec, ShareMove, share_decision};
pub use share_of_wallet::{WalletShare, share_of_wallet};
