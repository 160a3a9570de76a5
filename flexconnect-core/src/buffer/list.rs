//! Lists of any length, in all their layouts, and maps, which are lists of pairs; lists of one length.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use arrow_array::OffsetSizeTrait;
use arrow_array::{
    ArrayRef, FixedSizeListArray, GenericListArray, GenericListViewArray, MapArray, StructArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::offsets::Offsets;
use super::{Buffers, ColumnBuffer, Fault, FirstFault, Room, Slot, Slots, earlier};

/// What lists become when they are finished.
pub trait Layout<B>: Send + 'static {
    /// The width of an offset.
    type Offset: OffsetSizeTrait;

    /// The array's type in words, for messages.
    const NAME: &'static str;

    /// The first fault of the items, its path beginning with the part of a list it is in.
    fn take_fault(items: &mut B) -> Option<Fault>;

    /// The array.
    fn finish(
        data_type: &DataType,
        offsets: OffsetBuffer<Self::Offset>,
        items: &mut B,
        nulls: Option<NullBuffer>,
    ) -> ArrayRef;
}

/// The items of all lists end to end, with the offset where each list ends.
pub struct ListBuffer<B, L: Layout<B> = ListLayout> {
    offsets: Offsets<L::Offset>,
    items: Room<B>,
    fault: FirstFault,
    layout: PhantomData<L>,
}

impl<B: Buffers, L: Layout<B>> Slot<'_, ListBuffer<B, L>> {
    /// Appends one list, whose items `write` puts into as many slots; an empty one and a fault when they are more
    /// than a batch can hold.
    #[inline(always)]
    pub fn push_items(self, count: usize, write: impl FnOnce(Slots<'_, B>)) {
        let buffer = self.into_buffer();
        if count <= L::Offset::MAX_OFFSET - buffer.items.get().len() {
            write(buffer.items.slots(count));
        } else {
            buffer.overflow(count);
        }
        let end = buffer.items.get().len();
        // SAFETY: the slot is room for one offset. At most `count` items have been written, which was checked above
        // to be no more than an offset can say, and none has been taken away.
        unsafe { buffer.offsets.push(end) };
    }
}

impl<B: Buffers, L: Layout<B>> ListBuffer<B, L> {
    #[cold]
    fn overflow(&mut self, items: usize) {
        self.fault.record(self.offsets.len(), || {
            format!(
                "a `{}` column holds at most 2^31 items in one batch, and this value of {items} does not fit",
                L::NAME
            )
        });
    }
}

// SAFETY: `reserve` makes room for the offsets; items have a `Room` of their own.
unsafe impl<B: Buffers, L: Layout<B>> ColumnBuffer for ListBuffer<B, L> {
    fn new() -> Self {
        ListBuffer {
            offsets: Offsets::new(),
            items: Room::new(0),
            fault: FirstFault::default(),
            layout: PhantomData,
        }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.offsets.len()
    }

    fn reserve(&mut self, more: usize) {
        self.offsets.reserve(more);
        self.items.expect(more);
    }

    #[inline(always)]
    fn push_default(slot: Slot<'_, Self>) {
        let buffer = slot.into_buffer();
        // SAFETY: the slot is room for one offset, and there are as many items as there were.
        unsafe { buffer.offsets.push(buffer.items.get().len()) };
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        self.offsets.bytes() + self.items.get().bytes()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        let item = self.items.close(L::take_fault).map(|mut fault| {
            fault.row = self.offsets.value_of(fault.row);
            fault
        });
        earlier(item, self.fault.take())
    }

    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let offsets = self.offsets.take();
        self.items.finish(|items| L::finish(data_type, offsets, items, nulls))
    }
}

impl<B, L: Layout<B>> fmt::Debug for ListBuffer<B, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListBuffer").field("offsets", &self.offsets).field("items", &self.items).finish()
    }
}

/// `List`.
pub type ListLayout = Contiguous<i32>;

/// Lists end to end: `List` and `LargeList`.
#[derive(Debug, Clone, Copy)]
pub struct Contiguous<O>(PhantomData<O>);

/// Lists anywhere among the items: `ListView` and `LargeListView`.
#[derive(Debug, Clone, Copy)]
pub struct View<O>(PhantomData<O>);

/// `Map`.
#[derive(Debug, Clone, Copy)]
pub struct MapLayout;

impl<B: ColumnBuffer, O: OffsetSizeTrait> Layout<B> for Contiguous<O> {
    type Offset = O;

    const NAME: &'static str = if O::IS_LARGE { "LargeList" } else { "List" };

    fn take_fault(items: &mut B) -> Option<Fault> {
        item_fault(items)
    }

    fn finish(
        data_type: &DataType,
        offsets: OffsetBuffer<O>,
        items: &mut B,
        nulls: Option<NullBuffer>,
    ) -> ArrayRef {
        let (DataType::List(item) | DataType::LargeList(item)) = data_type else {
            unreachable!("the type is the one `Column::data_type` gave for this buffer")
        };
        let items = items.finish(item.data_type(), None);
        Arc::new(GenericListArray::<O>::new(item.clone(), offsets, items, nulls))
    }
}

impl<B: ColumnBuffer, O: OffsetSizeTrait> Layout<B> for View<O> {
    type Offset = O;

