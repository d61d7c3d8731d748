//! Arrow tables through Python's capsules: what polars, pyarrow, `DuckDB` and others export without a copy.

use arrow_array::RecordBatch;
use arrow_array::RecordBatchReader;
use arrow_array::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};

/// All batches that an object with `__arrow_c_stream__` exports; one empty batch where there is none, so that the
/// schema is not lost.
pub(crate) fn batches(object: &Bound<'_, PyAny>) -> PyResult<Vec<RecordBatch>> {
    let exported = object.call_method0("__arrow_c_stream__")?;
    let capsule = exported.cast::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(c"arrow_array_stream"))?;
    // SAFETY: by the PyCapsule protocol a capsule of this name, which was just checked, points to a valid
    // `ArrowArrayStream`. `from_raw` moves the stream out and leaves a released one behind, which is what the
    // protocol asks of a consumer; the capsule then frees only its own memory.
    let reader = unsafe { ArrowArrayStreamReader::from_raw(pointer.as_ptr().cast::<FFI_ArrowArrayStream>()) };
    let reader = reader.map_err(|error| PyTypeError::new_err(format!("this is no table of columns: {error}")))?;
    let schema = reader.schema();
    let mut batches =
        reader.collect::<Result<Vec<_>, _>>().map_err(|error| PyValueError::new_err(error.to_string()))?;
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    Ok(batches)
}
