using System.Text;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Data;

public sealed class ImageListTests : IDisposable
{
    private readonly ImageTree tree = new("a/1.jpg", "a/2, the \"second\".jpg", "b/3.jpg");

    public void Dispose() => tree.Dispose();

    [Fact]
    public void Paths_begin_at_the_list_s_folder_and_labels_are_names_in_the_order_of_their_code_points()
    {
        ImageList list = Open("b/3.jpg,zebra\r\n\"a/2, the \"\"second\"\".jpg\",\"ant, red\"\n\n" + tree.At("a/1.jpg") + ",\n");

        Assert.Equal(["ant, red", "zebra"], list.Classes);
        Assert.Equal([1, 0, null], Labels(list));
        Assert.Equal([tree.At("b/3.jpg"), tree.At("a/2, the \"second\".jpg"), tree.At("a/1.jpg")], Places(list));
        ImageBuffer image = new();
        list.Read(0, image);
        Assert.EndsWith("b/3.jpg", ByteDecoder.Text(image), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/1.jpg,2\nb/3.jpg,0\n")]
    [InlineData("\uFEFFfile_name,width,Label\na/1.jpg,640,2\nb/3.jpg,480,0")]
    [InlineData("label,path\n2,a/1.jpg\n0,b/3.jpg")]
    public void Labels_that_are_all_whole_numbers_are_the_labels_and_columns_may_have_names(string text)
    {
        ImageList list = Open(text);

        Assert.Equal(["0", "1", "2"], list.Classes);
        Assert.Equal([2, 0], Labels(list));
    }

    [Fact]
    public void A_list_of_paths_alone_has_no_classes_and_labels_can_be_left_aside()
    {
        Assert.Empty(Open("a/1.jpg\nb/3.jpg\na/1.jpg").Classes);
        ImageList aside = Open("a/1.jpg,x", new SourceOptions { Labels = false });
        Assert.Empty(aside.Classes);
        Assert.Equal([null], Labels(aside));
    }

    [Fact]
    public void Given_classes_are_kept_and_labels_are_their_names_or_numbers()
    {
        SourceOptions options = new() { Classes = ["zebra", "ant"] };
        Assert.Equal([0, 1], Labels(Open("a/1.jpg,zebra\nb/3.jpg,ant", options)));
        Assert.Equal([1, 0], Labels(Open("a/1.jpg,1\nb/3.jpg,0", options)));
        Assert.Contains("line 2: expected one of the 2 classes or its number, found 'bee'.", Refused("a/1.jpg,ant\nb/3.jpg,bee", options),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/1.jpg,x\n\nb/3.jpg", "line 3: expected 2 fields as in the first line, found 1.")]
    [InlineData("a/1.jpg,x\n,y", "line 2: expected an image's path, found ''.")]
    [InlineData("a/1.jpg,x,y", "line 1: expected path or path,label, or columns by name, found 3 fields.")]
    [InlineData("a/1.jpg\n\"a/1.jpg", "line 2: expected a closing quote in the same line, found none.")]
    [InlineData("\"a/1.jpg\"x", "line 1: expected a comma behind the closing quote, found 'x'.")]
    [InlineData("a/\"1\".jpg", "line 1: expected quotes around the whole field, and doubled ones in it, found 'a/\"1\".jpg'.")]
    [InlineData("path,label", "no image is listed; expected lines of path or path,label.")]
    [InlineData("a/1.jpg,9999999", "line 1: expected labels below 1048576, found '9999999'.")]
    public void A_line_that_is_wrong_is_told_by_its_number(string text, string message) =>
        Assert.EndsWith(message, Refused(text), StringComparison.Ordinal);

    [Fact]
    public void A_missing_image_is_named_with_its_line()
    {
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => Open("a/1.jpg,x\nc/9.jpg,x\nc/8.jpg,y\n"));
        Assert.EndsWith(
            $"line 2: there is no image {tree.At("c/9.jpg")} (2 of 3 are missing).", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_file_of_that_name_is_told_for_what_it_is()
    {
        File.WriteAllBytes(tree.At("list.csv"), [0xFF, 0xD8, 0xFF, 0xE0, 0, 16]);
        string message = Assert.Throws<InvalidDataException>(() => new ImageList(tree.At("list.csv"))).Message;
        Assert.EndsWith("found other bytes here or in the lines behind; it is a JPEG.", message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => new ImageList(tree.At("none.csv")));
    }

    [Fact]
    public void A_list_opens_by_its_ending()
    {
        File.WriteAllText(tree.At("list.CSV"), "a/1.jpg,x");
        Assert.IsType<ImageList>(ImageSources.Open(tree.At("list.CSV")));
    }

    private static int?[] Labels(ImageList list) => [.. Enumerable.Range(0, list.Count).Select(list.Label)];

    private static string[] Places(ImageList list) => [.. Enumerable.Range(0, list.Count).Select(list.Locate)];

    private string Refused(string text, SourceOptions? options = null) =>
        Assert.Throws<InvalidDataException>(() => Open(text, options)).Message;

    private ImageList Open(string text, SourceOptions? options = null)
    {
        File.WriteAllText(tree.At("list.csv"), text, new UTF8Encoding(false));
        return new ImageList(tree.At("list.csv"), (options ?? new()) with { Decoder = ByteDecoder.Options.Decoder });
    }
}
