//! What one thread recorded.

use std::thread;

use datapunk_metrics::testing::{Scope, assert_metric};

use crate::{READ_OK, SCOPED, Scoped, WRITE_OK, failure, work};

#[test]
fn a_scope_sees_its_own_thread_alone_while_others_record() {
    thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for round in 1..=200 {
                    let scope = Scope::begin();
                    for _ in 0..round {
                        work();
                    }
                    assert_metric!(in scope, "scoped_operations_total", WRITE_OK, == round);
                    assert_metric!(in scope, "scoped_operations_total", READ_OK, == 0);
                    assert_metric!(in scope, "scoped_cpu_seconds_total", (), == f64::from(round) * 0.5);
                    assert_metric!(in scope, "scoped_object_size_bytes_count", (), == round);
                    assert_metric!(in scope, "scoped_object_size_bytes_sum", (), == 50 * round);
                    assert_metric!(in scope, "scoped_room_celsius_sum", (), == f64::from(round) * -2.5);
                }
            });
        }
    });
    // This thread goes on with cells in which those counted.
    let scope = Scope::of::<Scoped>();
    assert!(scope.changes().is_empty(), "{}", scope.changes());
    work();
    assert_eq!(
        scope.changes().to_string(),
        "scoped_cpu_seconds_total +0.5\n\
         scoped_object_size_bytes_bucket{le=\"100\"} +1\n\
         scoped_object_size_bytes_bucket{le=\"+Inf\"} +1\n\
         scoped_object_size_bytes_sum +50\n\
         scoped_object_size_bytes_count +1\n\
         scoped_operations_total{operation=\"write\",status=\"ok\"} +1\n\
         scoped_room_celsius_bucket{le=\"0\"} +1\n\
         scoped_room_celsius_bucket{le=\"10\"} +1\n\
         scoped_room_celsius_bucket{le=\"+Inf\"} +1\n\
         scoped_room_celsius_sum -2.5\n\
         scoped_room_celsius_count +1\n"
    );
}

#[test]
fn a_scope_refuses_what_all_threads_share() {
    let scope = Scope::of::<Scoped>();
    SCOPED.waiting_current.set(1);
    assert_eq!(
        failure(|| assert_metric!(in scope, "scoped_waiting_current", (), == 1)),
        "gauge `scoped_waiting_current` is not seen by a scope of this thread\n\
         note: its value is one for all threads, so nobody knows which of them changed it\n\
         help: read it with `testing::value`, or from a snapshot"
    );
    assert_eq!(scope.changes().to_string(), "nothing changed\n");
}

#[test]
fn a_scope_follows_tasks_of_a_runtime_of_one_thread_and_not_of_several() {
    let task = || async {
        tokio::task::yield_now().await;
        work();
    };
    let one = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let scope = Scope::begin();
    one.block_on(async { tokio::spawn(task()).await })
        .expect("the task ends");
    assert_metric!(in scope, "scoped_operations_total", WRITE_OK, == 1);

    let several = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build();
    let scope = Scope::begin();
    let several = several.expect("a runtime");
    several
        .block_on(async { tokio::spawn(task()).await })
        .expect("the task ends");
    assert_metric!(in scope, "scoped_operations_total", WRITE_OK, == 0);
}
