using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Data;

public sealed class ImageSubsetTests
{
    private static readonly SyntheticImages Source = new(20);

    [Fact]
    public void A_part_says_of_itself_what_the_whole_says()
    {
        using ImageTree tree = new("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg", "__MACOSX/._1.jpg");
        Assert.Contains("__MACOSX", tree.Open().Split(2).Kept.Told(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_subset_reads_labels_and_locates_the_images_it_was_given()
    {
        IImageSource subset = Source.Subset([7, 3, 7]);
        ImageBuffer expected = new(), actual = new();
        foreach ((int place, int index) in new[] { (0, 7), (1, 3), (2, 7) })
        {
            Source.Read(index, expected);
            subset.Read(place, actual);
            Assert.Equal(expected.Pixels.ToArray(), actual.Pixels.ToArray());
            Assert.Equal(Source.Label(index), subset.Label(place));
            Assert.Equal(((IImageSource)Source).Locate(index), subset.Locate(place));
        }
        Assert.Equal(3, subset.Count);
        Assert.Same(Source.Errors, subset.Errors);
    }

    [Fact]
    public void A_split_holds_out_every_nth_image_of_each_class_and_loses_none()
    {
        (IImageSource rest, IImageSource heldOut) = Source.Split(5);
        Dictionary<int, int> perClass = Enumerable.Range(0, Source.Count).GroupBy(index => Source.Label(index)).ToDictionary(
            group => group.Key!.Value, group => group.Count());
        Assert.Equal(Source.Count, rest.Count + heldOut.Count);
        Dictionary<int, int> held = Enumerable.Range(0, heldOut.Count).GroupBy(index => heldOut.Label(index)!.Value).ToDictionary(
            group => group.Key, group => group.Count());
        Assert.All(perClass, entry => Assert.Equal(entry.Value / 5, held.GetValueOrDefault(entry.Key)));
        Assert.Empty(Places(rest).Intersect(Places(heldOut)));

        static IEnumerable<string> Places(IImageSource subset) => Enumerable.Range(0, subset.Count).Select(subset.Locate);
    }

    [Fact]
    public void A_share_has_the_same_part_of_every_class_in_order_and_is_the_same_again()
    {
        SyntheticImages all = new(1000, classes: 3);
        IImageSource tenth = all.Share(0.1, seed: 5), fifth = all.Share(0.2, seed: 5);

        Assert.Equal([33, 33, 33], Enumerable.Range(0, tenth.Count).CountBy(index => tenth.Label(index)!.Value).Select(of => of.Value));
        int[] numbers = [.. Numbers(tenth)];
        Assert.Equal(numbers.Order(), numbers);
        Assert.Equal(numbers, Numbers(all.Share(0.1, seed: 5)));
        Assert.NotEqual(numbers, Numbers(all.Share(0.1, seed: 6)));
        Assert.Empty(numbers.Except(Numbers(fifth)));
        Assert.Contains("a share of 0.1 of each class, drawn by seed 5: 99 of 1,000 images", tenth.Told(), StringComparison.Ordinal);
        Assert.Equal(1000, all.Share(1).Count);
        Assert.Equal(100, new SyntheticImages(1000, classes: 0).Share(0.1).Count);
        Assert.Equal(3, all.Share(1e-9).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => all.Share(0));

        static IEnumerable<int> Numbers(IImageSource part) => Enumerable.Range(0, part.Count).Select(index => int.Parse(
            part.Locate(index)["photo".Length..^".jpg".Length], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_part_is_spread_evenly_and_all_where_there_are_fewer()
    {
        Assert.Equal([0, 6, 13], Chosen(3));
        Assert.Equal(Enumerable.Range(0, 20), Chosen(100));
        Assert.Empty(Chosen(0));

        static IEnumerable<int> Chosen(int count)
        {
            IImageSource subset = Source.Spread(count);
            string[] places = [.. Enumerable.Range(0, Source.Count).Select(((IImageSource)Source).Locate)];
            return Enumerable.Range(0, subset.Count).Select(index => Array.IndexOf(places, subset.Locate(index)));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(20)]
    public void A_number_that_is_no_images_is_named(int index)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => Source.Subset([0, index]));
        Assert.Contains("0 to 19", error.Message, StringComparison.Ordinal);
        Assert.Equal(index, error.ActualValue);
    }

    [Fact]
    public void A_place_beyond_the_subset_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Source.Spread(4).Label(4));
}
