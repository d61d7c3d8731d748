//! One line checks everything that a model promises, on generated customers.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use acme_engagement::{Engagement, example};

tierwise::laws!(engagement, Engagement::new(example()).unwrap(), [Score, Explain, Assign, Saved]);
