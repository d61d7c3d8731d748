//! How points are learned from outcomes.
