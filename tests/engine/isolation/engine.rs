//! A way to the engine that can be closed, as if the engine died.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use super::shop::Shop;
use crate::engine::beside;
use crate::engine::running::diapason;

struct Way {
    folder: tempfile::TempDir,
    streams: Arc<Mutex<Option<Vec<UnixStream>>>>,
}

impl Way {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("engine.sock")).unwrap();
        let streams = Arc::new(Mutex::new(Some(Vec::new())));
        let known = Arc::clone(&streams);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let engine = UnixStream::connect("/var/run/docker.sock").unwrap();
                let mut known = known.lock().unwrap();
                let Some(known) = known.as_mut() else { return };
                for (from, to) in [(&client, &engine), (&engine, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    known.push(from.try_clone().unwrap());
                    thread::spawn(move || carry(from, to));
                }
            }
        });
        Self { folder, streams }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("engine.sock")
    }

    fn close(&self) {
        std::fs::remove_file(self.path()).unwrap();
        for stream in self.streams.lock().unwrap().take().into_iter().flatten() {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn carry(mut from: UnixStream, mut to: UnixStream) {
    let mut buffer = [0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

#[test]
fn an_engine_that_dies_under_a_run_is_told_and_what_was_measured_stays() {
    let _place = beside();
    let way = Way::open();
    let shop = Shop::pair("bereft");
    let address = format!("unix://{}", way.path().display());
    let mut run = shop.run(&[("DOCKER_HOST", &address)]);
    run.wait_for_load();
    way.close();
    let label = run.label();
    let finished = run.finish_anyhow();
    assert_eq!(finished.exit, 2, "{}", finished.talk);
    assert!(finished.talk.contains("could not be torn down"), "{}", finished.talk);
    assert!(
        finished
            .talk
            .contains("hint: once the engine answers, `diapason stack down diapason-"),
        "{}",
        finished.talk
    );
    assert!(finished.folder().join("report.json").is_file(), "{}", finished.talk);
    assert!(finished.folder().join("failure.txt").is_file(), "{}", finished.talk);
    let down = diapason(&["stack", "down", &label.namespace()], &[]);
    assert_eq!(down.exit, 0, "{}", down.text);
    label.nothing_left();
}
