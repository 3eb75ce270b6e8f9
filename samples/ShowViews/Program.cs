using ShowViews;
using SkiaSharp;

using StopSignals signals = new();
return CommandRun.Run("showviews", Arguments.Command(Draw), args, signals, "nothing was written", "pretrain");

static void Draw(Request request)
{
    OutputFile.CheckOutside(request.Out, request.Place);
    IImageSource source = request.Source;
    IReadOnlyList<ShownImage> images = [.. new ViewMaker(source, request).Make()];
    foreach (string line in LeftOut.Lines(source.Errors)) Console.Error.WriteLine(line);
    if (images.Count == 0) throw new IOException($"None of the images tried in {source.Name} can be read.");

    using ContactSheet layout = new(request);
    using SKBitmap sheet = layout.Draw(images);
    using (FileStream file = File.Create(request.Out)) sheet.Encode(file, SKEncodedImageFormat.Png, quality: 100);
    foreach (string note in source.Notes) Console.WriteLine(note);
    Console.WriteLine($"{request.Out}: {sheet.Width}×{sheet.Height}, {images.Count} of {source.Count} images");
}
