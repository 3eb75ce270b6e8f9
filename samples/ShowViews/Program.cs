using MoCo.Data;
using MoCo.Loading.Pipeline;
using ShowViews;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

try
{
    return Arguments.Run(args, Draw);
}
catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
{
    Console.Error.WriteLine($"showviews: {fault.Message}");
    return 1;
}

static int Draw(Request request)
{
    var folder = new ImageFolder(request.Folder);
    if (folder.Count == 0)
    {
        Console.Error.WriteLine($"showviews: {request.Folder} holds no pictures.");
        return 1;
    }

    IReadOnlyList<ShownPicture> pictures = new ViewMaker(folder, request).Make();
    foreach (SourceFault fault in folder.Faults.First)
        Console.Error.WriteLine($"showviews: left out {fault}");
    if (pictures.Count == 0)
    {
        Console.Error.WriteLine($"showviews: none of the pictures tried in {request.Folder} can be read.");
        return 1;
    }

    Canvas sheet = new ContactSheet(request, folder.Count).Draw(pictures);
    using (Image<Rgb24> image = Image.LoadPixelData<Rgb24>(sheet.Bytes, sheet.Width, sheet.Height))
        image.SaveAsPng(request.Out);
    Console.WriteLine($"{request.Out}: {sheet.Width}×{sheet.Height}, {pictures.Count} of {folder.Count} pictures");
    return 0;
}
