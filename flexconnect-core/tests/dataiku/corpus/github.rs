//! Issues and pull requests: a preset, lists of text, choices, a separator, a number that depends on a switch.

use flexconnect_core::{Config, Secret};

use super::expect;

#[derive(Config)]
#[config(preset = "personal-access-token")]
struct PersonalAccessToken {
    token: Secret<String>,
}

#[derive(Config)]
enum State {
    Open,
    Closed,
    All,
}

#[derive(Config)]
enum Link {
    OpenBy,
    ReviewedBy,
    All,
}

#[derive(Config)]
struct Search {
    /// For more information on how to create your token:
    /// https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/creating-a-personal-access-token
    #[config(label = "Github Personal Access Token")]
    personal_access_token_credentials_preset: Option<PersonalAccessToken>,
    /// Owner to fetch Pull Requests from (as in the full name {owner}/{repo}).
    #[config(label = "Git owner")]
    owner: Option<String>,
    /// Entered value can also be a single variable containing a list of user names (${var_name})
    #[config(label = "Github team usernames")]
    github_team_handles: Vec<String>,
    #[config(label = "Select the link to the users", default = Link::OpenBy)]
    link_to_users: Link,
    #[config(label = "State of fetched Pull Requests", default = State::Open)]
    state: State,
    /// Keep Pull Requests created after the selected date (YYYY-MM-DD).
    #[config(label = "Pull Requests created after", default = "YYYY-MM-DD")]
    since_date: String,
    /// Add merged status, requested_reviewers and count of comments.
    #[config(
        label = "Fetch additional fields",
        default = false,
        section = "Time consuming operations (Makes downloading much slower)"
    )]
    fetch_additional_costly_fields: bool,
    /// When enabled, will fetch again data after a failure due to hitting the rate limit.
    #[config(
        label = "Enable auto retry mechanism",
        default = true,
        section = "Time consuming operations (Makes downloading much slower)"
    )]
    enable_auto_retry: bool,
    /// Allow to retry after hitting the rate limit. -1 for no retry limit, 0 to disable.
    #[config(label = "Number of retries:", default = -1, visible_when(enable_auto_retry = true), section = "Time consuming operations (Makes downloading much slower)")]
    number_of_fetch_retry: i64,
}

#[test]
fn search_pull_requests() {
    expect::<Search>("dataiku_dss-plugin-github__github_search-pull-requests.json", &[]);
}

#[derive(Config)]
struct Issues {
    /// For more information on how to create your token:
    /// https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/creating-a-personal-access-token
    #[config(label = "Github Personal Access Token")]
    personal_access_token_credentials_preset: Option<PersonalAccessToken>,
    #[config(label = "Repository (in the form user/repos)")]
    repos: String,
    #[config(label = "State of fetched issues", default = State::All)]
    state: State,
    /// (Makes downloading 10x slower and prone to hit rate limit)
    #[config(label = "Fetch comment bodies", default = false)]
    fetch_comments: bool,
}

#[test]
fn issues() {
    expect::<Issues>(
        "dataiku_dss-plugin-github__github-issues.json",
        &[("fetch_comments.mandatory: null, not true", "what has a default need not be given")],
    );
}

#[derive(Config)]
struct PullRequests {
    /// For more information on how to create your token:
    /// https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/creating-a-personal-access-token
    #[config(label = "Github Personal Access Token")]
    personal_access_token_credentials_preset: Option<PersonalAccessToken>,
    /// Repositories to fetch Pull Requests from (full name means in the form of {owner}/{repo})
    #[config(label = "Git full name repositories", default)]
    repositories: std::collections::BTreeSet<String>,
    #[config(label = "State of fetched Pull Requests", default = State::Open)]
    state: State,
    /// Makes downloading much slower.
    #[config(default = false)]
    compute_comment_count: bool,
}

#[test]
fn pull_requests() {
    expect::<PullRequests>("dataiku_dss-plugin-github__github_pull-requests.json", &[]);
}
