//! Special functions, derivatives, integrals and quantiles that models and figures share. What models are made of takes `exp`
//! and `log` from `libm`, so that a result has the same bits on every machine.

pub(crate) mod gamma;
pub(crate) mod jet;
pub(crate) mod normal;
pub(crate) mod portable;
pub(crate) mod quadrature;
pub(crate) mod quantile;
pub(crate) mod rising;
pub(crate) mod variates;
