//! Every way to produce rows, and when batches close.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{
    BoxError, Capabilities, Connector, Error, ErrorKind, Page, ReadRequest, Result, Rows, Table,
};
use futures::StreamExt;
use futures::executor::block_on;
use support::{collect, ids, opened};

#[derive(Table)]
struct Number {
    id: i64,
}

fn number(id: i64) -> Number {
    Number { id }
}

type Make = Box<dyn Fn(ReadRequest) -> Rows<'static, Number> + Send + Sync>;

/// Any rows as a connector.
struct Any(Make);

impl Connector for Any {
    const NAME: &'static str = "any";
    type Config = ();
    type Row = Number;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_state(1)
    }

    async fn init((): (), _: &()) -> Result<Self> {
        Err("built by hand".into())
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Number> {
        (self.0)(request)
    }
}

fn any(
    make: impl Fn(ReadRequest) -> Rows<'static, Number> + Send + Sync + 'static,
) -> Arc<dyn flexconnect_core::Dataset> {
    opened(Any(Box::new(make)))
}

fn all(make: impl Fn() -> Rows<'static, Number> + Send + Sync + 'static) -> (Vec<i64>, Option<Error>) {
    let (batches, error) = collect(any(move |_| make()), ReadRequest::new());
    (ids(Ok(batches)), error)
}

fn broken() -> BoxError {
    Error::new(ErrorKind::Unavailable, "gone").into()
}

#[test]
fn iterators_and_streams() {
    let expected: Vec<i64> = (0..20_000).collect();
    assert_eq!(all(|| Rows::iter((0..20_000).map(number))).0, expected);
    assert_eq!(all(|| Rows::stream(futures::stream::iter((0..20_000).map(number)))).0, expected);
    let failing = || (0..9_000).map(|id| if id < 8_500 { Ok(number(id)) } else { Err(broken()) });
    for (rows, error) in [
        all(move || Rows::try_iter(failing())),
        all(move || Rows::try_stream(futures::stream::iter(failing()))),
    ] {
        assert_eq!(rows, (0..8_500).collect::<Vec<_>>());
        assert_eq!(error.unwrap().kind(), ErrorKind::Unavailable);
    }
    assert!(all(Rows::empty).0.is_empty());
    assert_eq!(all(|| Rows::error(broken())).1.unwrap().kind(), ErrorKind::Unavailable);
}

async fn page(cursor: i64) -> Result<Page<Vec<Number>, i64>> {
    let rows: Vec<_> = (cursor..(cursor + 100).min(950)).map(number).collect();
    Ok(Page::new(rows, (cursor + 100 < 950).then_some(cursor + 100)).with_checkpoint(&(cursor + 100)))
}

#[test]
fn pages_follow_cursors() {
    assert_eq!(all(|| Rows::pages(0, page)).0, (0..950).collect::<Vec<_>>());
}

#[test]
fn pages_that_never_end_do() {
    let circle = || {
        Rows::pages(
            0,
            |cursor: i64| async move { Ok(Page::new(vec![number(cursor)], Some((cursor + 1) % 7))) },
        )
    };
    let (rows, error) = all(circle);
    assert!(rows.len() < 30, "{}", rows.len());
    assert!(error.unwrap().message().contains("cursor it gave before"));

    let empty =
        || Rows::pages(0, |cursor: i64| async move { Ok(Page::new(Vec::<Number>::new(), Some(cursor + 1))) });
    assert!(all(empty).1.unwrap().message().contains("a page is empty and says there is more"));

    let endless = || {
        Rows::pages_up_to(10, 0, |cursor: i64| async move {
            Ok(Page::new(vec![number(cursor)], Some(cursor + 1)))
        })
    };
    let (rows, error) = all(endless);
    assert_eq!(rows.len(), 10);
    assert!(error.unwrap().message().contains("more pages than the maximum"));
}

