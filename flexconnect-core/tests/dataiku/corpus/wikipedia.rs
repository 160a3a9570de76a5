//! Views of pages: a text of several lines.

use flexconnect_core::Config;

use super::expect;

#[derive(Config)]
struct Pageviews {
    /// One page per line, in the form 'project page', where project is in the form 'fr.wikipedia'
    #[config(label = "Pages to follow", multiline, min_len = 1)]
    pages: String,
    /// In the form YYYYMMDD
    #[config(default = "20240801", min_len = 8, max_len = 8)]
    begin_date: String,
    /// In the form YYYYMMDD
    #[config(default = "20250104", min_len = 8, max_len = 8)]
    end_date: String,
}

#[test]
fn pageviews() {
    let default = "what has a default need not be given";
    expect::<Pageviews>(
        "dataiku_dataiku-contrib__wikipedia-pageviews-pagesperday.json",
        &[("begin_date.mandatory: null, not true", default), ("end_date.mandatory: null, not true", default)],
    );
}
