namespace MoCo.Reporting;

/// <summary>An image in a report.</summary>
/// <param name="Name">Its file name or number.</param>
/// <param name="Label">Its class, or null where none is known.</param>
/// <param name="Thumbnail">A small PNG or JPEG file, best at most 64 pixels wide and high; empty where there is none.</param>
public sealed record ReportImage(string Name, string? Label, ReadOnlyMemory<byte> Thumbnail);
