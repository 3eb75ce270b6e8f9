namespace Samples;

/// <summary>Writes a file beside its place and then puts it there, so that a failure leaves the old one whole.</summary>
internal static class WholeFile
{
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = path + ".tmp";
        using (FileStream stream = File.Create(temporary)) write(stream);
        File.Move(temporary, path, overwrite: true);
    }
}
