using ShowViews;
using SkiaSharp;

using StopSignals signals = new();
return CommandRun.Run("showviews", Arguments.Command(Draw), args, signals);

static void Draw(Request request)
{
    OutputFile.CheckOutside(request.Out, request.Folder);
    ImageFolder folder = new(request.Folder, request.Reading);
    IReadOnlyList<ShownImage> images = [.. new ViewMaker(folder, request).Make()];
    foreach (string line in LeftOut.Lines(folder.Errors)) Console.Error.WriteLine(line);
    if (images.Count == 0) throw new IOException($"None of the images tried in {request.Folder} can be read.");

    using ContactSheet layout = new(request, folder.Count);
    using SKBitmap sheet = layout.Draw(images);
    using (FileStream file = File.Create(request.Out)) sheet.Encode(file, SKEncodedImageFormat.Png, quality: 100);
    Console.WriteLine($"{request.Out}: {sheet.Width}×{sheet.Height}, {images.Count} of {folder.Count} images");
}
