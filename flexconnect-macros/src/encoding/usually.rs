//! The encodings a struct gives to fields that choose none.

use syn::Type;

use super::known::LISTS;
use super::settings::unit;
use super::{Encoding, Unit};
use crate::attribute::Setting;
use crate::case::plain;
use crate::errors::Errors;
use crate::types;

/// Types that are text.
const TEXTS: [&str; 5] = ["String", "str", "SmolStr", "CompactString", "EcoString"];

/// `strings`, `timestamps` and `lists` on the struct: encodings of the fields that choose none.
#[derive(Default)]
pub(crate) struct Usually {
    strings: Option<&'static str>,
    timestamps: Option<Unit>,
    lists: Option<&'static str>,
}

impl Usually {
    /// Takes one of the three settings.
    pub(crate) fn take(&mut self, setting: &Setting, errors: &mut Errors) {
        let Some(text) = setting.text(errors) else { return };
        let one_of = |allowed: &[&'static str], errors: &mut Errors| {
            let found = allowed.iter().find(|name| **name == text.value()).copied();
            if found.is_none() {
                let name = plain(&setting.name);
                let message =
                    format!("`{name}` cannot be `{}`, it can be `{}`", text.value(), allowed.join("`, `"));
                errors.at(&text, message);
            }
            found
        };
        match plain(&setting.name).as_str() {
            "strings" => self.strings = one_of(&["Utf8", "LargeUtf8", "Utf8View"], errors),
            "lists" => self.lists = one_of(&LISTS, errors),
            _ => self.timestamps = unit(text, errors).map(|(_, unit)| unit),
        }
    }

    /// The encoding of a field of this type that has chosen this one.
    pub(crate) fn apply(&self, ty: &Type, chosen: Encoding) -> Encoding {
        let inner = types::innermost(ty);
        let values = match (&chosen, self.strings, self.timestamps) {
            (Encoding::Natural, Some(text), _)
                if inner.as_deref().is_some_and(|inner| TEXTS.contains(&inner)) =>
            {
                Encoding::Named(text)
            }
            (Encoding::Natural, _, Some(unit)) if types::is_timestamp(ty) => Encoding::In(unit),
            _ => chosen,
        };
        let of_list = matches!(values, Encoding::Lists(..) | Encoding::FixedList(..) | Encoding::Pairs(_));
        match self.lists {
            Some(layout) if !of_list && types::is_vec_of_columns(ty) => {
                Encoding::Lists(layout, None, Box::new(values))
            }
            _ => values,
        }
    }
}
