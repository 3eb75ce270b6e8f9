using ShowViews;
using SkiaSharp;

try
{
    return Arguments.Run(args, Draw);
}
catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or UsageException)
{
    Console.Error.WriteLine($"showviews: {error.Message}");
    return 1;
}

static int Draw(Request request)
{
    OutputFile.CheckOutside(request.Out, request.Folder);
    ImageFolder folder = new(request.Folder);
    if (folder.Count == 0)
    {
        Console.Error.WriteLine($"showviews: {request.Folder} holds no images.");
        return 1;
    }

    IReadOnlyList<ShownImage> images = new ViewMaker(folder, request).Make();
    foreach (SourceError error in folder.Errors.First)
        Console.Error.WriteLine($"showviews: left out {error}");
    if (images.Count == 0)
    {
        Console.Error.WriteLine($"showviews: none of the images tried in {request.Folder} can be read.");
        return 1;
    }

    using ContactSheet layout = new(request, folder.Count);
    using SKBitmap sheet = layout.Draw(images);
    using (FileStream file = File.Create(request.Out))
        sheet.Encode(file, SKEncodedImageFormat.Png, quality: 100);
    Console.WriteLine($"{request.Out}: {sheet.Width}×{sheet.Height}, {images.Count} of {folder.Count} images");
    return 0;
}
