using MoCo.Data;
using MoCo.Loading.Pipeline;
using ShowViews;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

try
{
    return Arguments.Run(args, Draw);
}
catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
{
    Console.Error.WriteLine($"showviews: {error.Message}");
    return 1;
}

static int Draw(Request request)
{
    var folder = new ImageFolder(request.Folder, new ImageFolderOptions { KeepIndex = false });
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

    Canvas sheet = new ContactSheet(request, folder.Count).Draw(images);
    using (Image<Rgb24> image = Image.LoadPixelData<Rgb24>(sheet.Bytes, sheet.Width, sheet.Height))
        image.SaveAsPng(request.Out);
    Console.WriteLine($"{request.Out}: {sheet.Width}×{sheet.Height}, {images.Count} of {folder.Count} images");
    return 0;
}
