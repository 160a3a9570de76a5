//! Weather at a place: decimal numbers.

use flexconnect_core::Config;

use super::expect;

#[derive(Config)]
struct History {
    #[config(label = "Dark Sky API key")]
    api_key: String,
    #[config(label = "Latitude of the target location", min = -90, max = 90)]
    latitude: f64,
    #[config(label = "Longitude of the target location")]
    longitude: f64,
    /// YYYY-MM-DD format
    #[config(label = "Starting date")]
    from_date: String,
    /// YYYY-MM-DD format
    #[config(label = "End date")]
    to_date: String,
    /// Store historical weather conditions between runs to save API calls. If empty, no cache.
    #[config(default = "${dip.home}/tmp/forecastio")]
    cache_folder: std::path::PathBuf,
    /// Choose -1 for unlimited, or 1000 if you have the free plan.
    #[config(label = "Daily limit of API calls", default = -1)]
    api_limit: i64,
}

#[test]
fn history() {
    let reason = "a bound that theirs could have";
    expect::<History>(
        "dataiku_dataiku-contrib__forecastio-history.json",
        &[("latitude.minD: -90.0, not null", reason), ("latitude.maxD: 90.0, not null", reason)],
    );
}
