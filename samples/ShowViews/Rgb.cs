namespace ShowViews;

/// <summary>A color of the sheet.</summary>
internal readonly record struct Rgb(byte Red, byte Green, byte Blue)
{
    public static Rgb Paper { get; } = new(255, 255, 255);

    public static Rgb Ink { get; } = new(28, 30, 34);

    public static Rgb Faint { get; } = new(104, 110, 120);

    /// <summary>One color a view, in turn: its crop on the image and the line above its text.</summary>
    public static Rgb Of(int view) => (view % 4) switch
    {
        0 => new(230, 97, 1),
        1 => new(26, 119, 201),
        2 => new(217, 45, 128),
        _ => new(20, 148, 84),
    };
}
