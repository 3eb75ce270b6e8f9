namespace SixLabors.ImageSharp;

public struct Size : IEquatable<Size>
{
    public Size(int width, int height) => (Width, Height) = (width, height);

    public int Width { get; set; }

    public int Height { get; set; }

    public static bool operator ==(Size left, Size right) => left.Equals(right);

    public static bool operator !=(Size left, Size right) => !left.Equals(right);

    public void Deconstruct(out int width, out int height) => (width, height) = (Width, Height);

    public bool Equals(Size other) => Width == other.Width && Height == other.Height;

    public override bool Equals(object obj) => obj is Size other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Width, Height);

    public override string ToString() => $"Size [ Width={Width}, Height={Height} ]";
}
