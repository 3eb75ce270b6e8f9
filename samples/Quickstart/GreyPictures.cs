using MoCo.Data;

namespace Quickstart;

/// <summary>Finds and loads the two halves of the data set.</summary>
internal static class Pictures
{
    /// <summary>Loads training and test pictures; their labels are only used to measure.</summary>
    /// <param name="folder">The folder asked for; null: where the data usually is.</param>
    /// <exception cref="UsageException">The files are missing or not what they should be; the message says what to do.</exception>
    public static (IdxImages Train, IdxImages Test) Load(string? folder)
    {
        string from = folder ?? (Directory.Exists(Places.DebianDataFolder) ? Places.DebianDataFolder : Places.OwnDataFolder);
        try
        {
            IdxImages train = Labelled(IdxImages.Load(from, IdxSplit.Train), from, "train-labels-idx1-ubyte");
            IdxImages test = Labelled(IdxImages.Load(from, IdxSplit.Test), from, "t10k-labels-idx1-ubyte");
            if (train.Count < Measurement.Neighbours)
                throw new UsageException($"{train.Name} has {train.Count} pictures; expected {Measurement.Neighbours} or more, the neighbours that vote.");
            return (train, test);
        }
        catch (Exception fault) when (fault is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new UsageException($"{fault.Message}\n\n{HowTo(folder)}");
        }
        catch (Exception fault) when (fault is InvalidDataException or UnauthorizedAccessException or IOException)
        {
            throw new UsageException($"{fault.Message}\nReplace that file by an intact one.");
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
            : "Name the folder that has them:")}
          bash samples/quickstart.sh FOLDER
        On Debian and Ubuntu, `apt-get install dataset-fashion-mnist` brings them, and no folder need be named.
        Elsewhere: https://github.com/zalandoresearch/fashion-mnist ("Get the Data").
        """;
}
