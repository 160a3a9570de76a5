//! Several buffers side by side, and one slot of all of them.

use std::slice;

use arrow_array::ArrayRef;
use arrow_schema::FieldRef;

use super::{ColumnBuffer, Fault, Slot};

/// A buffer, or a tuple of them, or of such tuples: values in a row are written to all of them.
///
/// # Safety
/// As [`ColumnBuffer`]: after `reserve(n)`, `n` slots of all buffers together can be written.
pub unsafe trait Buffers: Send + 'static {
    /// Whether there is any buffer, and so a length.
    const ANY: bool;

    /// Empty buffers, which hold no memory yet.
    fn new() -> Self;

    /// Rows pushed; 0 when there are no buffers.
    fn len(&self) -> usize;

    /// Whether there is no row.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes room for that many more rows.
    fn reserve(&mut self, more: usize);

    /// Appends to every buffer the value that lies under a null.
    fn push_default(slot: Slot<'_, Self>)
    where
        Self: Sized;

    /// Bytes held by all values.
    fn bytes(&self) -> usize;

    /// Tells the first fault of every buffer, in order; called before [`finish_into`](Self::finish_into).
    fn take_faults(&mut self, found: &mut dyn FnMut(Option<Fault>));

    /// Appends the arrays of all buffers, in order, each of the type of the next field; leaves them empty and without
    /// room.
    fn finish_into(&mut self, fields: &mut slice::Iter<'_, FieldRef>, arrays: &mut Vec<ArrayRef>);
}

// SAFETY: the trait asks of one buffer what `ColumnBuffer` asks.
unsafe impl<B: ColumnBuffer> Buffers for B {
    const ANY: bool = true;

    fn new() -> Self {
        B::new()
    }

    #[inline(always)]
    fn len(&self) -> usize {
        ColumnBuffer::len(self)
    }

    fn reserve(&mut self, more: usize) {
        ColumnBuffer::reserve(self, more);
    }

    #[inline(always)]
    fn push_default(slot: Slot<'_, Self>) {
        <B as ColumnBuffer>::push_default(slot);
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        ColumnBuffer::bytes(self)
    }

    fn take_faults(&mut self, found: &mut dyn FnMut(Option<Fault>)) {
        found(self.take_fault());
    }

    fn finish_into(&mut self, fields: &mut slice::Iter<'_, FieldRef>, arrays: &mut Vec<ArrayRef>) {
        let field = fields.next().expect("a table has as many fields as buffers");
        arrays.push(self.finish(field.data_type(), None));
    }
}

// SAFETY: there is nothing to make room in.
unsafe impl Buffers for () {
    const ANY: bool = false;

    fn new() -> Self {}

    fn len(&self) -> usize {
        0
    }

    fn reserve(&mut self, _more: usize) {}

    fn push_default(_slot: Slot<'_, Self>) {}

    fn bytes(&self) -> usize {
        0
    }

    fn take_faults(&mut self, _found: &mut dyn FnMut(Option<Fault>)) {}

    fn finish_into(&mut self, _fields: &mut slice::Iter<'_, FieldRef>, _arrays: &mut Vec<ArrayRef>) {}
}

macro_rules! tuple {
    ($($buffer:ident $at:tt),*) => {
        // SAFETY: `reserve` makes room in each part, and a slot of the tuple is split into one slot of each.
        unsafe impl<$($buffer: Buffers),*> Buffers for ($($buffer,)*) {
            const ANY: bool = A::ANY;

            fn new() -> Self {
                ($($buffer::new(),)*)
            }

            #[inline(always)]
            fn len(&self) -> usize {
                self.0.len()
            }

            fn reserve(&mut self, more: usize) {
                $(self.$at.reserve(more);)*
            }

            #[inline(always)]
            fn push_default(slot: Slot<'_, Self>) {
                #[allow(non_snake_case, reason = "one name for a type and its slot")]
                let ($($buffer,)*) = slot.split();
                $(<$buffer as Buffers>::push_default($buffer);)*
            }

            #[inline(always)]
            fn bytes(&self) -> usize {
                0 $(+ self.$at.bytes())*
            }

            fn take_faults(&mut self, found: &mut dyn FnMut(Option<Fault>)) {
                $(self.$at.take_faults(found);)*
            }

            fn finish_into(&mut self, fields: &mut slice::Iter<'_, FieldRef>, arrays: &mut Vec<ArrayRef>) {
                $(self.$at.finish_into(fields, arrays);)*
            }
        }

        impl<'s, $($buffer: Buffers),*> Slot<'s, ($($buffer,)*)> {
            /// A slot of each part.
            #[inline(always)]
            pub fn split(self) -> ($(Slot<'s, $buffer>,)*) {
                let buffers = self.into_buffer();
                // SAFETY: the slot is room for one value in every part, and each part gets one of them.
                unsafe { ($(Slot::new(&mut buffers.$at),)*) }
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
