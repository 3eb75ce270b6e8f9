namespace Samples.CommandLine;

/// <summary>A folder of images that a program reads.</summary>
internal static class InputFolder
{
    public static Argument<string> Argument(string description)
    {
        Argument<string> folder = new("folder") { Description = description };
        folder.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string path }] && !Directory.Exists(path))
                result.AddError($"'{path}' can't be used; expected a folder that exists.");
        });
        return folder;
    }
}
