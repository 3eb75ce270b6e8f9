using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Loading;

namespace MoCo.Tests.Loading;

public sealed class ChangingFilesTests
{
    [Fact]
    public void Files_that_change_and_vanish_while_they_are_read_are_errors_of_their_own_and_nothing_more()
    {
        using ImageTree tree = new([.. Enumerable.Range(0, 60).Select(i => $"{i % 3}/{i}.jpg")]);
        string[] files = [.. Enumerable.Range(0, 30).Select(i => tree.At($"{i % 3}/{i}.jpg"))];
        using CancellationTokenSource end = new();
        Thread changing = new(() =>
        {
            Random random = new(3);
            while (!end.IsCancellationRequested)
            {
                string file = files[random.Next(files.Length)];
                if (random.Next(3) == 0) File.Delete(file);
                else File.WriteAllBytes(file, new byte[random.Next(0, 200_000)]);
            }
        });
        changing.Start();
        ImageFolder source = new(tree.Root, ByteDecoder.Options);
        LoaderOptions options = new() { BatchSize = 10, Workers = 2, MaximumErrorShare = 1 };
        using TwoCropLoader loader = new(source, AugmentationRecipe.V2(8), options);

        int images = 0;
        for (int epoch = 0; epoch < 20; epoch++)
            foreach (TwoCropBatch batch in loader.Epoch(epoch))
                using (batch) images += batch.Size;

        end.Cancel();
        changing.Join();
        Assert.Equal(20 * loader.Count, images);
        Assert.InRange(source.Errors.Count, 0, 30);
    }
}
