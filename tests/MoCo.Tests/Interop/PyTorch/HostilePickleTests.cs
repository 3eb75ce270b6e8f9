using System.IO.Compression;
using System.Text;
using MoCo.Interop.PyTorch;

namespace MoCo.Tests.Interop.PyTorch;

/// <summary>Pickles written by hand to break the reader: each is refused, fast and without memory.</summary>
public sealed class HostilePickleTests : IDisposable
{
    private const string Storage = "((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0004tQ";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("\u0080\u0002", "its pickle ends at byte 2 without a stop")]
    [InlineData("\u0080\u0001N.", "its pickle has protocol 1; expected 2 to 5")]
    [InlineData("\u0080\u0002.", "its pickle stops with 0 values; expected 1")]
    [InlineData("\u0080\u0002NN.", "its pickle stops with 2 values; expected 1")]
    [InlineData("\u0080\u00020.", "its pickle takes a value at byte 2 that it never gave")]
    [InlineData("\u0080\u0002N(0.", "its pickle takes a value at byte 4 that it never gave")]
    [InlineData("\u0080\u0002t.", "its pickle takes a value at byte 2 that it never gave")]
    [InlineData("\u0080\u0002h\u0001.", "its pickle recalls entry 1, which it never made")]
    [InlineData("\u0080\u0002Na.", "its pickle takes a value at byte 3 that it never gave")]
    [InlineData("\u0080\u0002NNa.", "its pickle appends to something that is no list")]
    [InlineData("\u0080\u0002NNNs.", "its pickle sets an item of something that is no dictionary")]
    [InlineData("\u0080\u0002})Ns.", "its pickle has a dictionary with a key that is Object[]; expected text or a number")]
    [InlineData("\u0080\u0002X\u00ff\u00ff\u00ff\u00ffa.", "its pickle asks for 4294967295 bytes at byte 7; 2 are left")]
    [InlineData(
        "\u0080\u0002\u008e\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f.",
        "its pickle asks for 9223372036854775807 bytes at byte 11; 1 are left")]
    [InlineData("\u0080\u0002\u008b\u00ff\u00ff\u00ff\u007f.", "its pickle has a number of 2147483647 bytes; expected up to 1024")]
    [InlineData("\u0080\u0002X\u0001\0\0\0\u00ff.", "its pickle has text that is not UTF-8")]
    [InlineData("\u0080\u0002cos\nsystem\n.", "it names 'os.system', which is not allowed")]
    [InlineData("\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093.", "it names 'os.system', which is not allowed")]
    [InlineData("\u0080\u0002c__builtin__\neval\n.", "it names '__builtin__.eval', which is not allowed")]
    [InlineData("\u0080\u0002N)R.", "its pickle calls something that is no function")]
    [InlineData(
        "\u0080\u0002ccollections\nOrderedDict\n)\u0081.",
        "its pickle has the operation 0x81 at byte 28, which this reader does not carry out")]
    [InlineData("\u0080\u0002]}b.", "its pickle sets attributes of something that is no dictionary")]
    [InlineData("\u0080\u0002NQ.", "it refers to something that is no storage")]
    [InlineData("\u0080\u0002]q\u0000h\u0000a.", "its containers are nested deeper than 100, hold themselves")]
    [InlineData(
        "\u0080\u0002ctorch._utils\n_rebuild_tensor_v2\n" + Storage + "K\u0001K\u0004\u0085K\u0001\u0085tR.",
        "its tensor 4 float32 at 1 with strides [1] leaves its storage '0' of 4 elements")]
    [InlineData(
        "\u0080\u0002ctorch._utils\n_rebuild_tensor_v2\n" + Storage + "K\0J\u00ff\u00ff\u00ff\u00ff\u0085K\u0001\u0085tR.",
        "it builds a tensor with the size or stride -1; expected a whole number from 0")]
    [InlineData(
        "\u0080\u0002ctorch._utils\n_rebuild_tensor_v2\n" + Storage + "K\0J\u00ff\u00ff\u00ff\u007f\u0085K\0\u0085tR.",
        "its tensor 2147483647 float32 at 0 with strides [0] repeats numbers beyond the length of the whole file")]
    [InlineData(
        "\u0080\u0002ctorch._utils\n_rebuild_tensor_v2\n" + Storage + "K\0K\u0004\u0085)tR.",
        "it builds a tensor of 1 dimensions with 0 strides")]
    public void A_damaged_or_hostile_pickle_is_refused_with_its_error(string pickle, string reason)
    {
        string message = Refuse(Encoding.Latin1.GetBytes(pickle));
        Assert.StartsWith(reason, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_rebuild_tensor_v2", "", "conj")]
    [InlineData("_rebuild_tensor_v3", "ctorch\nfloat32\n", "neg")]
    public void A_tensor_that_has_other_numbers_than_its_storage_is_refused(string function, string type, string mark)
    {
        string pickle = $"\u0080\u0002ctorch._utils\n{function}\n{Storage}K\0K\u0004\u0085K\u0001\u0085\u0089N{type}";
        Assert.StartsWith($"it builds a tensor that is marked as {mark}; in Python, ",
            Refuse(Encoding.Latin1.GetBytes($"{pickle}}}U{(char)mark.Length}{mark}\u0088stR.")), StringComparison.Ordinal);
    }

    [Fact]
    public void Copies_of_a_recalled_list_are_counted()
    {
        // A list of 10,000, then 10,000 tuples made of it: 100,000,000 values from 100 KB.
        string many = string.Concat(Enumerable.Repeat("N", 10_000));
        string copy = string.Concat(Enumerable.Repeat("c__builtin__\ntuple\nh\u0000\u0085R0", 10_000));
        Assert.StartsWith(
            "its pickle holds more than 1000000 objects",
            Refuse(Encoding.Latin1.GetBytes("\u0080\u0002](" + many + "eq\u0000" + copy + ".")), StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_lists_that_double_are_not_walked_to_the_end()
    {
        // Forty lists, each twice in the next: 2^40 paths.
        StringBuilder pickle = new("\u0080\u0002N");
        for (int i = 0; i < 40; i++) pickle.Append("q\u00000](h\u0000h\u0000e");
        Assert.StartsWith("its containers are nested deeper", Refuse(Encoding.Latin1.GetBytes(pickle + ".")), StringComparison.Ordinal);
    }

    private string Refuse(byte[] pickle)
    {
        string path = folder.File("hostile.pth");
        using (FileStream stream = new(path, FileMode.Create))
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create))
        {
            (string, byte[])[] entries = [("a/data.pkl", pickle), ("a/version", "3\n"u8.ToArray()), ("a/data/0", new byte[16])];
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<InvalidDataException>(() => PyTorchCheckpoint.Open(path)).Message;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200 << 20);
        return message[$"{path} is not a PyTorch file that can be read: ".Length..];
    }
}
