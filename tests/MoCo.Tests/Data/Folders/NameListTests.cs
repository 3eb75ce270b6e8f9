using System.Text;
using MoCo.Data.Folders;

namespace MoCo.Tests.Data.Folders;

public class NameListTests
{
    [Fact]
    public void A_name_takes_its_bytes_and_four_more_and_four_while_it_is_sorted()
    {
        const int Count = 5_000;
        string[] written = [.. Enumerable.Range(0, Count).Select(i => $"n01440764_{(7 * i) % Count:D5}.JPEG")];
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(written));
        List<int> ends = [.. Enumerable.Range(1, Count).Select(i => i * written[0].Length)];
        NameList.Sort(bytes, ends);

        long before = GC.GetAllocatedBytesForCurrentThread();
        NameList names = NameList.Sort(bytes, ends);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Count * (written[0].Length + 4 + 4) + 1_000);

        Assert.Equal(written.Order(StringComparer.Ordinal), Enumerable.Range(0, names.Count).Select(place => names[place]));
    }
}
