//! One line checks everything that a model promises, on generated customers.

use acme_engagement::{Engagement, example};

tierwise::laws!(engagement, Engagement::new(example()).unwrap(), [Score, Explain, Assign, Saved]);