    const NAME: &'static str = if O::IS_LARGE { "LargeListView" } else { "ListView" };

    fn take_fault(items: &mut B) -> Option<Fault> {
        item_fault(items)
    }

    fn finish(
        data_type: &DataType,
        offsets: OffsetBuffer<O>,
        items: &mut B,
        nulls: Option<NullBuffer>,
    ) -> ArrayRef {
        let (DataType::ListView(item) | DataType::LargeListView(item)) = data_type else {
            unreachable!("the type is the one `Column::data_type` gave for this buffer")
        };
        let items = items.finish(item.data_type(), None);
        let sizes: ScalarBuffer<O> = offsets.lengths().map(O::usize_as).collect();
        let starts = offsets.inner().slice(0, sizes.len());
        Arc::new(GenericListViewArray::<O>::new(item.clone(), starts, sizes, items, nulls))
    }
}

impl<K: ColumnBuffer, V: ColumnBuffer> Layout<(K, V)> for MapLayout {
    type Offset = i32;

    const NAME: &'static str = "Map";

    fn take_fault((keys, values): &mut (K, V)) -> Option<Fault> {
        let part = |name: &str, fault: Fault| {
            let row = fault.row;
            fault.inside(name, row)
        };
        let key = keys.take_fault().map(|fault| part("key", fault));
        earlier(key, values.take_fault().map(|fault| part("value", fault)))
    }

    fn finish(
        data_type: &DataType,
        offsets: OffsetBuffer<i32>,
        (keys, values): &mut (K, V),
        nulls: Option<NullBuffer>,
    ) -> ArrayRef {
        let DataType::Map(entries, sorted) = data_type else {
            unreachable!("the type is the one `Column::data_type` gave for this buffer")
        };
        let DataType::Struct(fields) = entries.data_type() else {
            unreachable!("the entries of a map are a struct")
        };
        let keys = keys.finish(fields[0].data_type(), None);
        let values = values.finish(fields[1].data_type(), None);
        let pairs = StructArray::new(fields.clone(), vec![keys, values], None);
        Arc::new(MapArray::new(entries.clone(), offsets, pairs, nulls, *sorted))
    }
}

fn item_fault(items: &mut impl ColumnBuffer) -> Option<Fault> {
    items.take_fault().map(|fault| {
        let row = fault.row;
        fault.inside("item", row)
    })
}

/// The items of lists that are all `N` long, end to end.
#[derive(Debug)]
pub struct FixedListBuffer<B, const N: usize> {
    items: B,
    len: usize,
    fault: FirstFault,
}

impl<B: ColumnBuffer, const N: usize> FixedListBuffer<B, N> {
    /// The length of the lists, as the column's type says it.
    pub const LENGTH: i32 = {
        assert!(N <= i32::MAX as usize, "a FixedSizeList holds at most 2^31 items");
        N as i32
    };
}

impl<B: ColumnBuffer, const N: usize> Slot<'_, FixedListBuffer<B, N>> {
    /// Appends one list, whose items `write` puts into `N` slots.
    #[inline(always)]
    pub fn push_items(self, write: impl FnOnce(Slots<'_, B>)) {
        let buffer = self.into_buffer();
        buffer.len += 1;
        // SAFETY: the slot is room for one list: `reserve` makes room for `N` items in each.
        write(unsafe { Slots::new(&mut buffer.items, N) });
    }

    /// Appends a list of zeros and a fault, for a list of another length.
    #[cold]
    pub fn fault(self, length: usize) {
        let buffer = self.into_buffer();
        buffer
            .fault
            .record(buffer.len, || format!("is a list of {length} items, and the column takes exactly {N}"));
        // SAFETY: the slot that was taken apart above is given back whole.
        ColumnBuffer::push_default(unsafe { Slot::new(buffer) });
    }
}

// SAFETY: `reserve` makes room for `N` items a list, and a slot is one list.
unsafe impl<B: ColumnBuffer, const N: usize> ColumnBuffer for FixedListBuffer<B, N> {
    fn new() -> Self {
        FixedListBuffer { items: B::new(), len: 0, fault: FirstFault::default() }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.len
    }

    fn reserve(&mut self, more: usize) {
        let items = more.checked_mul(N).expect("lists that fit memory have fewer than 2^64 items");
        self.items.reserve(items);
    }

    #[inline]
    fn push_default(slot: Slot<'_, Self>) {
        slot.push_items(|mut slots| {
            while let Some(slot) = slots.next_slot() {
                B::push_default(slot);
            }
        });
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        self.items.bytes()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        // `N` is not 0 where an item has a fault.
        let item = self.items.take_fault().map(|fault| {
            let row = fault.row / N.max(1);
            fault.inside("item", row)
        });
        earlier(item, self.fault.take())
    }

    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let DataType::FixedSizeList(item, _) = data_type else {
            unreachable!("the type is the one `Column::data_type` gave for this buffer")
        };
        let items = self.items.finish(item.data_type(), None);
        let len = std::mem::take(&mut self.len);
        let array = FixedSizeListArray::try_new_with_length(item.clone(), Self::LENGTH, items, nulls, len);
        Arc::new(array.expect("every push adds N items and one to the length"))
    }
}
