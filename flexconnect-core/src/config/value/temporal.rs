//! Dates and instants, behind the features of the crates they come from.

/// A type that is written and read as text.
#[cfg(any(feature = "chrono", feature = "jiff"))]
macro_rules! from_text {
    ($($type:ty: $kind:ident;)*) => {$(
        impl $crate::config::ConfigValue for $type {
            fn parameter() -> $crate::config::Parameter {
                $crate::config::Parameter::new($crate::config::ParameterKind::$kind)
            }

            fn read(input: $crate::config::Input<'_>, faults: &mut $crate::config::Faults) -> Option<Self> {
                let value = input.value().as_str().and_then(|text| text.parse().ok());
                if value.is_none() {
                    input.wrong_type::<Self>(faults);
                }
                value
            }

            fn to_json(&self) -> serde_json::Value {
                text(self).into()
            }
        }
    )*};
}

#[cfg(feature = "chrono")]
mod of_chrono {
    use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};

    from_text! {
        NaiveDate: Date;
        DateTime<Utc>: Timestamp;
        DateTime<FixedOffset>: Timestamp;
    }

    trait Text {
        fn text(&self) -> String;
    }

    impl Text for NaiveDate {
        fn text(&self) -> String {
            self.to_string()
        }
    }

    impl Text for DateTime<Utc> {
        fn text(&self) -> String {
            self.to_rfc3339_opts(SecondsFormat::AutoSi, true)
        }
    }

    impl Text for DateTime<FixedOffset> {
        fn text(&self) -> String {
            self.to_rfc3339_opts(SecondsFormat::AutoSi, true)
        }
    }

    fn text(value: &impl Text) -> String {
        value.text()
    }
}

#[cfg(feature = "jiff")]
mod of_jiff {
    use jiff::Timestamp;
    use jiff::civil::Date;

    from_text! {
        Date: Date;
        Timestamp: Timestamp;
    }

    fn text(value: &impl std::fmt::Display) -> String {
        value.to_string()
    }
}
