using System.Reflection;
using System.Text.Json.Nodes;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using Pretrain.Plans;
using Samples;
using Samples.CommandLine;

namespace MoCo.Tests.Samples.Pretraining;

public class SettingsTests
{
    [Fact]
    public void Every_option_of_the_library_has_a_flag_and_no_flag_names_an_option_that_is_none()
    {
        // How many samples a memory bank has rows for, the data says.
        string[] properties = [.. Properties(MoCoOptions.V2).Keys.Except(["MemoryBank.Samples"])];
        Assert.Equal(properties.Order(StringComparer.Ordinal), Settings.All.Select(setting => setting.Property)
            .OfType<string>().Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_flag_changes_the_option_that_it_says_it_stands_for_and_nothing_else()
    {
        foreach (Setting setting in Settings.All.Where(setting => setting.Property is not null))
        {
            Plan before = Plan.For(setting.Property == "Schedule" && setting.Name != "cosine-after-warmup" ? "v1" : "v2");
            if (setting.Name == "mix-from") before = before with { Options = Mixing(before.Options) };
            Plan after = Applied(setting, before, Other(setting, before));
            Assert.NotEqual(setting.Read(before), setting.Read(after));
            Dictionary<string, object?> values = Properties(before.Options);
            string[] changed = [.. Properties(after.Options).Where(property => !Equals(property.Value, values[property.Key]))
                .Select(property => property.Key)];
            Assert.Equal([setting.Property!], changed);
        }
    }

    [Fact]
    public void What_a_setting_shows_is_what_it_takes()
    {
        foreach (string preset in Plan.Presets)
            foreach (Setting setting in Settings.All)
                if (setting.Read(Plan.For(preset)) is { } value)
                    Assert.Equal(value, setting.Read(Applied(setting, Plan.For(preset), value)));
    }

    [Theory]
    [InlineData("""{ "extensions": [".input.jpg", ".PNG"] }""")]
    [InlineData("""{ "extensions": ".input.jpg,.png" }""")]
    public void Endings_are_a_list_or_a_text_in_a_file(string content)
    {
        using TemporaryFolder folder = new();
        Plan plan = SettingsFile.Read(folder.Write("o.json", System.Text.Encoding.UTF8.GetBytes(content))).Plan();
        Assert.Equal([".input.jpg", ".png"], plan.Extensions);
    }

    [Fact]
    public void A_file_of_0_1_has_flags_as_they_were_called_then()
    {
        using TemporaryFolder folder = new();
        Plan plan = SettingsFile.Read(folder.Write("o.json", [.. """{ "max-faults": 0.3, "go-on-after-fault": true }"""u8])).Plan();
        Assert.Equal((0.3, true), (plan.MaximumErrorShare, plan.Saving.GoOnAfterError));
        Assert.Equal(
            ["x", "--max-errors", "--max-errors=1", "--max-errors:1", "--out"],
            FormerNames.Now(["x", "--max-faults", "--max-faults=1", "--max-faults:1", "--out"]));
        string twice = folder.Write("twice.json", [.. """{ "max-faults": 0.3, "max-errors": 0.2 }"""u8]);
        Assert.Equal(
            $"{twice} has 'max-faults' and 'max-errors', which are the same; expected one of them.",
            Assert.Throws<UsageException>(() => SettingsFile.Read(twice)).Message);
    }

    [Fact]
    public void Every_setting_is_in_the_help_and_no_two_have_the_same_name()
    {
        string help = HelpText.Page().ToString();
        Assert.All(Settings.All, setting => Assert.Contains($"\n  {setting.Option.Name} ", help, StringComparison.Ordinal));
        Assert.Equal(Settings.All.Length, Settings.All.Select(setting => setting.Name).Distinct().Count());
        Assert.All(help.Split('\n'), line => Assert.True(line.Length <= 122, line));
    }

    [Theory]
    [InlineData("temperature", "hot", "--temperature is 'hot'; expected a number.")]
    [InlineData("arch", "resnet19", "--arch is 'resnet19'; expected one of resnet18, ")]
    [InlineData("nesterov", "maybe", "--nesterov is 'maybe'; expected true or false.")]
    [InlineData("view-size", "4", "--view-size is '4'; expected a whole number, 8 to 1024.")]
    [InlineData("decay", "0.5", "--decay is '0.5'; expected nothing, since the schedule is cosine; give --schedule step too.")]
    [InlineData("duration", "90", "--duration is '90'; expected a time with its unit, such as 90m, 8h, 2d or 45s, or none.")]
    [InlineData("milestones", "1;2", "--milestones is '1;2'; ")]
    public void A_wrong_value_is_told_by_its_flag_with_what_was_expected(string name, string value, string message)
    {
        Setting setting = Settings.All.Single(candidate => candidate.Name == name);
        Assert.StartsWith(message, Assert.Throws<UsageException>(() => Applied(setting, Plan.For("v2"), value))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_of_the_options_are_told_by_their_flags()
    {
        Plan plan = Plan.For("v2") with
        {
            Data = "x",
            Options = MoCoOptions.V2 with
            {
                BatchSize = 1,
                Encoder = MoCoOptions.V2.Encoder with { EmbeddingDimension = 0 },
                Loss = MoCoOptions.V2.Loss with { Temperature = 0 }
            }
        };
        string message = Assert.Throws<UsageException>(plan.Validate).Message;
        Assert.Contains("--batch-size is 1;", message, StringComparison.Ordinal);
        Assert.Contains("--dim is 0;", message, StringComparison.Ordinal);
        Assert.Contains("--temperature is 0;", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_s_number_is_taken_for_its_name() =>
        Assert.Equal(Stem.SmallImage,
            Applied(Settings.All.Single(setting => setting.Name == "stem"), Plan.For("v2"), $"{(int)Stem.SmallImage}")
            .Options.Encoder.Stem);

    [Fact]
    public void Threads_that_another_machine_was_given_are_not_those_of_this_one()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("options.json");
        SettingsFile.Write(path, Plan.For("v2") with { Data = "/x", Threads = 3, Workers = 5, Prefetch = 7, KnnEvery = 2 }, 100);
        Assert.Equal((3, 5, 7, 2), Read());
        JsonObject file = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        file["$processors"] = Environment.ProcessorCount + 1;
        File.WriteAllText(path, file.ToJsonString());
        Plan usual = Plan.For("v2");
        Assert.Equal((usual.Threads, usual.Workers, 7, 2), Read());

        (int, int, int, int) Read()
        {
            Request request = SmallRun.Asked("--out", folder.File("run"), "--options", path);
            Assert.Equal(request.Plan with { Data = "/x" }, SettingsFile.Read(path).Plan());
            return (request.Plan.Threads, request.Plan.Workers, request.Plan.Prefetch, request.Plan.KnnEvery);
        }
    }

    private static Plan Applied(Setting setting, Plan plan, string value)
        => setting.Apply(plan, Settings.Parse([setting.Option.Name, value]));

    /// <summary>Every option by its name, those in groups as <c>Group.Name</c>.</summary>
    private static Dictionary<string, object?> Properties(MoCoOptions options)
    {
        Dictionary<string, object?> found = [];
        Add("", options);
        return found;

        void Add(string group, object of)
        {
            foreach (PropertyInfo property in of.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.CanWrite))
            {
                object? value = property.GetValue(of);
                // Groups that may be missing are one option: there or not.
                if (property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal)
                    && property.Name is not (nameof(LossOptions.Mixing) or nameof(MoCoOptions.Probe)))
                    Add(property.Name + ".", value!);
                else found.Add(group + property.Name, value);
            }
        }
    }

    private static MoCoOptions Mixing(MoCoOptions options) => options with { Loss = options.Loss with { Mixing = new() } };

    private static string Other(Setting setting, Plan plan) => setting.Read(plan) switch
    {
        "moco" => "simclr",
        "separate" => "shared",
        "infonce" => "nce",
        "none" when setting.Name == "mix" => "64,32,16",
        "none" when setting.Name == "leave-out" => "ownclass",
        "true" => "false",
        "false" => "true",
        "none" => setting.Name == "duration" ? "90m" : "5000",
        "resnet50" => "resnet18",
        "imagenet" => "smallimage",
        "linear" => "mlp",
        "mlp" => "linear",
        "off" => "sum",
        "float32" => "bfloat16",
        "sgd" => "lars",
        "stop" => "skip",
        "step" => "cosine",
        "cosine" => "step",
        "120,160" => "1,2",
        var number when double.TryParse(number, out double value) => Values.Text(value + 1),
        var other => throw new InvalidOperationException($"{setting.Name} has '{other}'; the test knows no other value."),
    };
}
