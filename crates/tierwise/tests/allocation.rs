//! Grading one record after the other into the same result allocates nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use tierwise::{Kind, lead};

/// The system's allocator, counting what the current thread asks for.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    ALLOCATIONS.with(|allocations| allocations.set(allocations.get() + 1));
}

// SAFETY: every request is passed on unchanged to the system's allocator, which meets the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn grading_a_record_allocates_nothing_after_the_first() {
    let card = lead::supplier_prospects();
    let mut record = card.record();
    let mut graded = lead::Graded::default();
    let mut grade_all = || {
        let before = ALLOCATIONS.get();
        for prospect in 0_u32..64 {
            record.clear();
            for (place, feature) in (0_u32..).zip(card.features()) {
                // Some facts yes, some no, some unknown, in another mix for each prospect.
                let answer = (prospect * 7 + place * 5) % 3;
                match (answer, feature.kind()) {
                    (2, _) => {}
                    (answer, Kind::YesNo) => {
                        record.set(feature.name(), answer == 1).unwrap();
                    }
                    (answer, _) => {
                        record.set(feature.name(), f64::from(answer)).unwrap();
                    }
                }
            }
            card.grade_into(&record, 3, &mut graded).unwrap();
        }
        ALLOCATIONS.get() - before
    };
    assert!(grade_all() > 0, "the first call makes room for the reasons, so that the count is seen to work");
    assert_eq!(grade_all(), 0);
}
