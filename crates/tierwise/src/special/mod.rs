//! Special functions, derivatives and integrals that lifetime models need. All of them take `exp` and `log` from `libm`,
//! so that a result has the same bits on every machine.

pub(crate) mod gamma;
pub(crate) mod jet;
pub(crate) mod portable;
pub(crate) mod quadrature;
pub(crate) mod rising;
pub(crate) mod variates;
