//! One place in which an error becomes a Python exception: the class is found by the error's code.

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// An error of the library on its way to Python.
pub(crate) struct Raised(pub(crate) tierwise::Error);

pub(crate) type Result<T> = std::result::Result<T, Raised>;

impl From<tierwise::Error> for Raised {
    fn from(error: tierwise::Error) -> Self {
        Self(error)
    }
}

impl From<Raised> for PyErr {
    fn from(Raised(error): Raised) -> Self {
        Python::attach(|py| raise(py, &error).unwrap_or_else(|failure| failure))
    }
}

/// `tierwise.exceptions.for_code(code)(message, code, details)`.
fn raise(py: Python<'_>, error: &tierwise::Error) -> PyResult<PyErr> {
    let class = py.import("tierwise.exceptions")?.call_method1("for_code", (error.code(),))?;
    let details = PyDict::new(py);
    let fields = serde_json::to_value(error.cause()).ok();
    if let Some(fields) = fields.as_ref().and_then(|value| value.as_object()?.values().next()) {
        let loads = py.import("json")?.getattr("loads")?;
        details.update(loads.call1((fields.to_string(),))?.cast::<pyo3::types::PyMapping>()?)?;
    }
    let instance = class.call1((error.to_string(),))?;
    instance.setattr("code", error.code())?;
    instance.setattr("details", details)?;
    Ok(PyErr::from_value(instance))
}
