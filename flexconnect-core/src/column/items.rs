//! Lists whose items borrow from their column: what a view has in the place of a `Vec` of texts or of lists.

use std::any::Any;
use std::fmt;
use std::ops::Range;

use arrow_array::ArrayRef;
use arrow_schema::DataType;

use super::encoding::PassedOn;
use super::list::{self, ListReader};
use super::{BorrowColumn, Column, Item, Mismatch, Source};
use crate::buffer::{Fault, ListBuffer, Slot};

/// A list that lies in its column: an iterator of its items, which borrow from the column as well.
///
/// ```
/// use flexconnect_core::{Table, record::{Accepts, Record, RowBuffer}, table::BorrowColumns};
///
/// #[derive(Table)]
/// #[table(view)]
/// struct Trade {
///     id: u64,
///     tags: Vec<String>,
/// }
///
/// # fn main() -> Result<(), flexconnect_core::Error> {
/// # let mut buffer = <Trade as Record>::Buffer::new(None, 1)?;
/// # <Trade as Accepts<Trade>>::push(&mut buffer, Trade { id: 7, tags: vec!["new".to_owned(), "big".to_owned()] });
/// # let batch = buffer.finish()?.batch;
/// let view = TradeRef::view(&batch)?;
/// for trade in view.rows::<TradeRef<'_>>() {
///     let tags = trade?.tags;
///     assert_eq!(tags.len(), 2);
///     assert!(tags.into_iter().eq(["new", "big"]));
/// }
/// # Ok(())
/// # }
/// ```
pub struct ListItems<'r, T> {
    // Not of the type of the items' reader: a bound on `T` that it can be borrowed would be one more of a derived struct, of
    // another lifetime than the struct's own, and the compiler would take the two lifetimes for one.
    items: &'r (dyn Any + Send + Sync),
    borrow: fn(&'r (dyn Any + Send + Sync), usize) -> T,
    range: Range<usize>,
}

impl<T> Clone for ListItems<'_, T> {
    fn clone(&self) -> Self {
        ListItems { items: self.items, borrow: self.borrow, range: self.range.clone() }
    }
}

impl<T> Iterator for ListItems<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        Some((self.borrow)(self.items, self.range.next()?))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl<T> ExactSizeIterator for ListItems<'_, T> {}

impl<T: PartialEq> PartialEq for ListItems<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.clone().eq(other.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for ListItems<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// One item of a list that has been borrowed.
fn item<'r, T: BorrowColumn<'r, E>, E>(items: &'r (dyn Any + Send + Sync), at: usize) -> T {
    let items: &Source<T::Reader> = items.downcast_ref().expect("the items are those the list was made of");
    items.borrow::<T, E>(at).expect("every item was looked at when the list was borrowed")
}

impl<'r, T: BorrowColumn<'r, E>, E: PassedOn> BorrowColumn<'r, E> for ListItems<'r, T> {
    type Reader = ListReader<T::Reader>;

    fn data_type() -> DataType {
        list::of_type(T::data_type(), T::MAY_SEEM_NULL)
    }

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        ListReader::borrowed::<T, E>(array)
    }

    fn borrow(reader: &'r Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let (items, range) = reader.of_row(row);
        for at in range.clone() {
            // What is wrong with an item is told now, so that whoever walks the list later has none to expect.
            items.borrow::<T, E>(at).map_err(|fault| Box::new(fault.inside(list::ITEM, row)))?;
        }
        Ok(ListItems { items, borrow: item::<T, E>, range })
    }
}

impl<T: Item<E>, E: PassedOn> Column<E> for ListItems<'_, T> {
    type Buffer = ListBuffer<T::Buffer>;

    const REFUSED: Option<&'static str> = T::REFUSED;

    fn data_type() -> DataType {
        list::data_type::<T, E>()
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_items(self.range.len(), |slots| {
            slots.fill(self.clone(), |item, slot| item.append_to(slot))
        });
    }
}

impl<T: Item<E>, E: PassedOn> Item<E> for ListItems<'_, T> {}
