//! What is written otherwise than it should be still works, and is told once.

use std::fmt;
use std::sync::{Arc, Mutex};

use flexconnect_core::Config;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::{faults, read};

/// Everything that was told, a line each.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Subscriber for Told {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0.push_str(&format!(" {value:?}"));
        }
    }
}

/// What is told while this runs.
fn told(work: impl FnOnce()) -> Vec<String> {
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), work);
    told.0.lock().unwrap().clone()
}

#[test]
fn an_older_name_is_told_once() {
    #[derive(Config, Debug)]
    struct Page {
        #[config(alias = "limit", alias = "max")]
        page_size: u32,
        #[config(deprecated = "use `page_size`")]
        pages: Option<u32>,
        #[config(deprecated = "it does nothing any more", default = 3)]
        workers: u8,
    }
    let values = json!({"limit": 777_777, "pages": 888_888});
    let lines = told(|| {
        for _ in 0..3 {
            let page: Page = read(values.clone());
            assert_eq!((page.page_size, page.pages, page.workers), (777_777, Some(888_888), 3));
        }
    });
    assert_eq!(
        lines,
        [
            "WARN the parameter `limit` is now called `page_size`: write that",
            "WARN the parameter `pages` is deprecated: use `page_size`",
        ]
    );
    // The right name is not told, and neither is a value that is not there.
    assert!(
        told(|| assert_eq!(read::<Page>(json!({"page_size": 1, "workers": null})).workers, 3)).is_empty()
    );
    assert_eq!(
        told(|| assert_eq!(read::<Page>(json!({"page_size": 1, "workers": 2})).workers, 2)),
        ["WARN the parameter `workers` is deprecated: it does nothing any more"]
    );
}

#[test]
fn a_value_that_does_not_apply_is_told_without_it() {
    #[derive(Config, Debug)]
    struct Proxied {
        #[config(default = false)]
        proxied: bool,
        #[config(visible_when(proxied = true))]
        proxy: Option<String>,
        #[config(flatten)]
        store: Store,
    }
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    enum Store {
        Local { folder: String },
        Remote { bucket: String },
    }
    let lines = told(|| {
        let read: Proxied =
            read(json!({"proxy": "hunter2", "type": "local", "folder": "f", "bucket": "hunter2"}));
        assert!(read.proxy.is_none() && !read.proxied);
    });
    assert_eq!(
        lines,
        [
            "INFO the value of `proxy` is ignored: it applies if `proxied` is `true`",
            "INFO the value of `bucket` is ignored: it applies to another `type`",
        ]
    );
}

#[test]
fn trying_how_a_value_reads_tells_nothing() {
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Outer {
        inners: Vec<Inner>,
    }
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Inner {
        #[config(alias = "old")]
        new: u8,
    }
    // The object would read as the one element of the list.
    let lines = told(|| {
        assert_eq!(
            faults::<Outer>(json!({"inners": {"old": 1}})),
            ["`inners` must be a list of objects, not an object; put it in square brackets"]
        );
    });
    assert!(lines.is_empty(), "{lines:?}");
}
