using System.Text;
using Pretrain;
using Pretrain.Plans;
using Samples;
using Samples.CommandLine;

namespace MoCo.Tests.Samples.Pretraining;

public sealed class DataSetTests
{
    [Fact]
    public void Several_folders_are_one_data_set_whose_parts_are_each_folder_s()
    {
        using ImageTree one = new("train/dog/1.jpg", "train/dog/2.jpg", "train/cat/3.jpg", "val/dog/4.jpg");
        using ImageTree two = new("train/ant/5.jpg", "test/cat/6.jpg", "test/ant/7.jpg");

        DataSet data = DataSet.Open(Asked("--data", one.Root, "--data", two.Root));
        Assert.Equal(["cat", "dog", "ant"], data.Train.Classes);
        Assert.Equal(4, data.Count);
        Assert.Equal((3, 1, 0), (data.Queries!.Count, data.Queries.Label(0), data.Queries.Label(2)));
        Assert.Equal(data.Train.Classes, data.Queries.Classes);
    }

    [Fact]
    public void A_test_part_of_the_same_classes_in_another_order_is_judged_by_those_learnt()
    {
        using ImageTree one = new("dog/1.jpg"), two = new("cat/2.jpg"), test = new("cat/3.jpg", "dog/4.jpg");
        File.WriteAllText(test.At("list.csv"), "cat/3.jpg,cat\ndog/4.jpg,dog\n");

        Assert.Equal([1, 0], Judged("--data", one.Root, "--data", two.Root, "--test", test.At("list.csv")));
        Assert.Equal([1, 0], Judged("--data", one.Root, "--data", two.Root, "--test", test.Root));
    }

    [Fact]
    public void A_fraction_is_taken_before_a_part_is_held_out_and_of_a_stream_none_can_be()
    {
        using ImageTree tree = new([.. Enumerable.Range(0, 200).Select(i => $"{(i % 2 == 0 ? "cat" : "dog")}/{i:D3}.jpg")]);
        DataSet data = DataSet.Open(Asked("--data", tree.Root, "--fraction", "0.2", "--fraction-seed", "3"));
        Assert.Equal((36, 4), (data.Count, data.Queries!.Count));
        Assert.Contains("a share of 0.2 of each class, drawn by seed 3: 40 of 200 images", data.Found("x"));

        using TemporaryFolder folder = new();
        string shard = ShardFile.Write(folder, "a.tar", ("1.jpg", "a"), ("2.jpg", "b"));
        string message = Assert.Throws<UsageException>(() => DataSet.Open(Asked("--data", shard, "--fraction", "0.5"))).Message;
        Assert.Contains("is a stream, of which no images can be chosen by --fraction", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_share_of_a_file_of_images_and_several_files_have_the_views_of_one()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["a", "b"])
            QuarterImages.Write(Directory.CreateDirectory(folder.File(name)).FullName, "train", 40);
        Assert.Equal(8, Size("--data", folder.File("a")));
        Assert.Equal(8, Size("--data", folder.File("a"), "--fraction", "0.5"));
        Assert.Equal(8, Size("--data", folder.File("a"), "--data", folder.File("b")));

        static int Size(params string[] flags) => DataSet.Open(Asked(flags)).Views.Query.OutputSize;
    }

    [Fact]
    public void Keys_are_left_out_only_by_what_is_known_of_the_images()
    {
        using ImageTree tree = new("a.jpg", "b.jpg");
        Assert.Contains("has no labels; expected ownimage or none.",
            Assert.Throws<UsageException>(() => DataSet.Open(Asked("--data", tree.Root, "--leave-out", "ownclass"))).Message,
            StringComparison.Ordinal);
        using TemporaryFolder folder = new();
        string shard = ShardFile.Write(folder, "a.tar", ("1.jpg", "a"), ("2.jpg", "b"));
        Assert.Contains("a.tar is a stream, whose images have other places in every epoch; expected none",
            Assert.Throws<UsageException>(() => DataSet.Open(Asked("--data", shard, "--leave-out", "ownimage"))).Message,
            StringComparison.Ordinal);
        DataSet.Open(Asked("--data", tree.Root, "--leave-out", "ownimage"));
    }

    [Fact]
    public void Several_paths_are_a_list_in_a_file_and_come_back_from_the_file_that_a_run_writes()
    {
        using TemporaryFolder folder = new();
        string options = folder.Write("o.json", Encoding.UTF8.GetBytes("""{ "data": ["/a,b", "/c"], "test": "/t", "fraction": 0.5 }"""));
        Plan plan = SettingsFile.Read(options).Plan();
        Assert.Equal(["/a,b", "/c"], Values.Lines(plan.Data!));
        SettingsFile.Write(folder.File("again.json"), plan, 10);
        Assert.Equal(plan, SettingsFile.Read(folder.File("again.json")).Plan());
        Assert.Contains("\"/a,b\",", File.ReadAllText(folder.File("again.json")), StringComparison.Ordinal);
        string message = Assert.Throws<UsageException>(plan.Validate).Message;
        Assert.Equal("--data is /a,b, and there is no such file or folder.", message);
    }

    private static int?[] Judged(params string[] flags)
    {
        DataSet data = DataSet.Open(Asked(flags));
        Assert.Equal(["dog", "cat"], data.Train.Classes);
        return [.. Enumerable.Range(0, data.Queries!.Count).Select(data.Queries.Label)];
    }

    private static Plan Asked(params string[] flags) => SmallRun.Asked(["--out", "none", .. flags]).Plan;
}
