using MoCo.Data;

namespace Quickstart;

/// <summary>Loads the two halves of a data set of the MNIST family.</summary>
internal static class GreyImages
{
    /// <summary>Whether a folder holds files of the MNIST family, the images or only their labels.</summary>
    public static bool AreIn(string folder) =>
        Directory.EnumerateFiles(folder).Any(file => Path.GetFileName(file).Contains("idx3-ubyte", StringComparison.Ordinal) || Path.GetFileName(file).Contains("idx1-ubyte", StringComparison.Ordinal));

    /// <summary>Loads training and test images; their labels are only used to measure.</summary>
    /// <exception cref="UsageException">The files are missing or not what they should be; the message says what to do.</exception>
    public static DataSet Load(string folder, Arguments arguments)
    {
        try
        {
            IdxImages train = Labelled(IdxImages.Load(folder, IdxSplit.Train), folder, "train-labels-idx1-ubyte");
            IdxImages test = Labelled(IdxImages.Load(folder, IdxSplit.Test), folder, "t10k-labels-idx1-ubyte");
            if (train.Count < Measurement.MostNeighbours)
                throw new UsageException($"{train.Name} has {train.Count} images; expected {Measurement.MostNeighbours} or more, the neighbours that vote.");
            string summary = $"{train.Count:N0} images to learn from, {test.Count:N0} to test with, from {Places.Shown(folder)}";
            return new DataSet(train, train, test, Recipe.ForGrey(arguments.Size ?? Recipe.GreySize), summary);
        }
        catch (Exception error) when (error is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new UsageException($"{error.Message}\n\n{HowTo(arguments.Folder)}");
        }
        catch (Exception error) when (error is InvalidDataException or UnauthorizedAccessException or IOException)
        {
            throw new UsageException($"{error.Message}\nReplace that file by an intact one.");
        }
    }

    private static IdxImages Labelled(IdxImages images, string folder, string file) => images.Classes.Count > 0
        ? images
        : throw new FileNotFoundException($"{folder}: expected {file} or {file}.gz, found neither; kNN accuracy is measured with labels.");

    private static string HowTo(string? folder) => $"""
        The four files, as they are or unpacked:
          train-images-idx3-ubyte.gz   train-labels-idx1-ubyte.gz
          t10k-images-idx3-ubyte.gz    t10k-labels-idx1-ubyte.gz
        {(folder is null
            ? $"Put them into {Places.Shown(Places.OwnDataFolder)} and run the same command again, or name the folder that has them:"
            : "Name the folder that has them, or one with photographs:")}
          bash samples/quickstart.sh FOLDER
        On Debian and Ubuntu, `apt-get install dataset-fashion-mnist` brings them, and no folder need be named.
        Elsewhere: https://github.com/zalandoresearch/fashion-mnist ("Get the Data").
        """;
}
