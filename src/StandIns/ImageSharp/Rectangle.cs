namespace SixLabors.ImageSharp;

public struct Rectangle : IEquatable<Rectangle>
{
    public Rectangle(int x, int y, int width, int height) => (X, Y, Width, Height) = (x, y, width, height);

    public int X { get; set; }

    public int Y { get; set; }

    public int Width { get; set; }

    public int Height { get; set; }

    public int Bottom => Y + Height;

    public int Right => X + Width;

    public static bool operator ==(Rectangle left, Rectangle right) => left.Equals(right);

    public static bool operator !=(Rectangle left, Rectangle right) => !left.Equals(right);

    public bool Equals(Rectangle other) => (X, Y, Width, Height) == (other.X, other.Y, other.Width, other.Height);

    public override bool Equals(object obj) => obj is Rectangle other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(X, Y, Width, Height);

    public override string ToString() => $"Rectangle [ X={X}, Y={Y}, Width={Width}, Height={Height} ]";
}
