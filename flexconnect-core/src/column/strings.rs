//! Strings of other crates, which are text as `String` is.

use arrow_array::ArrayRef;
use arrow_schema::DataType;

use super::text::{TextBuffer, TextEncoding, TextReader};
use super::{Column, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, Slot};

macro_rules! strings {
    ($($feature:literal: [$($generics:tt)*] $rust:ty, |$text:ident| $made:expr;)*) => {$(
        #[cfg(feature = $feature)]
        impl<E: TextEncoding, $($generics)*> Column<E> for $rust {
            type Buffer = E::Buffer;

            fn data_type() -> DataType {
                E::data_type()
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                E::Buffer::push_text(slot, self.as_str());
            }
        }

        #[cfg(feature = $feature)]
        impl<E, $($generics)*> Item<E> for $rust where $rust: Column<E> {}

        #[cfg(feature = $feature)]
        impl<E: TextEncoding, $($generics)*> FromColumn<E> for $rust {
            type Reader = TextReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                TextReader::new(array)
            }

            #[inline]
            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let $text = reader.get(row);
                let made: Result<Self, String> = $made;
                made.map_err(|message| Box::new(Fault::new(row, message)))
            }
        }
    )*};
}

strings! {
    "smol_str": [] smol_str::SmolStr, |text| Ok(text.into());
    "compact_str": [] compact_str::CompactString, |text| Ok(text.into());
    "ecow": [] ecow::EcoString, |text| Ok(text.into());
    "tinystr": [const N: usize] tinystr::TinyAsciiStr<N>, |text| {
        text.parse().map_err(|_| format!("{text:?} is not ASCII of at most {N} characters"))
    };
}