#[test]
fn produced_rows() {
    let looped = || {
        Rows::produce(|out| async move {
            for id in 0..20_000 {
                out.push(number(id)).await;
            }
            Ok(())
        })
    };
    assert_eq!(all(looped).0, (0..20_000).collect::<Vec<_>>());
    let extended = || {
        Rows::produce(|out| async move {
            out.extend((0..20_000).map(number)).await;
            Err(broken())
        })
    };
    let (rows, error) = all(extended);
    assert_eq!(rows.len(), 20_000);
    assert_eq!(error.unwrap().kind(), ErrorKind::Unavailable);
    let panicking = || {
        Rows::produce(|out| async move {
            out.extend((0..9_000).map(number)).await;
            panic!("after 9,000 rows")
        })
    };
    let (rows, error) = all(panicking);
    assert_eq!((rows.len(), error.unwrap().kind()), (9_000, ErrorKind::Internal));
}

#[test]
fn an_output_outside_its_future_is_an_error_and_not_a_loss() {
    let stolen = || {
        Rows::produce(|out| async move {
            std::thread::spawn(move || block_on(async move { out.push(number(1)).await })).join().ok();
            std::future::pending::<()>().await;
            Ok(())
        })
    };
    // The other thread finds the buffer lent to this poll, or not lent: either the row or the error arrives.
    let (rows, error) = all_within(stolen);
    assert!(rows == [1] || error.is_some());
}

/// As `all`, for rows that may never end: stops after the first batch or error.
fn all_within(make: impl Fn() -> Rows<'static, Number> + Send + Sync + 'static) -> (Vec<i64>, Option<Error>) {
    block_on(async {
        let mut batches = any(move |_| make()).read(ReadRequest::new()).await.unwrap();
        match batches.next().await {
            Some(Ok(batch)) => (ids(Ok(vec![batch])), None),
            Some(Err(error)) => (Vec::new(), Some(error)),
            None => (Vec::new(), None),
        }
    })
}

#[test]
fn blocking_rows() {
    let looped = || {
        Rows::blocking(|out| {
            for id in 0..30_000 {
                out.push(number(id))?;
            }
            Ok(())
        })
    };
    assert_eq!(all(looped).0, (0..30_000).collect::<Vec<_>>());
    let failing = || {
        Rows::blocking(|out| {
            out.extend((0..9_000).map(number))?;
            Err(broken())
        })
    };
    let (rows, error) = all(failing);
    assert_eq!((rows.len(), error.unwrap().kind()), (9_000, ErrorKind::Unavailable));
    let panicking = || {
        Rows::blocking(|out| {
            out.extend((0..9_000).map(number))?;
            panic!("after 9,000 rows")
        })
    };
    let (rows, error) = all(panicking);
    assert_eq!((rows.len(), error.unwrap().kind()), (9_000, ErrorKind::Internal));
}

#[test]
fn a_thread_hears_that_its_reader_has_gone() {
    let (sender, stopped) = std::sync::mpsc::channel();
    let dataset = any(move |_| {
        let sender = sender.clone();
        Rows::blocking(move |out| {
            for id in 0.. {
                if out.push(number(id)).is_err() {
                    let _ = sender.send(id);
                    break;
                }
            }
            Ok(())
        })
    });
    let (batches, error) = collect(dataset, ReadRequest::new().with_limit(100));
    assert_eq!((ids(Ok(batches)).len(), error.is_none()), (100, true));
    let pushed = stopped.recv_timeout(Duration::from_secs(10)).expect("the thread ends");
    assert!(pushed <= 3 * 8192, "{pushed}");
}

/// A reader that has one batch and goes, once the thread is at work that takes long and pushes nothing: `work` calls
/// what it is given when it is.
fn left_at_work(
    work: impl Fn(&flexconnect_core::BlockingOutput<Number>, &dyn Fn()) + Clone + Send + Sync + 'static,
) {
    let (begin, begun) = std::sync::mpsc::channel();
    let dataset = any(move |_| {
        let (work, begin) = (work.clone(), begin.clone());
        Rows::blocking(move |out| {
            out.extend((0..8192).map(number))?;
            work(out, &|| begin.send(()).unwrap());
            Ok(())
        })
    });
    block_on(async {
        let mut batches = dataset.read(ReadRequest::new()).await.unwrap();
        assert_eq!(batches.next().await.unwrap().unwrap().num_rows(), 8192);
        begun.recv_timeout(LONG).unwrap();
    });
}

