//! More connections than there are places.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use datapunk_metrics::serve::{Limits, Server};
use support::wait;

use crate::faults::{closed_for, connect};
use crate::fixture::{Served, registry};

/// A server with room for so many connections.
fn crowded(connections: usize) -> Served {
    let mut limits = Limits::default();
    limits.connections = connections;
    Served::start(Server::builder().registry(registry()).limits(limits))
}

/// Asks on a connection that stays open. Nothing if it was closed.
fn ask(stream: &mut TcpStream) -> Option<String> {
    let name = b"GET /metrics?name[]=served_cups_filled_total HTTP/1.1\r\nhost: a\r\n\r\n";
    stream.write_all(name).ok()?;
    let mut answer = String::new();
    while !answer.contains("\nserved_cups_filled_total ") {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
        answer += &String::from_utf8_lossy(&piece[..length]);
    }
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    Some(answer)
}

#[test]
fn a_crowd_of_strangers_pushes_itself_out() {
    let served = crowded(20);
    let mut scraper = connect(&served);
    ask(&mut scraper).expect("an answer");
    let crowd: Vec<TcpStream> = (0..200).map(|_| connect(&served)).collect();
    ask(&mut scraper).expect("the connection is kept");
    // Somebody new finds a place too, as soon as the crowd is let in and pushed out.
    wait::until("a place", Duration::from_secs(10), || {
        match served.get("/metrics").status {
            200 => Ok(()),
            status => Err(status.to_string()),
        }
    });
    ask(&mut scraper).expect("the connection is kept");
    wait::until("places", Duration::from_secs(10), || {
        let open = served.sample("datapunk_metrics_server_connections_current", &[]);
        if open <= 20.0 {
            Ok(())
        } else {
            Err(format!("{open}"))
        }
    });
    assert!(closed_for(&served, "crowded") >= 150.0);
    drop(crowd);
}

#[test]
fn connections_that_were_answered_and_stay_do_not_lock_others_out() {
    let served = crowded(20);
    // Without authentication everybody gets an answer, and keeps the connection.
    let mut crowd: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = connect(&served);
            ask(&mut stream).expect("somebody new has an answer");
            stream
        })
        .collect();
    // The one that was asked last is there, the one that was idle for longest is not, and may come again.
    assert!(ask(&mut crowd[99]).is_some());
    assert!(ask(&mut crowd[0]).is_none());
    assert_eq!(served.get("/metrics").status, 200);
    assert!(closed_for(&served, "crowded") >= 80.0);
}
