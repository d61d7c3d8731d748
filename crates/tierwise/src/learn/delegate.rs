//! For models that are another model and something besides: a product, a horizon.

/// Passes `Score`, `Explain` and `Probability` on to what `$inner` returns; with a kind, also implements `Saved`.
macro_rules! delegate_probability {
    ($model:ty, |$self:ident| $inner:expr) => {
        impl $crate::Score for $model {
            fn features(&self) -> &[$crate::Feature] {
                let $self = self;
                $inner.features()
            }

            fn score_row(&self, row: &[f64]) -> f64 {
                let $self = self;
                $inner.score_row(row)
            }

            fn score_columns(&self, columns: &$crate::Columns<'_>, scores: &mut [f64]) {
                let $self = self;
                $inner.score_columns(columns, scores);
            }
        }

        impl $crate::Explain for $model {
            fn base(&self) -> f64 {
                let $self = self;
                $inner.base()
            }

            fn terms(&self) -> &[$crate::Term] {
                let $self = self;
                $inner.terms()
            }

            fn contributions_row(&self, row: &[f64], contributions: &mut [f64]) {
                let $self = self;
                $inner.contributions_row(row, contributions);
            }

            fn contributions_columns(&self, columns: &$crate::Columns<'_>, contributions: &mut [&mut [f64]]) {
                let $self = self;
                $inner.contributions_columns(columns, contributions);
            }
        }

        impl $crate::learn::Probability for $model {
            fn positive(&self) -> &str {
                let $self = self;
                $inner.positive()
            }
        }
    };
    ($model:ty, $kind:literal, |$self:ident| $inner:expr) => {
        $crate::learn::delegate_probability!($model, |$self| $inner);
        $crate::learn::saved_probability!($model, $kind);
    };
}

/// Implements `Saved` for a model that scores, explains and gives probabilities.
macro_rules! saved_probability {
    ($model:ty, $kind:literal) => {
        impl $crate::model::Saved for $model {
            const KIND: &'static str = $kind;

            fn as_score(&self) -> Option<&dyn $crate::Score> {
                Some(self)
            }

            fn as_explain(&self) -> Option<&dyn $crate::Explain> {
                Some(self)
            }

            fn as_probability(&self) -> Option<&dyn $crate::learn::Probability> {
                Some(self)
            }
        }
    };
}

pub(crate) use {delegate_probability, saved_probability};