const LONG: Duration = Duration::from_secs(30);

#[test]
fn work_between_two_pushes_is_interrupted_when_the_reader_goes() {
    let (sender, told) = std::sync::mpsc::channel();
    left_at_work(move |out, begin| {
        // A query that only an interrupt ends.
        let (interrupt, interrupted) = std::sync::mpsc::channel();
        assert!(!out.is_stopped());
        let _interrupt = out.on_stop(move || interrupt.send(()).unwrap());
        begin();
        interrupted.recv_timeout(LONG).expect("the call comes");
        sender.send(out.is_stopped()).unwrap();
    });
    assert!(told.recv_timeout(LONG).unwrap());
}

#[test]
fn a_stop_signal_is_asked_from_another_thread() {
    let (sender, told) = std::sync::mpsc::channel();
    left_at_work(move |out, begin| {
        let signal = out.stop_signal();
        let asked = std::thread::spawn(move || {
            while !signal.is_stopped() {
                std::thread::yield_now();
            }
        });
        begin();
        asked.join().unwrap();
        sender.send(()).unwrap();
    });
    told.recv_timeout(LONG).unwrap();
}

#[test]
fn nobody_is_interrupted_after_the_rows_have_ended() {
    let (sender, calls) = std::sync::mpsc::channel::<()>();
    let dataset = any(move |_| {
        let sender = sender.clone();
        Rows::blocking(move |out| {
            // Forgotten, as by an author who has not read the contract: the end of the work takes the call back.
            std::mem::forget(out.on_stop(move || sender.send(()).unwrap()));
            Ok(out.push(number(7))?)
        })
    });
    let (batches, error) = collect(dataset.clone(), ReadRequest::new());
    assert_eq!((ids(Ok(batches)), error.is_none()), (vec![7], true));
    drop(dataset);
    // Every sender is gone and none has sent.
    assert_eq!(calls.recv_timeout(LONG), Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn children_of_many_parents() {
    let children = || {
        let parents = futures::stream::iter((0..50).map(Ok::<_, BoxError>));
        Rows::flat_map(parents, 8, |parent: i64| match parent % 3 {
            0 => Rows::iter((0..300).map(move |id| number(parent * 1000 + id))),
            1 => Rows::blocking(move |out| Ok(out.extend((0..300).map(|id| number(parent * 1000 + id)))?)),
            _ => Rows::produce(move |out| async move {
                out.extend((0..300).map(|id| number(parent * 1000 + id))).await;
                Ok(())
            }),
        })
    };
    let (mut rows, error) = all(children);
    assert!(error.is_none());
    rows.sort_unstable();
    let expected: Vec<i64> = (0..50).flat_map(|parent| (0..300).map(move |id| parent * 1000 + id)).collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_source_is_never_more_than_two_batches_ahead() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = |asked: &Arc<AtomicUsize>| {
        let asked = asked.clone();
        (0..1_000_000).inspect(move |_| _ = asked.fetch_add(1, Ordering::Relaxed)).map(number)
    };
    let by_iter = asked.clone();
    let by_thread = asked.clone();
    let sources: Vec<Arc<dyn flexconnect_core::Dataset>> = vec![
        any(move |_| Rows::iter(counted(&by_iter))),
        any(move |_| {
            let rows = counted(&by_thread);
            Rows::blocking(move |out| Ok(out.extend(rows)?))
        }),
    ];
    for dataset in sources {
        asked.store(0, Ordering::Relaxed);
        block_on(async {
            let mut batches = dataset.read(ReadRequest::new()).await.unwrap();
            let mut read = 0;
            for _ in 0..20 {
                read += batches.next().await.unwrap().unwrap().num_rows();
                std::thread::sleep(Duration::from_millis(2));
                let ahead = asked.load(Ordering::Relaxed) - read;
                assert!(ahead <= 2 * 8192 + 1, "{ahead}");
            }
        });
    }
}

#[test]
fn an_endless_source_gives_exactly_what_is_asked() {
    let pushed = Arc::new(AtomicUsize::new(0));
    let counter = pushed.clone();
    let dataset = any(move |_| {
        let counter = counter.clone();
        Rows::produce(move |out| async move {
            for id in 0.. {
                counter.fetch_add(1, Ordering::Relaxed);
                out.push(number(id)).await;
            }
            Ok(())
        })
    });
    let (batches, _) = collect(dataset, ReadRequest::new().with_limit(20_000));
    assert_eq!(ids(Ok(batches)).len(), 20_000);
    assert_eq!(pushed.load(Ordering::Relaxed), 20_000);
}

#[test]
fn a_source_that_stalls_still_delivers() {
    let stalls: [fn() -> Rows<'static, Number>; 2] = [
        || {
            Rows::produce(|out| async move {
                out.push(number(7)).await;
                std::future::pending::<()>().await;
                Ok(())
            })
        },
        || {
            Rows::blocking(|out| {
                out.push(number(7))?;
                while !out.is_stopped() {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Ok(())
            })
        },
    ];
    for stall in stalls {
        let started = Instant::now();
        assert_eq!(all_within(stall).0, [7]);
        assert!(started.elapsed() >= Duration::from_millis(150), "one row is not worth a batch at once");
    }
}

#[test]
fn batches_close_by_bytes() {
    #[derive(Table)]
    struct Wide {
        id: i64,
        text: String,
    }
    struct Wides;
    impl Connector for Wides {
        const NAME: &'static str = "wides";
        type Config = ();
        type Row = Wide;
        async fn init((): (), _: &()) -> Result<Self> {
            Ok(Wides)
        }
        fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Wide> {
            Rows::iter((0..100).map(|id| Wide { id, text: "x".repeat(1 << 20) }))
        }
    }
    let batches = support::read::<Wides>(ReadRequest::new()).unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 100);
    assert!(batches.iter().all(|batch| batch.num_rows() <= 24), "8 MiB and a stride at most");
}

#[test]
fn a_checkpoint_leaves_with_its_rows_and_not_with_a_cut_batch() {
    let dataset = any(|request| {
        let since: i64 = request.state().unwrap().unwrap_or(0);
        Rows::pages(since, page)
    });
    let state = block_on(async {
        let mut batches = dataset.clone().read(ReadRequest::new()).await.unwrap();
        let mut rows = 0;
        while let Some(batch) = batches.next().await {
            rows += batch.unwrap().num_rows();
        }
        let state = batches.take_checkpoint().expect("the pages carry checkpoints");
        assert_eq!((rows, state.version, state.decode::<i64>().unwrap()), (950, 1, 1000));
        assert!(batches.take_checkpoint().is_none(), "a checkpoint is taken once");

        let mut batches = dataset.clone().read(ReadRequest::new().with_limit(150)).await.unwrap();
        while batches.next().await.is_some() {}
        let cut = batches.take_checkpoint().map(|state| state.decode::<i64>().unwrap());
        assert!(cut.is_none_or(|state| state <= 150), "{cut:?}");
        state
    });
    assert!(collect(dataset, ReadRequest::new().with_state(state)).0.is_empty());
}

#[test]
fn dropping_the_batches_drops_the_authors_future() {
    struct Guard(Arc<AtomicUsize>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let counter = dropped.clone();
    let dataset = any(move |_| {
        let guard = Guard(counter.clone());
        Rows::produce(move |out| async move {
            let _guard = guard;
            out.extend((0..10_000).map(number)).await;
            std::future::pending::<()>().await;
            Ok(())
        })
    });
    block_on(async {
        let mut batches = dataset.read(ReadRequest::new()).await.unwrap();
        batches.next().await.unwrap().unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 0);
        drop(batches);
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    });
}
