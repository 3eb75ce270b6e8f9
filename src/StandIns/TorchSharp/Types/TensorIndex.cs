using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One index of an indexing expression: a number, slice, tensor, new dimension or ellipsis.</summary>
    public struct TensorIndex
    {
        public static TensorIndex Ellipsis = new() { IndexKind = Kind.Ellipsis };
        public static TensorIndex None = new() { IndexKind = Kind.Null };
        public static TensorIndex Null = new() { IndexKind = Kind.Null };
        public static TensorIndex Colon = Slice();

        internal enum Kind
        {
            Null,
            Single,
            Ellipsis,
            Bool,
            Tensor,
            Slice,
        }

        internal Kind IndexKind { get; private init; }

        /// <summary>The start of a slice, a number's value, or a Boolean's as 0 or 1.</summary>
        internal long? Start { get; private init; }

        internal long? Stop { get; private init; }

        internal long? Step { get; private init; }

        internal Tensor Index { get; private init; }

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { IndexKind = Kind.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int? start, int? end) range) => Slice((long?)range.start, range.end);

        public static TensorIndex Slice(Range range)
        {
            long? start = range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value;
            long? end = range.End.IsFromEnd ? (range.End.Value == 0 ? null : -range.End.Value) : range.End.Value;
            return Slice(start, end);
        }

        public static TensorIndex Bool(bool value) => new() { IndexKind = Kind.Bool, Start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => new() { IndexKind = Kind.Single, Start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { IndexKind = Kind.Tensor, Index = tensor };

        // never called: it makes TensorIndex the better of the two conversions when an index could become either
        public static implicit operator Tensor(TensorIndex value) => throw new InvalidOperationException("Should not be called.");

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);
    }
}
