//! What a customer is worth, and which tier that earns.
