//! GoodData's words. Each list may grow: a word that is not in it is kept as it came.

use std::fmt;

macro_rules! vocabulary {
    ($(
        $(#[$about:meta])*
        $name:ident { $($(#[$word_about:meta])* $word:ident = $text:literal,)* }
    )*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$word_about])* $word,)*
            /// A word that this version does not know, as it came.
            Other(String),
        }

        impl $name {
            /// The word as GoodData writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$word => $text,)*
                    $name::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => $name::$word,)*
                    other => $name::Other(other.to_owned()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

vocabulary! {
    /// What a call is for.
    ///
    /// ```
    /// use flexconnect_flight::gooddata::context::ExecutionType;
    ///
    /// assert_eq!(ExecutionType::from("REPORT"), ExecutionType::Report);
    /// assert_eq!(ExecutionType::from("NEW").as_str(), "NEW");
    /// ```
    ExecutionType {
        /// Rows for a visualisation or an export.
        Report = "REPORT",
        /// The values of one label, for a filter's list of choices.
        LabelElements = "LABEL_ELEMENTS",
    }

    /// How text is compared with the literal of a match filter.
    MatchType {
        /// The literal is somewhere in it.
        Contains = "CONTAINS",
        /// It begins with the literal.
        StartsWith = "STARTS_WITH",
        /// It ends with the literal.
        EndsWith = "ENDS_WITH",
    }

    /// The order of a sorted attribute.
    SortDirection {
        /// The lowest first.
        Ascending = "ASC",
        /// The highest first.
        Descending = "DESC",
    }

    /// Which label of an attribute filters of elements are about.
    LabelType {
        /// The label that is asked for.
        Requested = "REQUESTED",
        /// The attribute's primary label.
        Primary = "PRIMARY",
    }

    /// What kind of object the elements must have data for.
    ValidationType {
        /// A label.
        Label = "label",
        /// An attribute.
        Attribute = "attribute",
        /// A fact.
        Fact = "fact",
        /// A metric.
        Metric = "metric",
    }

    /// What made GoodData call.
    InitiatorType {
        /// Somebody looks at a dashboard or a visualisation.
        Display = "display",
        /// Somebody exports one.
        AdhocExport = "adhocExport",
        /// A scheduled export.
        Automation = "automation",
        /// An alert is evaluated.
        Alert = "alert",
    }

    /// What a date filter counts in, or what part of a date a label shows.
    ///
    /// [`Second`](Self::Second) to [`Year`](Self::Year) are periods that follow each other: a relative date filter
    /// in them is a range of time. The others repeat (the third day of every week), are an instant, or depend on a
    /// fiscal calendar that GoodData does not send: they are no range.
    Granularity {
        /// No period: the point in time itself.
        Timestamp = "TIMESTAMP",
        /// Seconds.
        Second = "SECOND",
        /// Minutes.
        Minute = "MINUTE",
        /// Hours.
        Hour = "HOUR",
        /// Days.
        Day = "DAY",
        /// Weeks, from the context's first day of the week.
        Week = "WEEK",
        /// Months.
        Month = "MONTH",
        /// Quarters of the calendar year.
        Quarter = "QUARTER",
        /// Calendar years.
        Year = "YEAR",
        /// 0 to 59.
        SecondOfMinute = "SECOND_OF_MINUTE",
        /// The seconds since midnight.
        SecondOfDay = "SECOND_OF_DAY",
        /// 0 to 59.
        MinuteOfHour = "MINUTE_OF_HOUR",
        /// The minutes since midnight.
        MinuteOfDay = "MINUTE_OF_DAY",
        /// 0 to 23.
        HourOfDay = "HOUR_OF_DAY",
        /// The day in its week.
        DayOfWeek = "DAY_OF_WEEK",
        /// 1 to 31.
        DayOfMonth = "DAY_OF_MONTH",
        /// 1 to 366.
        DayOfYear = "DAY_OF_YEAR",
        /// The week in its year.
        WeekOfYear = "WEEK_OF_YEAR",
        /// 1 to 12.
        MonthOfYear = "MONTH_OF_YEAR",
        /// 1 to 4.
        QuarterOfYear = "QUARTER_OF_YEAR",
        /// A month of the fiscal calendar.
        FiscalMonth = "FISCAL_MONTH",
        /// A quarter of the fiscal calendar.
        FiscalQuarter = "FISCAL_QUARTER",
        /// A year of the fiscal calendar.
        FiscalYear = "FISCAL_YEAR",
    }
}

/// The first day of the week; written in any case.
///
/// ```
/// use flexconnect_flight::gooddata::context::WeekStart;
///
/// assert_eq!(WeekStart::from("MONDAY"), WeekStart::from("monday"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WeekStart {
    /// What GoodData takes when nothing is set.
    #[default]
    Sunday,
    /// As ISO 8601 has it.
    Monday,
    /// A word that this version does not know, as it came.
    Other(String),
}

impl WeekStart {
    /// The word as GoodData sends it.
    pub fn as_str(&self) -> &str {
        match self {
            WeekStart::Sunday => "sunday",
            WeekStart::Monday => "monday",
            WeekStart::Other(text) => text,
        }
    }
}

impl From<&str> for WeekStart {
    fn from(text: &str) -> Self {
        if text.eq_ignore_ascii_case("sunday") {
            WeekStart::Sunday
        } else if text.eq_ignore_ascii_case("monday") {
            WeekStart::Monday
        } else {
            WeekStart::Other(text.to_owned())
        }
    }
}

impl fmt::Display for WeekStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
